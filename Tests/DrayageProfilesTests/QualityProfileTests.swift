import DrayageProfiles
import DrayageTesting
import Testing

@Suite("Quality profile") struct QualityProfileTests {
  let arms = (0..<8).map { QualityArm(model: "m\($0)", effort: $0 % 2 == 0 ? "high" : nil) }

  @Test func `shrunken means are nearer to the truth than raw ones where scores are few`() throws {
    var (shrunken, raw, inside, cells) = (0.0, 0.0, 0.0, 0.0)
    for seed in UInt64(1)...20 {
      var random = SplitMix64(seed: seed)
      let abilities = arms.map { _ in 0.6 + 0.12 * random.bell() }
      let eases = (0..<12).map { _ in 0.12 * random.bell() }
      var profile = try QualityProfile()
      var truths: [(QualityArm, String, Double, Double)] = []
      for (arm, ability) in zip(arms, abilities) {
        for (w, ease) in eases.enumerated() {
          let truth = min(max(ability + ease + 0.05 * random.bell(), 0.02), 0.98)
          var sum = 0.0
          for _ in 0..<6 {
            let score = random.coin(truth)
            sum += score
            try profile.observe(score, arm: arm, workload: "w\(w)")
          }
          truths.append((arm, "w\(w)", truth, sum / 6))
        }
      }
      profile.refit()
      var own = 0.0
      var theirs = 0.0
      for (arm, workload, truth, mean) in truths {
        let estimate = profile.estimate(arm, workload: workload)
        own += (estimate.mean - truth) * (estimate.mean - truth)
        theirs += (mean - truth) * (mean - truth)
        inside += estimate.interval(level: 0.9).contains(truth) ? 1 : 0
        cells += 1
      }
      #expect(own < 0.5 * theirs, "seed \(seed): \(own) against \(theirs)")
      shrunken += own
      raw += theirs
    }
    #expect(shrunken < 0.25 * raw)
    #expect((0.84...0.96).contains(inside / cells), "\(inside / cells) of the truths lie in 90 % intervals")
  }

  @Test func `many scores outweigh what the arm does elsewhere`() throws {
    var random = SplitMix64(seed: 3)
    var profile = try QualityProfile()
    for w in 0..<6 {
      for _ in 0..<3000 {
        try profile.observe(random.coin(w == 0 ? 0.2 : 0.9), arm: arms[0], workload: "w\(w)")
      }
    }
    profile.refit()
    let estimate = profile.estimate(arms[0], workload: "w0")
    #expect((estimate.mean - 0.2).magnitude < 0.03)
    #expect(estimate.standardError < 0.01)
    // A workload not seen before may be like any of these.
    let other = profile.estimate(arms[0], workload: "unseen")
    #expect(other.mean > 0.5 && other.standardError > 0.1)
  }

  @Test func `evidence fades with its half-life and comes in any order`() throws {
    var profile = try QualityProfile(halfLife: 100)
    for i in 0..<200 { try profile.observe(i % 2 == 0 ? 1 : 0.8, arm: arms[0], workload: "w", at: 0) }
    for i in 0..<200 { try profile.observe(i % 2 == 0 ? 0.3 : 0.1, arm: arms[1], workload: "w", at: 0) }
    profile.refit()
    let fresh = profile.estimate(arms[0], workload: "w", at: 0)
    let later = profile.estimate(arms[0], workload: "w", at: 200)
    let gone = profile.estimate(arms[0], workload: "w", at: 1e6)
    let prior = fresh.observations - 200
    #expect((later.observations - prior - 50).magnitude < 1e-6)
    #expect((gone.observations - prior).magnitude < 1e-6)
    #expect(fresh.variance < later.variance && later.variance < gone.variance)

    var early = profile
    try early.observe(1, arm: arms[0], workload: "w", at: 50)
    let reached = early.estimate(arms[0], workload: "w", at: 50)
    try early.observe(1, arm: arms[0], workload: "w", at: 10)
    #expect(early.estimate(arms[0], workload: "w", at: 50).observations == reached.observations + 1)
  }

  @Test func `means stay within 0 and 1 where older evidence has faded to almost nothing`() throws {
    for seed in UInt64(1)...5 {
      var random = SplitMix64(seed: seed)
      var outside = 0
      for _ in 0..<20_000 {
        var evidence = try ScoreEvidence(
          weight: 4e-17 * random.uniform(0.1...10), mean: random.uniform(0...1), squaredDeviations: 0)
        evidence.merge(
          try ScoreEvidence(
            weight: random.uniform(0.1...3), mean: random.coin(0.5), squaredDeviations: 0))
        if !(0...1).contains(evidence.mean) { outside += 1 }
      }
      #expect(outside == 0, "seed \(seed)")
    }
  }

  @Test func `merging equals seeing everything in one place`() throws {
    for seed in UInt64(1)...10 {
      var random = SplitMix64(seed: seed)
      var whole = try QualityProfile(halfLife: 50)
      var parts = [try QualityProfile(halfLife: 50), try QualityProfile(halfLife: 50)]
      for time in 0..<300 {
        let (arm, workload) = (
          arms.randomElement(using: &random)!, "w\(Int.random(in: 0..<4, using: &random))"
        )
        let score = random.uniform(0...1)
        try whole.observe(score, arm: arm, workload: workload, at: Double(time))
        try parts[time % 2].observe(score, arm: arm, workload: workload, at: Double(time))
      }
      whole.refit()
      try parts[0].merge(parts[1])
      parts[0].refit()
      for arm in arms {
        for w in 0..<4 {
          let (a, b) = (
            whole.estimate(arm, workload: "w\(w)", at: 300),
            parts[0].estimate(arm, workload: "w\(w)", at: 300)
          )
          #expect((a.mean - b.mean).magnitude < 1e-6, "seed \(seed)")
          #expect((a.variance - b.variance).magnitude < 1e-6, "seed \(seed)")
        }
      }
    }
  }

  @Test func `a profile survives being written down`() throws {
    var profile = try QualityProfile(halfLife: 1000)
    let table = try SyntheticResponses(seed: 5, rows: 300, models: 8).matrix
    try profile.learn(table, arms: arms, at: 20)
    try profile.observe(0.5, arm: QualityArm(model: "late"), workload: "new", at: 30)
    let copy = try QualityProfile(profile.record)
    #expect(copy == profile)
    var broken = profile.record
    broken.cells[0].arm = 99
    #expect(throws: QualityError.self) { try QualityProfile(broken) }
    broken = profile.record
    broken.workloads.append(broken.workloads[0])
    #expect(throws: QualityError.self) { try QualityProfile(broken) }
  }

  @Test func `the same queries answered by many arms do not count many times`() throws {
    // Every arm is right on the same queries, so one workload's ease is known no better than by one arm.
    var random = SplitMix64(seed: 9)
    var same: [Double] = []
    var apart: [Double] = []
    var workloadOf: [Int] = []
    for row in 0..<80 {
      let score = random.coin(0.6)
      same += Array(repeating: score, count: 8)
      apart += (0..<8).map { _ in random.coin(0.6) }
      workloadOf.append(row % 4)
    }
    let names = (0..<4).map { "w\($0)" }
    var (dependent, independent) = (try QualityProfile(), try QualityProfile())
    try dependent.learn(
      ScoreMatrix(scores: same, models: 8, workloads: names, workloadOf: workloadOf), arms: arms)
    try independent.learn(
      ScoreMatrix(scores: apart, models: 8, workloads: names, workloadOf: workloadOf), arms: arms)
    #expect(dependent.shrinkage.queryCorrelation > 0.95)
    #expect(independent.shrinkage.queryCorrelation < 0.1)
    #expect(dependent.shrinkage.eases[0].variance > independent.shrinkage.eases[0].variance)
  }

  @Test(arguments: [Double.nan, -0.1, 1.1, .infinity]) func `an impossible score changes nothing`(
    score: Double
  ) throws {
    var profile = try QualityProfile()
    let before = profile
    #expect(throws: QualityError.self) { try profile.observe(score, arm: arms[0], workload: "w") }
    #expect(throws: QualityError.self) {
      try profile.observe(0.5, arm: arms[0], workload: "w", weight: score - 2)
    }
    #expect(profile == before)
    #expect(throws: QualityError.self) { try QualityProfile(halfLife: -1) }
    #expect(throws: QualityError.self) { try QualityProfile(halfLife: .nan) }
  }

  @Test func `intervals hold where all arms fail on the same queries`() throws {
    var (inside, cells) = (0.0, 0.0)
    for seed in UInt64(1)...40 {
      var random = SplitMix64(seed: seed)
      let truths = (0..<6).map { _ in min(max(0.6 + 0.15 * random.bell(), 0.05), 0.95) }
      var scores: [Double] = []
      var workloadOf: [Int] = []
      for row in 0..<60 {
        let score = random.coin(truths[row % 6])
        scores += Array(repeating: score, count: 8)
        workloadOf.append(row % 6)
      }
      var profile = try QualityProfile()
      try profile.learn(
        ScoreMatrix(scores: scores, models: 8, workloads: (0..<6).map { "w\($0)" }, workloadOf: workloadOf),
        arms: arms)
      for (w, truth) in truths.enumerated() {
        inside += profile.estimate(arms[0], workload: "w\(w)").interval(level: 0.9).contains(truth) ? 1 : 0
        cells += 1
      }
    }
    // Six workloads say little of how workloads differ; taken for independent, the arms would make it below
    // 0.5.
    #expect((0.7...0.99).contains(inside / cells), "\(inside / cells) of the truths lie in 90 % intervals")
  }

  @Test func `names from outside cannot fill the memory`() throws {
    var profile = try QualityProfile()
    for arm in 0..<1000 { try profile.observe(1, arm: QualityArm(model: "\(arm)"), workload: "w") }
    var accepted = 1
    while accepted < 2000,
      (try? profile.observe(1, arm: QualityArm(model: "0"), workload: "\(accepted)")) != nil
    {
      accepted += 1
    }
    #expect(accepted == QualityProfile.mostCells / 1000)
    #expect(profile.workloads.count == accepted)
  }

  @Test func `equal scores leave doubt, and nothing seen leaves the most`() throws {
    var profile = try QualityProfile()
    let nothing = profile.estimate(arms[0], workload: "w")
    #expect(nothing.mean == 0.5 && nothing.standardError > 0.2)
    for _ in 0..<5 { try profile.observe(1, arm: arms[0], workload: "w") }
    profile.refit()
    let estimate = profile.estimate(arms[0], workload: "w")
    #expect(estimate.mean > 0.9 && estimate.mean <= 1)
    let range = estimate.interval()
    #expect(range.lowerBound < 0.97 && range.lowerBound >= 0 && range.upperBound <= 1)
  }
}
