/// A byte-level byte-pair vocabulary in the `.tiktoken` format: one token a line, its bytes in base64, a
/// space, its rank in decimal.
///
/// The format and the meaning of ranks: github.com/openai/tiktoken, `tiktoken/load.py` and `src/lib.rs`.
public struct Vocabulary: Sendable {
  /// The most tokens a file may have.
  public static let maximumTokens = 4_000_000
  /// The longest token in bytes.
  public static let maximumTokenLength = 65_536

  /// How texts are cut before tokens are merged.
  public let pattern: PreTokenizer
  let ranks: TokenRanks

  /// The number of tokens.
  public var count: Int { ranks.count }

  /// Reads a vocabulary.
  ///
  /// - Parameters:
  ///   - bytes: the contents of a `.tiktoken` file. Empty lines are skipped, `\r\n` is accepted.
  ///   - pattern: the pre-tokenizer that the vocabulary was trained with.
  /// - Throws: ``VocabularyError``, with the line.
  public init(tiktoken bytes: some Sequence<UInt8>, pattern: PreTokenizer) throws(VocabularyError) {
    self.pattern = pattern
    var ranks = TokenRanks()
    var line = 1
    var text: [UInt8] = []
    var seen = Set<UInt32>()
    for byte in bytes {
      if byte == 0x0A {
        try Vocabulary.read(text, line, into: &ranks, &seen)
        text.removeAll(keepingCapacity: true)
        line += 1
      } else {
        text.append(byte)
        // Base64 takes four characters for three bytes; a rank takes at most ten digits.
        if text.count > Vocabulary.maximumTokenLength * 4 / 3 + 32 {
          throw VocabularyError(
            code: .tooLarge, line: line,
            message: "a line longer than any token: is this a .tiktoken file (base64, space, rank)?")
        }
      }
    }
    try Vocabulary.read(text, line, into: &ranks, &seen)
    for byte in UInt8.min...UInt8.max where ranks[single: byte] == nil {
      throw VocabularyError(
        code: .incomplete, line: nil,
        message: "the byte \(byte) is no token: a byte-level vocabulary has all 256; is the file truncated?")
    }
    self.ranks = ranks
  }

  private static func read(
    _ text: [UInt8], _ line: Int, into ranks: inout TokenRanks, _ seen: inout Set<UInt32>
  ) throws(VocabularyError) {
    var end = text.count
    while end > 0, text[end - 1] == 0x0D || text[end - 1] == 0x20 { end -= 1 }
    if end == 0 { return }
    guard let space = text[..<end].firstIndex(of: 0x20), let rank = decimal(text[(space + 1)..<end]),
      let token = Base64.decode(text[..<space]), !token.isEmpty
    else {
      throw VocabularyError(
        code: .malformedLine, line: line,
        message: "expected a token in base64, a space and a rank below 4294967295, as in \"IQ== 0\"")
    }
    if token.count > maximumTokenLength || ranks.count >= maximumTokens {
      throw VocabularyError(
        code: .tooLarge, line: line,
        message: "a vocabulary has at most \(maximumTokens) tokens of at most \(maximumTokenLength) bytes")
    }
    if !seen.insert(rank).inserted {
      throw VocabularyError(
        code: .duplicate, line: line, message: "the rank \(rank) is used twice; remove one of the lines")
    }
    if !ranks.insert(token, rank) {
      throw VocabularyError(
        code: .duplicate, line: line, message: "the token is on an earlier line already; remove one of them")
    }
  }

  /// A decimal number below `UInt32.max`.
  private static func decimal(_ digits: ArraySlice<UInt8>) -> UInt32? {
    if digits.isEmpty || digits.count > 10 { return nil }
    var value: UInt64 = 0
    for digit in digits {
      guard digit >= 0x30 && digit <= 0x39 else { return nil }
      value = value * 10 + UInt64(digit - 0x30)
    }
    return value < UInt64(UInt32.max) ? UInt32(value) : nil
  }
}
