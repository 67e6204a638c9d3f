extension ItemResponsePredictor {
  /// A predictor as plain numbers and strings, for a file. Rows are written one after another; see the
  /// shapes.
  public struct Record: Hashable, Sendable, Codable {
    /// How many models are predicted.
    public var models: Int
    /// The names of the workloads.
    public var workloads: [String]
    /// How many features a query has.
    public var dimension: Int
    /// The correction of predictions.
    public var calibration: ScoreCalibration
    /// The centre of each workload, then that of all: (workloads + 1) x dimension.
    public var centres: [Float]
    /// What each feature is multiplied by: dimension.
    public var scales: [Float]
    /// How features are turned: dimension x dimension, one row per feature.
    public var rotation: [Float]
    /// Slopes: dimension x models, one row per axis.
    public var slopes: [Float]
    /// Variances of the slopes, in the same shape.
    public var slopeVariances: [Float]
    /// Log odds at the centres: (workloads + 1) x models.
    public var intercepts: [Float]
    /// Variances of the intercepts, in the same shape.
    public var interceptVariances: [Float]
    /// Log odds of the mean scores that the intercepts stand for, in the same shape.
    public var baselines: [Float]
  }

  /// The predictor as plain numbers and strings.
  public var record: Record {
    Record(
      models: models, workloads: workloads, dimension: dimension, calibration: calibration,
      centres: basis.centres, scales: basis.scales, rotation: basis.rotation, slopes: slopes,
      slopeVariances: slopeVariances, intercepts: intercepts, interceptVariances: interceptVariances,
      baselines: baselines)
  }

  /// The predictor that a record describes.
  ///
  /// - Throws: ``QualityError`` if a part has another shape than its comment says or holds impossible
  ///   numbers.
  public init(_ record: Record) throws(QualityError) {
    let (m, d, w) = (record.models, record.dimension, record.workloads.count)
    guard (1...1_000_000).contains(m), (0...ScoreMatrix.mostFeatures).contains(d), w < 1_000_000 else {
      throw QualityError(
        .shape, "a predictor of \(m) models, \(d) features and \(w) workloads is not possible; fit it again")
    }
    guard Set(record.workloads).count == w else {
      throw QualityError(.duplicate, "a workload of the predictor is named twice; fit it again")
    }
    let parts: [(name: String, numbers: [Float], count: Int, least: Float)] = [
      ("centres", record.centres, (w + 1) * d, -1e10), ("scales", record.scales, d, 0),
      ("rotation", record.rotation, d * d, -2), ("slopes", record.slopes, d * m, -1e6),
      ("slopeVariances", record.slopeVariances, d * m, 0),
      ("intercepts", record.intercepts, (w + 1) * m, -1e6),
      ("interceptVariances", record.interceptVariances, (w + 1) * m, 0),
      ("baselines", record.baselines, (w + 1) * m, -1e6),
    ]
    for part in parts {
      guard part.numbers.count == part.count else {
        throw QualityError(
          .shape,
          "'\(part.name)' of the predictor holds \(part.numbers.count) numbers, not \(part.count); fit it again"
        )
      }
      guard part.numbers.allSatisfy({ $0 >= part.least && $0 <= 1e13 }) else {
        throw QualityError(.range, "'\(part.name)' of the predictor holds an impossible number; fit it again")
      }
    }
    self.init(
      models: m, workloads: record.workloads, calibration: try record.calibration.validated(),
      basis: FeatureBasis(
        dimension: d, centres: record.centres, scales: record.scales, rotation: record.rotation),
      slopes: record.slopes, slopeVariances: record.slopeVariances, intercepts: record.intercepts,
      interceptVariances: record.interceptVariances, baselines: record.baselines)
  }
}

extension ScoreCalibration {
  /// - Throws: ``QualityError`` if the correction is not one that a fit gives.
  func validated() throws(QualityError) -> ScoreCalibration {
    switch self {
    case .none: return self
    case .platt(let correction):
      guard correction.slope > 0, correction.slope < 1e3, correction.intercept.magnitude < 1e3 else {
        throw QualityError(
          .range,
          "a calibration with slope \(correction.slope) and intercept \(correction.intercept) is impossible; "
            + "fit it again")
      }
      return self
    case .isotonic(let correction):
      return .isotonic(try IsotonicCalibration(knots: correction.knots, values: correction.values))
    }
  }
}
