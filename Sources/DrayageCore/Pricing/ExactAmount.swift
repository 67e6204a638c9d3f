/// An exact, unrounded amount of US dollars: a fraction of pico-dollars (10⁻¹² USD).
///
/// The lines of a bill keep these, so that their sum is rounded once and can be reproduced by hand.
public struct ExactAmount: Hashable, Sendable {
  /// The numerator, in pico-dollars.
  public let numerator: UInt128
  /// The denominator, 1 or more; without a common divisor with the numerator.
  public let denominator: UInt128

  private init(numerator: UInt128, denominator: UInt128) {
    // Most prices have no multiplier, and long division is slow.
    if denominator == 1 {
      (self.numerator, self.denominator) = (numerator, 1)
      return
    }
    let divisor = max(1, Self.greatestCommonDivisor(numerator, denominator))
    self.numerator = numerator / divisor
    self.denominator = denominator / divisor
  }

  /// Nothing.
  public static let zero = ExactAmount(numerator: 0, denominator: 1)

  /// `quantity` units at `rate` times `multiplier`; nil if it does not fit 128 bits.
  init?(quantity: Int, rate: Rate, multiplier: Multiplier) {
    guard let quantity = UInt128(exactly: quantity) else { return nil }
    let (listed, overflow) = quantity.multipliedReportingOverflow(by: UInt128(rate.picodollars))
    if overflow { return nil }
    let (numerator, carry) = listed.multipliedReportingOverflow(by: UInt128(multiplier.numerator))
    if carry { return nil }
    self.init(numerator: numerator, denominator: UInt128(multiplier.denominator))
  }

  /// The exact sum, or nil if it does not fit 128 bits.
  func adding(_ other: ExactAmount) -> ExactAmount? {
    if denominator == 1, other.denominator == 1 {
      let (sum, overflow) = numerator.addingReportingOverflow(other.numerator)
      return overflow ? nil : ExactAmount(numerator: sum, denominator: 1)
    }
    let shared = Self.greatestCommonDivisor(denominator, other.denominator)
    let (bottom, overflow) = (denominator / shared).multipliedReportingOverflow(by: other.denominator)
    let (a, carryA) = numerator.multipliedReportingOverflow(by: other.denominator / shared)
    let (b, carryB) = other.numerator.multipliedReportingOverflow(by: denominator / shared)
    let (top, carry) = a.addingReportingOverflow(b)
    return overflow || carryA || carryB || carry ? nil : ExactAmount(numerator: top, denominator: bottom)
  }

  /// The amount rounded up to nano-dollars; nil beyond ``Money/largest``.
  public var roundedUp: Money? {
    if denominator == 1, let picodollars = UInt64(exactly: numerator) {
      return money(UInt128(picodollars / 1_000 + (picodollars % 1_000 == 0 ? 0 : 1)))
    }
    let picodollars = numerator / denominator
    let isWhole = numerator % denominator == 0 && picodollars % 1_000 == 0
    return money(picodollars / 1_000 + (isWhole ? 0 : 1))
  }

  private func money(_ nanodollars: UInt128) -> Money? {
    guard let value = Int64(exactly: nanodollars), value <= Money.largest.nanodollars else { return nil }
    return Money(nanodollars: value)
  }

  private static func greatestCommonDivisor(_ a: UInt128, _ b: UInt128) -> UInt128 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}

extension ExactAmount: CustomStringConvertible {
  /// The amount in decimal dollars, such as `$0.00000000123`, with at least two places.
  ///
  /// Multipliers are read from decimal text, so every amount ends within forty places of a pico-dollar.
  public var description: String {
    var whole = String(numerator / denominator)
    whole = String(repeating: "0", count: max(0, 13 - whole.count)) + whole
    var places = String(whole.suffix(12))
    var rest = numerator % denominator
    for _ in 0..<40 where rest != 0 {
      // Long division; the digit is found by subtraction where ten times the rest would not fit.
      var digit = 0
      var next: UInt128 = 0
      for _ in 0..<10 {
        if next >= denominator - rest {
          next -= denominator - rest
          digit += 1
        } else {
          next += rest
        }
      }
      places += String(digit)
      rest = next
    }
    while places.count > 2, places.hasSuffix("0") { places.removeLast() }
    return "$\(whole.dropLast(12)).\(places)"
  }
}
