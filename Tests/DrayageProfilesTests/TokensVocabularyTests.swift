import DrayageTesting
import Foundation
import Testing

@testable import DrayageProfiles

@Suite struct TokensVocabularyTests {
  static func resource(_ name: String) throws -> Data {
    let url = try #require(Bundle.module.url(forResource: "TokensData/" + name, withExtension: nil))
    return try Data(contentsOf: url)
  }

  static func vocabulary(_ pattern: PreTokenizer) throws -> Vocabulary {
    try Vocabulary(tiktoken: resource("small.tiktoken"), pattern: pattern)
  }

  /// Tokens that the tiktoken package gave for the same file and pattern: pattern, text in base64, ranks.
  @Test func `tokens are those of tiktoken`() throws {
    let lines = String(decoding: try Self.resource("golden.tsv"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 408)
    var vocabularies: [String: Vocabulary] = [:]
    for line in lines {
      let fields = line.split(separator: "\t").map(String.init)
      try #require(fields.count == 3)
      let pattern = try #require(PreTokenizer(named: fields[0]))
      let vocabulary = try vocabularies[fields[0]] ?? Self.vocabulary(pattern)
      vocabularies[fields[0]] = vocabulary
      let text = String(decoding: try #require(Data(base64Encoded: fields[1])), as: UTF8.self)
      let expected = fields[2].split(separator: " ").compactMap { UInt32($0) }
      #expect(vocabulary.encode(text) == expected, "\(fields[0]): \(text.debugDescription)")
      #expect(vocabulary.count(text) == expected.count)
    }
  }

  @Test(arguments: 0..<60)
  func `pieces cover the text, and merging a piece is that of the definition`(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let text = random.text(length: Int.random(in: 0..<250, using: &random))
    for pattern in PreTokenizer.all {
      let vocabulary = try Self.vocabulary(pattern)
      var tokens: [UInt32] = []
      var copy = text
      copy.withUTF8 { bytes in
        let scanner = PieceScanner(bytes, pattern)
        var start = 0
        while start < bytes.count {
          let end = scanner.end(from: start)
          #expect(end > start && end <= bytes.count, "seed \(seed)")
          tokens += definition(vocabulary.ranks, Array(bytes[start..<end]))
          start = end
        }
      }
      #expect(vocabulary.encode(text) == tokens, "seed \(seed) \(pattern.name)")
    }
  }

  @Test(arguments: 0..<40)
  func `long pieces are merged as by the definition`(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let vocabulary = try Self.vocabulary(.o200k)
    let letters = ["return", "in", "a", "ex", "e", "token", "s", "t", "r"]
    let text = (0..<Int.random(in: 40..<200, using: &random)).map { _ in
      letters.randomElement(using: &random) ?? "a"
    }
    .joined()
    #expect(vocabulary.encode(text) == definition(vocabulary.ranks, Array(text.utf8)), "seed \(seed)")
  }

  /// Once `bc` is merged, `a` and `b` are no longer a pair: its entry in the heap must not be taken for that of
  /// `a` and `bc`, which comes after `xa`.
  @Test func `a pair that has changed loses its rank in long pieces`() throws {
    let tokens = (0..<256).map { [UInt8($0)] } + ["bc", "ab", "xa", "abc"].map { Array($0.utf8) }
    let file = tokens.enumerated().map { Data($1).base64EncodedString() + " \($0)\n" }.joined()
    let vocabulary = try Vocabulary(tiktoken: Data(file.utf8), pattern: .o200k)
    for repetitions in [1, 2, 60] {
      let expected = (0..<(2 * repetitions)).map { UInt32($0 % 2 == 0 ? 258 : 256) }
      #expect(vocabulary.encode(String(repeating: "xabc", count: repetitions)) == expected)
    }
  }

  /// The lowest-ranked adjacent pair becomes one token until there is none.
  private func definition(_ ranks: TokenRanks, _ piece: [UInt8]) -> [UInt32] {
    func rank(_ bytes: ArraySlice<UInt8>) -> UInt32 {
      bytes.withUnsafeBufferPointer { ranks.rank($0, 0, bytes.count) }
    }
    if rank(piece[...]) != .max { return [rank(piece[...])] }
    var bounds = Array(0...piece.count)
    while let best = bounds.indices.dropLast(2).min(by: { first, second in
      rank(piece[bounds[first]..<bounds[first + 2]]) < rank(piece[bounds[second]..<bounds[second + 2]])
    }), rank(piece[bounds[best]..<bounds[best + 2]]) != .max {
      bounds.remove(at: best + 1)
    }
    return zip(bounds, bounds.dropFirst()).map { rank(piece[$0..<$1]) }
  }

  /// A quadratic merge would take hours here.
  @Test func `a long run of one letter is counted`() throws {
    let vocabulary = try Self.vocabulary(.cl100k)
    #expect(vocabulary.count(String(repeating: "a", count: 200_000)) <= 200_001)
    #expect(vocabulary.count(String(repeating: " ", count: 200_000) + "x") <= 200_001)
    #expect(vocabulary.count(String(repeating: "=-", count: 100_000)) <= 200_001)
  }

  @Test func `an empty text has no tokens`() throws {
    for pattern in PreTokenizer.all { #expect(try Self.vocabulary(pattern).encode("") == []) }
  }

  @Test(arguments: [
    ("IQ==\n", VocabularyError.Code.malformedLine, 257), ("IQ== x\n", .malformedLine, 257),
    ("IQ 5000\n", .malformedLine, 257), ("I*== 5000\n", .malformedLine, 257),
    ("IR== 5000\n", .malformedLine, 257),
    (" 5000\n", .malformedLine, 257), ("IQ== 99999999999\n", .malformedLine, 257),
    ("IQ== 4294967295\n", .malformedLine, 257), ("IQ== -1\n", .malformedLine, 257),
    ("IQ== 5000\n", .duplicate, 257), ("\n\nYWI= 33\n", .duplicate, 259),
    ("YWI= 5000\nYWI= 5001\n", .duplicate, 258),
    ("\u{FEFF}YWI= 5000", .malformedLine, 257),
  ])
  func `a malformed line is an error with its number`(
    line: String, code: VocabularyError.Code, number: Int
  ) throws {
    let bytes = (0..<256).map { Data([UInt8($0)]).base64EncodedString() + " \($0)\n" }.joined() + line
    let error = #expect(throws: VocabularyError.self) {
      try Vocabulary(tiktoken: Data(bytes.utf8), pattern: .cl100k)
    }
    #expect(error?.code == code)
    #expect(error?.line == number)
  }

  @Test func `a truncated file or another kind of file is an error`() throws {
    let whole = try Self.resource("small.tiktoken")
    for length in [0, 1, 7, 100, 1_500] {
      #expect(throws: VocabularyError.self) {
        try Vocabulary(tiktoken: whole.prefix(length), pattern: .o200k)
      }
    }
    let error = #expect(throws: VocabularyError.self) {
      try Vocabulary(tiktoken: Data(repeating: 0x41, count: 200_000), pattern: .o200k)
    }
    #expect(error?.code == .tooLarge)
    #expect(error?.description.hasPrefix("line 1: ") == true)
  }

  @Test func `carriage returns and empty lines are accepted`() throws {
    let text = String(decoding: try Self.resource("small.tiktoken"), as: UTF8.self)
    let windows = text.replacing("\n", with: "\r\n") + "\r\n\r\n"
    #expect(try Vocabulary(tiktoken: Data(windows.utf8), pattern: .o200k).count == 956)
  }

  @Test(arguments: 0..<100)
  func `the bound of the estimate holds for exact counts`(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let text = random.scalars(length: Int.random(in: 1..<300, using: &random))
    let vocabulary = try Self.vocabulary(.o200k)
    #expect(vocabulary.count(text) <= TokenEstimator(.o200k).estimate(text).bound, "seed \(seed)")
  }
}
