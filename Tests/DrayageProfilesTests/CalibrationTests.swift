import DrayageProfiles
import DrayageTesting
import Testing

@Suite("Calibration and measures") struct CalibrationTests {
  /// Isotonic regression by its max-min formula (Robertson, Wright and Dykstra 1988), O(n^3).
  func isotonic(_ y: [Double]) -> [Double] {
    y.indices.map { i in
      (0...i).map { a in
        (i..<y.count).map { b in y[a...b].reduce(0, +) / Double(b - a + 1) }.min() ?? 0
      }.max() ?? 0
    }
  }

  @Test func `isotonic regression equals brute force`() throws {
    for seed in UInt64(1)...60 {
      var random = SplitMix64(seed: seed)
      let count = Int.random(in: 1...25, using: &random)
      let predictions = (0..<count).map { (Double($0) + 0.5) / Double(count) }
      let scores = predictions.map {
        seed % 2 == 0 ? random.coin($0) : min(1, max(0, $0 + 0.3 * random.bell()))
      }
      let fit = IsotonicCalibration(predictions: predictions, scores: scores)
      let expected = isotonic(scores)
      // Values of the blocks in the order of their knots are the distinct levels of the regression.
      var levels: [Double] = []
      for value in expected where levels.last.map({ value - $0 > 1e-9 }) ?? true { levels.append(value) }
      #expect(fit.values.count == levels.count, "seed \(seed)")
      #expect(zip(fit.values, levels).allSatisfy { ($0 - $1).magnitude < 1e-9 }, "seed \(seed)")
      let curve = stride(from: 0.0, through: 1, by: 0.01).map { fit($0) }
      #expect(zip(curve, curve.dropFirst()).allSatisfy { $0 <= $1 + 1e-12 }, "seed \(seed)")
    }
  }

  @Test func `equal predictions are corrected alike, and small blocks are gathered`() {
    let fit = IsotonicCalibration(predictions: [0.5, 0.5, 0.5, 0.5], scores: [0, 1, 1, 1])
    #expect(fit.knots == [0.5] && fit.values == [0.75])
    var random = SplitMix64(seed: 4)
    let predictions = (0..<500).map { _ in random.uniform(0...1) }
    let scores = predictions.map { random.coin($0) }
    let gathered = IsotonicCalibration(predictions: predictions, scores: scores, leastBlock: 50)
    #expect(gathered.knots.count <= 10)
    #expect(gathered.values.allSatisfy { $0 > 0 && $0 < 1 })
    #expect(IsotonicCalibration(predictions: [], scores: [])(0.3) == 0.3)
    #expect(throws: QualityError.self) { try IsotonicCalibration(knots: [0.2, 0.1], values: [0, 1]) }
    #expect(throws: QualityError.self) { try IsotonicCalibration(knots: [0.1], values: [.nan]) }
  }

  @Test func `Platt's correction undoes a known distortion`() {
    for seed in UInt64(1)...5 {
      var random = SplitMix64(seed: seed)
      let truth = (0..<20_000).map { _ in random.uniform(0.05...0.95) }
      let distorted = truth.map { PlattCalibration(slope: 2, intercept: -0.5)($0) }
      let fit = PlattCalibration(predictions: distorted, scores: truth.map { random.coin($0) })
      #expect((fit.slope - 0.5).magnitude < 0.03 && (fit.intercept - 0.25).magnitude < 0.05, "seed \(seed)")
    }
    let empty = PlattCalibration(predictions: [], scores: [])
    #expect(empty.slope == 1 && empty.intercept == 0)
  }

  @Test func `measures equal brute force`() {
    for seed in UInt64(1)...10 {
      var random = SplitMix64(seed: seed)
      let predictions = (0..<400).map { _ in random.uniform(0...1) } + [0, 1]
      let scores = predictions.map { random.uniform(0...1) < 0.1 ? .nan : random.coin($0 * $0) }
      let result = ForecastScores(predictions: predictions, scores: scores, bins: 10)
      let pairs = zip(predictions, scores).filter { !$0.1.isNaN }
      var error = 0.0
      for bin in 0..<10 {
        let own = pairs.filter { min(9, Int($0.0 * 10)) == bin }
        guard !own.isEmpty else { continue }
        let (p, y) = (
          own.map(\.0).reduce(0, +) / Double(own.count), own.map(\.1).reduce(0, +) / Double(own.count)
        )
        error += Double(own.count) / Double(pairs.count) * (p - y).magnitude
        #expect((result.reliability.bins[bin].meanScore - y).magnitude < 1e-12, "seed \(seed)")
      }
      let brier = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(pairs.count)
      #expect((result.calibrationError - error).magnitude < 1e-12, "seed \(seed)")
      #expect((result.brier - brier).magnitude < 1e-12, "seed \(seed)")
      #expect(result.count == pairs.count, "seed \(seed)")
      #expect(error > 0.05)
    }
    // A certain error costs log(1e6), not infinity.
    #expect((ForecastScores(predictions: [1], scores: [0]).logLoss - 13.8155).magnitude < 1e-3)
    #expect(ForecastScores(predictions: [], scores: []).calibrationError == 0)
  }

  @Test func `credible intervals match known quantiles of Beta distributions`() {
    // Beta(1, 1), Beta(2, 1) and Beta(1, 3), whose quantiles have closed forms; mean and variance as they
    // follow.
    for (a, b, quantile) in [
      (1.0, 1.0, { (p: Double) in p }), (2, 1, { $0.squareRoot() }),
      (1, 2, { 1 - (1 - $0).squareRoot() }),
    ] as [(Double, Double, (Double) -> Double)] {
      let sum = a + b
      let estimate = QualityEstimate(
        mean: a / sum, variance: a * b / (sum * sum * (sum + 1)), observations: sum)
      for level in [0.5, 0.9, 0.99] {
        let range = estimate.interval(level: level)
        #expect((range.lowerBound - quantile((1 - level) / 2)).magnitude < 1e-9)
        #expect((range.upperBound - quantile((1 + level) / 2)).magnitude < 1e-9)
      }
    }
    // Nearly certain, and hardly anything known: still ordered and within 0...1.
    for (mean, variance) in [(1.0, 1e-12), (0, 0), (0.5, 0.25), (0.999, 1), (0.7, 1e-9)] {
      for level in [0.9, 2, -1, .nan] {
        let range = QualityEstimate(mean: mean, variance: variance, observations: 1).interval(level: level)
        #expect(range.lowerBound >= 0 && range.upperBound <= 1)
      }
    }
  }
}
