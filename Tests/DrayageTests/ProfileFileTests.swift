import DrayageTesting
import Testing

@testable import Drayage
@testable import DrayageProfiles

@Suite struct ProfileFileTests {
  typealias Point = PublishedPercentiles.Point

  /// A file with every kind, of drawn records.
  static func sample(seed: UInt64, machine: String = "host-a") throws -> ProfileFile {
    var random = SplitMix64(seed: seed)
    var file = ProfileFile()
    let published = try PublishedLatency(
      try PublishedPercentiles(
        [Point(share: 0.5, value: 0.62), Point(share: 0.9, value: 1.02)], typicalSlope: 0.4),
      source: "status page \"A\"", day: 20_687)
    var latency = LatencyProfile(firstToken: published)
    var lengths = LengthRecords()
    for k in 0..<40 {
      let first = random.heavy(median: 0.5, slope: 0.4)
      let tokens = Int(random.heavy(median: 300, slope: 0.4))
      let day = 20_690 + 20 * random.uniform()
      latency.record(firstToken: first, total: first + 3 * random.uniform(), tokens: max(tokens, 1), day: day)
      lengths.record(tokens: tokens, truncated: k % 7 == 0, day: day)
    }
    let journal = try ProfileProvenance(source: "journal of \(machine)", date: "2026-11-20", count: 40)
    try file.put(latency, offer: "openai/gpt-5#low", provenance: [journal])
    try file.put(
      lengths, model: LengthProfiles.Model("gpt-5", effort: "low"), workload: "support", provenance: [journal]
    )
    let prior = try LengthPrior(try PublishedPercentiles([Point(share: 0.5, value: 300)], typicalSlope: 0.5))
    let page = try ProfileProvenance(source: "https://example.org/lengths", date: "2026-11-01", count: 0)
    try file.put(prior, model: nil, provenance: [page])
    try file.put(try quality(&random), provenance: [journal])
    try file.put(correction(&random, bills: 40), model: "gpt-5", provenance: [journal])
    return file
  }

  /// Scores of two arms on two workloads, one pair of them not seen.
  static func quality(_ random: inout SplitMix64, halfLife: Double = 2_592_000) throws -> QualityProfile {
    var profile = try QualityProfile(halfLife: halfLife)
    for k in 0..<60 {
      let arm = QualityArm(model: "gpt-5", effort: k % 2 == 0 ? "low" : nil)
      try profile.observe(
        random.uniform(), arm: arm, workload: k % 4 == 0 ? "extract" : "support",
        at: 1_795_000_000 + 1_000_000 * random.uniform())
    }
    return profile
  }

  static func correction(_ random: inout SplitMix64, bills: Int) -> TokenCorrection {
    var correction = TokenCorrection()
    for _ in 0..<bills {
      let expected = 1 + Int(5_000 * random.uniform())
      correction.observe(
        billed: 1 + Int(9_000 * random.uniform()),
        estimate: TokenEstimate(expected: expected, high: 2 * expected, bound: 4 * expected))
    }
    return correction
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `what is written reads back the same, and the same profiles make the same bytes`(seed: UInt64) throws {
    let file = try Self.sample(seed: seed)
    let again = try ProfileFile(reading: Array(file.text.utf8), file: "p.json")
    #expect(again.text == file.text, "seed \(seed)")
    let name = "openai/gpt-5#low"
    #expect(again.latency(offer: name) == file.latency(offer: name), "seed \(seed)")
    #expect(try again.lengths() == file.lengths(), "seed \(seed)")
    #expect(again.entries.map(\.provenance) == file.entries.map(\.provenance), "seed \(seed)")
    #expect(again.latency(offer: "openai/gpt-5") == nil)
  }

  @Test func `an empty file is a file`() throws {
    let text = "{\"format\":\"drayage-profiles\",\"version\":1,\"profiles\":[\n]}\n"
    #expect(ProfileFile().text == text)
    #expect(try ProfileFile(reading: Array(text.utf8), file: "p.json").entries.isEmpty)
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `files of two machines merge to the same in either order, and a file with itself to itself`(
    seed: UInt64
  ) throws {
    let (a, b) = (try Self.sample(seed: seed), try Self.sample(seed: seed + 100, machine: "host-b"))
    var (ab, ba, aa) = (a, b, a)
    try ab.merge(b)
    try ba.merge(a)
    try aa.merge(a)
    #expect(aa.text == a.text)
    #expect(ab.entries.count == a.entries.count)
    #expect(ab.entries.map(\.provenance) == ba.entries.map(\.provenance))
    let latency = try #require(ab.latency(offer: "openai/gpt-5#low"))
    #expect(latency.count == 80)
    var expected = try #require(a.latency(offer: "openai/gpt-5#low"))
    try expected.merge(try #require(b.latency(offer: "openai/gpt-5#low")))
    #expect(latency == expected)
    #expect(try ProfileFile(reading: Array(ab.text.utf8), file: "p.json").text == ab.text, "seed \(seed)")
  }

  @Test func `records of one source are not counted twice`() throws {
    var file = try Self.sample(seed: 1)
    let before = file.text
    let other = try Self.sample(seed: 2)
    let error = #expect(throws: ProfileMismatch.self) { try file.merge(other) }
    #expect(error?.description.contains("'journal of host-a'") == true)
    #expect(file.text == before)
  }

  @Test func `kinds that are not known are kept and passed on`() throws {
    let text = """
      {"profiles": [{"kind": "tokens_per_byte",
        "provenance": [{"source": "x", "date": "2026-01-31", "count": 3}],
        "key": {"model": "m"}, "data": {"z": [1.50, {"b": null, "a": "\\u00e9\\n"}], "factor": 1e2}}],
       "version": 1, "format": "drayage-profiles"}
      """
    let file = try ProfileFile(reading: Array(text.utf8), file: "p.json")
    let written = """
      {"format":"drayage-profiles","version":1,"profiles":[
      {"data":{"factor":1e2,"z":[1.50,{"a":"é\\n","b":null}]},"key":{"model":"m"},"kind":"tokens_per_byte",\
      "provenance":[{"count":3,"date":"2026-01-31","source":"x"}]}
      ]}

      """
    #expect(file.text == written)
    #expect(try ProfileFile(reading: Array(written.utf8), file: "p.json").text == written)
    var merged = try Self.sample(seed: 1)
    try merged.merge(file)
    try merged.merge(file)
    #expect(try merged.entries.count == Self.sample(seed: 1).entries.count + 1)
    let changed = try ProfileFile(
      reading: Array(written.replacing("1.50", with: "1.6").utf8), file: "p.json")
    let error = #expect(throws: ProfileMismatch.self) { try merged.merge(changed) }
    #expect(error?.description.contains("not known here") == true)
  }

  /// A kind that the package does not have.
  struct Correction: ProfilePayload {
    static let kind = "correction"
    static let key = (required: ["model"], optional: [String]())
    var factor: Double
    var count: Int

    init(reading data: JSONField) throws(InputError) {
      var fields = try data.fields()
      factor = try fields.require("factor").number(in: 0.1...10)
      count = try fields.require("count").count(atLeast: 0)
      try fields.end()
    }

    var json: String { JSONText.object(["count": "\(count)", "factor": JSONText.number(factor)]) }
    var recordCount: Int? { count }

    mutating func merge(_ other: Correction) throws(ProfileMismatch) {
      factor = (factor * Double(count) + other.factor * Double(other.count)) / Double(count + other.count)
      count += other.count
    }
  }

  @Test func `a new kind is a type in a list`() throws {
    func file(_ factor: String, _ source: String) throws -> ProfileFile {
      let text = """
        {"format":"drayage-profiles","version":1,"profiles":[{"data":{"count":2,"factor":\(factor)},\
        "key":{"model":"m"},"kind":"correction",\
        "provenance":[{"count":2,"date":"2026-01-01","source":"\(source)"}]}]}
        """
      return try ProfileFile(reading: Array(text.utf8), file: "p.json", kinds: [Correction.self])
    }
    var merged = try file("1.5", "a")
    try merged.merge(try file("2.5", "b"))
    let correction = try #require(merged.entries.first?.payload(as: Correction.self))
    #expect(correction.factor == 2 && correction.count == 4)
    #expect(throws: InputError.self) { try file("11", "a") }
  }

  @Test func `what could not be read back cannot be put in`() throws {
    var file = ProfileFile()
    let source = try ProfileProvenance(source: "x", date: "2026-01-01", count: 1)
    #expect(throws: ProfileMismatch.self) { try file.put(LatencyProfile(), offer: "o", provenance: [source]) }
    #expect(throws: ProfileMismatch.self) { try file.put(LatencyProfile(), offer: "o", provenance: []) }
    let none = try ProfileProvenance(source: "x", date: "2026-01-01", count: 0)
    #expect(throws: ProfileMismatch.self) {
      try file.put(LatencyProfile(), offer: "o", provenance: [none, none])
    }
    let many = try (0...1_000).map { try ProfileProvenance(source: "\($0)", date: "2026-01-01", count: 0) }
    #expect(throws: ProfileMismatch.self) { try file.put(LatencyProfile(), offer: "o", provenance: many) }
    var (most, other) = (ProfileFile(), ProfileFile())
    try most.put(LatencyProfile(), offer: "o", provenance: Array(many.dropLast()))
    try other.put(LatencyProfile(), offer: "o", provenance: [none])
    let text = most.text
    #expect(throws: ProfileMismatch.self) { try most.merge(other) }
    #expect(most.text == text)
    for name in ["", "a\u{1b}[2J", String(repeating: "x", count: 201)] {
      #expect(throws: ProfileMismatch.self) {
        try file.put(LatencyProfile(), offer: name, provenance: [none])
      }
    }
    #expect(file.entries.isEmpty)
    for date in ["", "2026-02-29", "2026-13-01", "2026-1-1", "20260101", "2026-00-10", "1969-12-31"] {
      #expect(throws: ProfileMismatch.self) { try ProfileProvenance(source: "x", date: date, count: 0) }
    }
  }
}
