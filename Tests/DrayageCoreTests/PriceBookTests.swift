import DrayageTesting
import DrayageCore
import Testing

@Suite("Price book") struct PriceBookTests {
  @Test func aScoreIsTheSumOfWhatEverythingCosts() {
    let zero = PriceBook.Weights()
    let weights = PriceBook.Weights(
      cost: 2, quality: 0.5, miss: 0.25, request: 0.125, inputToken: 0.0625, outputToken: 0.5)
    let book = PriceBook(
      unit: .dollars, offers: ["a/x", "b/y"], workloads: ["u", "v"], weights: [zero, zero, zero, weights],
      shares: [1, 0, 0, 1], tieTolerance: 0)
    let estimate = Estimate(
      cost: Money(nanodollars: 3_000_000_000), ceiling: .largest, quality: 0.5, missProbability: 0.5,
      inputTokens: 16, outputTokens: 4)
    // 2 x 3 - 0.5 x 0.5 + 0.25 x 0.5 + 0.125 + 0.0625 x 16 + 0.5 x 4
    #expect(abs(book.score(estimate, workload: 1, offer: 1) - 9) <= 1e-12)
    for (workload, offer) in [(0, 0), (0, 1), (1, 0)] {
      #expect(book.score(estimate, workload: workload, offer: offer) == 0)
    }
  }

  @Test func whatIsWorseScoresMore() {
    for seed in UInt64(0)..<300 {
      var random = SplitMix64(seed: seed)
      let (book, estimates) = DecidingFixtures.random(using: &random)
      for (offer, estimate) in estimates.enumerated() {
        let score = book.score(estimate, workload: 0, offer: offer)
        let weights = book.weights[offer]
        let steps: [(WritableKeyPath<Estimate, Double>, Double)] = [
          (\.quality, -weights.quality), (\.missProbability, weights.miss),
          (\.inputTokens, weights.inputToken), (\.outputTokens, weights.outputToken),
        ]
        for (part, slope) in steps {
          var other = estimate
          other[keyPath: part] += 1
          let change = book.score(other, workload: 0, offer: offer) - score
          #expect(abs(change - slope) <= 1e-12, "seed \(seed)")
        }
        var dearer = estimate
        dearer.cost += Money(nanodollars: 1_000_000_000)
        let change = book.score(dearer, workload: 0, offer: offer) - score
        #expect(abs(change - weights.cost) <= 1e-12, "seed \(seed)")
      }
    }
  }

  @Test func aWorkloadThePlanDidNotKnowIsPricedAsTheFirst() {
    let book = PriceBook(
      unit: .dollars, offers: [], workloads: ["u", "v"], weights: [], shares: [], tieTolerance: 0)
    #expect(book.position(ofWorkload: "u") == 0)
    #expect(book.position(ofWorkload: "v") == 1)
    #expect(book.position(ofWorkload: "w") == 0)
  }
}
