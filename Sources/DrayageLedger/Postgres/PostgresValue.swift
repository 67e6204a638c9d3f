/// A value bound to a statement, in PostgreSQL's text format.
enum PostgresValue {
  case null
  case integer(Int64)
  case text(String?)
  case real(Double?)
  case bytes([UInt8])
  case integers([Int64?])
  case texts([String])
  case blobs([[UInt8]])

  /// The text, nil for null.
  var encoded: String? {
    switch self {
    case .null: nil
    case .integer(let value): String(value)
    case .text(let value): value
    // The shortest text that is read back as the same number.
    case .real(let value): value.map { "\($0)" }
    case .bytes(let value): Self.hexadecimal(value)
    case .integers(let values):
      "{" + values.map { $0.map(String.init) ?? "NULL" }.joined(separator: ",") + "}"
    case .texts(let values): "{" + values.map(Self.quoted).joined(separator: ",") + "}"
    // The backslash of `\x` is doubled within an array.
    case .blobs(let values):
      "{" + values.map { "\"\\" + Self.hexadecimal($0) + "\"" }.joined(separator: ",") + "}"
    }
  }

  /// An element of an array literal.
  private static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let digits = Array("0123456789abcdef".utf8)

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = Array(#"\x"#.utf8)
    text.reserveCapacity(2 + 2 * bytes.count)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of `\x…`; nil for any other text.
  static func bytes(ofHexadecimal text: [UInt8]) -> [UInt8]? {
    guard text.count >= 2, text.count % 2 == 0, text.starts(with: #"\x"#.utf8) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2 - 1)
    for place in stride(from: 2, to: text.count, by: 2) {
      guard let high = value(text[place]), let low = value(text[place + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
