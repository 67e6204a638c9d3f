/// The prices of an offer between two instants, with where they were read and when.
public struct RateSheet: Hashable, Sendable {
  private struct Parts: Hashable, Sendable {
    let from: UTCInstant?
    let until: UTCInstant?
    let planned: UTCInstant?
    let source: String?
    let checked: UTCInstant?
    let base: [Meter: Rate]
    let rules: [RateRule]
  }

  private let parts: Boxed<Parts>

  /// The first instant at which it holds; nil if it always did.
  public var from: UTCInstant? { parts.value.from }
  /// The first instant at which it no longer holds; nil if no end is known.
  public var until: UTCInstant? { parts.value.until }
  /// For a price that is announced and not yet in force: the day on which to check that the announcement
  /// still stands.
  public var planned: UTCInstant? { parts.value.planned }
  /// Where the prices were read: a name or an address; nil if unsourced.
  public var source: String? { parts.value.source }
  /// The day on which they were last compared with the source; nil if not recorded.
  public var checked: UTCInstant? { parts.value.checked }
  /// The rate of each meter at the standard service. A meter that is absent has no known price.
  public var base: [Meter: Rate] { parts.value.base }
  /// The rules, in order; of each group the first that matches applies.
  public var rules: [RateRule] { parts.value.rules }

  /// A sheet that holds from `from` until just before `until`.
  public init(
    from: UTCInstant? = nil, until: UTCInstant? = nil, planned: UTCInstant? = nil,
    source: String? = nil, checked: UTCInstant? = nil, base: [Meter: Rate], rules: [RateRule] = []
  ) {
    parts = Boxed(
      Parts(
        from: from, until: until, planned: planned, source: source, checked: checked, base: base, rules: rules
      ))
  }

  /// Whether the sheet holds at `instant`.
  public func holds(at instant: UTCInstant) -> Bool {
    (from.map { $0 <= instant } ?? true) && (until.map { instant < $0 } ?? true)
  }

  /// The first instant at which it holds, the beginning of time included.
  package var start: UTCInstant { from ?? UTCInstant(secondsSince1970: .min) }

  /// The first instant at which it no longer holds, the end of time included.
  package var end: UTCInstant { until ?? UTCInstant(secondsSince1970: .max) }

  /// The service tiers on sale: the standard one, then those that rules name, in their order.
  public var services: [String] {
    var names = [PriceConditions.standardService]
    for case .service(let name) in rules.map(\.condition) where !names.contains(name) { names.append(name) }
    return names
  }

  /// Whether a service tier is among ``services``.
  func sells(_ service: String) -> Bool {
    service == PriceConditions.standardService || rules.contains { $0.condition == .service(service) }
  }

  /// The input sizes above which another context rule may apply, ascending.
  public var contextThresholds: [Int] {
    var sizes: Set<Int> = []
    for case .inputOver(let size) in rules.map(\.condition) { sizes.insert(size) }
    return sizes.sorted()
  }

  /// Pairs of positions in ``rules`` where the second rule can never apply, because the first of the same
  /// group matches whenever it does.
  package var hiddenRules: [(first: Int, second: Int)] {
    var pairs: [(first: Int, second: Int)] = []
    for second in rules.indices {
      let first = rules.indices.prefix(second).first {
        rules[$0].group == rules[second].group && rules[$0].hides(rules[second])
      }
      if let first { pairs.append((first, second)) }
    }
    return pairs
  }

  /// The rules that apply to a request, one of a group at most, in the order of the groups.
  func rules(totalInput: Int, at instant: UTCInstant, under conditions: PriceConditions) -> [RateRule] {
    if rules.isEmpty { return [] }
    return RateRule.Group.allCases.compactMap { group in
      rules.first {
        $0.group == group && $0.matches(totalInput: totalInput, at: instant, under: conditions)
      }
    }
  }
}
