/// Base64 as in RFC 4648, section 4, with padding required.
enum Base64 {
  /// The bytes, or nil for anything that is not canonical base64.
  static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var index = text.startIndex
    while index < text.endIndex {
      let last = index + 4 == text.endIndex
      let padding = last ? (text[index + 3] == 0x3D ? (text[index + 2] == 0x3D ? 2 : 1) : 0) : 0
      var bits: UInt32 = 0
      for offset in 0..<(4 - padding) {
        guard let six = value(of: text[index + offset]) else { return nil }
        bits |= six << UInt32(18 - 6 * offset)
      }
      let unused: UInt32 = padding == 2 ? 0xFFFF : padding == 1 ? 0xFF : 0
      if bits & unused != 0 { return nil }
      bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
      if padding < 2 { bytes.append(UInt8(truncatingIfNeeded: bits >> 8)) }
      if padding < 1 { bytes.append(UInt8(truncatingIfNeeded: bits)) }
      index += 4
    }
    return bytes
  }

  private static func value(of character: UInt8) -> UInt32? {
    switch character {
    case 0x41...0x5A: UInt32(character) - 0x41
    case 0x61...0x7A: UInt32(character) - 0x61 + 26
    case 0x30...0x39: UInt32(character) - 0x30 + 52
    case 0x2B: 62
    case 0x2F: 63
    default: nil
    }
  }
}
