import DrayageTesting
import LinearOptimization
import MultipleChoice
import Testing

/// What start prices change, and what they must not.
@Suite struct WarmStartTests {
  private func tightened(_ problem: ChoiceProblem, by part: Double) throws -> ChoiceProblem {
    try problem.with(
      objective: problem.objective,
      constraints: problem.constraints.map {
        $0.with(limit: $0.limit * ($0.relation == .atMost ? 1 + part : 1 - part))
      })
  }

  @Test(arguments: 0..<4) func `prices of a similar problem lead to the same optimum`(seed: Int) throws {
    let goal: ChoiceInstances.Goal = seed % 2 == 0 ? .minimizeCost : .maximizeQuality
    let problem = try ChoiceInstances.realistic.problem(
      groups: 200, options: 6, seed: UInt64(seed) + 60, goal: goal)
    let similar = try relaxation(of: tightened(problem, by: 0.003), "seed \(seed)")
    let cold = try relaxation(of: problem, "seed \(seed)")
    let warm = try relaxation(of: problem, options: .init(startPrices: similar.prices), "seed \(seed)")
    #expect(agree(warm.objective, cold.objective, 1e-9), "seed \(seed)")
    ExactnessTests.checkProof(warm, PlainProblem(problem), "seed \(seed)")
    let own = try relaxation(of: problem, options: .init(startPrices: cold.prices), "seed \(seed)")
    #expect(agree(own.objective, cold.objective, 1e-9), "seed \(seed)")
  }

  @Test func `bad prices do no harm`() throws {
    for goal in [ChoiceInstances.Goal.minimizeCost, .maximizeQuality] {
      let problem = try ChoiceInstances.realistic.problem(groups: 80, options: 6, seed: 8, goal: goal)
      let cold = try relaxation(of: problem, "\(goal.rawValue)")
      let k = problem.constraints.count
      let starts: [String: [Double]] = [
        "not a number": Array(repeating: .nan, count: k), "infinite": Array(repeating: .infinity, count: k),
        "none": [], "too few": Array(cold.prices.dropLast()), "too many": cold.prices + [1],
        "wrong sign": cold.prices.map { -$0 }, "huge": Array(repeating: 1e300, count: k),
        "huge and negative": Array(repeating: -1e300, count: k),
        "tiny": cold.prices.map { $0 * 1e-300 }, "hundredfold": cold.prices.map { 100 * $0 },
        "one not a number": cold.prices.enumerated().map { $0 == 3 ? .nan : $1 },
      ]
      for (name, start) in starts.sorted(by: { $0.key < $1.key }) {
        let place: Comment = "\(goal.rawValue), \(name)"
        let warm = try relaxation(of: problem, options: .init(startPrices: start), place)
        #expect(warm.isProven, place)
        #expect(agree(warm.objective, cold.objective, 1e-9), place)
      }
    }
  }

  @Test func `start prices save passes`() throws {
    var (cold, warm) = (0.0, 0.0)
    for seed in 0..<3 {
      let problem = try ChoiceInstances.realistic.problem(groups: 1_200, options: 6, seed: UInt64(seed) + 80)
      let before = try relaxation(of: tightened(problem, by: 0.001), "seed \(seed)")
      cold += try relaxation(of: problem, "seed \(seed)").passes
      warm += try relaxation(of: problem, options: .init(startPrices: before.prices), "seed \(seed)").passes
    }
    #expect(warm < 0.9 * cold, "\(warm) passes from prices of a similar problem, \(cold) from none")
  }

  /// Prices say where a conflict is not.
  @Test func `start prices do not hide a conflict`() throws {
    let solvable = try ChoiceInstances.realistic.problem(groups: 80, options: 6, seed: 8)
    let prices = try relaxation(of: solvable, "solvable").prices
    for seed in UInt64(0)..<3 {
      let problem = try ChoiceInstances.realistic.problem(
        groups: 80, options: 6, seed: seed, goal: .infeasible)
      guard
        case .infeasible(let why) = try ChoiceSolver().relaxation(
          of: problem, options: .init(startPrices: prices))
      else {
        Issue.record("seed \(seed): solved")
        continue
      }
      #expect(PlainProblem(problem).farkasValue(multipliers: why.multipliers) > 0, "seed \(seed)")
    }
  }
}
