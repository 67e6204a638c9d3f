/// A unit price: a whole number of pico-dollars (10⁻¹² USD) per unit.
///
/// The unit is a token unless said otherwise. A listed price of $0.003625 per million tokens is 3,625.
public struct Rate: Hashable, Comparable, Sendable {
  /// Pico-dollars per unit, 0 or more.
  public let picodollars: Int64

  /// A rate of `picodollars` × 10⁻¹² USD per unit.
  public init(picodollars: Int64) {
    precondition(picodollars >= 0, "a rate is zero or more")
    self.picodollars = picodollars
  }

  /// Reads decimal dollars per million units, as price lists state them; exactly, or not at all.
  ///
  /// - Throws: ``DecimalTextError`` if `text` is not a decimal number of zero or more, has more than six
  ///   decimal places, or exceeds a million dollars per million units.
  public init(dollarsPerMillion text: some StringProtocol) throws(DecimalTextError) {
    let value = try DecimalText.parse(text, scale: 6, remainder: .refused)
    guard value <= 1_000_000_000_000 else { throw DecimalTextError(text, .tooLarge) }
    picodollars = value
  }

  /// Reads decimal dollars per thousand units, as searches and requests are priced.
  ///
  /// - Throws: ``DecimalTextError`` as ``init(dollarsPerMillion:)`` does.
  public init(dollarsPerThousand text: some StringProtocol) throws(DecimalTextError) {
    let value = try DecimalText.parse(text, scale: 9, remainder: .refused)
    guard value <= 1_000_000_000_000 else { throw DecimalTextError(text, .tooLarge) }
    picodollars = value
  }

  /// Free of charge. An unknown price is never this: it is an error.
  public static let free = Rate(picodollars: 0)

  /// Whether `a` is the lower rate.
  public static func < (a: Rate, b: Rate) -> Bool { a.picodollars < b.picodollars }
}

extension Rate: CustomStringConvertible {
  /// Dollars per million units, such as `$0.25/M`.
  public var description: String {
    "\(Money(nanodollars: picodollars * 1_000))/M"
  }
}
