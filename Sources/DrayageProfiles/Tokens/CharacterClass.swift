/// What the published pre-tokenizer patterns tell apart: the general categories of Unicode, and white space.
struct CharacterClass: OptionSet {
  let rawValue: UInt8

  /// `\p{Lu}` or `\p{Lt}`.
  static let upper = CharacterClass(rawValue: 1)
  /// `\p{Ll}`.
  static let lower = CharacterClass(rawValue: 2)
  /// `\p{Lm}` or `\p{Lo}`.
  static let otherLetter = CharacterClass(rawValue: 4)
  /// `\p{M}`.
  static let mark = CharacterClass(rawValue: 8)
  /// `\p{N}`.
  static let number = CharacterClass(rawValue: 16)
  /// `\s`.
  static let space = CharacterClass(rawValue: 32)
  /// `\r` or `\n`.
  static let newline = CharacterClass(rawValue: 64)

  /// `\p{L}`.
  static let letter: CharacterClass = [.upper, .lower, .otherLetter]

  /// The class of every code point below 0x20000; asking the standard library for each takes ten times
  /// longer.
  private static let table: [CharacterClass] = (0..<0x20000).map { classify($0) }

  @inline(__always)
  static func of(_ code: UInt32) -> CharacterClass {
    code < 0x20000 ? table[Int(code)] : classify(code)
  }

  private static func classify(_ code: UInt32) -> CharacterClass {
    guard let scalar = Unicode.Scalar(code) else { return [] }
    if code == 0x0A || code == 0x0D { return [.space, .newline] }
    if scalar.properties.isWhitespace { return .space }
    return switch scalar.properties.generalCategory {
    case .uppercaseLetter, .titlecaseLetter: .upper
    case .lowercaseLetter: .lower
    case .modifierLetter, .otherLetter: .otherLetter
    case .nonspacingMark, .spacingMark, .enclosingMark: .mark
    case .decimalNumber, .letterNumber, .otherNumber: .number
    default: []
    }
  }
}
