extension ItemResponseTraining {
  /// Losses on held-out rows.
  struct Loss {
    /// Per row, the sum over its scored cells and their number; rows without scores are left out.
    var rows: [(sum: Double, count: Double)]

    /// Per cell.
    var mean: Double {
      let total = rows.reduce((0.0, 0.0)) { ($0.0 + $1.sum, $0.1 + $1.count) }
      return total.1 > 0 ? total.0 / total.1 : 0
    }

    /// By how many standard errors the sum exceeds another over the same rows.
    func excess(over other: Loss) -> Double {
      let differences = zip(rows, other.rows).map { $0.sum - $1.sum }
      let total = differences.reduce(0, +)
      let squares = differences.reduce(0) { $0 + $1 * $1 }
      let variance = squares - total * total / Double(max(1, rows.count))
      return total <= 0 ? 0 : total / max(variance, 1e-300).squareRoot()
    }
  }

  /// Predictions for rows that the fit did not see.
  struct HeldOut {
    var predictions: [Double] = []
    var scores: [Double] = []
    var folds: [Int] = []
    var models: [Int] = []

    /// Per model, the squared error against that of coin tosses; held to 0.01...4.
    func dispersions(models count: Int) -> [Double] {
      // Ten coin tosses keep a model with few scores near 1.
      var errors = Array(repeating: 2.5, count: count)
      var expected = errors
      for i in predictions.indices {
        let p = predictions[i]
        errors[models[i]] += (scores[i] - p) * (scores[i] - p)
        expected[models[i]] += p * (1 - p)
      }
      return zip(errors, expected).map { min(max($0 / $1, 0.01), 4) }
    }
  }

  /// A fit to some rows, to be judged on others.
  struct Fold {
    let table: ScoreMatrix
    let held: [Int]
    let problem: ItemResponseProblem

    init(table: ScoreMatrix, training: [Int], held: [Int], groups: [Int]) {
      self.table = table
      self.held = held
      problem = ItemResponseProblem(table, rows: training, groups: groups)
    }

    func loss(_ parameters: [Double]) -> [(sum: Double, count: Double)] {
      var rows = Array(repeating: (sum: 0.0, count: 0.0), count: held.count)
      forEach(parameters) { position, _, prediction, score in
        rows[position].sum += ForecastScores.logLoss(prediction, score)
        rows[position].count += 1
      }
      return rows.filter { $0.count > 0 }
    }

    func collect(_ parameters: [Double], fold: Int, into outside: inout HeldOut) {
      forEach(parameters) { _, model, prediction, score in
        outside.predictions.append(prediction)
        outside.scores.append(score)
        outside.folds.append(fold)
        outside.models.append(model)
      }
    }

    /// Visits every scored cell of the held-out rows: position of the row, model, prediction, score.
    private func forEach(_ parameters: [Double], _ body: (Int, Int, Double, Double) -> Void) {
      let (m, d) = (table.models, table.dimension)
      let slopes = problem.slopes(parameters)
      var axes = Array(repeating: Float(0), count: d)
      var logits = Array(repeating: 0.0, count: m)
      table.features.withUnsafeBufferPointer { features in
        for (position, row) in held.enumerated() {
          let own = UnsafeBufferPointer(rebasing: features[(row * d)..<(row * d + d)])
          axes.withUnsafeMutableBufferPointer {
            problem.basis.project(own, workload: table.workloadOf[row], into: $0)
          }
          for j in 0..<m { logits[j] = parameters[table.workloadOf[row] * m + j] }
          for k in 0..<d {
            let z = Double(axes[k])
            for j in 0..<m { logits[j] += z * slopes[k * m + j] }
          }
          for j in 0..<m {
            let score = table.scores[row * m + j]
            if !score.isNaN { body(position, j, ElementaryFunctions.sigmoid(logits[j]), score) }
          }
        }
      }
    }
  }
}
