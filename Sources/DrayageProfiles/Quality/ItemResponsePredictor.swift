/// Predicts, from features of a query, how well each of several models will answer it: an item-response model
/// with one intercept per model and workload, slopes shared between models, and deviations of each model.
///
/// Fitted by ``ItemResponseTraining``. Immutable but for ``setMean(_:model:workload:)``, by which online
/// feedback moves the level of a model on a workload.
public struct ItemResponsePredictor: Hashable, Sendable {
  /// How many models are predicted.
  public let models: Int
  /// The names of the workloads; a request is of one of these by position, or of none.
  public let workloads: [String]
  /// How many features a query has.
  public var dimension: Int { basis.dimension }
  /// The correction of predictions found on held-out folds.
  public let calibration: ScoreCalibration

  let basis: FeatureBasis
  /// `[axis * models + model]`.
  let slopes: [Float]
  /// The variance of each slope, in the same order.
  let slopeVariances: [Float]
  /// The log odds at the centre of each workload: `[workload * models + model]`; the last row is for others.
  private(set) var intercepts: [Float]
  /// The variance of each intercept.
  private(set) var interceptVariances: [Float]
  /// The log odds of the mean score that each intercept stands for.
  private(set) var baselines: [Float]

  init(
    models: Int, workloads: [String], calibration: ScoreCalibration, basis: FeatureBasis, slopes: [Float],
    slopeVariances: [Float], intercepts: [Float], interceptVariances: [Float], baselines: [Float]
  ) {
    self.models = models
    self.workloads = workloads
    self.calibration = calibration
    self.basis = basis
    self.slopes = slopes
    self.slopeVariances = slopeVariances
    self.intercepts = intercepts
    self.interceptVariances = interceptVariances
    self.baselines = baselines
  }

  /// Predictions for one query, with the working memory that making them needs; use one again and again.
  public struct Prediction: Sendable {
    /// The expected score of each model, in 0...1.
    public fileprivate(set) var scores: [Double]
    /// The standard error of each expected score, as far as it comes from what was learned from.
    public fileprivate(set) var standardErrors: [Double]
    fileprivate var axes: [Float]
    fileprivate var logits: [Float]
    fileprivate var variances: [Float]

    /// Room for the predictions of `predictor`.
    public init(for predictor: ItemResponsePredictor) {
      scores = Array(repeating: 0, count: predictor.models)
      standardErrors = scores
      axes = Array(repeating: 0, count: predictor.dimension)
      logits = Array(repeating: 0, count: predictor.models)
      variances = logits
    }
  }

  /// Predicts every model's score on one query: O(dimension * (dimension + models)), without allocation.
  ///
  /// - Parameters:
  ///   - features: ``dimension`` of them; if one is not finite, only the workload counts.
  ///   - workload: a position in ``workloads``; any other value, or `nil`, is a workload not seen before.
  ///   - prediction: made for this predictor; receives the result.
  public func predict(
    _ features: UnsafeBufferPointer<Float>, workload: Int?, into prediction: inout Prediction
  ) {
    let (m, d) = (models, dimension)
    precondition(features.count == d, "a query has \(d) features, not \(features.count)")
    precondition(
      prediction.scores.count == m && prediction.axes.count == d,
      "the prediction was made for another predictor")
    let row = workload.flatMap { workloads.indices.contains($0) ? $0 : nil } ?? workloads.count
    prediction.axes.withUnsafeMutableBufferPointer { axes in
      prediction.logits.withUnsafeMutableBufferPointer { logits in
        prediction.variances.withUnsafeMutableBufferPointer { variances in
          basis.project(features, workload: row, into: axes)
          accumulate(UnsafeBufferPointer(axes), row, logits, variances)
        }
      }
    }
    for model in 0..<m {
      prediction.scores[model] = ElementaryFunctions.sigmoid(Double(prediction.logits[model]))
    }
    if calibration != .none {
      for model in 0..<m { prediction.scores[model] = calibration(prediction.scores[model]) }
    }
    let slope = calibration.slope
    for model in 0..<m {
      // A distribution over 0...1 with mean p has at most the variance p (1 - p).
      let most = prediction.scores[model] * (1 - prediction.scores[model])
      let variance = slope * slope * most * most * Double(prediction.variances[model])
      prediction.standardErrors[model] = min(most, variance).squareRoot()
    }
  }

  /// Predicts every model's score on one query.
  ///
  /// - Parameters:
  ///   - features: ``dimension`` of them.
  ///   - workload: a position in ``workloads``, or `nil`.
  public func prediction(_ features: [Float], workload: Int?) -> Prediction {
    var prediction = Prediction(for: self)
    features.withUnsafeBufferPointer { predict($0, workload: workload, into: &prediction) }
    return prediction
  }

  @inline(__always)
  private func accumulate(
    _ axes: UnsafeBufferPointer<Float>, _ row: Int, _ logits: UnsafeMutableBufferPointer<Float>,
    _ variances: UnsafeMutableBufferPointer<Float>
  ) {
    let m = models
    for j in 0..<m {
      logits[j] = intercepts[row * m + j]
      variances[j] = interceptVariances[row * m + j]
    }
    slopes.withUnsafeBufferPointer { slopes in
      slopeVariances.withUnsafeBufferPointer { slopeVariances in
        for k in axes.indices {
          let z = axes[k]
          let row = (k * m)..<(k * m + m)
          ElementaryFunctions.add(z, UnsafeBufferPointer(rebasing: slopes[row]), to: logits)
          ElementaryFunctions.add(z * z, UnsafeBufferPointer(rebasing: slopeVariances[row]), to: variances)
        }
      }
    }
  }

  /// Moves the level of a model on a workload to a mean score believed now, such as that of a
  /// ``QualityProfile`` after feedback; what features say is kept.
  ///
  /// - Parameters:
  ///   - model: 0..<``models``.
  ///   - workload: a position in ``workloads``; `nil` for workloads not seen before.
  public mutating func setMean(_ mean: QualityEstimate, model: Int, workload: Int?) {
    precondition((0..<models).contains(model), "there is no model \(model)")
    precondition(workload.map(workloads.indices.contains) ?? true, "there is no such workload")
    let cell = (workload ?? workloads.count) * models + model
    let baseline = Float(ElementaryFunctions.logit(mean.mean))
    intercepts[cell] += baseline - baselines[cell]
    baselines[cell] = baseline
    interceptVariances[cell] = Float(mean.logitVariance)
  }
}

extension ScoreCalibration {
  /// By how much log odds are stretched.
  var slope: Double {
    if case .platt(let correction) = self { return correction.slope }
    return 1
  }
}

extension QualityEstimate {
  /// The variance of the log odds, to first order.
  var logitVariance: Double {
    let p = min(max(mean, 1e-3), 1 - 1e-3)
    return variance / (p * p * (1 - p) * (1 - p))
  }
}
