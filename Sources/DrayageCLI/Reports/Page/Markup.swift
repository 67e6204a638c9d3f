/// HTML or SVG that is safe to write into a page.
///
/// Literals are markup; everything interpolated is text and is escaped, unless it is markup itself. So a
/// value from the data cannot become markup by being forgotten somewhere. Attributes must be quoted.
struct Markup: ExpressibleByStringInterpolation, Sendable {
  private(set) var text: String

  init(stringLiteral value: String) { text = value }

  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { text += literal }

    mutating func appendInterpolation(_ markup: Markup) { text += markup.text }

    mutating func appendInterpolation(_ number: Int) { text += "\(number)" }

    /// Text, on one line and no longer than `limit` scalars.
    mutating func appendInterpolation(_ plain: String, limit: Int = 240) {
      for character in PlainText.line(plain, limit: limit).unicodeScalars {
        switch character {
        case "&": text += "&amp;"
        case "<": text += "&lt;"
        case ">": text += "&gt;"
        case "\"": text += "&quot;"
        case "'": text += "&#39;"
        default: text.unicodeScalars.append(character)
        }
      }
    }

    /// A coordinate with at most two decimals; zero where it is not a number that a page can hold.
    mutating func appendInterpolation(at coordinate: Double) {
      guard abs(coordinate) < 1e6 else { return text += "0" }
      let hundredths = Int((coordinate * 100).rounded())
      text += hundredths < 0 ? "-" : ""
      text += "\(abs(hundredths) / 100)"
      let rest = abs(hundredths) % 100
      guard rest != 0 else { return }
      text += rest < 10 ? ".0" : "."
      text += rest % 10 == 0 ? "\(rest / 10)" : "\(rest)"
    }
  }

  static func += (left: inout Markup, right: Markup) { left.text += right.text }
}

extension Sequence<Markup> {
  func joined(_ separator: Markup = "\n") -> Markup {
    var all: Markup = ""
    for (index, part) in enumerated() {
      if index > 0 { all += separator }
      all += part
    }
    return all
  }
}
