import LinearOptimization

/// One pass over all pairs at given multipliers: the option of least score per group.
///
/// The score of a pair is its scaled objective plus the multipliers times its row coefficients. Rows share
/// attributes, so the pass first folds the multipliers into one weight per attribute, class and option, and
/// then costs one multiplication per pair and attribute, however many rows there are. O(nM) per attribute.
struct PricingPass {
  /// The option of least score per group; the lowest index among equals.
  private(set) var choice: [Int32]
  /// That score per group.
  private(set) var best: [Double]
  /// The scores of all pairs, option-major; infinite where ineligible.
  private(set) var scores: [Double]

  private let scaled: ScaledProblem

  init(_ scaled: ScaledProblem) {
    self.scaled = scaled
    let n = scaled.problem.groupCount
    choice = Array(repeating: 0, count: n)
    best = Array(repeating: .infinity, count: n)
    scores = Array(repeating: .infinity, count: n * scaled.problem.optionCount)
  }

  /// The Lagrangian value per group at `multipliers`: a lower bound on the scaled objective.
  mutating func run(_ multipliers: [Double]) -> Double {
    let problem = scaled.problem
    let n = problem.groupCount
    let weights = Weights(scaled, multipliers)
    best.withUnsafeMutableBufferPointer { best in
      choice.withUnsafeMutableBufferPointer { choice in
        scores.withUnsafeMutableBufferPointer { scores in
          best.update(repeating: .infinity)
          for j in 0..<problem.optionCount {
            weights.score(option: j, into: UnsafeMutableBufferPointer(rebasing: scores[j * n..<(j + 1) * n]))
            problem.eligible.withUnsafeBufferPointer { eligible in
              for i in 0..<n {
                guard eligible[j * n + i] else {
                  scores[j * n + i] = .infinity
                  continue
                }
                let score = scores[j * n + i]
                if score < best[i] {
                  best[i] = score
                  choice[i] = Int32(truncatingIfNeeded: j)
                }
              }
            }
          }
        }
      }
    }
    var sum = CompensatedSum()
    for value in best { sum += value }
    for (k, row) in scaled.rows.enumerated() { sum += -multipliers[k] * row.limit * Double(n) }
    return sum.value / Double(n)
  }

  /// What the latest choices cost and use, per block.
  func cuts() -> [Cut] {
    scaled.cuts(of: choice)
  }
}

/// What one block of groups costs and uses under one choice, per group of the whole problem.
struct Cut: Equatable {
  var objective: Double
  var activity: [Double]
}

extension ScaledProblem {
  /// One cut per block for a choice of an option per group. O(n) per attribute, and O(rows) per cell and
  /// option.
  func cuts(of choice: [Int32]) -> [Cut] {
    let n = problem.groupCount
    let m = problem.optionCount
    let cellCount = cells.classOf.count
    // Attribute sums per cell and option; the last plane counts.
    let planes = problem.attributes.count + 1
    var sums = Array(repeating: 0.0, count: planes * cellCount * m)
    for i in 0..<n { sums[((planes - 1) * cellCount + cells.cellOf[i]) * m + Int(choice[i])] += 1 }
    for (a, attribute) in problem.attributes.enumerated() {
      attribute.values.withUnsafeBufferPointer { values in
        for i in 0..<n {
          let j = Int(choice[i])
          sums[(a * cellCount + cells.cellOf[i]) * m + j] += values[j * n + i]
        }
      }
    }
    var cuts = Array(
      repeating: Cut(objective: 0, activity: Array(repeating: 0, count: rowCount)), count: cells.blockCount)
    for cell in 0..<cellCount {
      let block = cells.blockOf[cell]
      for term in objective {
        let base = (term.attribute * cellCount + cell) * m
        for j in 0..<m { cuts[block].objective += term.weight * sums[base + j] }
      }
      for (k, row) in rows.enumerated() where row.classes[cells.classOf[cell]] {
        let base = ((row.attribute ?? planes - 1) * cellCount + cell) * m
        var sum = 0.0
        for j in 0..<m where row.options[j] { sum += sums[base + j] }
        cuts[block].activity[k] += row.factor * sum
      }
    }
    for block in cuts.indices {
      cuts[block].objective /= Double(n)
      for k in 0..<rowCount { cuts[block].activity[k] /= Double(n) }
    }
    return cuts
  }
}

/// Multipliers folded into one weight per attribute, class and option.
private struct Weights {
  private let scaled: ScaledProblem
  /// `[(attribute * classCount + class) * optionCount + option]`; the last attribute is the constant 1.
  private var weights: [Double]

  init(_ scaled: ScaledProblem, _ multipliers: [Double]) {
    self.scaled = scaled
    let problem = scaled.problem
    let constant = problem.attributes.count
    weights = Array(repeating: 0, count: (constant + 1) * problem.classCount * problem.optionCount)
    for term in scaled.objective {
      for c in 0..<problem.classCount {
        for j in 0..<problem.optionCount { weights[at(term.attribute, c, j)] += term.weight }
      }
    }
    for (k, row) in scaled.rows.enumerated() where multipliers[k] != 0 {
      for c in 0..<problem.classCount where row.classes[c] {
        for j in 0..<problem.optionCount where row.options[j] {
          weights[at(row.attribute ?? constant, c, j)] += multipliers[k] * row.factor
        }
      }
    }
  }

  private func at(_ attribute: Int, _ c: Int, _ j: Int) -> Int {
    (attribute * scaled.problem.classCount + c) * scaled.problem.optionCount + j
  }

  /// The scores of one option for all groups.
  func score(option j: Int, into scores: UnsafeMutableBufferPointer<Double>) {
    let problem = scaled.problem
    let n = problem.groupCount
    let constant = problem.attributes.count
    problem.classOf.withUnsafeBufferPointer { classOf in
      let constants = (0..<problem.classCount).map { weights[at(constant, $0, j)] }
      constants.withUnsafeBufferPointer { constants in
        for i in 0..<n { scores[i] = constants[classOf[i]] }
      }
      for (a, attribute) in problem.attributes.enumerated() {
        let perClass = (0..<problem.classCount).map { weights[at(a, $0, j)] }
        guard perClass.contains(where: { $0 != 0 }) else { continue }
        perClass.withUnsafeBufferPointer { perClass in
          attribute.values.withUnsafeBufferPointer { values in
            for i in 0..<n { scores[i] += perClass[classOf[i]] * values[j * n + i] }
          }
        }
      }
    }
  }
}
