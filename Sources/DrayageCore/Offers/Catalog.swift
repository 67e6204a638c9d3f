/// The offers that are known, by name.
public struct Catalog: Hashable, Sendable {
  /// The offers, ordered by their names.
  public let offers: [Offer]
  /// The providers' rate limits, ordered by their names.
  public let quotas: [Quota]
  private let positions: [OfferID: Int]

  /// A catalog of the given offers and quotas, in any order.
  ///
  /// - Throws: ``CatalogError`` with `duplicate` if two offers or two quotas have the same name.
  public init(_ offers: [Offer] = [], quotas: [Quota] = []) throws(CatalogError) {
    self.offers = offers.sorted { $0.id < $1.id }
    self.quotas = quotas.sorted { $0.name < $1.name }
    var positions: [OfferID: Int] = [:]
    positions.reserveCapacity(offers.count)
    for (position, offer) in self.offers.enumerated()
    where positions.updateValue(position, forKey: offer.id) != nil {
      throw CatalogError(.duplicate, "there are two offers named \(offer.id); remove or rename one")
    }
    for (a, b) in zip(self.quotas, self.quotas.dropFirst()) where a.name == b.name {
      throw CatalogError(.duplicate, "there are two quotas named \(a.name); remove or rename one")
    }
    self.positions = positions
  }

  /// The offer named `id`; nil if there is none.
  public subscript(id: OfferID) -> Offer? { positions[id].map { offers[$0] } }

  /// The offer named `text`.
  ///
  /// - Throws: ``CatalogError`` with `unknownOffer` and the names most like it.
  public func offer(named text: String) throws(CatalogError) -> Offer {
    if let id = OfferID(text), let offer = self[id] { return offer }
    let like = suggestions(for: text)
    let hint =
      like.isEmpty
      ? "list the catalog for the names it holds" : "did you mean \(like.joined(separator: ", "))?"
    throw CatalogError(
      .unknownOffer, "there is no offer named '\(text.prefix(80))'; \(hint)", suggestions: like)
  }

  /// The names most like `text`, at most `count`, the likest first; none if nothing is near.
  ///
  /// Likeness is the optimal string alignment distance, at most a third of the length, or beginning alike.
  /// - Complexity: offers × length².
  public func suggestions(for text: String, count: Int = 3) -> [String] {
    let wanted = Array(text.lowercased().utf8.prefix(120))
    guard wanted.count > 1 else { return [] }
    var found: [(distance: Int, name: String)] = []
    for offer in offers {
      let name = offer.id.description
      let bytes = Array(name.lowercased().utf8.prefix(200))
      // What lacks only a provider, an effort or a service is near, however long they are; so is an alias.
      let others = ([offer.id.name, offer.model] + offer.aliases).flatMap { [$0, "\(offer.provider)/\($0)"] }
      let isOther = others.contains { $0.lowercased().utf8.elementsEqual(wanted) }
      let distance = isOther || bytes.starts(with: wanted) ? 0 : EditDistance.between(wanted, bytes)
      if distance <= max(2, wanted.count / 3) { found.append((distance, name)) }
    }
    found.sort { ($0.distance, $0.name.utf8.count, $0.name) < ($1.distance, $1.name.utf8.count, $1.name) }
    return found.prefix(max(0, count)).map(\.name)
  }
}

/// Why a catalog could not be made, or an offer was not found in it.
public struct CatalogError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of failure it is; more may be added.
  public struct Code: Hashable, Sendable {
    /// The name of the code.
    public let name: String

    /// Two entries have one name.
    public static let duplicate = Code(name: "duplicate")
    /// No offer has the name.
    public static let unknownOffer = Code(name: "unknownOffer")
  }

  /// What kind of failure it is.
  public let code: Code
  /// A sentence for people: what is wrong and what to do.
  public let description: String
  /// Names of offers that may have been meant.
  public let suggestions: [String]

  init(_ code: Code, _ description: String, suggestions: [String] = []) {
    self.code = code
    self.description = description
    self.suggestions = suggestions
  }
}
