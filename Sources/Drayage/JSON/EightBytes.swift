/// Finds bytes eight at a time.
///
/// Source of the tests: Warren, Hacker's Delight, section 6-1. Of a word that a test gives, the lowest byte that is not 0 is
/// the first byte that meets it.
package enum EightBytes {
  private static let ones: UInt64 = 0x0101_0101_0101_0101

  /// The bytes of `word` that are `byte`.
  @inline(__always)
  private static func equal(_ word: UInt64, to byte: UInt8) -> UInt64 {
    let difference = word ^ ones &* UInt64(byte)
    return (difference &- ones) & ~difference & ones << 7
  }

  /// Where the first byte of `bytes` from `start` on meets a test, in words and alone; their end if none does.
  @inline(__always)
  private static func first(
    in bytes: UnsafeBufferPointer<UInt8>, from start: Int, word: (UInt64) -> UInt64, byte: (UInt8) -> Bool
  ) -> Int {
    guard let base = UnsafeRawPointer(bytes.baseAddress) else { return start }
    var place = start
    while place + 8 <= bytes.count {
      let found = word(UInt64(littleEndian: (base + place).loadUnaligned(as: UInt64.self)))
      guard found == 0 else { return place + found.trailingZeroBitCount / 8 }
      place += 8
    }
    while place < bytes.count, !byte(bytes[place]) { place += 1 }
    return place
  }

  /// The bytes of `word` that do not stand for themselves in a JSON text.
  @inline(__always)
  private static func special(_ word: UInt64) -> UInt64 {
    equal(word, to: UInt8(ascii: "\"")) | equal(word, to: UInt8(ascii: "\\"))
      | (word &- ones &* 0x20) & ~word & ones << 7
  }

  @inline(__always)
  private static func isSpecial(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  /// Where the first byte stands, from `start` on, that does not stand for itself in a JSON text: a quote, a backslash or a
  /// control character; the end if there is none.
  package static func firstSpecial(in bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0) -> Int {
    first(in: bytes, from: start, word: special, byte: isSpecial)
  }

  /// The same, or a delete character: those that are better written as escapes.
  static func firstEscaped(in bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0) -> Int {
    first(in: bytes, from: start) {
      special($0) | equal($0, to: 0x7F)
    } byte: {
      isSpecial($0) || $0 == 0x7F
    }
  }

  /// Where the first byte stands that is one of two; the end if there is none.
  package static func first(_ one: UInt8, or other: UInt8, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    first(in: bytes, from: 0) {
      equal($0, to: one) | equal($0, to: other)
    } byte: {
      $0 == one || $0 == other
    }
  }
}
