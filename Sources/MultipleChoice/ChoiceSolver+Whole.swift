import LinearOptimization

/// Whole assignments next to the vertex of the relaxation.
extension ChoiceSolver {
  func whole(_ problem: ChoiceProblem, _ options: Options, _ watch: SolveWatch) throws -> ChoiceAnswer {
    let search = try PurchaseSearch(solver: self, options: options, watch: watch).run(problem)
    switch search {
    case .infeasible(let multipliers, let vertex, let scaled):
      return .infeasible(try infeasibility(problem, multipliers, vertex, scaled, isWhole: true, watch))
    case .found(let vertex, let scaled, let bound):
      guard let solution = try round(vertex, scaled, problem, bound: bound, options, watch) else {
        if watch.shouldStop { throw ChoiceSolverError.outOfTime }
        if let small = try smallProblem(problem, vertex, scaled, bound, watch) { return .solved(small) }
        return .infeasible(try onlyFractional(problem, vertex, watch))
      }
      do {
        return .solved(try economize(solution, problem, options, watch))
      } catch {
        // What was found already stands, whatever became of the search for an equal one.
        return .solved(solution)
      }
    case .none:
      if watch.shouldStop { throw ChoiceSolverError.outOfTime }
      return .infeasible(try onlyFractional(problem, nil, watch))
    }
  }

  /// Up to so many pairs, a problem is handed to GLPK whole where nothing else found an assignment.
  private static let fewPairs = 2_000
  private static let secondsForSmall = 20.0

  /// The assignment that GLPK finds for a small problem, purchases and all; `nil` if there is none, or none in
  /// time.
  private func smallProblem(
    _ problem: ChoiceProblem, _ vertex: Vertex, _ scaled: ScaledProblem, _ bound: Double?, _ watch: SolveWatch
  ) throws -> ChoiceSolution? {
    guard problem.groupCount * problem.optionCount <= Self.fewPairs else { return nil }
    let seconds = watch.deadline.remaining(otherwise: Self.secondsForSmall)
    let found = try solver.solve(
      problem.linearModel(integral: true), options: SolveOptions(timeLimit: seconds))
    guard found.primal != .none else { return nil }
    var assignment = Array(repeating: 0, count: problem.groupCount)
    var at = 0
    for i in 0..<problem.groupCount {
      for j in 0..<problem.optionCount where problem.isEligible(group: i, option: j) {
        if found.values[at] > 0.5 { assignment[i] = j }
        at += 1
      }
    }
    let purchases = problem.purchases.enumerated().map { p, purchase in
      let amount = found.values[at + p]
      return min(
        max(purchase.isInteger ? amount.rounded() : amount, purchase.bounds.lowerBound),
        purchase.bounds.upperBound)
    }
    let relaxation = ChoiceRelaxation(vertex, scaled, passes: watch.passes)
    let certificate =
      if let bound {
        problem.certificate(assignment: assignment, purchases: purchases, bound: bound)
      } else {
        problem.certificate(assignment: assignment, purchases: purchases, prices: relaxation.prices)
      }
    guard certificate.isFeasible else { return nil }
    return ChoiceSolution(
      relaxation: relaxation, bound: certificate.bound, assignment: assignment, purchases: purchases,
      certificate: certificate, passes: watch.passes)
  }

  /// A whole assignment near a vertex; `nil` if none was found.
  ///
  /// - Parameters:
  ///   - problem: the problem that was asked for; that of `scaled` may hold purchases to narrower bounds.
  ///   - bound: in the problem's units; `nil` for that of the vertex.
  func round(
    _ vertex: Vertex, _ scaled: ScaledProblem, _ problem: ChoiceProblem, bound: Double?, _ options: Options,
    _ watch: SolveWatch
  ) throws -> ChoiceSolution? {
    let purchases = zip(vertex.purchases, scaled.problem.purchases).enumerated().map { p, pair in
      let amount = pair.0 * scaled.purchases[p].size
      return min(
        max(pair.1.isInteger ? amount.rounded() : amount, pair.1.bounds.lowerBound), pair.1.bounds.upperBound)
    }
    let rounding = Rounding(
      scaled: scaled, pass: PricingPass(scaled), solver: solver, watch: watch, then: options.then,
      relativeGap: options.relativeGap, purchases: purchases)
    guard let assignment = try rounding.round(vertex) else { return nil }
    let relaxation = ChoiceRelaxation(vertex, scaled, passes: watch.passes)
    let bound = bound ?? relaxation.bound
    return ChoiceSolution(
      relaxation: relaxation, bound: bound, assignment: assignment, purchases: purchases,
      certificate: problem.certificate(assignment: assignment, purchases: purchases, bound: bound),
      passes: watch.passes)
  }

  /// How near to the least of the second objective is near enough.
  private static let economyGap = 1e-3

  /// Of assignments with this objective, looks for one that the second objective likes better: the same
  /// problem again, with the objective as a row.
  private func economize(
    _ solution: ChoiceSolution, _ problem: ChoiceProblem, _ options: Options, _ watch: SolveWatch
  ) throws -> ChoiceSolution {
    guard let then = options.then, problem.objective.terms.count == 1, problem.purchases.isEmpty,
      problem.objective.terms[0].weight == 1, !watch.shouldStop
    else { return solution }
    let first = problem.objective.terms[0]
    let row = ChoiceProblem.SideConstraint(
      name: Self.unusedName(problem), attribute: first.attribute, options: first.options,
      classes: first.classes, problem.objective.sense == .minimize ? .atMost : .atLeast,
      solution.certificate.value)
    let second = try problem.with(objective: then, constraints: problem.constraints + [row])
    let scaled = ScaledProblem(second)
    let quiet = watch.quiet
    let vertex = try self.vertex(scaled, caps: Array(repeating: 1e4, count: scaled.rowCount), quiet)
    var economy = options
    economy.then = nil
    economy.relativeGap = Self.economyGap
    guard vertex.isFeasible, let other = try round(vertex, scaled, second, bound: nil, economy, quiet),
      other.certificate.isFeasible
    else { return solution }
    let sign = then.sense == .minimize ? 1.0 : -1.0
    let present = AssignmentTotals(second, solution.assignment).value(of: then).value
    guard sign * other.certificate.value < sign * present else { return solution }
    var result = solution
    result.assignment = other.assignment
    result.certificate = problem.certificate(
      assignment: other.assignment, purchases: solution.purchases, bound: solution.bound)
    return result
  }

  private static func unusedName(_ problem: ChoiceProblem) -> String {
    var name = "objective"
    while problem.constraints.contains(where: { $0.name == name }) { name += "'" }
    return name
  }
}
