import DrayageTesting
import DrayageCore
import Testing

@Suite("Decision rule") struct DecisionRuleTests {
  /// The positions of the offers, best first.
  private func order(_ rule: DecisionRule, _ estimates: [Estimate], workload: Int = 0) -> [Int] {
    rule.rank(workload: workload, estimates: estimates.enumerated().map { ($0, $1) }).map(\.offer)
  }

  /// Serves `count` requests, all alike, and tells how many went to each offer.
  private func serve(_ count: Int, _ rule: inout DecisionRule, _ estimates: [Estimate]) throws -> [Int] {
    for _ in 0..<count {
      let best = try #require(order(rule, estimates).first)
      rule.serve(workload: 0, offer: best)
    }
    return rule.served
  }

  @Test func theLowestScoreWins() {
    let rule = DecisionRule(book: DecidingFixtures.qualityBook(shares: [1, 0, 0]))
    let qualities = [0.25, 0.75, 0.5]
    let estimates = qualities.map { DecidingFixtures.estimate(cost: 1, quality: $0) }
    #expect(order(rule, estimates) == [1, 2, 0])
    #expect(order(rule, []) == [])
  }

  @Test func theLowestScoreWinsWhateverTheWeights() {
    for seed in UInt64(0)..<300 {
      var random = SplitMix64(seed: seed)
      let (book, estimates) = DecidingFixtures.random(using: &random)
      let workload = Int.random(in: book.workloads.indices, using: &random)
      let given = Array(estimates.enumerated()).shuffled(using: &random).map { (offer: $0, estimate: $1) }
      let ranking = DecisionRule(book: book).rank(workload: workload, estimates: given)
      #expect(ranking.map(\.offer).sorted() == Array(estimates.indices), "seed \(seed)")
      for candidate in ranking {
        let estimate = estimates[candidate.offer]
        #expect(candidate.estimate == estimate, "seed \(seed)")
        #expect(
          candidate.score == book.score(estimate, workload: workload, offer: candidate.offer), "seed \(seed)")
      }
      let ascends = zip(ranking, ranking.dropFirst()).allSatisfy { $0.score <= $1.score + book.tieTolerance }
      #expect(ascends, "seed \(seed)")
    }
  }

  @Test func onlyScoresWithinTheToleranceOfTheBestTie() {
    let rule = DecisionRule(book: DecidingFixtures.qualityBook(shares: [0, 0.4, 0.6], tieTolerance: 0.25))
    // The second ties with the best; the third is as near to the second, and ties with nothing.
    let estimates = [1, 0.75, 0.5].map { DecidingFixtures.estimate(cost: 1, quality: $0) }
    #expect(order(rule, estimates) == [1, 0, 2])
    let strict = DecisionRule(book: DecidingFixtures.qualityBook(shares: [0, 0.4, 0.6], tieTolerance: 0))
    #expect(order(strict, estimates) == [0, 1, 2])
  }

  @Test(
    arguments: [
      [1], [0.5, 0.5], [0.9, 0.1], [0.999, 0.001], [0.5, 0.3, 0.2], [0.25, 0.25, 0.25, 0.25], [0.7, 0, 0.3],
    ] as [[Double]])
  func tiesMeetTheirShares(shares: [Double]) throws {
    var rule = DecisionRule(book: DecidingFixtures.qualityBook(shares: shares))
    let estimates = shares.indices.map { DecidingFixtures.estimate(cost: Int64($0), quality: 0.5) }
    for total in 1...1_000 {
      let served = try serve(1, &rule, estimates)
      let furthest = zip(served, shares).map { abs(Double($0) - $1 * Double(total)) }.max() ?? 0
      try #require(furthest <= 1, "after \(total) requests: \(served)")
    }
  }

  @Test func tiesMeetRandomShares() throws {
    for seed in UInt64(0)..<200 {
      var random = SplitMix64(seed: seed)
      let raw = (0..<Int.random(in: 2...4, using: &random)).map { _ in
        Double.random(in: 0...1, using: &random)
      }
      let shares = raw.map { $0 / raw.reduce(0, +) }
      var rule = DecisionRule(book: DecidingFixtures.qualityBook(shares: shares))
      let served = try serve(1_000, &rule, shares.map { _ in DecidingFixtures.estimate(cost: 1) })
      let furthest = zip(served, shares).map { abs(Double($0) - $1 * 1_000) }.max() ?? 0
      #expect(furthest <= 1, "seed \(seed): \(served) of \(shares)")
    }
  }

  @Test func sharesAreKeptPerWorkload() {
    let book = PriceBook(
      unit: .quality, offers: ["a/x", "b/y"], workloads: ["u", "v"],
      weights: Array(repeating: .init(quality: 1), count: 4), shares: [0.75, 0.25, 0.1, 0.9],
      tieTolerance: 1e-9)
    var rule = DecisionRule(book: book)
    let estimates = [DecidingFixtures.estimate(cost: 1), DecidingFixtures.estimate(cost: 1)]
    // Two requests of the second workload for every one of the first.
    for i in 0..<1_200 {
      let workload = i % 3 == 0 ? 0 : 1
      rule.serve(workload: workload, offer: order(rule, estimates, workload: workload)[0])
    }
    #expect(rule.served == [300, 100, 80, 720])
  }

  @Test func whatIsServedForOtherReasonsCountsTowardsTheShare() throws {
    var rule = DecisionRule(book: DecidingFixtures.qualityBook(shares: [0.5, 0.5]))
    let better = [0.9, 0.1].map { DecidingFixtures.estimate(cost: 1, quality: $0) }
    #expect(try serve(10, &rule, better) == [10, 0])
    let alike = [0.5, 0.5].map { DecidingFixtures.estimate(cost: 1, quality: $0) }
    #expect(try serve(10, &rule, alike) == [10, 10])
  }

  @Test func atPriceZeroTiesWithoutSharesGoToTheCheaper() throws {
    for costs in [[5, 3, 9], [9, 5, 3], [3, 5, 9]] as [[Int64]] {
      var rule = DecisionRule(book: DecidingFixtures.qualityBook(shares: [0, 0, 0]))
      let estimates = costs.map { DecidingFixtures.estimate(cost: $0, quality: 0.5) }
      let served = try serve(1_000, &rule, estimates)
      // Not in turn: the cheapest gets every one.
      #expect(served == costs.map { $0 == 3 ? 1_000 : 0 })
      #expect(order(rule, estimates).map { costs[$0] } == [3, 5, 9])
    }
  }

  @Test func tiesOfEqualShareGoToTheCheaperThenToTheFirst() {
    let rule = DecisionRule(book: DecidingFixtures.qualityBook(shares: [0.25, 0.25, 0.25, 0.25]))
    let estimates = [7, 5, 5, 6].map { DecidingFixtures.estimate(cost: $0, quality: 0.5) }
    #expect(order(rule, estimates) == [1, 2, 3, 0])
  }

  @Test func anOfferWithoutAShareIsTheLastOfATie() throws {
    // The third, which carries the rest of the plan, cannot serve these requests.
    var rule = DecisionRule(book: DecidingFixtures.qualityBook(shares: [0.2, 0, 0.8]))
    let estimates = [DecidingFixtures.estimate(cost: 9), DecidingFixtures.estimate(cost: 1)]
    #expect(try serve(100, &rule, estimates) == [100, 0, 0])
    #expect(order(rule, estimates) == [0, 1])
  }
}
