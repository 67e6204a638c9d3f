import LinearOptimization

/// The best assignment of a few groups while all others keep theirs, by a small integer program.
struct CoreProgram {
  let scaled: ScaledProblem
  let pass: PricingPass
  let solver: GLPKSolver
  let vertex: Vertex
  let start: [Int]
  /// What the rows come to at the start.
  let raw: Activities

  /// Up to so many groups, every option may be used; beyond, the best few.
  private static let smallCore = 40
  private static let optionsPerGroup = 6
  /// More than GLPK's tolerance, less than any coefficient that counts.
  private static let margin = 1e-8

  /// `nil` if there is none or none was found in time.
  func solve(
    _ core: [CriticalGroups.Group], seconds: Double
  ) throws -> (assignment: [Int], activities: Activities)? {
    var left = scaled.rows.indices.map { k in
      let row = scaled.problem.constraints[k]
      return (row.limit - raw.sums[k].value) * scaled.rows[k].sum.factor
    }
    for group in core {
      let j = start[group.index]
      for k in scaled.rowsOfSegment[group.segment] {
        left[k] += scaled.coefficient(k, group.position, group.segment, j)
      }
    }
    let pairs = pairs(core)
    // First to the limit itself, which may be the only way; what is then over it by GLPK's tolerance is found
    // a hair below.
    for margin in [0, Self.margin] {
      let solution = try solver.solve(
        model(pairs, limits: left.map { $0 - margin }),
        options: SolveOptions(timeLimit: seconds, mipGap: 1e-7))
      guard solution.primal != .none else { return nil }
      var (assignment, activities) = (start, raw)
      for (at, pair) in pairs.enumerated() where solution.values[at] > 0.5 {
        let from = assignment[pair.group.index]
        guard from != pair.option else { continue }
        activities.move(pair.group.position, pair.group.segment, from: from, to: pair.option)
        assignment[pair.group.index] = pair.option
      }
      if activities.isFeasible { return (assignment, activities) }
    }
    return nil
  }

  private func pairs(_ core: [CriticalGroups.Group]) -> [(group: CriticalGroups.Group, option: Int)] {
    let m = scaled.columns.optionCount
    let most = core.count <= Self.smallCore ? m : Self.optionsPerGroup
    let weights = pass.weights(vertex.multipliers)
    var wanted: [Int: Set<Int>] = [:]
    for share in vertex.shares { wanted[share.position, default: []].insert(share.option) }
    return core.flatMap { group -> [(group: CriticalGroups.Group, option: Int)] in
      let options = (0..<m).filter { scaled.columns.isEligible(at: group.position, $0) }
      // Ties are broken by turns, so that all of the tied options stand in some group of the core.
      let ranked = options.map {
        (
          score: pass.score(weights, group.position, group.segment, $0), turn: ($0 + group.index) % m,
          option: $0
        )
      }
      .sorted { ($0.score, $0.turn) < ($1.score, $1.turn) }
      let kept = (wanted[group.position] ?? []).union([start[group.index], Int(vertex.base[group.position])])
      return ranked.enumerated()
        .filter { $0.offset < most || kept.contains($0.element.option) }
        .map { (group, $0.element.option) }
    }
  }

  /// The integer program over `pairs`, which stand together by group, under limits of the scaled rows.
  private func model(_ pairs: [(group: CriticalGroups.Group, option: Int)], limits: [Double]) -> LinearModel {
    var model = LinearModel()
    // A row that the core does not touch is empty.
    model.allowsEmpty = true
    for (k, limit) in limits.enumerated() { model.addRow(name: "row\(k)", upper: limit) }
    var choice: (group: Int, row: Int)?
    for pair in pairs {
      let i = pair.group.index
      if choice?.group != i { choice = (i, model.addRow(name: "group\(i)", equals: 1).index) }
      var entries: [(Int, Double)] = choice.map { [($0.row, 1)] } ?? []
      for k in scaled.rowsOfSegment[pair.group.segment] {
        let value = scaled.coefficient(k, pair.group.position, pair.group.segment, pair.option)
        if abs(value) > ScaledProblem.negligible { entries.append((k, value)) }
      }
      model.addColumn(
        name: "x\(i),\(pair.option)", lower: 0, upper: 1,
        objective: scaled.objectiveCoefficient(pair.group.position, pair.group.segment, pair.option),
        kind: .integer, entries: entries)
    }
    return model
  }
}
