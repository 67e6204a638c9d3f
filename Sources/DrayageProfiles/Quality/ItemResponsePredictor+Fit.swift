extension ItemResponsePredictor {
  /// The predictor of a fitted problem.
  ///
  /// Standard errors follow from the Laplace approximation, which is diagonal along the axes of the basis:
  /// given the shared slope, a deviation has precision `own + ridge.deviations`; the shared slope's own
  /// uncertainty, in the proportion in which deviations follow it, comes on top. Scores that vary less or
  /// more than coin tosses of their probability scale the information (dispersion; McCullagh and Nelder
  /// 1989).
  init(
    _ problem: ItemResponseProblem, parameters: [Double], ridge: Ridge, dispersions: [Double],
    workloads: [String], calibration: ScoreCalibration
  ) {
    let (m, d) = (problem.models, problem.dimension)
    let information = problem.information(parameters)
    var variances = Array(repeating: Float(0), count: d * m)
    for k in 0..<d {
      var precision = ridge.shared
      for j in 0..<m {
        let own = information.slopes[k * m + j] / dispersions[j]
        precision += own * ridge.deviations / (own + ridge.deviations)
      }
      for j in 0..<m {
        let own = information.slopes[k * m + j] / dispersions[j]
        let share = ridge.deviations / (own + ridge.deviations)
        variances[k * m + j] = Float(1 / (own + ridge.deviations) + share * share / precision)
      }
    }
    let baselines = problem.means.map { ElementaryFunctions.logit($0.mean) }
    let known = problem.workloads * m
    self.init(
      models: m, workloads: workloads, calibration: calibration, basis: problem.basis,
      slopes: problem.slopes(parameters).map { Float($0) }, slopeVariances: variances,
      intercepts: (parameters.prefix(known) + baselines.suffix(m)).map { Float($0) },
      interceptVariances: zip(problem.means, information.cells).map { mean, curvature in
        Float(mean.variance / max(1e-6, curvature * curvature))
      },
      baselines: baselines.map { Float($0) })
  }

  /// The predicted scores for rows of a table: `[position in rows * models + model]`.
  public func scores(_ table: ScoreMatrix, rows: [Int]) -> [Double] {
    predictions(table, rows: rows).scores
  }

  /// The predicted scores for rows of a table and their standard errors, in the order of ``scores(_:rows:)``.
  public func predictions(
    _ table: ScoreMatrix, rows: [Int]
  ) -> (scores: [Double], standardErrors: [Double]) {
    precondition(table.dimension == dimension, "the table has other features")
    var prediction = Prediction(for: self)
    var (scores, errors): ([Double], [Double]) = ([], [])
    scores.reserveCapacity(rows.count * models)
    errors.reserveCapacity(rows.count * models)
    table.features.withUnsafeBufferPointer { features in
      for row in rows {
        let own = UnsafeBufferPointer(rebasing: features[(row * dimension)..<((row + 1) * dimension)])
        predict(own, workload: table.workloadOf[row], into: &prediction)
        scores += prediction.scores
        errors += prediction.standardErrors
      }
    }
    return (scores, errors)
  }
}
