import DrayageProfiles
import Testing

@Suite("Hostile tables of scores") struct HostileScoresTests {
  @Test(arguments: [Double.infinity, -0.01, 1.01, -.infinity]) func `a score outside its range is refused`(
    bad: Double
  ) {
    #expect(throws: QualityError.self) {
      try ScoreMatrix(scores: [0.5, bad], models: 2, workloads: ["w"], workloadOf: [0])
    }
  }

  @Test(arguments: [Float.nan, .infinity, 1e30]) func `a feature that is no reasonable number is refused`(
    bad: Float
  ) {
    #expect(throws: QualityError.self) {
      try ScoreMatrix(
        scores: [0.5], models: 1, workloads: ["w"], workloadOf: [0], features: [1, bad], dimension: 2)
    }
  }

  @Test func `shapes that do not fit are refused`() {
    let cases: [(scores: Int, models: Int, workloadOf: [Int], features: Int, dimension: Int)] = [
      (4, 2, [0], 0, 0), (4, 2, [0, 1], 0, 0), (4, 2, [0, -1], 0, 0), (0, 2, [], 0, 0), (4, 0, [0, 0], 0, 0),
      (4, -2, [0, 0], 0, 0), (5, 2, [0, 0], 0, 0), (4, 2, [0, 0], 3, 2), (4, 2, [0, 0], 0, -1),
      (4, 2, [0, 0], 2000, 1000), (4, .max, [0, 0], 0, 0),
    ]
    for bad in cases {
      #expect(throws: QualityError.self, "\(bad)") {
        try ScoreMatrix(
          scores: Array(repeating: 0.5, count: bad.scores), models: bad.models, workloads: ["w"],
          workloadOf: bad.workloadOf, features: Array(repeating: 1, count: bad.features),
          dimension: bad.dimension)
      }
    }
  }

  @Test func `missing scores, one model, one row, constant features`() throws {
    let one = try ScoreMatrix(
      scores: [1], models: 1, workloads: ["w"], workloadOf: [0], features: [3, 3], dimension: 2)
    let predictor = try ItemResponseTraining().fit(one).predictor
    #expect((0.3...0.999).contains(predictor.prediction([3, 3], workload: 0).scores[0]))

    // Model 1 has no score at all; a feature never varies; another only by rounding.
    let gaps = try ScoreMatrix(
      scores: (0..<80).map { $0 % 2 == 1 ? .nan : $0 % 4 == 0 ? 1 : 0.25 }, models: 2,
      workloads: ["a", "empty"],
      workloadOf: Array(repeating: 0, count: 40),
      features: (0..<40).flatMap { [7, $0 % 2 == 0 ? 1e9 : Float(1e9).nextDown] }, dimension: 2)
    let result = try ItemResponseTraining().fit(gaps)
    for workload in [0, 1, nil, -5, .max] {
      let prediction = result.predictor.prediction([7, 1e9], workload: workload)
      #expect(prediction.scores.allSatisfy { $0 > 0 && $0 < 1 })
      #expect(prediction.standardErrors.allSatisfy { $0.isFinite && $0 <= 0.5 })
    }
    let known = result.predictor.prediction([7, 1e9], workload: 0)
    #expect(known.standardErrors[1] > known.standardErrors[0])

    let nothing = try ScoreMatrix(
      scores: [.nan, .nan], models: 1, workloads: ["w"], workloadOf: [0, 0], features: [1, 2], dimension: 1)
    #expect(throws: QualityError.self) { try ItemResponseTraining().fit(nothing) }
    #expect(throws: QualityError.self) { try ItemResponseTraining().fit(one, rows: [5]) }
    #expect(throws: QualityError.self) { try ItemResponseTraining().fit(one, rows: []) }
  }

  @Test func `settings out of range are refused`() throws {
    let matrix = try SyntheticResponses(seed: 1, rows: 20).matrix
    var training = ItemResponseTraining()
    training.folds = 1
    #expect(throws: QualityError.self) { try training.fit(matrix) }
    training = ItemResponseTraining()
    training.ridges = [Ridge(shared: 0, deviations: 1)]
    #expect(throws: QualityError.self) { try training.fit(matrix) }
    training = ItemResponseTraining()
    training.featureGroups = [0]
    #expect(throws: QualityError.self) { try training.fit(matrix) }
  }

  @Test func `absurd features at prediction are held in check`() throws {
    let data = try SyntheticResponses(seed: 6, rows: 600)
    let predictor = try ItemResponseTests.training.fit(data.matrix).predictor
    for bad in [Float.nan, .infinity, -.infinity] {
      // Nothing of such a query is believed but its workload.
      let prediction = predictor.prediction([bad, 1, 1, 1, 1], workload: 0)
      let other = predictor.prediction([1, bad, 5, 5, 5], workload: 0)
      #expect(prediction.scores == other.scores && prediction.scores.allSatisfy { $0 > 0 && $0 < 1 })
    }
    let huge = predictor.prediction(Array(repeating: .greatestFiniteMagnitude, count: 5), workload: 0)
    let usual = predictor.prediction(Array(repeating: 0, count: 5), workload: 0)
    #expect(huge.scores.allSatisfy { $0 >= 0 && $0 <= 1 })
    #expect(zip(huge.standardErrors, usual.standardErrors).allSatisfy { $0.isFinite && $1.isFinite })
  }

  @Test func `all right and all wrong stay finite`() throws {
    for score in [0.0, 1] {
      let matrix = try ScoreMatrix(
        scores: Array(repeating: score, count: 300), models: 3, workloads: ["w"],
        workloadOf: Array(repeating: 0, count: 100), features: (0..<100).map { Float($0) }, dimension: 1)
      let prediction = try ItemResponseTraining().fit(matrix).predictor.prediction([50], workload: 0)
      #expect(prediction.scores.allSatisfy { ($0 - score).magnitude < 0.05 })
    }
  }

  @Test func `features that separate perfectly stay finite`() throws {
    let matrix = try ScoreMatrix(
      scores: (0..<200).map { $0 < 100 ? 0 : 1 }, models: 1, workloads: ["w"],
      workloadOf: Array(repeating: 0, count: 200), features: (0..<200).map { Float($0) }, dimension: 1)
    let predictor = try ItemResponseTraining().fit(matrix).predictor
    #expect(predictor.prediction([0], workload: 0).scores[0] < 0.1)
    #expect(predictor.prediction([199], workload: 0).scores[0] > 0.9)
  }

  @Test func `a large table is selected on a part of its rows`() throws {
    let data = try SyntheticResponses(seed: 30, rows: 20_000, models: 2, dimension: 2)
    var training = ItemResponseTests.training
    training.selectionRows = 500
    let result = try training.fit(data.matrix)
    let scores = result.predictor.scores(data.matrix, rows: Array(0..<2000))
    let error = zip(scores, data.truth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 4000
    #expect(error.squareRoot() < 0.03)
  }
}
