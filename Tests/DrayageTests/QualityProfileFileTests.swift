import DrayageTesting
import Testing

@testable import Drayage
@testable import DrayageProfiles

/// Entries of the kind `quality`.
@Suite struct QualityProfileFileTests {
  private static func provenance(_ source: String, count: Int = 60) throws -> [ProfileProvenance] {
    [try ProfileProvenance(source: source, date: "2026-11-20", count: count)]
  }

  private static func file(_ profile: QualityProfile, source: String = "a") throws -> ProfileFile {
    var file = ProfileFile()
    try file.put(profile, provenance: provenance(source))
    return file
  }

  private static func read(_ file: ProfileFile) throws -> ProfileFile {
    try ProfileFile(reading: Array(file.text.utf8), file: "p.json")
  }

  /// The most by which two profiles differ in what they believe of the arms and workloads of both.
  private func distance(_ a: QualityProfile, _ b: QualityProfile, at time: Double) -> Double {
    var most = 0.0
    for arm in a.arms + b.arms {
      for workload in a.workloads + b.workloads {
        let (x, y) = (
          a.estimate(arm, workload: workload, at: time), b.estimate(arm, workload: workload, at: time)
        )
        most = max(most, (x.mean - y.mean).magnitude, (x.variance - y.variance).magnitude)
      }
    }
    return most
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `a profile comes back with the same bytes and beliefs`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var profile = try ProfileFileTests.quality(&random, halfLife: seed % 2 == 0 ? 1_000_000 : .infinity)
    profile.refit()
    let file = try Self.file(profile)
    let again = try Self.read(file)
    #expect(again.text == file.text, "seed \(seed)")
    #expect(file.entries.count == 3, "seed \(seed)")
    let back = try #require(try again.quality())
    #expect(back.halfLife == profile.halfLife)
    for time in [1_796_000_000.0, 1_800_000_000] {
      #expect(distance(back, profile, at: time) < 1e-9, "seed \(seed)")
    }
    #expect(try Self.file(back).text == file.text, "seed \(seed)")
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `profiles of two machines merge to what one had seen`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let halfLife = seed % 2 == 0 ? 100_000.0 : .infinity
    let (a, b) = (
      try ProfileFileTests.quality(&random, halfLife: halfLife),
      try ProfileFileTests.quality(&random, halfLife: halfLife)
    )
    var whole = a
    try whole.merge(b)
    whole.refit()
    var (ab, ba) = (try Self.file(a), try Self.file(b, source: "b"))
    let second = ba
    try ba.merge(ab)
    try ab.merge(second)
    for merged in [ab, ba] {
      let profile = try #require(try Self.read(merged).quality())
      #expect(distance(profile, whole, at: 1_796_000_000) < 1e-9, "seed \(seed)")
      #expect(try Self.read(merged).text == merged.text, "seed \(seed)")
    }
  }

  @Test func `evidence fades to the later time before it merges`() throws {
    func entry(_ time: Double, mean: Double, source: String) throws -> ProfileFile {
      var profile = try QualityProfile(halfLife: 100)
      for _ in 0..<8 { try profile.observe(mean, arm: QualityArm(model: "m"), workload: "w", at: time) }
      return try Self.file(profile, source: source)
    }
    var merged = try entry(0, mean: 1, source: "a")
    try merged.merge(try entry(200, mean: 0, source: "b"))
    let evidence = try #require(merged.entries.first?.payload(as: QualityEvidence.self))
    // Eight scores of 1, two half-lives old, beside eight of 0.
    #expect((evidence.scores.weight - 10).magnitude < 1e-9 && evidence.time == 200)
    #expect((evidence.scores.mean - 0.2).magnitude < 1e-12)
  }

  @Test func `how much queries have in common is kept, and keeps beliefs from looking sure`() throws {
    var random = SplitMix64(seed: 7)
    let arms = (0..<8).map { QualityArm(model: "m\($0)") }
    var scores: [Double] = []
    for _ in 0..<80 { scores += Array(repeating: random.uniform() < 0.6 ? 1 : 0, count: arms.count) }
    let table = try ScoreMatrix(
      scores: scores, models: arms.count, workloads: (0..<4).map { "w\($0)" },
      workloadOf: (0..<80).map { $0 % 4 })
    var profile = try QualityProfile()
    try profile.learn(table, arms: arms, at: 1_795_000_000)
    let file = try Self.file(profile)
    let back = try #require(try Self.read(file).quality())
    #expect(back.shrinkage.queryCorrelation == profile.shrinkage.queryCorrelation)
    #expect(back.shrinkage.queryCorrelation > 0.95)
    #expect(distance(back, profile, at: 1_795_000_000) < 1e-9)
    // One that never saw two arms on one query takes the word of the other.
    var merged = try Self.file(try ProfileFileTests.quality(&random, halfLife: .infinity), source: "b")
    try merged.merge(file)
    #expect(try merged.quality()?.shrinkage.queryCorrelation == profile.shrinkage.queryCorrelation)
  }

  @Test func `half-lives that differ neither merge nor make one profile`() throws {
    var random = SplitMix64(seed: 1)
    var file = try Self.file(try ProfileFileTests.quality(&random, halfLife: 1_000))
    let before = file.text
    let other = try Self.file(try ProfileFileTests.quality(&random, halfLife: 2_000), source: "b")
    let error = #expect(throws: ProfileMismatch.self) { try file.merge(other) }
    #expect(error?.description.contains("half-lives of 1000.0 s and 2000.0 s") == true)
    #expect(file.text == before)
    var third = try QualityProfile()
    try third.observe(1, arm: QualityArm(model: "other"), workload: "w")
    try file.merge(try Self.file(third, source: "b"))
    #expect(throws: ProfileMismatch.self) { try file.quality() }
  }

  @Test func `a profile takes the place of all quality, and of nothing else`() throws {
    var random = SplitMix64(seed: 3)
    var file = try ProfileFileTests.sample(seed: 3)
    let others = file.entries.filter { $0.kind != "quality" }.map(\.json)
    var profile = try QualityProfile(halfLife: 50)
    try profile.observe(0.5, arm: QualityArm(model: "new"), workload: "w", at: 10)
    try file.put(profile, provenance: Self.provenance("a"))
    #expect(file.entries.filter { $0.kind != "quality" }.map(\.json) == others)
    #expect(try file.quality()?.arms == [QualityArm(model: "new")])
    try file.put(try QualityProfile(), provenance: Self.provenance("a"))
    #expect(try file.quality() == nil)
    #expect(file.entries.map(\.json) == others)

    let before = file.text
    var broken = try ProfileFileTests.quality(&random)
    try broken.observe(1, arm: QualityArm(model: ""), workload: "w")
    #expect(throws: ProfileMismatch.self) { try file.put(broken, provenance: Self.provenance("a")) }
    var late = try QualityProfile()
    try late.observe(1, arm: QualityArm(model: "m"), workload: "w", at: 1_795_000_000_000)
    let error = #expect(throws: ProfileMismatch.self) {
      try file.put(late, provenance: Self.provenance("a"))
    }
    #expect(error?.description.hasPrefix("m on workload 'w': ") == true)
    var brief = try QualityProfile(halfLife: 1e-9)
    try brief.observe(1, arm: QualityArm(model: "m"), workload: "w")
    #expect(throws: ProfileMismatch.self) { try file.put(brief, provenance: Self.provenance("a")) }
    #expect(file.text == before)
  }

  @Test func `evidence that has all but faded is left out`() throws {
    var profile = try QualityProfile(halfLife: 1)
    let arm = QualityArm(model: "m")
    try profile.observe(0.7, arm: arm, workload: "gone", weight: 1e-19)
    try profile.observe(0.7, arm: arm, workload: "w")
    let file = try Self.file(profile)
    #expect(file.entries.compactMap { $0.key["workload"] } == ["w"])
    #expect(try Self.read(file).text == file.text)
  }

  @Test func `more than a file takes does not merge`() throws {
    let scores = try ScoreEvidence(weight: 6e14, mean: 0.5, squaredDeviations: 0)
    var evidence = try QualityEvidence(scores, at: 0, halfLife: .infinity, queryCorrelation: 0)
    let before = evidence
    #expect(throws: ProfileMismatch.self) { try evidence.merge(before) }
    #expect(evidence == before)
  }

  @Test func `what a file says at its extremes still makes finite beliefs`() throws {
    for weight in ["1e-18", "1", "5e14"] {
      for mean in ["0", "5e-324", "0.5", "1"] {
        for (halfLife, time) in [("null", "-1e12"), ("0.001", "1e12"), ("1e12", "0")] {
          let data = """
            {"half_life_s":\(halfLife),"mean":\(mean),"squared_deviations":0,"time_s":\(time),\
            "weight":\(weight),"query_correlation":1}
            """
          let text = """
            {"format":"drayage-profiles","version":1,"profiles":[{"data":\(data),\
            "key":{"model":"m","workload":"w"},"kind":"quality",\
            "provenance":[{"count":0,"date":"2026-01-01","source":"a"}]}]}
            """
          let file = try ProfileFile(reading: Array(text.utf8), file: "p.json")
          let profile = try #require(try file.quality())
          for workload in ["w", "unseen"] {
            for now in [-1e12, 0, 1e12] {
              let estimate = profile.estimate(QualityArm(model: "m"), workload: workload, at: now)
              #expect((0...1).contains(estimate.mean), "\(data)")
              #expect(estimate.variance > 0 && estimate.variance.isFinite, "\(data)")
            }
          }
          var merged = file
          let other = text.replacing("\"a\"", with: "\"b\"")
            .replacing("\"time_s\":\(time)", with: "\"time_s\":7")
          try merged.merge(try ProfileFile(reading: Array(other.utf8), file: "q.json"))
          #expect(try Self.read(merged).text == merged.text, "\(data)")
        }
      }
    }
  }

  @Test func `evidence is told in a line`() throws {
    var profile = try QualityProfile(halfLife: 1_209_600)
    let arm = QualityArm(model: "m")
    for k in 0..<8 { try profile.observe(k < 7 ? 1 : 0, arm: arm, workload: "w", at: 5) }
    #expect(
      try Self.file(profile).entries.map(\.summary) == ["0.875 (mean), worth 8.0 scores, half-life 14.0 days"]
    )
    var lasting = try QualityProfile()
    try lasting.observe(0.25, arm: arm, workload: "w")
    #expect(
      try Self.file(lasting).entries.map(\.summary) == ["0.25 (mean), worth 1.0 scores, never fades"])
  }

  /// A value to a line.
  private static let good = """
    {"format": "drayage-profiles", "version": 1, "profiles": [
    {"kind": "quality",
    "key": {"model": "m", "workload": "w", "effort": "low"},
    "provenance": [{"source": "s", "date": "2026-11-20", "count": 7}],
    "data": {
    "half_life_s": 86400,
    "mean": 0.8,
    "squared_deviations": 1.5,
    "time_s": 1795000000,
    "query_correlation": 0.25,
    "weight": 10}}]}
    """

  /// What is replaced, by what, the line, the key of the fault, and words of the message.
  static let faults: [(String, String, Int, String, String)] = [
    ("0.8", "1.0000001", 7, "data.mean", "0 to 1"), ("0.8", "-1e-9", 7, "data.mean", "0 to 1"),
    ("0.8", "\"0.8\"", 7, "data.mean", "a number"), ("0.8", "null", 5, "data", "'mean' is missing"),
    ("1.5", "10.5", 8, "data.squared_deviations", "impossible"),
    ("1.5", "1.61", 8, "data.squared_deviations", "impossible"),
    ("1.5", "-1", 8, "data.squared_deviations", "'-1'"),
    ("1.5", "1e300", 8, "data.squared_deviations", "1e300"),
    ("1795000000", "1795000000000", 9, "data.time_s", "1795000000000"),
    ("1795000000", "-1e999", 9, "data.time_s", "1e999"),
    ("0.25", "1.5", 10, "data.query_correlation", "1.5"),
    ("0.25", "-0.5", 10, "data.query_correlation", "-0.5"),
    ("10}}", "0}}", 11, "data.weight", "'0'"), ("10}}", "-3}}", 11, "data.weight", "'-3'"),
    ("10}}", "1e16}}", 11, "data.weight", "1e16"), ("10}}", "[10]}}", 11, "data.weight", "a list"),
    ("86400", "0", 6, "data.half_life_s", "'0'"), ("86400", "1e13", 6, "data.half_life_s", "1e13"),
    ("\"half_life_s\": 86400,", "", 5, "data", "'half_life_s' is missing"),
    ("\"half_life_s\": 86400,", "\"half_life\": 86400,", 5, "data", "'half_life_s' is missing"),
    ("\"time_s\": 1795000000,", "", 5, "data", "'time_s' is missing"),
    ("\"weight\"", "\"more\": 1, \"weight\"", 11, "data.more", "no such key"),
    (", \"workload\": \"w\"", "", 3, "key", "'workload' is missing"),
    ("\"effort\"", "\"offer\"", 3, "key", "does not belong"),
  ]

  @Test(arguments: faults.indices)
  func `a fault is refused with its file, line and key`(number: Int) throws {
    try ProfileFault(Self.faults[number]).check(in: Self.good)
  }
}
