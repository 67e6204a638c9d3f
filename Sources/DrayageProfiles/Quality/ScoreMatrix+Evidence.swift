extension ScoreMatrix {
  /// What is seen of each model on each workload: `[model * workloads.count + workload]`.
  func evidence(rows: some Sequence<Int>) -> [ScoreEvidence] {
    var cells = Array(repeating: ScoreEvidence(), count: models * workloads.count)
    for row in rows {
      for model in 0..<models {
        let score = scores[row * models + model]
        if !score.isNaN { cells[model * workloads.count + workloadOf[row]].add(score) }
      }
    }
    return cells
  }

  /// The correlation of the scores of two models on the same query, within workloads, averaged over pairs of
  /// models; held to 0...1.
  func queryCorrelation(rows: some Sequence<Int>, evidence: [ScoreEvidence]) -> Double {
    let count = workloads.count
    let scales = (0..<models).map { model in
      let own = evidence[(model * count)..<((model + 1) * count)]
      let (squares, weight) = own.reduce(into: (0.0, 0.0)) {
        $0.0 += $1.squaredDeviations
        $0.1 += $1.weight
      }
      return squares > 0 ? (weight / squares).squareRoot() : 0
    }
    // Over pairs in a row: the products of residuals sum to half of (sum squared minus sum of squares).
    var (products, pairs) = (0.0, 0.0)
    for row in rows {
      var (sum, squares, present) = (0.0, 0.0, 0.0)
      for model in 0..<models {
        let score = scores[row * models + model]
        guard !score.isNaN else { continue }
        let residual = (score - evidence[model * count + workloadOf[row]].mean) * scales[model]
        sum += residual
        squares += residual * residual
        present += 1
      }
      products += sum * sum - squares
      pairs += present * (present - 1)
    }
    return pairs > 0 ? min(max(products / pairs, 0), 1) : 0
  }
}
