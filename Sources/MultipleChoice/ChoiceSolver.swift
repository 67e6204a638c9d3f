import LinearOptimization

/// Solves multiple-choice problems with side constraints, with a certificate of how far from the best the
/// answer can be.
///
/// The linear relaxation is solved exactly in three steps: cutting planes for its Lagrangian dual
/// (``DualPhase``), a residual linear problem in GLPK for the vertex, and passes over all pairs that prove it
/// (``VertexPhase``). At a vertex at most one group per side constraint is fractional, so rounding costs
/// almost nothing; what it costs is reported as the gap.
public struct ChoiceSolver: Sendable {
  /// How far to go.
  public struct Options: Sendable {
    /// The most seconds to take, or `nil` for as long as it needs. The best found by then is returned.
    public var timeLimit: Double?
    /// An attribute to keep small among assignments of equal objective, such as cost when quality is
    /// maximized.
    public var tieBreaker: Int?
    /// A gap between assignment and bound, relative to the bound, that is not worth more time.
    public var relativeGap: Double

    /// Options.
    public init(timeLimit: Double? = nil, tieBreaker: Int? = nil, relativeGap: Double = 1e-6) {
      self.timeLimit = timeLimit
      self.tieBreaker = tieBreaker
      self.relativeGap = relativeGap
    }
  }

  private let solver: GLPKSolver

  /// A solver.
  public init() {
    solver = GLPKSolver()
  }

  /// Solves `problem`.
  ///
  /// - Throws: ``ChoiceSolverError`` if the arithmetic breaks down. Infeasible is an answer, not an error.
  public func solve(
    _ problem: ChoiceProblem, options: Options = Options()
  ) throws(ChoiceSolverError) -> ChoiceAnswer {
    do {
      return try solveOrThrow(problem, options, Deadline(seconds: options.timeLimit))
    } catch let error as ChoiceSolverError {
      throw error
    } catch {
      throw ChoiceSolverError("\(error)")
    }
  }

  /// Multipliers are capped, so that every master is feasible; a cap that binds is raised.
  private static let caps = [1e2, 1e4, 1e6, 1e9]
  /// How near to the least of the tie breaker is near enough.
  private static let economyGap = 1e-3

  private func solveOrThrow(
    _ problem: ChoiceProblem, _ options: Options, _ deadline: Deadline
  ) throws -> ChoiceAnswer {
    let scaled = ScaledProblem(problem)
    for cap in Self.caps {
      let vertex = try solveRelaxation(scaled, caps: Array(repeating: cap, count: scaled.rowCount), deadline)
      if vertex.excess.allSatisfy({ $0 <= 1e-7 }) {
        guard let solution = try round(vertex, scaled, options, deadline) else {
          return .infeasible(try fractional(problem, vertex, deadline))
        }
        return .solved(try economize(solution, problem, options, deadline))
      }
      if let infeasibility = try infeasibility(of: problem, deadline) { return .infeasible(infeasibility) }
      if deadline.hasPassed { throw ChoiceSolverError.outOfTime }
    }
    throw ChoiceSolverError("the prices exceed \(Self.caps[Self.caps.count - 1]) in natural units")
  }

  private func solveRelaxation(
    _ scaled: ScaledProblem, caps: [Double], _ deadline: Deadline
  ) throws -> VertexPhase.Result {
    guard scaled.rowCount > 0 else {
      var pass = PricingPass(scaled)
      let bound = pass.run([])
      return VertexPhase.Result(
        base: pass.choice, shares: [], multipliers: [], value: bound, bound: bound, excess: [],
        scores: pass.scores,
        passes: 1, isProven: true)
    }
    let dual = try DualPhase(scaled: scaled, caps: caps, solver: solver, deadline: deadline).run()
    var vertex = try VertexPhase(scaled: scaled, caps: caps, solver: solver, deadline: deadline).run(
      from: dual)
    vertex.passes += dual.passes
    return vertex
  }

  /// The vertex with a whole assignment next to it; `nil` if none was found.
  private func round(
    _ vertex: VertexPhase.Result, _ scaled: ScaledProblem, _ options: Options, _ deadline: Deadline
  ) throws -> ChoiceSolution? {
    let problem = scaled.problem
    let prices = scaled.prices(from: vertex.multipliers)
    let rounding = Rounding(
      scaled: scaled, solver: solver, deadline: deadline, tieBreaker: options.tieBreaker,
      relativeGap: options.relativeGap)
    guard let assignment = try rounding.round(vertex) else { return nil }
    return ChoiceSolution(
      lpObjective: scaled.unscaled(vertex.value), bound: problem.lagrangianBound(prices: prices),
      prices: prices,
      isProven: vertex.isProven,
      fractionalGroups: Set(vertex.shares.filter { $0.value < 1 - 1e-7 }.map(\.group)).sorted(),
      shares: ChoiceSolution.shares(vertex, problem), assignment: assignment,
      certificate: problem.certificate(assignment: assignment, prices: prices), passes: vertex.passes)
  }

  /// Of assignments with this objective, looks for one with less of the tie breaker: the same problem again,
  /// with the objective as a row.
  private func economize(
    _ solution: ChoiceSolution, _ problem: ChoiceProblem, _ options: Options, _ deadline: Deadline
  ) throws -> ChoiceSolution {
    guard let tieBreaker = options.tieBreaker, problem.objective.terms.count == 1,
      problem.objective.terms[0].weight == 1, problem.objective.terms[0].attribute != tieBreaker,
      !deadline.hasPassed
    else { return solution }
    let row = ChoiceProblem.SideConstraint(
      name: "", attribute: problem.objective.terms[0].attribute,
      problem.objective.sense == .minimize ? .atMost : .atLeast, solution.certificate.value)
    let second = try problem.with(
      objective: .init(.minimize, attribute: tieBreaker), constraints: problem.constraints + [row])
    let scaled = ScaledProblem(second)
    let vertex = try solveRelaxation(
      scaled, caps: Array(repeating: Self.caps[1], count: scaled.rowCount), deadline)
    guard vertex.excess.allSatisfy({ $0 <= 1e-7 }),
      let cheaper = try round(vertex, scaled, Options(relativeGap: Self.economyGap), deadline),
      cheaper.certificate.isFeasible,
      cheaper.certificate.value
        < second.certificate(assignment: solution.assignment, prices: cheaper.prices).value
    else { return solution }
    var result = solution
    result.assignment = cheaper.assignment
    result.certificate = problem.certificate(assignment: cheaper.assignment, prices: solution.prices)
    return result
  }

  /// What is said where fractional choices keep the constraints and no whole assignment was found: the rows
  /// that bind.
  private func fractional(
    _ problem: ChoiceProblem, _ vertex: VertexPhase.Result, _ deadline: Deadline
  ) throws -> ChoiceInfeasibility {
    let binding = problem.constraints.indices.filter { vertex.multipliers[$0] > 1e-9 }
    let conflict = binding.isEmpty ? Array(problem.constraints.indices) : binding
    return ChoiceInfeasibility(
      isOnlyFractional: true, multipliers: Array(repeating: 0, count: problem.constraints.count),
      conflict: conflict, limitsTogether: problem.constraints.map(\.limit),
      limitsAlone: try conflict.map { try limitAlone(problem, row: $0, multipliers: nil, deadline) })
  }

  /// Phase one: the least total relative excess over the rows. Positive means infeasible, and its multipliers
  /// prove it.
  private func infeasibility(of problem: ChoiceProblem, _ deadline: Deadline) throws -> ChoiceInfeasibility? {
    let scaled = ScaledProblem(problem, ignoringObjective: true)
    let caps = scaled.rows.map { 1 / max(abs($0.limit), 0.02) }
    let vertex = try solveRelaxation(scaled, caps: caps, deadline)
    let multipliers = scaled.rows.indices.map { vertex.multipliers[$0] * abs(scaled.rows[$0].factor) }
    guard vertex.excess.contains(where: { $0 > 1e-7 }), problem.farkasValue(multipliers: multipliers) > 0
    else {
      return nil
    }
    let together = problem.constraints.indices.map { k in
      problem.constraints[k].limit + vertex.excess[k] / scaled.rows[k].factor
    }
    let largest = vertex.multipliers.max() ?? 0
    let conflict = problem.constraints.indices.filter { vertex.multipliers[$0] > 1e-6 * largest }
    return ChoiceInfeasibility(
      isOnlyFractional: false, multipliers: multipliers, conflict: conflict, limitsTogether: together,
      limitsAlone: try conflict.map { try limitAlone(problem, row: $0, multipliers: multipliers, deadline) })
  }

  /// The limit that row `k` would need if all others stay; `nil` if they conflict without it.
  ///
  /// - Parameter multipliers: a proof that all of them conflict, if there is one.
  private func limitAlone(
    _ problem: ChoiceProblem, row k: Int, multipliers: [Double]?, _ deadline: Deadline
  ) throws -> Double? {
    if let multipliers {
      // Proof enough that the others conflict, and no solve.
      var others = multipliers
      others[k] = 0
      if problem.farkasValue(multipliers: others) > 0 { return nil }
    }
    let row = problem.constraints[k]
    var values = Array(repeating: 0.0, count: problem.groupCount * problem.optionCount)
    for j in 0..<problem.optionCount {
      for i in 0..<problem.groupCount where problem.eligible[problem.index(i, j)] {
        values[problem.index(i, j)] = problem.coefficient(constraint: k, group: i, option: j)
      }
    }
    let others = try ChoiceProblem(
      groupCount: problem.groupCount, optionCount: problem.optionCount, classOf: problem.classOf,
      eligible: problem.eligible,
      attributes: problem.attributes + [ChoiceProblem.Attribute(name: row.name, values: values)],
      objective: ChoiceProblem.Objective(
        row.relation == .atMost ? .minimize : .maximize, attribute: problem.attributes.count),
      constraints: problem.constraints.enumerated().filter { $0.offset != k }.map(\.element))
    let scaled = ScaledProblem(others)
    let vertex = try solveRelaxation(
      scaled, caps: Array(repeating: Self.caps[1], count: scaled.rowCount), deadline)
    guard vertex.excess.allSatisfy({ $0 <= 1e-7 }) else { return nil }
    return try round(vertex, scaled, Options(), deadline)?.certificate.value
  }
}
