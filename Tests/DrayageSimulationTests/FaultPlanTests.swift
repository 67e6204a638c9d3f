import Testing

@testable import DrayageSimulation

@Suite struct FaultPlanTests {
  @Test func readsTexts() throws {
    let plan = try FaultPlan(parsing: "429=0.02,hang=0.01")
    #expect(plan.probability(of: .tooManyRequests) == 0.02)
    #expect(plan.probability(of: .hang) == 0.01)
    #expect(plan.probability(of: .reset) == 0)
    #expect(try FaultPlan(parsing: "") == FaultPlan())
    let all = try FaultPlan(parsing: "all=0.7,reset=0")
    #expect(abs(all.probability(of: .malformed) - 0.1) < 1e-12)
    #expect(all.probability(of: .reset) == 0)
    for kind in FaultKind.allCases {
      #expect(try FaultPlan(parsing: "\(kind.rawValue)=1").probability(of: kind) == 1)
    }
  }

  @Test(arguments: [
    "429", "429=", "429=x", "429=nan", "429=-0.1", "429=1.1", "all=2", "429=0.6,500=0.6", "418=0.1", "=0.1",
    "a=b=c", "429=0.1=2",
  ])
  func refusesTexts(text: String) {
    let error = #expect(throws: SimulationError.self) { try FaultPlan(parsing: text) }
    #expect(error?.code == .invalidOption)
  }

  @Test(arguments: 0..<20) func happensAsOftenAsPlanned(seed: UInt64) throws {
    let plan = try FaultPlan(parsing: "all=0.35,429=0.1")
    var counts: [FaultKind: Int] = [:]
    let n = 4000
    for index in 0..<n {
      let draw = Draw(seed: seed, queryID: "q\(index / 4)", model: "m", attempt: index % 4)
      if let fault = plan.fault(for: draw) { counts[fault, default: 0] += 1 }
    }
    for kind in FaultKind.allCases {
      let p = plan.probability(of: kind)
      let sigma = (Double(n) * p * (1 - p)).squareRoot()
      #expect(abs(Double(counts[kind, default: 0]) - Double(n) * p) <= 5 * sigma, "seed \(seed), \(kind)")
    }
  }

  @Test func dependsOnEveryPartOfTheDraw() {
    let draws = [
      Draw(seed: 1, queryID: "q", model: "m", attempt: 0),
      Draw(seed: 2, queryID: "q", model: "m", attempt: 0),
      Draw(seed: 1, queryID: "qm", model: "", attempt: 0),
      Draw(seed: 1, queryID: "q", model: "m", attempt: 1),
      Draw(seed: 1, queryID: "", model: "qm", attempt: 0),
    ]
    #expect(Set(draws.map { $0.uniform("fault") }).count == draws.count)
    #expect(draws[0].uniform("fault") != draws[0].uniform("latency"))
  }

  /// The draws are part of what a seed means: a change of them is a change of every recorded run.
  @Test func staysTheSameFromVersionToVersion() {
    var hash = StableHash()
    hash.combine("query")
    hash.combine(7)
    #expect(hash.value == 2_016_827_022_767_787_464)
  }

  @Test(arguments: 0..<10) func latencyHasItsMedianAndSpread(seed: UInt64) {
    let shape = LatencyShape(firstToken: 1, tokensPerSecond: 50, spread: 0.5)
    let seconds = (0..<2001).map {
      shape.seconds(writing: 100, draw: Draw(seed: seed, queryID: "q\($0)", model: "m", attempt: 0))
    }.sorted()
    // Standard errors: of the median about 0.042, of the 90th percentile about 0.11.
    #expect(abs(seconds[1000] - 3) < 0.25, "seed \(seed)")
    #expect(abs(seconds[1800] - 3 * 1.898) < 0.7, "seed \(seed)")
    let steady = LatencyShape(firstToken: 1, tokensPerSecond: 50, spread: 0)
    #expect(steady.seconds(writing: 100, draw: Draw(seed: seed, queryID: "q", model: "m", attempt: 0)) == 3)
  }
}
