import DrayageTesting
import Testing

@testable import Drayage
@testable import DrayageProfiles

@Suite struct HostileFileTests {
  /// A small file, one value per line, so that a fault's line says which value it was.
  static let good = """
    {
    "format": "drayage-profiles",
    "version": 1,
    "profiles": [
    {"kind": "latency",
    "key": {"offer": "a/b"},
    "provenance": [
    {"source": "s", "date": "2026-11-20",
    "count": 2}],
    "data": {
    "first_token": {"records": {"half_life": 2.5, "latest": 20700.5, "weight": 3,
    "count": 2,
    "buckets": [
    [65472, 1, 1],
    [65536, 2, 4]]}},
    "speed": {"records": {"half_life": 1, "latest": 0, "weight": 0, "count": 0, "buckets": []},
    "published": {"percentiles": [
    [0.5, 60], [0.9, 80]],
    "source": "page", "day": 20000, "weight": 10}}}}]}
    """

  private func fault(_ text: String) -> InputError? {
    do {
      _ = try ProfileFile(reading: Array(text.utf8), file: "p.json")
      return nil
    } catch { return error }
  }

  @Test func `the file that the others are made from is good`() throws {
    #expect(fault(Self.good) == nil)
    let file = try ProfileFile(reading: Array(Self.good.utf8), file: "p.json")
    let profile = try #require(file.latency(offer: "a/b"))
    #expect(profile.count == 2 && profile.firstToken.sketch.weight(day: 20_700) == 3)
  }

  /// What is replaced, by what, the line and the key of the fault, and words of the message.
  static let faults: [(String, String, Int, String?, String)] = [
    ("drayage-profiles", "profiles", 2, "format", "no file of profiles"),
    ("\"version\": 1", "\"version\": 2", 3, "version", "only version 1"),
    ("\"version\": 1", "\"version\": \"1\"", 3, "version", "only version 1"),
    ("\"version\": 1,\n", "\n", 1, nil, "'version' is missing"),
    ("\"version\"", "\"verzion\"", 1, nil, "'version' is missing"),
    ("{\n\"format\"", "{\"more\": 1,\n\"format\"", 1, "more", "no such key"),
    ("\"kind\": \"latency\"", "\"kind\": 7", 5, "profiles[0].kind", "text"),
    ("\"offer\"", "\"ofer\"", 6, "profiles[0].key", "'offer' is missing"),
    (
      "{\"offer\": \"a/b\"}", "{\"offer\": \"a/b\", \"ofer\": \"x\"}", 6, "profiles[0].key", "does not belong"
    ),
    ("{\"offer\": \"a/b\"}", "{}", 6, "profiles[0].key", "1 to 16"),
    ("2026-11-20", "2026-11-31", 8, "profiles[0].provenance[0].date", "no date"),
    ("\"count\": 2}]", "\"count\": 3}]", 7, "profiles[0].provenance", "sum to 3"),
    ("\"count\": 2}]", "\"count\": -2}]", 9, "profiles[0].provenance[0].count", "'-2'"),
    ("\"count\": 2}]", "\"count\": 2.5}]", 9, "profiles[0].provenance[0].count", "'2.5'"),
    ("\"count\": 2,", "\"count\": -1,", 12, "profiles[0].data.first_token.records.count", "'-1'"),
    ("\"count\": 2,", "\"count\": 1,", 13, "profiles[0].data.first_token.records.buckets", "more than 1"),
    ("\"count\": 2,", "\"count\": 1e3,", 12, "profiles[0].data.first_token.records.count", "'1e3'"),
    (
      "\"count\": 2,", "\"count\": 99999999999999999999,", 12, "profiles[0].data.first_token.records.count",
      "999"
    ),
    ("\"count\": 2,", "\"count\": NaN,", 12, nil, "a value is expected"),
    ("\"weight\": 3", "\"weight\": 4", 11, "profiles[0].data.first_token.records.weight", "sum to 3"),
    ("\"weight\": 3", "\"weight\": 1e999", 11, "profiles[0].data.first_token.records.weight", "1e999"),
    ("\"half_life\": 2.5", "\"half_life\": 0", 11, "profiles[0].data.first_token.records.half_life", "'0'"),
    ("20700.5", "-1", 11, "profiles[0].data.first_token.records.latest", "'-1'"),
    ("20700.5", "1e300", 11, "profiles[0].data.first_token.records.latest", "1e300"),
    ("65472, 1, 1", "65472, 1, 1.5", 14, "profiles[0].data.first_token.records.buckets[0][2]", "fit"),
    ("65472, 1, 1", "65472, -1, 1", 14, "profiles[0].data.first_token.records.buckets[0][1]", "'-1'"),
    ("65472, 1, 1", "65472, 1", 14, "profiles[0].data.first_token.records.buckets[0]", "list of three"),
    ("65472, 1, 1", "1, 1, 1", 14, "profiles[0].data.first_token.records.buckets[0][0]", "outside"),
    ("65472, 1, 1", "65536, 1, 2", 15, "profiles[0].data.first_token.records.buckets[1][0]", "ascend"),
    ("[0.5, 60]", "[1.5, 60]", 18, "profiles[0].data.speed.published.percentiles[0][0]", "1.5"),
    ("[0.5, 60]", "[0.5, 90]", 17, "profiles[0].data.speed.published.percentiles", "ascend"),
    ("\"day\": 20000", "\"day\": -1", 19, "profiles[0].data.speed.published.day", "'-1'"),
    ("\"page\"", "\"\"", 19, "profiles[0].data.speed.published.source", "1 to 200"),
  ]

  @Test(arguments: faults.indices)
  func `a fault is refused with its line and key`(number: Int) throws {
    let (old, new, line, key, words) = Self.faults[number]
    try #require(Self.good.contains(old))
    let error = try #require(
      fault(Self.good.replacing(old, with: new, maxReplacements: 1)), "\(old) -> \(new)")
    #expect(error.file == "p.json")
    #expect(error.line == line && error.key == key, "\(old) -> \(new): \(error)")
    #expect(error.message.contains(words), "\(old) -> \(new): \(error)")
  }

  @Test func `a file cut off anywhere is refused`() {
    let bytes = Array(Self.good.utf8)
    for count in 0..<bytes.count {
      #expect(throws: InputError.self, "\(count) bytes") {
        try ProfileFile(reading: Array(bytes[..<count]), file: "p.json")
      }
    }
  }

  @Test(arguments: ["null", "true", "7", "\"x\"", "[]", "{}", "[[]]", "-0.0", "1e308", "[null,null,null]"])
  func `a value of the wrong type anywhere is refused or means nothing else`(value: String) throws {
    // Every value that stands behind a colon, in turn.
    let colons = Self.good.indices.filter { Self.good[$0...].hasPrefix(": ") }
    for colon in colons {
      let start = Self.good.index(colon, offsetBy: 2)
      let node = try JSONNode.parse(Array("[\(Self.good[start...].prefixValue)]".utf8), file: "v")
      guard case .array(let values) = node.value, let original = values.first else { continue }
      let end = Self.good.utf8.index(start, offsetBy: original.range.count)
      let text = Self.good[..<start] + value + Self.good[end...]
      if let file = try? ProfileFile(reading: Array(text.utf8), file: "p.json") {
        #expect(try ProfileFile(reading: Array(file.text.utf8), file: "q.json").text == file.text)
      }
    }
  }

  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func `damaged bytes are refused or read as what reads back the same`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var bytes = Array(try ProfileFileTests.sample(seed: 1).text.utf8)
    for _ in 0...(seed % 3) {
      let place = Int(random.next() % UInt64(bytes.count))
      switch random.next() % 3 {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes.remove(at: place)
      default: bytes.insert(Array("0123456789-.e[]{},\"".utf8)[Int(random.next() % 19)], at: place)
      }
    }
    if let file = try? ProfileFile(reading: bytes, file: "p.json") {
      #expect(
        try ProfileFile(reading: Array(file.text.utf8), file: "q.json").text == file.text, "seed \(seed)")
      // Whatever was read can be asked.
      for entry in file.entries {
        guard let profile = entry.payload(as: LatencyProfile.self) else { continue }
        if let first = profile.firstToken.distribution(day: 20_710).value { #expect(first.mean.isFinite) }
      }
      _ = try? file.lengths().forecast(
        model: LengthProfiles.Model("gpt-5", effort: "low"), workload: "support", day: 20_710)
      if let quality = try? file.quality() {
        for arm in quality.arms {
          let estimate = quality.estimate(arm, workload: "support", at: 1_796_000_000)
          #expect((0...1).contains(estimate.mean) && estimate.variance >= 0, "seed \(seed)")
        }
      }
      if let correction = file.tokenCorrection(model: "gpt-5") {
        #expect(correction.ratio > 0 && correction.upperRatio().isFinite, "seed \(seed)")
      }
    }
  }

  @Test func `a million entries are refused with the limit`() throws {
    let entries = repeatElement("0", count: 1_000_000).joined(separator: ",")
    let text = "{\"format\":\"drayage-profiles\",\"version\":1,\"profiles\":[\(entries)]}"
    let error = try #require(fault(text))
    #expect(error.code == .tooLarge && error.key == "profiles")
    #expect(error.message.contains("1000000") && error.message.contains("at most 100000"))
  }

  @Test func `a profile that is there twice is refused`() throws {
    let source = "{\"source\":\"s\",\"date\":\"2026-01-01\",\"count\":1}"
    let entry = "{\"kind\":\"k\",\"key\":{\"a\":\"b\"},\"data\":1,\"provenance\":[\(source)]}"
    let text = "{\"format\":\"drayage-profiles\",\"version\":1,\"profiles\":[\n\(entry),\n\(entry)]}"
    let error = try #require(fault(text))
    #expect(error.code == .duplicate && error.line == 3 && error.key == "profiles[1]")
  }
}

extension Substring {
  /// The JSON value that the text begins with.
  fileprivate var prefixValue: Substring {
    var depth = 0
    var quoted = false
    for index in indices {
      let character = self[index]
      if character == "\"" { quoted.toggle() }
      if quoted { continue }
      if "[{".contains(character) { depth += 1 }
      if "]}".contains(character) { depth -= 1 }
      if depth < 0 || (depth == 0 && character == ",") { return self[..<index] }
    }
    return self
  }
}
