import DrayageTesting
import DrayageCore
import Testing

@Suite("Explanation") struct ExplanationTests {
  @Test func linesSumToTheScores() {
    for seed in UInt64(0)..<500 {
      var random = SplitMix64(seed: seed)
      let (book, estimates) = DecidingFixtures.random(using: &random)
      let workload = Int.random(in: book.workloads.indices, using: &random)
      let ranking = DecisionRule(book: book).rank(
        workload: workload, estimates: estimates.enumerated().map { ($0, $1) })
      let explanation = Explanation(ranking, workload: workload, book: book)
      #expect(explanation.lines.map(\.offer) == ranking.map { book.offers[$0.offer] }, "seed \(seed)")
      for (line, candidate) in zip(explanation.lines, ranking) {
        let parts = [line.tariff, line.capacity, line.deadline, line.quality]
        #expect(abs(line.total - candidate.score) <= 1e-12, "seed \(seed)")
        #expect(abs(parts.reduce(0, +) - candidate.score) <= 1e-12, "seed \(seed)")
        #expect(line.quality <= 0 && line.tariff >= 0 && line.deadline >= 0, "seed \(seed)")
      }
    }
  }

  @Test func eachPartIsOnItsOwnLine() throws {
    let weights = PriceBook.Weights(
      cost: 2, quality: 0.5, miss: 0.25, request: 0.125, inputToken: 0.0625, outputToken: 0.5)
    let book = PriceBook(
      unit: .quality, offers: ["a/x", "b/y"], workloads: ["u", "v"],
      weights: [.init(), .init(), .init(), weights], shares: [1, 0, 0, 1], tieTolerance: 0)
    let estimate = Estimate(
      cost: Money(nanodollars: 500_000_000), ceiling: .largest, quality: 0.5, missProbability: 0.5,
      inputTokens: 16, outputTokens: 4)
    let ranking = DecisionRule(book: book).rank(workload: 1, estimates: [(1, estimate)])
    let refusal = Explanation.Refusal(offer: "a/x", rejection: .lacks(.tools))
    let explanation = Explanation(ranking, workload: 1, book: book, refusals: [refusal])
    let line = try #require(explanation.lines.first)
    #expect(explanation.lines.count == 1)
    #expect(line.offer == "b/y")
    #expect(line.tariff == 1)
    #expect(line.capacity == 3.125)
    #expect(line.deadline == 0.125)
    #expect(line.quality == -0.25)
    #expect(explanation.unit == .quality)
    #expect(explanation.refusals == [refusal])
  }
}
