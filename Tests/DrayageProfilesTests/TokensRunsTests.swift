import DrayageTesting
import Foundation
import Testing

@testable import DrayageProfiles

@Suite struct TokensRunsTests {
  @Test func `runs are counted by kind, context and length`() {
    let runs = TextRuns("Hello fooBAR 1234, x\n    y")
    func at(_ index: Int) -> Int { runs.counts[index] }
    #expect(at(RunFeature.word + RunFeature.longestWord * 1 + 4) == 1)  // Hello, at the start
    #expect(at(RunFeature.word + 2) == 1)  // foo, after a space
    #expect(at(RunFeature.capitals + RunFeature.longestCapitals * 2 + 2) == 1)  // BAR, after a letter
    #expect(at(RunFeature.digits + 3) == 2 && at(RunFeature.digits + 4) == 4)
    #expect(at(RunFeature.space) == 1 && at(RunFeature.space + 1) == 2)
    #expect(at(RunFeature.mark + 2 * 2) == 1)  // the comma, with no letter after it
    #expect(at(RunFeature.newline + 1) == 1)
    #expect(at(RunFeature.indent + 2) == 1)
  }

  @Test(arguments: 0..<200)
  func `a text has the same runs as a string and as bytes, and its bytes add up`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let text = random.scalars(length: Int.random(in: 0..<300, using: &random))
    let runs = TextRuns(text)
    #expect(runs == TextRuns(utf8: Array(text.utf8)), "seed \(seed)")
    #expect(runs == TextRuns(utf8: AnySequence(text.utf8)), "seed \(seed)")
    #expect(runs.malformedByteCount == 0, "seed \(seed)")
    let beyond = text.utf8.count(where: { $0 >= 0x80 })
    #expect(runs.stableByteCount + runs.otherByteCount == beyond, "seed \(seed)")
  }

  @Test(arguments: 0..<200)
  func `arbitrary bytes are scanned to the end`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
      UInt8.random(in: 0...255, using: &random)
    }
    let runs = TextRuns(utf8: bytes)
    #expect(runs.byteCount == bytes.count)
    #expect(runs.counts.allSatisfy { $0 >= 0 }, "seed \(seed)")
    // A replacement character is three bytes; what is well-formed keeps its length.
    let repaired = String(decoding: bytes, as: UTF8.self)
    #expect(TokenEstimator(.o200k).bound(runs) >= repaired.utf8.count, "seed \(seed)")
  }

  @Test func `texts cut within a character count the rest as malformed`() {
    for text in ["é", "中", "👍"] {
      let bytes = Array(text.utf8)
      for length in 1..<bytes.count {
        #expect(TextRuns(utf8: bytes.prefix(length)).malformedByteCount == length)
      }
    }
    #expect(TextRuns(utf8: [0xED, 0xA0, 0x80]).malformedByteCount == 3)  // a surrogate
    #expect(TextRuns(utf8: [0xC0, 0x80]).malformedByteCount == 2)  // an overlong form
    #expect(TextRuns(utf8: [0xF4, 0x90, 0x80, 0x80]).malformedByteCount == 4)  // beyond Unicode
  }

  @Test func `runs add up`() {
    var sum = TextRuns("one two\n")
    sum += TextRuns("drei für 中文")
    #expect(sum.byteCount == "one two\ndrei für 中文".utf8.count)
    #expect(sum == TextRuns("one two\ndrei für 中文"))
  }
}
