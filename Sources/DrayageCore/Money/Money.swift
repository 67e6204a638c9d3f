/// An exact amount of US dollars: a whole number of nano-dollars (10⁻⁹ USD).
///
/// The range is ±9.2 thousand million dollars. Adding and subtracting trap on overflow, which no amount that
/// passed ``init(decimal:)`` and a budget can reach.
public struct Money: Hashable, Comparable, Sendable {
  /// The amount in nano-dollars.
  public let nanodollars: Int64

  /// An amount of `nanodollars` × 10⁻⁹ USD.
  public init(nanodollars: Int64) {
    self.nanodollars = nanodollars
  }

  /// Reads decimal dollars such as `12.50` or `2.925e-06`; what is finer than a nano-dollar is rounded up.
  ///
  /// - Throws: ``DecimalTextError`` if `text` is not a decimal number of zero or more, at most 10⁹ dollars.
  public init(decimal text: some StringProtocol) throws(DecimalTextError) {
    let value = try DecimalText.parse(text, scale: 9, remainder: .roundedUp)
    guard value <= Money.largest.nanodollars else { throw DecimalTextError(text, .tooLarge) }
    nanodollars = value
  }

  /// No money.
  public static let zero = Money(nanodollars: 0)

  /// The largest amount read from text: 10⁹ dollars.
  public static let largest = Money(nanodollars: 1_000_000_000_000_000_000)

  /// The amount as binary floating-point dollars, for the solver and for display; never for accounts.
  public var dollars: Double { Double(nanodollars) * 1e-9 }

  /// Whether `a` is the smaller amount.
  public static func < (a: Money, b: Money) -> Bool { a.nanodollars < b.nanodollars }
  /// The exact sum; traps beyond the range.
  public static func + (a: Money, b: Money) -> Money { Money(nanodollars: a.nanodollars + b.nanodollars) }
  /// The exact difference; traps beyond the range.
  public static func - (a: Money, b: Money) -> Money { Money(nanodollars: a.nanodollars - b.nanodollars) }
  /// Adds `b`; traps beyond the range.
  public static func += (a: inout Money, b: Money) { a = a + b }
  /// Subtracts `b`; traps beyond the range.
  public static func -= (a: inout Money, b: Money) { a = a - b }
}

extension Money: CustomStringConvertible {
  /// The exact amount with at least two decimals, such as `$12.50` or `$0.000002925`.
  public var description: String {
    (nanodollars < 0 ? "-$" : "$") + decimal
  }

  /// The exact amount without sign or currency mark, such as `12.50`; what ``init(decimal:)`` reads back.
  public var decimal: String {
    let magnitude = nanodollars.magnitude
    var fraction = String(magnitude % 1_000_000_000)
    fraction = String(repeating: "0", count: 9 - fraction.count) + fraction
    while fraction.count > 2, fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(magnitude / 1_000_000_000).\(fraction)"
  }
}
