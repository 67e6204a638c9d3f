/// Classes of letters by how often tokens start at them.
///
/// A tokenizer cuts an English word in fewer places than a Dutch one of the same length, and a rare
/// ideograph in more than a common one. The class of a letter of an alphabet follows from a window of four:
/// the two before it, itself and the one after it; that of an ideograph, a kana or a Hangul syllable from
/// itself alone. A window is hashed to an entry of a table, and letters whose windows share an entry share
/// its class (Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", ICML 2009). One pass
/// counts the classes; what a class costs is a coefficient of each family, like any other counter's.
///
/// ``LetterTable`` is written by `benchmarks/tokens/letters.py`, which has the same hash functions.
enum LetterClass {
  /// The number of classes, for alphabets and again for ideographs. A power of two.
  static let count = 64
  /// The logarithm of the entries for windows.
  static let windowBits = 16
  /// The logarithm of the entries for ideographs.
  static let ideographBits = 14

  private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The window before the first letter of a word, by what stands before it: 0 for a space, 1 for something
  /// else that is no letter or digit, 2 for a letter or digit.
  @inline(__always)
  static func start(_ context: Int) -> UInt64 { UInt64(truncatingIfNeeded: context + 1) }

  /// The window with one more letter, or with 0 for the end of the word. Sixteen bits of each are kept.
  @inline(__always)
  static func window(_ window: UInt64, adding code: UInt32) -> UInt64 {
    window << 16 | UInt64(code & 0xFFFF)
  }

  /// The class that a table has for a window.
  @inline(__always)
  static func ofWindow(_ window: UInt64, _ table: UnsafePointer<UInt8>) -> Int {
    of(table[Int(truncatingIfNeeded: (window &* factor) >> UInt64(64 - windowBits))])
  }

  /// The class that a table has for an ideograph, a kana or a Hangul syllable.
  @inline(__always)
  static func ofIdeograph(_ code: UInt32, _ table: UnsafePointer<UInt8>) -> Int {
    of(table[Int(truncatingIfNeeded: (UInt64(code) &* factor) >> UInt64(64 - ideographBits))])
  }

  /// Entries are the characters from `?` to `~`.
  @inline(__always)
  private static func of(_ entry: UInt8) -> Int { Int(entry &- 0x3F) & (count - 1) }

  /// A letter without its case, as far as a rule per block tells. Pairs of Latin Extended become one letter.
  @inline(__always)
  static func folded(_ code: UInt32) -> UInt32 {
    switch code {
    case 0x41...0x5A, 0xC0...0xDE: code | 0x20
    case 0x100...0x17F, 0x1E00...0x1EFF: code | 1
    case 0x391...0x3A9, 0x410...0x42F: code + 0x20
    case 0x400...0x40F: code + 0x50
    default: code
    }
  }
}
