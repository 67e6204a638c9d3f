import DrayageTesting
import DrayageCore

/// Small books, estimates and offers to decide with.
enum DecidingFixtures {
  /// An estimate of a cost in nano-dollars and a quality.
  static func estimate(cost: Int64, quality: Double = 0, miss: Double = 0) -> Estimate {
    Estimate(
      cost: Money(nanodollars: cost), ceiling: Money(nanodollars: cost), quality: quality,
      missProbability: miss, inputTokens: 0, outputTokens: 0)
  }

  /// A book of one workload in which quality alone counts.
  static func qualityBook(shares: [Double], tieTolerance: Double = 1e-9) -> PriceBook {
    PriceBook(
      unit: .quality, offers: shares.indices.map { "a/o\($0)" }, workloads: ["w"],
      weights: Array(repeating: .init(quality: 1), count: shares.count), shares: shares,
      tieTolerance: tieTolerance)
  }

  /// A book and estimates with random weights of every kind, up to 5 offers and 3 workloads.
  static func random(using random: inout SplitMix64) -> (book: PriceBook, estimates: [Estimate]) {
    let offers = Int.random(in: 1...5, using: &random)
    let workloads = Int.random(in: 1...3, using: &random)
    func part(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &random) }
    let weights = (0..<offers * workloads).map { _ in
      PriceBook.Weights(
        cost: part(0...3), quality: part(0...2), miss: part(0...2), request: part(-1...1),
        inputToken: part(0...1e-3), outputToken: part(0...1e-3))
    }
    let book = PriceBook(
      unit: .dollars, offers: (0..<offers).map { "a/o\($0)" }, workloads: (0..<workloads).map { "w\($0)" },
      weights: weights, shares: Array(repeating: 0, count: weights.count), tieTolerance: 1e-9)
    let estimates = (0..<offers).map { _ in
      Estimate(
        cost: Money(nanodollars: Int64.random(in: 0...1_000_000_000, using: &random)), ceiling: .largest,
        quality: part(0...1), missProbability: part(0...1), inputTokens: part(0...2_000),
        outputTokens: part(0...2_000))
    }
    return (book, estimates)
  }
}
