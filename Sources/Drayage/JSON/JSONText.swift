/// Writes JSON text by hand where the order of keys, exact numbers or raw passages matter.
package enum JSONText {
  /// A string in quotes, escaped (RFC 8259, section 7).
  package static func quoted(_ text: some StringProtocol) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0}"..<"\u{20}", "\u{7f}", "\u{2028}", "\u{2029}":
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// A finite number in the shortest form that reads back the same; `null` if it is not finite.
  package static func number(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return "\(value)"
  }

  /// An object of members whose values are JSON text already; those that are `nil` are left out.
  package static func object(_ members: KeyValuePairs<String, String?>) -> String {
    let parts = members.compactMap { key, value in value.map { quoted(key) + ":" + $0 } }
    return "{" + parts.joined(separator: ",") + "}"
  }

  /// A list of values that are JSON text already.
  package static func array(_ values: some Sequence<String>) -> String {
    "[" + values.joined(separator: ",") + "]"
  }
}
