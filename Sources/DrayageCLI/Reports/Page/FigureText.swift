import Drayage
import Foundation

/// Figures as the page prints them: finite, grouped by thousands, and short.
enum FigureText {
  /// What stands where a number is not known.
  static let unknown = "–"

  static func dollars(_ value: Double) -> String {
    if value == 0 { return "$0" }
    let sign = value < 0 ? "-$" : "$"
    return number(value, NumberText.dollars) { sign + scientific(abs($0)) }
  }

  static func quality(_ value: Double) -> String {
    number(value) {
      NumberText.fixed($0, 4)
    } scientific: {
      scientific($0)
    }
  }

  static func count(_ value: Int) -> String { grouped("\(value)") }

  /// `part` of `whole` as a percentage.
  static func share(_ part: Double, of whole: Double) -> String {
    guard part.isFinite, whole.isFinite, whole > 0 else { return unknown }
    let share = part / whole
    guard abs(share) < 1e6 else { return unknown }
    return NumberText.percent(share == 0 ? 0 : share)
  }

  /// A duration in the unit that suits it, such as `820 ms`, `12.3 s` or `2.5 h`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return unknown }
    if seconds == 0 { return "0 s" }
    if seconds < 1 {
      return number(seconds * 1000, { NumberText.significant($0) }, scientific: scientific) + " ms"
    }
    let (value, unit) =
      switch seconds {
      case ..<120: (seconds, "s")
      case ..<7200: (seconds / 60, "min")
      case ..<172_800: (seconds / 3600, "h")
      default: (seconds / 86_400, "days")
      }
    return number(value, { NumberText.significant($0) }, scientific: scientific) + " " + unit
  }

  /// `one` or `many` after the count.
  static func count(_ value: Int, _ one: String, _ many: String) -> String {
    "\(count(value)) \(value == 1 ? one : many)"
  }

  private static func number(
    _ value: Double, _ plain: (Double) -> String, scientific: (Double) -> String
  ) -> String {
    guard value.isFinite else { return unknown }
    if value == 0 { return plain(0) }
    return (1e-12..<1e12).contains(abs(value)) ? grouped(plain(value)) : scientific(value)
  }

  private static func scientific(_ value: Double) -> String { String(format: "%.2e", value) }

  /// With commas between the thousands of the whole part.
  private static func grouped(_ text: String) -> String {
    guard let first = text.firstIndex(where: \.isNumber) else { return text }
    let end = text[first...].firstIndex { !$0.isNumber } ?? text.endIndex
    var digits = String(text[first..<end])
    var index = digits.count - 3
    while index > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: index))
      index -= 3
    }
    return text[..<first] + digits + text[end...]
  }
}
