import DrayageProfiles
import Testing

@Suite("Item-response predictor") struct ItemResponseTests {
  /// A few ridges keep the tests fast.
  static let training = {
    var training = ItemResponseTraining()
    training.ridges = [1000.0, 30].flatMap { shared in
      [Ridge.rigid, 300, 10].map { Ridge(shared: shared, deviations: $0) }
    }
    return training
  }()

  @Test(arguments: UInt64(1)...4) func `known probabilities are recovered`(seed: UInt64) throws {
    let data = try SyntheticResponses(seed: seed, rows: 3000, missing: 0.2)
    let (history, test) = (Array(0..<2000), Array(2000..<3000))
    let result = try Self.training.fit(data.matrix, rows: history)
    let (scores, errors) = result.predictor.predictions(data.matrix, rows: test)
    let truth = Array(data.truth[(2000 * 6)...])
    var error = 0.0
    var inside = 0.0
    for i in truth.indices {
      error += (scores[i] - truth[i]) * (scores[i] - truth[i])
      inside += (scores[i] - truth[i]).magnitude <= 1.96 * errors[i] ? 1 : 0
    }
    #expect((error / Double(truth.count)).squareRoot() < 0.04, "seed \(seed)")
    // Truths lie within their intervals about as often as stated.
    #expect(
      (0.88...0.995).contains(inside / Double(truth.count)), "seed \(seed): \(inside / Double(truth.count))")
    #expect(result.logLoss < result.meansLogLoss - 0.02, "seed \(seed)")
    let quality = ForecastScores(predictions: scores, scores: truth)
    #expect(quality.calibrationError < 0.03, "seed \(seed)")
  }

  @Test(arguments: UInt64(1)...6) func `features without meaning do no harm`(seed: UInt64) throws {
    let data = try SyntheticResponses(seed: seed, rows: 600, shared: 0, own: 0)
    let (history, test) = (Array(0..<300), Array(300..<600))
    let fitted = try Self.training.fit(data.matrix, rows: history).predictor
    var plain = Self.training
    plain.ridges = []
    plain.calibrates = false
    let means = try plain.fit(data.matrix, rows: history).predictor
    let scores = Array(data.matrix.scores[(300 * 6)...])
    let with = fitted.scores(data.matrix, rows: test)
    let without = means.scores(data.matrix, rows: test)
    let gain =
      ForecastScores(predictions: without, scores: scores).logLoss
      - ForecastScores(predictions: with, scores: scores).logLoss
    #expect(gain > -0.005, "seed \(seed): \(gain)")
  }

  @Test func `each model's mean prediction on a workload is its shrunken mean`() throws {
    let data = try SyntheticResponses(seed: 8, rows: 900)
    var training = Self.training
    training.calibrates = false
    let predictor = try training.fit(data.matrix).predictor
    var profile = try QualityProfile()
    let arms = (0..<6).map { QualityArm(model: "\($0)") }
    try profile.learn(data.matrix, arms: arms)
    for workload in 0..<3 {
      let rows = data.matrix.workloadOf.indices.filter { data.matrix.workloadOf[$0] == workload }
      let predictions = predictor.scores(data.matrix, rows: rows)
      for model in 0..<6 {
        let mean = stride(from: model, to: predictions.count, by: 6).reduce(0) { $0 + predictions[$1] }
        let expected = profile.estimate(arms[model], workload: "w\(workload)").mean
        #expect((mean / Double(rows.count) - expected).magnitude < 2e-3)
      }
    }
  }

  @Test func `fits do not depend on how features are turned`() throws {
    // Turning two coordinates that share a scale changes no prediction.
    let data = try SyntheticResponses(seed: 12, rows: 500, dimension: 2)
    var turned = data.matrix.features
    for row in 0..<500 {
      let (x, y) = (turned[2 * row], turned[2 * row + 1])
      (turned[2 * row], turned[2 * row + 1]) = (0.6 * x - 0.8 * y, 0.8 * x + 0.6 * y)
    }
    let other = try ScoreMatrix(
      scores: data.matrix.scores, models: 6, workloads: data.matrix.workloads,
      workloadOf: data.matrix.workloadOf, features: turned, dimension: 2)
    var training = Self.training
    training.featureGroups = [0, 0]
    let rows = Array(0..<500)
    let a = try training.fit(data.matrix).predictor.scores(data.matrix, rows: rows)
    let b = try training.fit(other).predictor.scores(other, rows: rows)
    #expect(zip(a, b).allSatisfy { ($0 - $1).magnitude < 2e-3 })
  }

  @Test func `only the rows named are looked at`() throws {
    let data = try SyntheticResponses(seed: 21, rows: 400)
    var scores = data.matrix.scores
    for cell in (200 * 6)..<scores.count { scores[cell] = 1 - scores[cell] }
    let other = try ScoreMatrix(
      scores: scores, models: 6, workloads: data.matrix.workloads, workloadOf: data.matrix.workloadOf,
      features: data.matrix.features, dimension: 5)
    let rows = Array(0..<200)
    #expect(
      try Self.training.fit(data.matrix, rows: rows).predictor
        == Self.training.fit(other, rows: rows).predictor)
  }

  @Test func `a predictor survives being written down, and damage is refused`() throws {
    let data = try SyntheticResponses(seed: 2, rows: 400)
    let predictor = try Self.training.fit(data.matrix).predictor
    let record = predictor.record
    #expect(try ItemResponsePredictor(record) == predictor)
    var broken = record
    broken.slopes.removeLast()
    #expect(throws: QualityError.self) { try ItemResponsePredictor(broken) }
    broken = record
    broken.intercepts[0] = .nan
    #expect(throws: QualityError.self) { try ItemResponsePredictor(broken) }
    broken = record
    broken.slopeVariances[0] = -1
    #expect(throws: QualityError.self) { try ItemResponsePredictor(broken) }
    broken = record
    broken.models = .max
    #expect(throws: QualityError.self) { try ItemResponsePredictor(broken) }
    broken = record
    broken.calibration = .platt(PlattCalibration(slope: .nan, intercept: 0))
    #expect(throws: QualityError.self) { try ItemResponsePredictor(broken) }
  }

  @Test func `feedback moves one level and keeps what features say`() throws {
    let data = try SyntheticResponses(seed: 4, rows: 800)
    var predictor = try Self.training.fit(data.matrix).predictor
    let before = predictor.prediction(Array(data.matrix.features[0..<5]), workload: 1)
    predictor.setMean(QualityEstimate(mean: 0.01, variance: 1e-4, observations: 100), model: 2, workload: 1)
    let after = predictor.prediction(Array(data.matrix.features[0..<5]), workload: 1)
    #expect(after.scores[2] < 0.5 * before.scores[2])
    for model in [0, 1, 3, 4, 5] { #expect(after.scores[model] == before.scores[model]) }
    let elsewhere = predictor.prediction(Array(data.matrix.features[0..<5]), workload: 0)
    #expect(elsewhere.scores[2] > after.scores[2])
  }
}
