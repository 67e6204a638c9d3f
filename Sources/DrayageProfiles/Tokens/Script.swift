/// Groups of code points outside ASCII that tokenizers treat alike, by block of the Unicode standard.
enum Script {
  static let latin = 0
  static let greek = 1
  static let cyrillic = 2
  static let hebrew = 3
  static let arabic = 4
  static let devanagari = 5
  static let otherIndic = 6
  static let southEastAsian = 7
  static let hangul = 8
  static let kana = 9
  static let han = 10
  static let wide = 11
  static let typographic = 12
  static let symbol = 13
  static let pictograph = 14
  static let emoji = 15
  static let joiner = 16
  static let combining = 17
  static let latinSign = 18
  static let otherShort = 19
  static let otherMiddle = 20
  static let otherLong = 21

  static let count = 22

  /// The group of a code point of 0x80 or above.
  @inline(__always)
  static func of(_ code: UInt32) -> Int {
    if code >= 0x3040 {
      if code < 0x3100 { return kana }
      if code >= 0x4E00 && code < 0xA000 { return han }
      if code >= 0xAC00 && code < 0xD7A4 { return hangul }
      return ofRarer(code)
    }
    if code < 0x0250 {
      return code >= 0xC0 && code != 0xD7 && code != 0xF7 || code == 0xAA || code == 0xBA ? latin : latinSign
    }
    if code >= 0x0400 && code < 0x0530 { return cyrillic }
    if code >= 0x0600 && code < 0x0780 { return code >= 0x0700 && code < 0x0750 ? otherShort : arabic }
    if code >= 0x0900 && code < 0x0980 { return devanagari }
    if code >= 0x2000 && code < 0x2070 { return code == 0x200D ? joiner : typographic }
    return ofEarlier(code)
  }

  private static func ofEarlier(_ code: UInt32) -> Int {
    switch code {
    case 0x0300..<0x0370: combining
    case 0x0370..<0x0400, 0x1F00..<0x2000: greek
    case 0x0590..<0x0600: hebrew
    case 0x0980..<0x0E00: otherIndic
    case 0x0E00..<0x1100, 0x1780..<0x1800: southEastAsian
    case 0x1100..<0x1200: hangul
    case 0x1E00..<0x1F00: latin
    case 0x2600..<0x27C0: pictograph
    case 0x2070..<0x2C00: symbol
    case 0x3000..<0x3040: wide
    default: code < 0x0800 ? otherShort : otherMiddle
    }
  }

  private static func ofRarer(_ code: UInt32) -> Int {
    switch code {
    case 0x3130..<0x3190: hangul
    case 0x3400..<0x4E00, 0x20000..<0x32000: han
    case 0xF900..<0xFB00: wide
    case 0xFB1D..<0xFB50: hebrew
    case 0xFB50..<0xFE00, 0xFE70..<0xFEFF: arabic
    case 0xFE00..<0xFE10, 0x1F3FB..<0x1F400, 0x1F1E6..<0x1F200: joiner
    case 0xFF00..<0xFFF0, 0xFE30..<0xFE50, 0x3100..<0x3130, 0x3190..<0x3400: wide
    case 0x1F000..<0x1FB00: emoji
    default: code < 0x10000 ? otherMiddle : otherLong
    }
  }
}
