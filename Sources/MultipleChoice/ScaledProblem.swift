import LinearOptimization

/// The problem as the solver sees it: minimized, every row written as "at most", in natural units.
///
/// The objective and each row are divided by the median magnitude of their coefficients per group, and
/// right-hand sides by the number of groups, so that prices, values and activities are of the order of 1
/// whatever the units were.
struct ScaledProblem {
  let problem: ChoiceProblem
  /// Weight of each objective term after scaling and sign.
  let objective: [(attribute: Int, weight: Double)]
  /// The factor from the problem's objective to the scaled one, sign included.
  let objectiveFactor: Double
  let rows: [Row]
  /// Cells refine classes: groups of one class and of similar size.
  let cells: Cells

  struct Row {
    let attribute: Int?
    let options: [Bool]
    let classes: [Bool]
    /// The factor from the problem's row to the scaled one, sign included; what turns "at least" into "at
    /// most".
    let factor: Double
    /// The limit times the factor, per group.
    let limit: Double
  }

  /// - Parameter ignoringObjective: for phase one, where only the rows matter.
  init(_ problem: ChoiceProblem, ignoringObjective: Bool = false) {
    self.problem = problem
    let n = problem.groupCount
    let sign = problem.objective.sense == .minimize ? 1.0 : -1.0
    let objectiveScale = Self.typicalMagnitude(problem) { i, j in
      problem.objectiveCoefficient(group: i, option: j)
    }
    objectiveFactor = ignoringObjective ? 0 : sign / objectiveScale
    objective =
      ignoringObjective
      ? [] : problem.objective.terms.map { ($0.attribute, $0.weight * sign / objectiveScale) }
    rows = problem.constraints.indices.map { k in
      let constraint = problem.constraints[k]
      let scale = Self.typicalMagnitude(problem) { i, j in
        problem.coefficient(constraint: k, group: i, option: j)
      }
      let factor = (constraint.relation == .atMost ? 1.0 : -1.0) / scale
      // A limit far out of reach binds as little as one that is just so, and its size is no trouble.
      let limit = min(
        constraint.limit * factor / Double(n), Self.largestActivity(problem, k, factor) / Double(n) + 1)
      return Row(
        attribute: constraint.attribute,
        options: (0..<problem.optionCount).map { constraint.options?.contains($0) ?? true },
        classes: (0..<problem.classCount).map { constraint.classes?.contains($0) ?? true },
        factor: factor,
        limit: limit)
    }
    cells = Cells(problem)
  }

  /// A scaled coefficient, or a difference of two, that is rounding and nothing else; coefficients are of the
  /// order of 1.
  static let negligible = 1e-12

  var rowCount: Int { rows.count }

  /// The scaled objective coefficient.
  func objectiveCoefficient(_ i: Int, _ j: Int) -> Double {
    problem.objectiveCoefficient(group: i, option: j) * objectiveFactor
  }

  /// The scaled coefficient of row `k`.
  func coefficient(_ k: Int, _ i: Int, _ j: Int) -> Double {
    let row = rows[k]
    guard row.options[j], row.classes[problem.classOf[i]] else { return 0 }
    guard let attribute = row.attribute else { return row.factor }
    return problem.attributes[attribute].values[problem.index(i, j)] * row.factor
  }

  /// Prices in the problem's own units and sign convention, the change of the optimal objective per unit of
  /// the limit, from multipliers of zero or more of the scaled rows.
  func prices(from multipliers: [Double]) -> [Double] {
    rows.indices.map { k in
      // d(scaled objective per group)/d(scaled limit per group) is -lambda; both are per group, so n cancels.
      -multipliers[k] * rows[k].factor / objectiveFactor
    }
  }

  /// The scaled objective per group, in the problem's own units.
  func unscaled(_ value: Double) -> Double { value * Double(problem.groupCount) / objectiveFactor }

  /// The median magnitude of the nonzero coefficients, over a sample of the groups if that has any; 1 if all
  /// are zero. A mean would be that of one offer a million times dearer than the others.
  private static func typicalMagnitude(
    _ problem: ChoiceProblem, _ coefficient: (Int, Int) -> Double
  ) -> Double {
    // What a sample of the groups misses, a small class say, all of them have.
    for stride in [max(1, problem.groupCount / 1_000), 1] {
      var magnitudes: [Double] = []
      for i in Swift.stride(from: 0, to: problem.groupCount, by: stride) {
        for j in 0..<problem.optionCount where problem.eligible[problem.index(i, j)] {
          let value = abs(coefficient(i, j))
          if value > 0 { magnitudes.append(value) }
        }
      }
      magnitudes.sort()
      if let median = magnitudes.isEmpty ? nil : magnitudes[magnitudes.count / 2], (1 / median).isFinite {
        return median
      }
    }
    return 1
  }

  /// The most that a row, written as "at most", can come to.
  private static func largestActivity(_ problem: ChoiceProblem, _ k: Int, _ factor: Double) -> Double {
    var sum = CompensatedSum()
    for i in 0..<problem.groupCount {
      var largest = -Double.infinity
      for j in 0..<problem.optionCount where problem.eligible[problem.index(i, j)] {
        largest = max(largest, problem.coefficient(constraint: k, group: i, option: j) * factor)
      }
      sum += largest
    }
    return sum.value
  }
}

/// A partition of the groups by class and size, and of those cells into blocks.
///
/// Sums over the groups of a cell are all that the dual phase needs; each block contributes one cut per pass.
/// 16 to 32 blocks, by class and size, need the fewest passes.
struct Cells {
  /// The cell of each group.
  let cellOf: [Int]
  /// The class of each cell.
  let classOf: [Int]
  /// The block of each cell.
  let blockOf: [Int]
  let blockCount: Int

  private static let targetBlockCount = 24

  init(_ problem: ChoiceProblem) {
    let n = problem.groupCount
    let quantiles = max(1, Self.targetBlockCount / problem.classCount)
    let size = Self.sizes(problem)
    var cellOf = Array(repeating: 0, count: n)
    var classOf: [Int] = []
    var members = Array(repeating: [Int](), count: problem.classCount)
    for i in 0..<n { members[problem.classOf[i]].append(i) }
    for (c, groups) in members.enumerated() where !groups.isEmpty {
      let ordered = groups.sorted { size[$0] < size[$1] }
      let parts = min(quantiles, ordered.count)
      for (rank, i) in ordered.enumerated() { cellOf[i] = classOf.count + rank * parts / ordered.count }
      classOf.append(contentsOf: repeatElement(c, count: parts))
    }
    self.cellOf = cellOf
    self.classOf = classOf
    blockCount = min(classOf.count, Self.targetBlockCount * 4 / 3)
    let blocks = blockCount
    blockOf = classOf.indices.map { $0 % blocks }
  }

  /// A size per group: the sum over its options of the attribute that varies most between groups, the first
  /// constrained one if any.
  private static func sizes(_ problem: ChoiceProblem) -> [Double] {
    let attribute =
      problem.constraints.lazy.compactMap(\.attribute).first ?? problem.objective.terms[0].attribute
    let values = problem.attributes[attribute].values
    var size = Array(repeating: 0.0, count: problem.groupCount)
    for j in 0..<problem.optionCount {
      for i in 0..<problem.groupCount where problem.eligible[problem.index(i, j)] {
        size[i] += values[problem.index(i, j)]
      }
    }
    return size
  }
}
