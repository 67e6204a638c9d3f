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
    for place in 0..<count { #expect(node[named: "key\(place)"]?.integer == place) }
    for place in 0..<count {
      #expect(throws: InputError.self, "key \(place) of \(count)") {
        try parse("{\((keys + [keys[place]]).joined(separator: ","))}")
      }
    }
  }

  /// Texts are passed over eight bytes at a time.
  @Test(arguments: [#"\n"#, #"\""#, #"\\"#, #"\u0041"#, "é", "🚢", "\u{7f}", ""])
  func `a text reads the same wherever what is special stands in it`(special: String) throws {
    let meant = try parse("\"\(special)\"").string ?? ""
    for before in 0..<20 {
      for after in 0..<20 {
        let (head, tail) = (String(repeating: "!", count: before), String(repeating: "~", count: after))
        #expect(
          try parse("\"\(head)\(special)\(tail)\"").string == head + meant + tail, "\(before), \(after)")
        #expect(throws: InputError.self) { try parse("\"\(head)\(special)\(tail)\u{1f}\"") }
        #expect(throws: InputError.self) { try parse("\"\(head)\(special)\(tail)") }
      }
    }
  }

  @Test func `keys are the same by what they mean, however they are written`() throws {
    let node = try parse(#"{"a\u0062":1,"é":2,"e":3}"#)
    #expect(node["ab"]?.integer == 1)
    #expect(node[#"a\u0062"#] == nil)
    #expect(node["é"]?.integer == 2)
    for text in [#"{"ab":1,"a\u0062":2}"#, #"{"\u00e9":1,"é":2}"#, "{\"e\u{301}\":1,\"\u{e9}\":2}"] {
      #expect(throws: InputError.self, "\(text)") { try parse(text) }
    }
  }

  @Test func `a member is found behind whatever stands before it`() throws {
    let values = [
      "1", "\"x\"", #""\n""#, "[]", "{}", "[[1,{\"z\":[]}],2]", #"{"z":{"y":[1,2]},"x":"\t"}"#, "null",
    ]
    for first in values {
      for second in values {
        let text = "\n{\"a\": \(first),\n\"b\": \(second), \"z\": 7}"
        let node = try parse(text)
        #expect(node["z"]?.integer == 7)
        guard case .object(let members) = node.value else {
          Issue.record("no object")
          return
        }
        #expect(members.map(\.key) == ["a", "b", "z"])
        #expect(members.map(\.node.line) == [2, 3, 3])
        let bytes = Array(text.utf8)
        #expect(
          members.map { String(decoding: bytes[$0.node.range], as: UTF8.self) } == [first, second, "7"])
        #expect(try #require(try parse("[\(first),\(second)]").elements).count == 2)
      }
    }
  }

  @Test func `a line counts from the first`() throws {
    let node = try JSONNode.parse(Array("\n{\n\"a\":\n[]}".utf8), file: "test", firstLine: 10)
    #expect(node.line == 11)
    #expect(node["a"]?.line == 13)
    let error = try #require(throws: InputError.self) {
      try JSONNode.parse(Array("\n{\n\"a\":\n]}".utf8), file: "test", firstLine: 10)
    }
    #expect(error.line == 13)
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

  @Test func `what must be escaped is found at every place of a text`() throws {
    for length in 0..<20 {
      for place in 0..<max(1, length) {
        for special in ["\"", "\\", "\n", "\u{0}", "\u{1f}", "\u{7f}", "\u{80}", "é", "🚢", " ", "!"] {
          let text =
            String(repeating: "a", count: place) + special + String(repeating: "~", count: length - place)
          let quoted = JSONText.quoted(text)
          #expect(try parse(quoted).string == text)
          #expect(!quoted.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f })
        }
      }
    }
  }

  @Test(arguments: [
    "0", "-0", "7", "-12", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "-9223372036854775809", "92233720368547758070", "100000000000000000000000", "1.0", "1e2", "-1.5",
  ])
  func `whole numbers are read as far as they can be`(text: String) throws {
    #expect(try parse(text).integer == Int(text))
    #expect(try parse("[\(text)]").elements?.first?.integer == Int(text))
  }
}
