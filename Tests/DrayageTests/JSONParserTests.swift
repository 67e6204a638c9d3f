import Testing

@testable import Drayage

struct JSONParserTests {
  private func parse(_ text: String) throws -> JSONNode { try JSONNode.parse(Array(text.utf8), file: "test") }

  @Test(arguments: [
    (#""""#, ""), (#""plain""#, "plain"), (#""Grüße 漢字 🚢""#, "Grüße 漢字 🚢"), (#""\n""#, "\n"),
    (#""before \"quoted\" after""#, "before \"quoted\" after"), (#""\\""#, "\\"), (#""a\u00e9b""#, "aéb"),
    (#""\ud83d\udea2 and 漢""#, "🚢 and 漢"), (#""ends in an escape\t""#, "ends in an escape\t"),
  ])
  func `a text is read with and without escapes`(written: String, meant: String) throws {
    #expect(try parse(written).string == meant)
    #expect(try parse("[\(written), \(written)]").range == 0..<written.utf8.count * 2 + 4)
  }

  @Test(arguments: [
    "\"a", "\"a\\", "\"a\\\"", "\"a\u{1}b\"", "\"\\n\u{1}\"", "\"\\x\"", "\"line\nbreak\"", "\"\\ud83d\"",
  ])
  func `a broken text is refused`(written: String) {
    #expect(throws: InputError.self) { try parse(written) }
  }

  @Test(arguments: [1, 2, 15, 16, 17, 18, 100])
  func `a key that is there twice is refused, however many there are`(count: Int) throws {
    let keys = (0..<count).map { "\"key\($0)\":\($0)" }
    let node = try parse("{\(keys.joined(separator: ","))}")
    for place in 0..<count { #expect(node["key\(place)"]?.integer == place) }
    for place in 0..<count {
      #expect(throws: InputError.self, "key \(place) of \(count)") {
        try parse("{\((keys + [keys[place]]).joined(separator: ","))}")
      }
    }
  }

  @Test func `the words are true, false and null, and nothing like them`() throws {
    guard case .array(let items) = try parse("[true,false,null]").value else {
      Issue.record("no list")
      return
    }
    #expect(items.map(\.range.count) == [4, 5, 4])
    for word in ["tru", "truth", "nul", "fals", "True", "nulll"] {
      #expect(throws: InputError.self, "\(word)") { try parse(word) }
    }
  }

  @Test(arguments: ["", "plain", "a\"b", "\\", "\n", "\u{0}", "\u{7f}", "\u{80}", "é漢🚢", "a\tb\rc\u{1f}"])
  func `what is quoted reads back the same`(text: String) throws {
    #expect(try parse(JSONText.quoted(text)).string == text)
    #expect(!JSONText.quoted(text).unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f })
  }
}
