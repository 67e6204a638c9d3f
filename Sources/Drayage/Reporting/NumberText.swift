import Foundation

/// Numbers as reports print them, the same in every locale.
package enum NumberText {
  /// With a fixed number of decimals.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    String(format: "%.*f", decimals, value)
  }

  /// With three significant digits, without an exponent and without trailing zeros.
  package static func significant(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    let decimals = max(0, min(15, 2 - Int(log10(abs(value)).rounded(.down))))
    var text = fixed(value, decimals)
    if text.contains(".") {
      while text.hasSuffix("0") { text.removeLast() }
      if text.hasSuffix(".") { text.removeLast() }
    }
    return text
  }

  /// Dollars with three significant digits and at least two decimals, such as `$0.27` or `$0.000123`.
  package static func dollars(_ value: Double) -> String {
    let sign = value < 0 ? "-$" : "$"
    let magnitude = abs(value)
    if magnitude >= 0.1 || magnitude == 0 { return sign + fixed(magnitude, magnitude < 1 ? 3 : 2) }
    return sign + significant(magnitude)
  }

  /// A share of one as a percentage, such as `12.3 %`.
  package static func percent(_ share: Double) -> String {
    fixed(share * 100, 1) + " %"
  }
}
