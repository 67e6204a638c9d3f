/// Tests of the eight bytes of a word at once: of a result the lowest byte that is not 0 is the first that meets the test,
/// the bytes of the word counted from the lowest.
///
/// Source of the tests: Warren, Hacker's Delight, section 6-1.
enum EightBytes {
  private static let ones: UInt64 = 0x0101_0101_0101_0101

  /// The bytes that are `byte`.
  static func equal(_ word: UInt64, to byte: UInt8) -> UInt64 {
    let difference = word ^ ones &* UInt64(byte)
    return (difference &- ones) & ~difference & ones << 7
  }

  /// The bytes that do not stand for themselves in a JSON text: quotes, backslashes and control characters.
  static func special(_ word: UInt64) -> UInt64 {
    equal(word, to: UInt8(ascii: "\"")) | equal(word, to: UInt8(ascii: "\\"))
      | (word &- ones &* 0x20) & ~word & ones << 7
  }
}
