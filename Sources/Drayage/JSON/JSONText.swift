/// Writes JSON text by hand where the order of keys, exact numbers or raw passages matter.
package enum JSONText {
  /// A string in quotes, escaped (RFC 8259, section 7).
  package static func quoted(_ text: some StringProtocol) -> String {
    // Most texts hold nothing to escape, and most are whole strings, whose bytes lie in a row.
    var text = String(text)
    let isPlain = text.withUTF8 { EightBytes.firstEscaped(in: $0) == $0.count }
    if isPlain { return "\"" + text + "\"" }
    var result: [UInt8] = []
    append(quoted: text, to: &result)
    return String(decoding: result, as: UTF8.self)
  }

  /// Adds a string in quotes, escaped, to a text.
  package static func append(quoted text: String, to result: inout [UInt8]) {
    var text = text
    text.withUTF8 { bytes in
      result.append(UInt8(ascii: "\""))
      var start = 0
      while start < bytes.count {
        let stop = EightBytes.firstEscaped(in: bytes, from: start)
        result.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<stop]))
        if stop < bytes.count { append(escaped: bytes[stop], to: &result) }
        start = stop + 1
      }
      result.append(UInt8(ascii: "\""))
    }
  }

  private static func append(escaped byte: UInt8, to result: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\n"): result += "\\n".utf8
    case UInt8(ascii: "\r"): result += "\\r".utf8
    case UInt8(ascii: "\t"): result += "\\t".utf8
    case 0..<0x20, 0x7F:
      let hex = String(byte, radix: 16)
      result += ("\\u00" + (byte < 0x10 ? "0" : "") + hex).utf8
    default: result += [UInt8(ascii: "\\"), byte]
    }
  }

  /// A finite number in the shortest form that reads back the same; `null` if it is not finite.
  package static func number(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return "\(value)"
  }

  /// An object of members whose values are JSON text already; those that are `nil` are left out.
  package static func object(
    _ members: KeyValuePairs<String, String?>, and others: [(key: String, value: String)] = []
  ) -> String {
    let parts = members.compactMap { key, value in value.map { quoted(key) + ":" + $0 } }
    return "{" + (parts + others.map { quoted($0.key) + ":" + $0.value }).joined(separator: ",") + "}"
  }

  /// A list of values that are JSON text already.
  package static func array(_ values: some Sequence<String>) -> String {
    "[" + values.joined(separator: ",") + "]"
  }
}
