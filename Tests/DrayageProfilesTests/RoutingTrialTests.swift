import DrayageProfiles
import DrayageTesting
import Testing

@Suite("Routing trial") struct RoutingTrialTests {
  @Test func `the oracle equals the best mixture found by brute force`() throws {
    for seed in UInt64(1)...30 {
      var random = SplitMix64(seed: seed)
      let (rows, models) = (5, 3)
      let scores = (0..<(rows * models)).map { _ in random.uniform(0...1) }
      let costs = (0..<(rows * models)).map { _ in random.uniform(0.1...2) }
      let trial = try RoutingTrial(scores: scores, costs: costs, models: models)
      // Every assignment; the best mixture of two that meets the budget is the value of the linear program.
      var points: [(cost: Double, score: Double)] = []
      for code in 0..<243 {
        var (rest, cost, score) = (code, 0.0, 0.0)
        for row in 0..<rows {
          cost += costs[row * models + rest % 3] / Double(rows)
          score += scores[row * models + rest % 3] / Double(rows)
          rest /= 3
        }
        points.append((cost, score))
      }
      let (least, most) = (points.map(\.cost).min() ?? 0, points.map(\.cost).max() ?? 0)
      for share in [0.1, 0.3, 0.6, 0.9] {
        let budget = least + share * (most - least)
        var best = 0.0
        for a in points where a.cost <= budget {
          best = max(best, a.score)
          for b in points where b.cost > budget {
            let t = (budget - a.cost) / (b.cost - a.cost)
            best = max(best, a.score + t * (b.score - a.score))
          }
        }
        let outcome = trial.outcome(predictions: scores, budget: budget)
        #expect((outcome.meanScore - best).magnitude < 1e-6, "seed \(seed)")
        #expect(outcome.meanCost <= budget + 1e-9, "seed \(seed)")
      }
    }
  }

  @Test func `equal predictions go to the cheaper model, and small budgets to the cheapest`() throws {
    let trial = try RoutingTrial(scores: [1, 0, 1, .nan], costs: [2, 1, 3, 0], models: 2)
    #expect(trial.outcome(predictions: [0.5, 0.5, 0.5, 0.9], budget: 10).meanCost == 2)
    let poor = trial.outcome(predictions: [0.9, 0.1, 0.9, 0.9], budget: 0.5)
    #expect(poor.meanCost == 2 && poor.meanScore == 0.5)
  }

  @Test func `trials that make no sense are refused`() {
    for (scores, costs, models) in [
      ([0.5], [1.0, 2], 1), ([0.5, .nan], [1, .nan], 2), ([.nan, .nan], [1, 1], 2), ([0.5], [-1], 1),
      ([], [], 1),
      ([2], [1], 1), ([0.5], [1], 0), ([0.5], [.infinity], 1),
    ] as [([Double], [Double], Int)] {
      #expect(throws: QualityError.self) { try RoutingTrial(scores: scores, costs: costs, models: models) }
    }
  }
}
