/// An exact factor on a price: a reduced fraction, such as 11/10 for `1.1`.
public struct Multiplier: Hashable, Sendable {
  /// The numerator, 0 or more.
  public let numerator: Int64
  /// The denominator, 1 or more; without a common divisor with the numerator.
  public let denominator: Int64

  /// The fraction `numerator`/`denominator`, reduced.
  private init(numerator: Int64, denominator: Int64) {
    let divisor = max(1, Self.greatestCommonDivisor(numerator, denominator))
    self.numerator = numerator / divisor
    self.denominator = denominator / divisor
  }

  /// Reads decimal text such as `1.1`, exactly or not at all.
  ///
  /// - Throws: ``DecimalTextError`` if `text` is not a decimal number of zero or more, has more than six
  ///   decimal places, or exceeds 1,000,000.
  public init(_ text: some StringProtocol) throws(DecimalTextError) {
    let millionths = try DecimalText.parse(text, scale: 6, remainder: .refused)
    guard millionths <= 1_000_000_000_000 else { throw DecimalTextError(text, .tooLarge) }
    self.init(numerator: millionths, denominator: 1_000_000)
  }

  /// The factor that changes nothing.
  public static let one = Multiplier(numerator: 1, denominator: 1)

  /// The exact product, or nil if it does not fit 64 bits.
  public func multiplied(by other: Multiplier) -> Multiplier? {
    // Cancelling crosswise first keeps the products as small as they can be.
    let a = max(1, Self.greatestCommonDivisor(numerator, other.denominator))
    let b = max(1, Self.greatestCommonDivisor(other.numerator, denominator))
    let (top, topOverflow) = (numerator / a).multipliedReportingOverflow(by: other.numerator / b)
    let (bottom, bottomOverflow) = (denominator / b).multipliedReportingOverflow(by: other.denominator / a)
    return topOverflow || bottomOverflow ? nil : Multiplier(numerator: top, denominator: bottom)
  }

  /// Whether the factor raises a price.
  public var raises: Bool { numerator > denominator }

  private static func greatestCommonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}

extension Multiplier: CustomStringConvertible {
  /// The fraction as `11/10`, or a whole number as `2`.
  public var description: String {
    denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)"
  }
}
