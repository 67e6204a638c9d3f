/// Scores of models on queries, with what is known of each query beforehand: what predictors learn from.
public struct ScoreMatrix: Sendable {
  /// Row by row: `scores[row * models + model]`, in 0...1; NaN where there is none.
  public let scores: [Double]
  /// How many models there are, at least 1.
  public let models: Int
  /// The names of the workloads.
  public let workloads: [String]
  /// The workload of each row, a position in ``workloads``.
  public let workloadOf: [Int]
  /// Row by row: `features[row * dimension + feature]`, finite and at most 1e9 in size.
  public let features: [Float]
  /// How many features a row has, 0...256.
  public let dimension: Int

  /// How many queries there are, at least 1.
  public var rows: Int { workloadOf.count }

  /// The most features that a row may have: learning takes time in their cube.
  public static let mostFeatures = 256

  /// A matrix of these parts.
  ///
  /// - Throws: ``QualityError`` if lengths do not fit together, a score is outside 0...1, a feature is not a
  ///   number of reasonable size, or there is no row or no model.
  public init(
    scores: [Double], models: Int, workloads: [String], workloadOf: [Int], features: [Float] = [],
    dimension: Int = 0
  ) throws(QualityError) {
    guard models > 0, !workloadOf.isEmpty else {
      throw QualityError(
        .empty, "\(workloadOf.count) rows of \(models) models; at least one of each is needed")
    }
    guard (0...Self.mostFeatures).contains(dimension) else {
      throw QualityError(
        .shape,
        "a row has \(dimension) features; give 0 to \(Self.mostFeatures), such as a projection of an embedding"
      )
    }
    let rows = workloadOf.count
    guard scores.count / models == rows, scores.count % models == 0,
      features.count == rows * dimension
    else {
      throw QualityError(
        .shape,
        "\(scores.count) scores and \(features.count) features do not make \(rows) rows of \(models) scores and "
          + "\(dimension) features")
    }
    guard Set(workloads).count == workloads.count else {
      throw QualityError(.duplicate, "a workload is named twice; name each once")
    }
    if let row = workloadOf.firstIndex(where: { !workloads.indices.contains($0) }) {
      throw QualityError(
        .range, "row \(row) is of workload \(workloadOf[row]); there are \(workloads.count), counted from 0")
    }
    if let cell = scores.firstIndex(where: { !($0 >= 0 && $0 <= 1) && !$0.isNaN }) {
      throw QualityError(
        .range,
        "the score of model \(cell % models) in row \(cell / models) is \(scores[cell]); scale scores to 0...1"
      )
    }
    if let cell = features.firstIndex(where: { !($0.magnitude <= 1e9) }) {
      throw QualityError(
        .range,
        "feature \(cell % dimension) of row \(cell / dimension) is \(features[cell]); give finite numbers of at "
          + "most 1e9")
    }
    self.scores = scores
    self.models = models
    self.workloads = workloads
    self.workloadOf = workloadOf
    self.features = features
    self.dimension = dimension
  }
}
