import DrayageProfiles
import Testing

@Suite("Text features") struct TextFeaturesTests {
  let features: TextFeatures

  init() throws { features = try TextFeatures(buckets: 16) }

  func value(_ name: String, _ text: String) -> Float {
    features(text)[TextFeatures.names.firstIndex(of: name) ?? -1]
  }

  @Test func `they say what a text is made of`() {
    let code = "for i in range(10):\n    total = total + i;\n    print(total);\n}\n"
    let prose = "The quick brown fox jumps over the lazy dog, and nobody asks why it did."
    #expect(value("lines of code", code) > 0.4 && value("lines of code", prose) == 0)
    #expect(value("brackets and operators", code) > value("brackets and operators", prose))
    #expect(value("digits", "12345") == 1 && value("digits", prose) == 0)
    #expect(value("Chinese, Japanese, Korean", "什么是机器学习") == 1)
    #expect(
      value("other scripts than Latin", "Что такое") > 0.8 && value("other scripts than Latin", prose) == 0)
    #expect(value("capitals", "ABcd") == 0.5)
    #expect((value("log words", "one two  three\n") - 1.386_294_4).magnitude < 1e-5)
    #expect((value("log bytes", "é") - 1.098_612_3).magnitude < 1e-5)
  }

  @Test func `words count by their letters, not by case or place, and pairs by their order`() throws {
    let hashed = { (text: String) in Array(features(text)[TextFeatures.names.count...]) }
    #expect(hashed("Hello world") == hashed("hello, WORLD!"))
    #expect(hashed("alpha beta gamma") != hashed("gamma beta alpha"))
    #expect(hashed("") == Array(repeating: 0, count: 16))
    // Fixed for all time: profiles are written down.
    #expect(hashed("hello").firstIndex { $0 != 0 } == hashed("hello").lastIndex { $0 != 0 })
  }

  @Test func `any text gives finite features of one length`() throws {
    let limited = try TextFeatures(buckets: 8, limit: 100)
    let long = String(repeating: "x1 ", count: 100_000)
    let texts = [
      "", "\u{0}", "\r\n", "🏳️‍🌈", String(repeating: "\u{301}", count: 1000), long, "\u{202E}abc", " ", "\n\n\n",
      String(decoding: [0xFF, 0xFE, 0x41], as: UTF8.self),
    ]
    for text in texts {
      #expect(features(text).count == features.dimension)
      #expect(features(text).allSatisfy { $0.isFinite && $0.magnitude < 100 })
      #expect(limited(text).allSatisfy { $0.isFinite && $0.magnitude < 100 })
    }
    #expect(features.groups.count == features.dimension)
    // Sizes are of the whole text even where only its beginning is read.
    #expect(limited(long)[0] == features(long)[0])
    #expect(throws: QualityError.self) { try TextFeatures(buckets: -1) }
    #expect(throws: QualityError.self) { try TextFeatures(buckets: 1_000_000) }
    #expect(throws: QualityError.self) { try TextFeatures(limit: 0) }
  }
}
