/// What a usage costs, with every factor that led to it.
public struct Bill: Hashable, Sendable {
  /// One meter's share.
  public struct Line: Hashable, Sendable {
    /// What was counted.
    public let meter: Meter
    /// The meter whose rate was charged: another than ``meter`` only where cached reads have no rate of their
    /// own and are charged as fresh input.
    public let chargedAs: Meter
    /// How many units were used.
    public let quantity: Int
    /// How many of them an allowance covers.
    public let free: Int
    /// The rate of one unit before multipliers.
    public let rate: Rate
    /// The product of the multipliers that apply.
    public let multiplier: Multiplier
    /// (``quantity`` - ``free``) × ``rate`` × ``multiplier``, unrounded.
    public let amount: ExactAmount
  }

  private struct Parts: Hashable, Sendable {
    let offer: String
    let lines: [Line]
    let applied: [String]
    let exact: ExactAmount
    let total: Money
  }

  private let parts: Boxed<Parts>

  /// The offer, as the tariff names it.
  public var offer: String { parts.value.offer }
  /// One line for each meter that was used, in the order of meters.
  public var lines: [Line] { parts.value.lines }
  /// The conditions that changed the rates, such as `input over 272000`.
  public var applied: [String] { parts.value.applied }
  /// The sum of the lines, unrounded.
  public var exact: ExactAmount { parts.value.exact }
  /// The sum of the lines, rounded up once.
  public var total: Money { parts.value.total }

  init(offer: String, lines: [Line], applied: [String], exact: ExactAmount, total: Money) {
    parts = Boxed(Parts(offer: offer, lines: lines, applied: applied, exact: exact, total: total))
  }
}

extension Bill: CustomStringConvertible {
  /// One line of text for each line of the bill, then the total.
  public var description: String {
    let items = lines.map { line in
      let name = line.chargedAs == line.meter ? "\(line.meter)" : "\(line.meter) charged as \(line.chargedAs)"
      let factor = line.multiplier == .one ? "" : " x \(line.multiplier)"
      let quantity = line.free == 0 ? "\(line.quantity)" : "(\(line.quantity) - \(line.free) free)"
      return "\(name): \(quantity) x \(line.meter.listed(line.rate))\(factor) = \(line.amount)"
    }
    let because = applied.isEmpty ? "" : " (\(applied.joined(separator: ", ")))"
    return (items + ["total \(total)\(because)"]).joined(separator: "\n")
  }
}

extension Meter {
  /// A rate in the unit that price lists state for this meter.
  package func listed(_ rate: Rate) -> String {
    switch self {
    case .webSearch: Self.decimal(rate, perUnits: 1_000) + "/1k"
    case .request: Self.decimal(rate, perUnits: 1) + " each"
    default: rate.description
    }
  }

  private static func decimal(_ rate: Rate, perUnits units: Int) -> String {
    // A rate is whole pico-dollars, so the product is exact; only an absurd one overflows.
    ExactAmount(quantity: units, rate: rate, multiplier: .one)?.description ?? "more than can be written"
  }
}
