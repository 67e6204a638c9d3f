import DrayageTesting
import Testing

@testable import Drayage
@testable import DrayageProfiles

/// Entries of the kind `token_correction`.
@Suite struct TokenCorrectionProfileFileTests {
  private static func file(_ correction: TokenCorrection, source: String = "a") throws -> ProfileFile {
    var file = ProfileFile()
    let provenance = try ProfileProvenance(source: source, date: "2026-11-20", count: correction.count)
    try file.put(correction, model: "m", provenance: [provenance])
    return file
  }

  private static func read(_ file: ProfileFile) throws -> ProfileFile {
    try ProfileFile(reading: Array(file.text.utf8), file: "p.json")
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func `a correction comes back exactly, and two merge`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let (a, b) = (
      ProfileFileTests.correction(&random, bills: Int(seed * seed)),
      ProfileFileTests.correction(&random, bills: 5)
    )
    var file = try Self.file(a)
    #expect(try Self.read(file).text == file.text, "seed \(seed)")
    #expect(try Self.read(file).tokenCorrection(model: "m") == a, "seed \(seed)")
    try file.merge(try Self.file(b, source: "b"))
    var both = a
    both.merge(b)
    #expect(file.tokenCorrection(model: "m") == both, "seed \(seed)")
    #expect(try Self.read(file).tokenCorrection(model: "m") == both, "seed \(seed)")
    #expect(file.tokenCorrection(model: "n") == nil)
    #expect(throws: ProfileMismatch.self) { try file.merge(try Self.file(b, source: "a")) }
  }

  @Test(arguments: [(Int.max, 1), (1, Int.max), (1, 1), (Int.max, Int.max)])
  func `absurd bills come back too`(billed: Int, expected: Int) throws {
    var correction = TokenCorrection()
    for _ in 0..<400 {
      correction.observe(
        billed: billed, estimate: TokenEstimate(expected: expected, high: expected, bound: expected))
    }
    #expect(try Self.read(try Self.file(correction)).tokenCorrection(model: "m") == correction)
  }

  @Test func `counts of the provenance are of bills, and more than a file takes is refused`() throws {
    var random = SplitMix64(seed: 5)
    let correction = ProfileFileTests.correction(&random, bills: 3)
    var file = ProfileFile()
    let four = try ProfileProvenance(source: "a", date: "2026-11-20", count: 4)
    #expect(throws: ProfileMismatch.self) { try file.put(correction, model: "m", provenance: [four]) }
    #expect(file.entries.isEmpty)
    let most = try #require(TokenCorrection(values: [1e12, 1, 100, 100, 0, 0, 1]))
    file = try Self.file(most)
    #expect(try Self.read(file).text == file.text)
    let error = #expect(throws: ProfileMismatch.self) {
      try file.merge(try Self.file(correction, source: "b"))
    }
    #expect(error?.description.contains("1000000000003 records") == true)
    #expect(file.tokenCorrection(model: "m") == most)
  }

  @Test func `a correction is told in a line`() throws {
    var correction = TokenCorrection()
    #expect(
      try Self.file(correction).entries.map(\.summary)
        == ["1.0 (mean) 1.4 (p99) billed tokens to one estimated"])
    for _ in 0..<500 {
      correction.observe(billed: 150, estimate: TokenEstimate(expected: 100, high: 110, bound: 120))
    }
    let summary = try #require(try Self.file(correction).entries.first?.summary)
    #expect(summary == "1.46 (mean) 1.89 (p99) billed tokens to one estimated, up to 1.25 times the bound")
  }

  /// A value to a line.
  private static let good = """
    {"format": "drayage-profiles", "version": 1, "profiles": [
    {"kind": "token_correction",
    "key": {"model": "m"},
    "provenance": [{"source": "s", "date": "2026-11-20", "count": 10}],
    "data": {
    "count": 10,
    "weight": 9,
    "billed": 120,
    "estimated": 100,
    "logarithms": 1.6,
    "squares": 0.4,
    "worst_over_bound": 1}}]}
    """

  /// What is replaced, by what, the line, the key of the fault, and words of the message.
  static let faults: [(String, String, Int, String, String)] = [
    ("\"count\": 10,", "\"count\": -1,", 6, "data.count", "'-1'"),
    ("\"count\": 10,", "\"count\": 1e1,", 6, "data.count", "'1e1'"),
    ("\"count\": 10,", "\"count\": 1000000000001,", 6, "data.count", "1000000000001"),
    ("\"count\": 10,", "\"count\": 11,", 4, "provenance", "sum to 10"),
    ("\"count\": 10,", "\"count\": 8,", 7, "data.weight", "1 to 8"),
    ("\"count\": 10,", "\"count\": 0,", 7, "data.weight", "0 to 0"),
    ("9,", "0,", 7, "data.weight", "1 to 10"), ("9,", "-9,", 7, "data.weight", "'-9'"),
    ("9,", "1e300,", 7, "data.weight", "1e300"), ("9,", "\"9\",", 7, "data.weight", "a number"),
    ("120", "-1", 8, "data.billed", "'-1'"), ("120", "1e300", 8, "data.billed", "1e300"),
    ("120", "1700", 8, "data.billed", "1700"), ("120", "6", 8, "data.billed", "'6'"),
    ("100", "0", 9, "data.estimated", "'0'"), ("100", "8", 9, "data.estimated", "'8'"),
    ("100", "1e300", 9, "data.estimated", "1e300"),
    ("1.6", "25", 10, "data.logarithms", "'25'"), ("1.6", "-1e300", 10, "data.logarithms", "-1e300"),
    ("1.6", "3.2", 11, "data.squares", "less than 10 bills"),
    ("0.4", "-0.4", 11, "data.squares", "-0.4"), ("0.4", "70", 11, "data.squares", "'70'"),
    ("_bound\": 1", "_bound\": 0.5", 12, "data.worst_over_bound", "0.5"),
    ("_bound\": 1", "_bound\": 1e9", 12, "data.worst_over_bound", "1e9"),
    ("\"squares\": 0.4,", "", 5, "data", "'squares' is missing"),
    ("\"squares\": 0.4,", "\"square\": 0.4,", 5, "data", "'squares' is missing"),
    ("\"squares\": 0.4,", "\"squares\": 0.4, \"more\": 0,", 11, "data.more", "no such key"),
    ("{\"model\": \"m\"}", "{\"offer\": \"m\"}", 3, "key", "'model' is missing"),
    ("{\"model\": \"m\"}", "{\"model\": \"m\", \"effort\": \"low\"}", 3, "key", "does not belong"),
  ]

  @Test(arguments: faults.indices)
  func `a fault is refused with its file, line and key`(number: Int) throws {
    try ProfileFault(Self.faults[number]).check(in: Self.good)
  }
}
