import Drayage
import DrayageCore
import DrayageTesting
import Testing

/// Lists that are cut, spoilt, or made to do harm.
@Suite("Hostile price lists") struct CatalogImportHostileTests {
  typealias Fixtures = CatalogImportFixtures

  @Test(arguments: ImportFormat.allCases)
  func `a list that is cut anywhere is refused with a line`(format: ImportFormat) throws {
    let bytes = try Fixtures.excerpt(format).bytes
    for length in stride(from: 0, to: bytes.count - 3, by: 97) {
      let source = CatalogSource(name: "cut.json", bytes: Array(bytes.prefix(length)))
      let error = #expect(throws: InputError.self, "cut at \(length)") { try Fixtures.run(format, source) }
      #expect(error?.line != nil, "cut at \(length)")
    }
  }

  @Test(arguments: [
    (ImportFormat.litellm, "[]", "an object is expected"), (.litellm, "{}", "there is no entry"),
    (.litellm, "{\"a\": {},\n\"a\": {}}", "there twice"), (.litellm, "{\"a\": NaN}", "a value is expected"),
    (.genaiPrices, "7", "a list is expected"), (.genaiPrices, "{}", "'providers' is missing"),
    (.genaiPrices, "[{\"id\": \"a\"}]", "'models' is missing"),
    (.genaiPrices, "[1]", "an object is expected"),
    (.genaiPrices, "[{\"id\": 1, \"models\": []}]", "in double quotes"),
    (.modelsDev, "[]", "an object is expected"),
    (.modelsDev, "{\"a\": {}}", "'models' is missing"),
    (.modelsDev, "{\"a\": {\"models\": 1}}", "an object is expected"),
  ])
  func `a list of another shape is refused`(format: ImportFormat, text: String, message: String) {
    let error = #expect(throws: InputError.self) { try Fixtures.run(format, text: text) }
    #expect(error?.message.contains(message) == true, "\(error?.description ?? "")")
    #expect(error?.line != nil || error?.code == .empty)
  }

  @Test func `a fault in an entry refuses that entry alone, with its line and key`() throws {
    let sound = #""litellm_provider": "acme", "mode": "chat", "output_cost_per_token": 1e-6"#
    for (value, code, message) in [
      (
        "\"1e-6\"", ImportRefusal.Code.malformed,
        "'a.input_cost_per_token': a number is expected, not a text (line 2)"
      ),
      ("true", .malformed, "a number is expected"), ("[]", .malformed, "a number is expected"),
      ("-1e-6", .absurd, "no price is"), ("1e400", .absurd, "no price is"),
      ("1e999999999999", .absurd, "no price is"),
      ("0.5", .absurd, "see which unit is meant"), ("1e-13", .tooFine, "finer than a millionth"),
      ("3.9999999999999997e-07", .tooFine, "a rounding error"), ("0", .zeroPrice, "free, or not known"),
      ("0e5", .zeroPrice, "free, or not known"), ("null", .noPrice, "unknown is not free"),
    ] {
      let result = try Fixtures.run(
        .litellm,
        text: """
          {"a": {\(sound),
            "input_cost_per_token": \(value)},
           "b": {\(sound), "input_cost_per_token": 1e-6}}
          """)
      guard case .refused(let refusal) = result.entries[0].outcome else {
        Issue.record("\(value) is taken")
        continue
      }
      #expect(refusal.code == code, "\(value): \(refusal)")
      #expect(refusal.message.contains(message), "\(value): \(refusal)")
      #expect(result.entries[1].outcome == .whole)
      #expect(result.additions == ["acme/b"])
    }
  }

  @Test func `names that no offer can have are refused, whatever they hold`() throws {
    for name in ["", String(repeating: "x", count: 300), "a\\u0000b", "a\\u007f", "\\ud83d\\ude00"] {
      let result = try Fixtures.run(
        .litellm,
        text: """
          {"\(name)": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": 1e-6,
            "output_cost_per_token": 1e-6}}
          """)
      let catalog = try Fixtures.written(result)
      #expect(catalog.offers.count == result.additions.count, "\(name)")
      #expect(catalog.offers.count == (name.hasPrefix("\\ud") ? 1 : 0), "\(name)")
    }
  }

  @Test func `a list too large to hold is refused before it is built`() {
    var entries = String(repeating: "{},", count: 500_001)
    entries.removeLast()
    let long = [
      "[" + entries + "]", "[" + String(repeating: "[", count: 500_001),
      String(repeating: " ", count: (16 << 20) + 1),
    ]
    for text in long {
      let error = #expect(throws: InputError.self) { try Fixtures.run(.litellm, text: text) }
      #expect(error?.code == .tooLarge)
    }
    let deep = #"{"a": "# + String(repeating: "[", count: 5_000)
    let error = #expect(throws: InputError.self) { try Fixtures.run(.litellm, text: deep) }
    #expect(error?.message.contains("nest deeper") == true)
    // Brackets and commas in texts are none.
    let text = #"{"a": {"mode": "\#(String(repeating: "[,\\\"", count: 400_000))"}}"#
    #expect(throws: Never.self) { try Fixtures.run(.litellm, text: text) }
  }

  /// Values of the excerpts give way to worse: whatever comes through can be written and read, and every
  /// entry is accounted for.
  @Test(arguments: ImportFormat.allCases)
  func `a list with spoilt values never yields a file that cannot be read`(format: ImportFormat) throws {
    let text = try Fixtures.text(format)
    let worse = [
      "null", "true", "-1", "0", "1e-7", "1e308", "1e-400", "\"\"", "\"x y#@\"", "[]", "{}", "[{}]",
      "[null, 1]",
      "99999999999999999999", "{\"base\": 1, \"tiers\": [{\"start\": 0, \"price\": 2}]}", "\"2026-13-01\"",
      "0.1",
    ]
    for seed in 0..<60 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      var spoilt = ""
      var rest = Substring(text)
      // After a colon stands a value; of numbers, words and texts one in thirty is replaced.
      while let colon = rest.firstRange(of: ": ") {
        spoilt += rest[..<colon.upperBound]
        rest = rest[colon.upperBound...]
        guard Int.random(in: 0..<30, using: &random) == 0, let first = rest.first, first != "{", first != "["
        else {
          continue
        }
        let end =
          rest.dropFirst().firstIndex { first == "\"" ? $0 == "\"" : ",}]\n".contains($0) } ?? rest.endIndex
        rest = first == "\"" ? rest[end...].dropFirst() : rest[end...]
        spoilt += worse.randomElement(using: &random) ?? "null"
      }
      spoilt += rest
      let result: CatalogImport
      do {
        result = try Fixtures.run(format, CatalogSource(name: "spoilt.json", text: spoilt))
      } catch is InputError {
        continue
      }
      let files = result.files(accepting: .everything)
      let errors = CatalogCheck.findings(in: files, today: try UTCInstant("2026-11-21")).filter {
        $0.severity == .error
      }
      #expect(errors == [], "seed \(seed)")
      let through = result.entries.filter { $0.offer != nil }
      let offers = Set(result.additions + result.identical + result.disagreements.map(\.offer))
      #expect(Set(through.compactMap(\.offer)) == offers, "seed \(seed)")
    }
  }
}
