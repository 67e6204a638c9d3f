public import DrayageCore

/// A choice of the offers of a catalog, the cheapest first; efforts that cost the same are one entry.
public struct CatalogListing: Sendable {
  /// What is asked for.
  public struct Query: Sendable {
    /// Part of a model's canonical name, of an alias, or of the provider's own name for it; case does not
    /// matter.
    public var model: String?
    /// The provider's name.
    public var provider: String?
    /// What the model must be able to do.
    public var capabilities: Set<Capability> = []
    /// The service tier; `nil` for all.
    public var service: String? = PriceConditions.standardService
    /// The most that a million tokens may cost, blended.
    public var mostBlended: Rate?
    /// Whether only models with public weights count.
    public var onlyOpenWeights = false
    /// How many fresh input tokens come with how many output tokens.
    public var mix: (input: Int, output: Int) = (3, 1)

    /// Everything at the standard service.
    public init() {}
  }

  /// A model at a provider and service.
  public struct Entry: Sendable {
    /// The first of the offers, without its effort.
    public let name: String
    /// One of the offers.
    public let offer: Offer
    /// The efforts on sale; empty if there is no such setting.
    public let efforts: [String]
    /// Dollars per million tokens of the mix; `nil` if a rate is missing.
    public let blended: Rate?
    /// The rates of a short request.
    public let rates: [Meter: Tariff.ListedRate]
  }

  /// The entries, the cheapest first, those without a price last.
  public let entries: [Entry]
  /// How many offers, efforts counted each, the entries stand for.
  public let offerCount: Int

  /// What of `catalog` answers `query` at the prices of `instant`. What has been retired by then, or has no price
  /// at the time, is left out.
  public init(_ catalog: Catalog, _ query: Query, at instant: UTCInstant) {
    var known: [String: (offers: [Offer], rates: [Meter: Tariff.ListedRate], blended: Rate?)] = [:]
    for offer in catalog.offers where Self.matches(offer, query) && offer.isOnSale(at: instant) {
      let service = offer.service == PriceConditions.standardService ? "" : "@\(offer.service)"
      let name = "\(offer.provider)/\(offer.id.name)\(service)"
      if known[name] != nil {
        known[name]?.offers.append(offer)
        continue
      }
      guard let rates = try? offer.tariff.rates(at: instant, under: offer.conditions) else { continue }
      let blended = try? offer.tariff.blended(
        input: query.mix.input, output: query.mix.output, at: instant, under: offer.conditions)
      if let most = query.mostBlended, blended.map({ $0 > most }) ?? true { continue }
      known[name] = ([offer], rates, blended)
    }
    entries = known.map { name, found in
      Entry(
        name: name, offer: found.offers[0], efforts: found.offers.compactMap(\.effort),
        blended: found.blended,
        rates: found.rates)
    }
    .sorted {
      ($0.blended?.picodollars ?? .max, $0.name) < ($1.blended?.picodollars ?? .max, $1.name)
    }
    offerCount = known.values.reduce(0) { $0 + $1.offers.count }
  }

  private static func matches(_ offer: Offer, _ query: Query) -> Bool {
    if let provider = query.provider, offer.provider != provider { return false }
    if let service = query.service, offer.service != service { return false }
    if query.onlyOpenWeights, !offer.openWeights { return false }
    guard query.capabilities.isSubset(of: offer.capabilities) else { return false }
    guard let part = query.model?.lowercased() else { return true }
    return ([offer.model, offer.id.name, offer.wireModel] + offer.aliases).contains {
      $0.lowercased().contains(part)
    }
  }
}
