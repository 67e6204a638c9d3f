import Drayage
import DrayageCore
import DrayageSimulation
import DrayageTesting
import Testing

@testable import DrayageExecution

/// What a plan leaves of the budget because estimates may be wrong.
struct BatchConfidenceTests {
  private func setup(
    _ confidence: Double, seed: UInt64, share: Double = 0.5, insists: Bool = true
  ) throws -> (setup: BatchSetup, market: BatchMarket) {
    let market = try BatchMarket(seed: seed, keys: .all)
    var options = BatchOptions.testing()
    options.confidence = confidence
    options.insistsOnConfidence = insists
    options.budget = market.budget(share, in: try market.setup(options, baseURL: "http://127.0.0.1:9/v1"))
    return (try market.setup(options, baseURL: "http://127.0.0.1:9/v1"), market)
  }

  /// Of the standard normal distribution (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.1).
  @Test(arguments: [(0.5, 0.0), (0.8413, 0.99982), (0.95, 1.644854), (0.975, 1.959964), (0.99, 2.326348)])
  func `so many standard deviations make a confidence`(confidence: Double, quantile: Double) {
    #expect(abs(SpendingMargin(confidence: confidence).z - quantile) < 1e-5)
  }

  @Test func `the spread is what bills have shown, drawn towards half the estimate`() {
    var exact = CostCorrection()
    #expect(exact.spread == 0.25 && exact.weight == 10)
    for cost in Int64(1)...90 { exact.observe(estimated: 1_000 * cost, billed: 2_000 * cost) }
    // Twice the estimate, always: that is the ratio, not the spread, but for what the prior adds.
    #expect(exact.weight == 100 && exact.spread < 0.03)
    var wild = CostCorrection()
    for cost in Int64(0)..<90 { wild.observe(estimated: 1_000, billed: cost % 2 == 0 ? 0 : 2_000) }
    // One estimate up or down: the variance is the estimate's square.
    #expect(abs(wild.ratio - 1) < 1e-9 && abs(wild.spread - (10 * 0.25 + 90) / 100) < 1e-9)
  }

  @Test func `a plan leaves what its own costs may vary by`() async throws {
    for seed in UInt64(1)...4 {
      let (even, _) = try setup(0.5, seed: seed, share: 0.05)
      let (sure, _) = try setup(0.95, seed: seed, share: 0.05)
      let first = try await BatchRunner.preview(even).plan
      let second = try await BatchRunner.preview(sure).plan
      // By hand: every offer on its own, ten answers' worth of not knowing.
      var variance = 0.0
      for offer in first.table.offers.indices {
        let costs = first.assignment.enumerated().filter { $1 == offer }.map {
          Double(first.table.cost[offer * first.table.requests.count + $0.offset])
        }
        let sum = costs.reduce(0, +)
        variance += 0.25 * (costs.reduce(0) { $0 + $1 * $1 } + sum * sum / 10)
      }
      let budget = Double(sure.options.budget.nanodollars)
      let limit = budget - 1.644854 * variance.squareRoot()
      #expect(second.totals.cost.dollars * 1e9 <= limit + 1_000, "seed \(seed)")
      #expect(second.totals.cost.dollars * 1e9 > 0.9 * limit, "seed \(seed)")
      #expect(second.totals.meanQuality <= first.totals.meanQuality, "seed \(seed)")
    }
  }

  @Test func `a budget that suffices by expectation only is not enough for who wants to be sure`()
    async throws
  {
    let (even, _) = try setup(0.5, seed: 3, share: 0.001)
    #expect(try await BatchRunner.preview(even).plan.requestCount == 60)
    let (sure, _) = try setup(0.99, seed: 3, share: 0.001)
    let error = await #expect(throws: BatchError.self) { try await BatchRunner.preview(sure) }
    guard case .uncertain? = error?.code else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.description.contains("0.99") == true)
    // Who does not insist gets the cheapest plan there is.
    let (relaxed, market) = try setup(0.99, seed: 3, share: 0.001, insists: false)
    let plan = try await BatchRunner.preview(relaxed).plan
    #expect(plan.requestCount == 60)
    #expect(abs(plan.totals.cost.dollars * 1e9 - Double(market.costs.least)) < 1)
  }

  @Test func `as bills come in the margin shrinks`() async throws {
    let folder = try ScratchFolder()
    for seed in UInt64(1)...2 {
      let spent = try await [0.5, 0.95].asyncMap { confidence in
        let (draft, market) = try setup(confidence, seed: seed, share: 0.05)
        let provider = try await market.provider(seed: seed)
        let setup = try market.setup(draft.options, baseURL: provider.baseURL)
        let result = try await runBatch(
          setup, output: folder.path("margin-\(seed)-\(confidence)"), over: directTransport())
        await provider.shutdown()
        #expect(result.progress.answered == 60, "seed \(seed)")
        let first = try await BatchRunner.preview(setup).plan
        return (spent: result.progress.spent.dollars, planned: first.totals.cost.dollars)
      }
      // Costs are exactly as estimated here: what was held back at first is spent in the end, for the most part.
      #expect(spent[1].spent > spent[1].planned, "seed \(seed)")
      #expect(spent[1].spent <= spent[0].spent + 1e-9, "seed \(seed)")
    }
  }
}

extension Array {
  fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await body(element)) }
    return values
  }
}
