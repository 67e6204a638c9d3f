import LinearOptimization

/// From a vertex of the relaxation to an integral assignment.
///
/// The fractional groups and the groups nearest to a tie form a core, which a small integer program over GLPK
/// decides while all other groups keep their option; the core grows if it has no solution. One-move local
/// search then uses up what is left of the limits.
struct Rounding {
  let scaled: ScaledProblem
  let solver: GLPKSolver
  let deadline: Deadline
  let tieBreaker: Int?
  /// A gap, relative to the bound, that is not worth a larger core.
  let relativeGap: Double

  private static let coreSizes = [40, 160, 640, 2_560]
  /// The most seconds for the last core while there is no assignment, if the caller sets no limit.
  private static let secondsForAny = 20.0
  private static let largestToImprove = 640
  private static let optionsPerGroup = 6
  /// More than GLPK's tolerance, less than any coefficient that counts.
  private static let margin = 1e-8
  /// The most seconds for all cores of one rounding.
  private static let mostSeconds = 0.5

  /// An assignment that keeps every constraint, or `nil` if none was found.
  func round(_ vertex: VertexPhase.Result) throws -> [Int]? {
    let start = largestShares(vertex)
    let fractional = Set(vertex.shares.filter { $0.value < 1 - 1e-7 }.map(\.group))
    var best: (assignment: [Int], value: Double)?
    func consider(_ candidate: [Int]) {
      var assignment = candidate
      LocalSearch(problem: scaled.problem, tieBreaker: tieBreaker).improve(&assignment)
      guard isFeasible(assignment) else { return }
      let value = scaledObjective(assignment)
      if value < best?.value ?? .infinity { best = (assignment, value) }
    }

    if isFeasible(start) { consider(start) }
    let step = scaled.problem.objectiveStep
    if let best, isCloseEnough(best.value, vertex.bound, step) { return best.assignment }
    let order = criticalGroups(vertex, start, first: fractional)
    let stop = Deadline(seconds: min(Self.mostSeconds, deadline.remaining(otherwise: Self.mostSeconds)))
    for size in Self.coreSizes where size <= Self.largestToImprove || best == nil {
      let core = Array(order.prefix(max(size, fractional.count)))
      if let found = try solveCore(core, vertex, start, seconds: stop.remaining(otherwise: Self.mostSeconds))
      {
        consider(found)
      }
      if let best, isCloseEnough(best.value, vertex.bound, step) { break }
      if size >= order.count || stop.hasPassed { break }
    }
    if best == nil, !deadline.hasPassed {
      // No assignment at all: one core gets the time that the caller allows.
      let core = Array(order.prefix(max(Self.coreSizes[1], fractional.count)))
      let seconds = deadline.remaining(otherwise: Self.secondsForAny)
      if let found = try solveCore(core, vertex, start, seconds: seconds) { consider(found) }
    }
    return best?.assignment
  }

  /// Whether a larger core is not worth its time.
  private func isCloseEnough(_ value: Double, _ bound: Double, _ step: Double?) -> Bool {
    value - bound <= relativeGap * max(1e-9, abs(bound))
      || scaled.problem.isOptimal(value: scaled.unscaled(value), bound: scaled.unscaled(bound), step: step)
  }

  /// Every group at the option that the relaxation gives most of it to.
  private func largestShares(_ vertex: VertexPhase.Result) -> [Int] {
    var assignment = vertex.base.map(Int.init)
    var largest: [Int: Double] = [:]
    for share in vertex.shares { largest[share.group, default: 1] -= share.value }
    for share in vertex.shares where share.value > largest[share.group] ?? 0 {
      largest[share.group] = share.value
      assignment[share.group] = Int(share.option)
    }
    return assignment
  }

  /// The scaled objective per group.
  private func scaledObjective(_ assignment: [Int]) -> Double {
    var sum = CompensatedSum()
    for (i, j) in assignment.enumerated() { sum += scaled.objectiveCoefficient(i, j) }
    return sum.value / Double(scaled.problem.groupCount)
  }

  private func isFeasible(_ assignment: [Int]) -> Bool {
    let problem = scaled.problem
    return problem.constraints.indices.allSatisfy { k in
      var activity = CompensatedSum()
      for (i, j) in assignment.enumerated() {
        activity += problem.coefficient(constraint: k, group: i, option: j)
      }
      return problem.constraints[k].violation(of: activity.value) == 0
    }
  }

  /// The groups, nearest to a tie between two options first.
  private func criticalGroups(
    _ vertex: VertexPhase.Result, _ assignment: [Int], first: Set<Int>
  ) -> [Int] {
    let n = scaled.problem.groupCount
    let gaps = (0..<n).map { i in
      if first.contains(i) { return -1.0 }
      let own = vertex.scores[assignment[i] * n + i]
      var gap = Double.infinity
      for j in 0..<scaled.problem.optionCount where j != assignment[i] {
        gap = min(gap, abs(vertex.scores[j * n + i] - own))
      }
      return gap
    }
    return (0..<n).sorted { (gaps[$0], $0) < (gaps[$1], $1) }
  }

  /// The best assignment of the core groups while the others keep theirs; `nil` if there is none or none was
  /// found in time.
  private func solveCore(
    _ core: [Int], _ vertex: VertexPhase.Result, _ assignment: [Int], seconds: Double
  ) throws -> [Int]? {
    let problem = scaled.problem
    let n = problem.groupCount
    var left = scaled.rows.map { $0.limit * Double(n) }
    let isCore = Set(core)
    for (i, j) in assignment.enumerated() where !isCore.contains(i) {
      for k in left.indices { left[k] -= scaled.coefficient(k, i, j) }
    }
    // A small core may use every option; a larger one the best few, its present one, and those of the vertex.
    let most = core.count <= Self.coreSizes[0] ? problem.optionCount : Self.optionsPerGroup
    var wanted: [Int: Set<Int>] = [:]
    for share in vertex.shares { wanted[share.group, default: []].insert(Int(share.option)) }
    let pairs = core.flatMap { i in
      let eligible = (0..<problem.optionCount).filter { problem.eligible[problem.index(i, $0)] }
      // Ties are broken by turns, so that all of the tied options stand in some group of the core.
      let ranked = eligible.map {
        (score: vertex.scores[$0 * n + i], turn: ($0 + i) % problem.optionCount, option: $0)
      }
      .sorted { ($0.score, $0.turn) < ($1.score, $1.turn) }
      let kept = (wanted[i] ?? []).union([assignment[i]])
      return ranked.enumerated()
        .filter { $0.offset < most || kept.contains($0.element.option) }
        .map { (group: i, option: $0.element.option) }
    }
    // First to the limit itself, which may be the only way; what is then over it by GLPK's tolerance is found
    // a hair below.
    for margin in [0, Self.margin] {
      let model = coreModel(pairs, limits: left.map { $0 - margin })
      let solution = try solver.solve(model, options: SolveOptions(timeLimit: seconds, mipGap: 1e-7))
      guard solution.primal != .none else { return nil }
      var result = assignment
      for (at, pair) in pairs.enumerated() where solution.values[at] > 0.5 {
        result[pair.group] = pair.option
      }
      if isFeasible(result) { return result }
    }
    return nil
  }

  /// The integer program over `pairs`, which stand together by group, under limits of the scaled rows.
  private func coreModel(_ pairs: [(group: Int, option: Int)], limits: [Double]) -> LinearModel {
    var model = LinearModel()
    // A row that the core does not touch is empty.
    model.allowsEmpty = true
    for (k, limit) in limits.enumerated() { model.addRow(name: "row\(k)", upper: limit) }
    var choice: (group: Int, row: Int)?
    for pair in pairs {
      if choice?.group != pair.group {
        choice = (pair.group, model.addRow(name: "group\(pair.group)", equals: 1).index)
      }
      var entries: [(Int, Double)] = choice.map { [($0.row, 1)] } ?? []
      for k in limits.indices {
        let value = scaled.coefficient(k, pair.group, pair.option)
        if abs(value) > ScaledProblem.negligible { entries.append((k, value)) }
      }
      model.addColumn(
        name: "x\(pair.group),\(pair.option)", lower: 0, upper: 1,
        objective: scaled.objectiveCoefficient(pair.group, pair.option), kind: .integer, entries: entries)
    }
    return model
  }
}

/// Moves single groups to better options while every constraint stays kept, until no move helps.
struct LocalSearch {
  let problem: ChoiceProblem
  let tieBreaker: Int?

  private static let mostSweeps = 8

  func improve(_ assignment: inout [Int]) {
    let sign = problem.objective.sense == .minimize ? 1.0 : -1.0
    var activity = problem.constraints.indices.map { k in
      var sum = CompensatedSum()
      for (i, j) in assignment.enumerated() { sum += problem.coefficient(constraint: k, group: i, option: j) }
      return sum.value
    }
    for _ in 0..<Self.mostSweeps {
      var moved = false
      for i in assignment.indices {
        let from = assignment[i]
        var best: (objective: Double, tie: Double, option: Int)?
        for j in 0..<problem.optionCount where j != from && problem.eligible[problem.index(i, j)] {
          let gain =
            sign
            * (problem.objectiveCoefficient(group: i, option: j)
              - problem.objectiveCoefficient(group: i, option: from))
          let tie = tieBreaker.map {
            problem.attributes[$0].values[problem.index(i, j)]
              - problem.attributes[$0].values[problem.index(i, from)]
          }
          guard gain < 0 || (gain == 0 && (tie ?? 0) < 0) else { continue }
          if let best, (best.objective, best.tie) <= (gain, tie ?? 0) { continue }
          guard keeps(i, from, j, activity) else { continue }
          best = (gain, tie ?? 0, j)
        }
        guard let best else { continue }
        for k in activity.indices { activity[k] += change(k, i, from, best.option) }
        assignment[i] = best.option
        moved = true
      }
      if !moved { return }
    }
  }

  private func change(_ k: Int, _ i: Int, _ from: Int, _ to: Int) -> Double {
    problem.coefficient(constraint: k, group: i, option: to)
      - problem.coefficient(constraint: k, group: i, option: from)
  }

  /// Whether every constraint stays kept, with a margin for the rounding of running sums unless the move only
  /// helps it.
  private func keeps(_ i: Int, _ from: Int, _ to: Int, _ activity: [Double]) -> Bool {
    problem.constraints.indices.allSatisfy { k in
      let step = change(k, i, from, to)
      let row = problem.constraints[k]
      let towardsLimit = row.relation == .atMost ? step : -step
      guard towardsLimit > 0 else { return true }
      let room = row.relation == .atMost ? row.limit - activity[k] - step : activity[k] + step - row.limit
      // Counts are exact.
      return room >= (row.attribute == nil ? 0 : 1e-10 * max(1, abs(row.limit)))
    }
  }
}
