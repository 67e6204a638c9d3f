/// The fit of an item-response model to some rows of a table:
///
///     P(model m answers query q well) = sigmoid(a[w(q), m] + sum_k z_k(q) (b_k + D[k, m])),
///
/// ridge on the shared slopes b and on the deviations D, which is regularized multi-task learning (Evgeniou
/// and Pontil, KDD 2004). Scores between 0 and 1 enter as shares of success (quasi-likelihood; Papke and
/// Wooldridge 1996). The intercepts are fitted so that the mean prediction of a model on a workload is its
/// shrunken mean score instead of the raw one: the sufficient statistic is replaced, and the problem stays
/// convex.
struct ItemResponseProblem {
  let models: Int
  let dimension: Int
  let workloads: Int
  let basis: FeatureBasis
  /// Mean square along each axis.
  let axisVariances: [Double]
  /// What the scores say without features: `[workload * models + model]`; the last row is for unknown
  /// workloads.
  let means: [QualityEstimate]
  /// Row by row, along the axes of the basis.
  let coordinates: [Double]
  let scores: [Double]
  let workloadOf: [Int]
  /// How many scores each model has on each workload: `[workload * models + model]`.
  let counts: [Double]
  /// The mean of p (1 - p) per model, over all rows, where a row without a score counts 0.
  let curvatures: [Double]

  init(_ table: ScoreMatrix, rows: [Int], groups: [Int]) {
    models = table.models
    dimension = table.dimension
    workloads = table.workloads.count
    let fit = FeatureBasis.fit(table, rows: rows, groups: groups)
    basis = fit.basis
    axisVariances = fit.variances

    let evidence = table.evidence(rows: rows)
    let shrinkage = QualityShrinkage(
      cells: evidence, arms: models, workloads: workloads,
      queryCorrelation: table.queryCorrelation(rows: rows, evidence: evidence))
    var means: [QualityEstimate] = []
    var counts: [Double] = []
    for workload in 0..<workloads {
      for model in 0..<models {
        let seen = evidence[model * workloads + workload]
        means.append(shrinkage.estimate(arm: model, workload: workload, evidence: seen))
        counts.append(seen.weight)
      }
    }
    var curvatures = Array(repeating: 0.0, count: models)
    for (cell, count) in counts.enumerated() {
      curvatures[cell % models] += count * means[cell].mean * (1 - means[cell].mean)
    }
    for model in 0..<models {
      means.append(shrinkage.estimate(arm: model, workload: nil, evidence: ScoreEvidence()))
      curvatures[model] /= Double(rows.count)
    }
    self.means = means
    self.counts = counts
    self.curvatures = curvatures

    workloadOf = rows.map { table.workloadOf[$0] }
    var scores: [Double] = []
    scores.reserveCapacity(rows.count * models)
    for row in rows { scores += table.scores[(row * models)..<((row + 1) * models)] }
    self.scores = scores
    coordinates = Self.coordinates(table, rows: rows, basis: fit.basis)
  }

  private static func coordinates(_ table: ScoreMatrix, rows: [Int], basis: FeatureBasis) -> [Double] {
    let d = table.dimension
    var coordinates = Array(repeating: 0.0, count: rows.count * d)
    var axes = Array(repeating: Float(0), count: d)
    table.features.withUnsafeBufferPointer { features in
      axes.withUnsafeMutableBufferPointer { axes in
        for (position, row) in rows.enumerated() {
          let own = UnsafeBufferPointer(rebasing: features[(row * d)..<(row * d + d)])
          basis.project(own, workload: table.workloadOf[row], into: axes)
          for k in 0..<d { coordinates[position * d + k] = Double(axes[k]) }
        }
      }
    }
    return coordinates
  }
}
