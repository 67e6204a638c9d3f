extension ItemResponseProblem {
  /// How sharply the scores determine the parameters: the expected second derivatives at a fit.
  struct Information {
    /// Of each slope: `[axis * models + model]`, the sum of p (1 - p) z^2.
    var slopes: [Double]
    /// The mean of p (1 - p) in each cell, `[workload * models + model]`, then in cells of unknown
    /// workloads; where there is no score, that of the expected mean.
    var cells: [Double]
  }

  /// The information at a fit; O(rows * models * dimension).
  func information(_ parameters: [Double]) -> Information {
    let (m, d) = (models, dimension)
    let slopes = slopes(parameters)
    var result = Information(
      slopes: Array(repeating: 0, count: d * m), cells: Array(repeating: 0, count: workloads * m))
    var logits = Array(repeating: 0.0, count: m)
    for (row, workload) in workloadOf.enumerated() {
      for j in 0..<m { logits[j] = parameters[workload * m + j] }
      for k in 0..<d {
        let z = coordinates[row * d + k]
        for j in 0..<m { logits[j] += z * slopes[k * m + j] }
      }
      for j in 0..<m {
        let p = ElementaryFunctions.sigmoid(logits[j])
        logits[j] = scores[row * m + j].isNaN ? 0 : p * (1 - p)
        result.cells[workload * m + j] += logits[j]
      }
      for k in 0..<d {
        let z = coordinates[row * d + k]
        for j in 0..<m { result.slopes[k * m + j] += z * z * logits[j] }
      }
    }
    for cell in result.cells.indices {
      let mean = means[cell].mean
      result.cells[cell] = counts[cell] > 0 ? result.cells[cell] / counts[cell] : mean * (1 - mean)
    }
    result.cells += means.suffix(m).map { $0.mean * (1 - $0.mean) }
    return result
  }
}
