import LinearOptimization

/// The expectations of one case, and those that were not met.
struct SolverCheck {
  let solver: any LinearSolver
  private(set) var messages: [String] = []

  private static let tolerance = 1e-6

  init(solver: any LinearSolver) { self.solver = solver }

  mutating func fail(_ message: String) { messages.append(message) }

  mutating func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fail(message()) }
  }

  /// Solves a model that has an optimum, and checks everything that is claimed of it.
  ///
  /// - Parameters:
  ///   - objective: the optimum, if it is known.
  ///   - size: what the objective's error is measured against; its own magnitude, and 1, if not given.
  @discardableResult
  mutating func expectOptimum(
    _ model: LinearModel, _ objective: Double? = nil, size: Double? = nil,
    options: SolveOptions = SolveOptions()
  ) throws -> Solution {
    let solution = try solver.solve(model, options: options)
    expect(solution.status == .optimal, "the status is \(solution.status), not optimal")
    expect(solution.primal == .optimal, "the values are \(solution.primal), not optimal")
    checkVectors(solution, model)
    if let objective {
      let error = abs(solution.objective - objective) / (size ?? max(1, abs(objective)))
      expect(error <= Self.tolerance, "the objective is \(solution.objective), not \(objective)")
    }
    if !model.hasIntegers {
      expect(solution.dual == .optimal, "the duals are \(solution.dual), not optimal")
      let residuals = Residuals(of: solution, in: model)
      expect(
        residuals.complementarity.relative <= Self.tolerance,
        "slackness is missed by \(residuals.complementarity)")
      expect(residuals.gap.relative <= Self.tolerance, "strong duality is missed by \(residuals.gap)")
    }
    return solution
  }

  /// Solves a model that has no optimum.
  mutating func expectStatus(_ status: Solution.Status, _ model: LinearModel) throws {
    let solution = try solver.solve(model, options: SolveOptions())
    expect(solution.status == status, "the status is \(solution.status), not \(status)")
    expect(solution.primal != .optimal, "there are optimal values in spite of it")
    checkVectors(solution, model)
  }

  /// Checks that the vectors are what the solution says of them, whatever its status is.
  mutating func checkVectors(_ solution: Solution, _ model: LinearModel) {
    let residuals = Residuals(of: solution, in: model)
    expect(
      solution.values.count == model.columnCount && solution.rowActivities.count == model.rowCount
        && solution.rowDuals.count == model.rowCount && solution.reducedCosts.count == model.columnCount,
      "a vector has a wrong length")
    if solution.primal != .none {
      expect(residuals.primal.relative <= Self.tolerance, "rows or bounds are missed by \(residuals.primal)")
      expect(
        residuals.integrality.absolute <= Self.tolerance, "integers are missed by \(residuals.integrality)")
      let objective = model.objective(at: solution.values)
      expect(Self.agree([solution.objective], [objective]), "the objective is not that of the values")
      expect(
        Self.agree(solution.rowActivities, model.activities(at: solution.values)),
        "activities are not the values'")
      let beyond = (solution.bound - solution.objective) * (model.sense == .minimize ? 1 : -1)
      expect(
        beyond <= Self.tolerance * max(1, abs(objective)),
        "the bound \(solution.bound) excludes the objective \(solution.objective)")
    }
    if solution.dual != .none {
      expect(residuals.dual.relative <= Self.tolerance, "the duals' signs are missed by \(residuals.dual)")
      expect(
        Self.agree(solution.reducedCosts, model.reducedCosts(at: solution.rowDuals)),
        "reduced costs are not those of the duals")
    }
    if let basis = solution.basis, !model.hasIntegers {
      let basic = (basis.rows + basis.columns).count { $0 == .basic }
      expect(basic == model.rowCount, "\(basic) are basic in a basis of \(model.rowCount)")
    }
  }

  private static func agree(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($0), abs($1)) }
  }
}
