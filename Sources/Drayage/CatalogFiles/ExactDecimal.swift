internal import DrayageCore

/// Writes scaled integers as decimal text, without a binary number in between.
enum ExactDecimal {
  /// `value` × 10^−`places` without trailing zeros, such as `0.25` for 250,000 of six places.
  ///
  /// - Parameter value: 0 or more.
  static func text(_ value: Int64, places: Int) -> String {
    let digits = String(value)
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    var fraction = padded.suffix(places)
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return padded.dropLast(places) + (fraction.isEmpty ? "" : "." + fraction)
  }

  /// A rate in the unit that price files state for `meter`.
  static func text(_ rate: Rate, of meter: Meter) -> String {
    switch meter {
    case .webSearch: text(rate.picodollars, places: 9)
    case .request: text(rate.picodollars, places: 12)
    default: text(rate.picodollars, places: 6)
    }
  }

  /// A multiplier that was read from text of at most six places.
  static func text(_ multiplier: Multiplier) -> String {
    text(multiplier.numerator * (1_000_000 / multiplier.denominator), places: 6)
  }
}
