public import DrayageCore

/// How one catalog differs from another.
public struct CatalogDifference: Sendable {
  /// A price that is another now.
  public struct PriceChange: Sendable {
    /// The offer, without its effort.
    public let offer: String
    /// What is counted.
    public let meter: Meter
    /// The rate in the first catalog; `nil` if it has none.
    public let before: Rate?
    /// The rate in the second catalog; `nil` if it has none.
    public let after: Rate?
  }

  /// Terms besides the present base rates that are others now.
  public struct OtherChange: Sendable {
    /// The offer, without its effort.
    public let offer: String
    /// Which terms: `rules`, `dates`, `limits`, `capabilities`, `efforts`, `retirement`, `model`.
    public let terms: [String]
  }

  /// What only the second catalog sells, without efforts and services.
  public let added: [String]
  /// What only the first catalog sells.
  public let removed: [String]
  /// Base rates that differ at the instant, by offer and meter.
  public let prices: [PriceChange]
  /// What else differs.
  public let others: [OtherChange]

  /// Whether there is none.
  public var isEmpty: Bool { added.isEmpty && removed.isEmpty && prices.isEmpty && others.isEmpty }

  /// What leads from `first` to `second` at the prices of `instant`.
  public init(from first: Catalog, to second: Catalog, at instant: UTCInstant) {
    let (before, after) = (Self.models(first), Self.models(second))
    added = after.keys.filter { before[$0] == nil }.sorted()
    removed = before.keys.filter { after[$0] == nil }.sorted()
    var prices: [PriceChange] = []
    var others: [OtherChange] = []
    for name in before.keys.sorted() {
      guard let old = before[name], let new = after[name] else { continue }
      let (a, b) = (try? old[0].tariff.sheet(at: instant), try? new[0].tariff.sheet(at: instant))
      for meter in Set(a.map { Array($0.base.keys) } ?? []).union(b.map { Array($0.base.keys) } ?? [])
        .sorted()
      where a?.base[meter] != b?.base[meter] {
        prices.append(PriceChange(offer: name, meter: meter, before: a?.base[meter], after: b?.base[meter]))
      }
      var terms: [String] = []
      if a?.rules != b?.rules { terms.append("rules") }
      if Self.dates(old[0].tariff) != Self.dates(new[0].tariff) { terms.append("dates") }
      if old[0].limits != new[0].limits { terms.append("limits") }
      if old[0].capabilities != new[0].capabilities { terms.append("capabilities") }
      if old.map(\.id.effort) != new.map(\.id.effort) { terms.append("efforts") }
      if old[0].retires != new[0].retires { terms.append("retirement") }
      if old[0].model != new[0].model || old[0].wireModel != new[0].wireModel { terms.append("model") }
      if !terms.isEmpty { others.append(OtherChange(offer: name, terms: terms)) }
    }
    self.prices = prices
    self.others = others
  }

  /// The offers by provider and name: their efforts and services share one tariff.
  private static func models(_ catalog: Catalog) -> [String: [Offer]] {
    Dictionary(grouping: catalog.offers.filter { $0.service == PriceConditions.standardService }) {
      "\($0.provider)/\($0.id.name)"
    }
  }

  private static func dates(_ tariff: Tariff) -> [[UTCInstant?]] {
    tariff.sheets.map { [$0.from, $0.until] }
  }
}
