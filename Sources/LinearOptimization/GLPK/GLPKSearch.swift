import CGLPK

/// Attempts at one problem until an answer holds: as asked, then otherwise, then simplified first.
struct GLPKSearch {
  let model: LinearModel
  let problem: GLPKProblem
  let options: SolveOptions

  private var secondsLeft: Double?
  private var iterationsLeft: Int?
  private var iterations = 0

  /// What one attempt came to.
  private enum Outcome {
    case done(Solution)
    /// It broke down, or its claim does not hold; the basis, if there is one, is worth going on from.
    case failed(Solution, goOnFrom: Basis?)
  }

  init(model: LinearModel, problem: GLPKProblem, options: SolveOptions) {
    self.model = model
    self.problem = problem
    self.options = options
    secondsLeft = options.timeLimit
    iterationsLeft = options.iterationLimit
  }

  mutating func run() -> Solution {
    let asked: SolveOptions.Method = options.method == .dual ? .dual : .primal
    let other: SolveOptions.Method = asked == .dual ? .primal : .dual
    let attempts = [(asked, options.presolve, 1), (other, false, 0.01), (asked, !options.presolve, 0.01)]
    var start = options.basis?.extended(to: model)
    var last = Solution(.numericalFailure, of: model)
    for (method, presolve, tightening) in attempts {
      if Task.isCancelled { return finish(Solution(.cancelled, of: model)) }
      switch attempt(method, presolve: presolve, tightening: tightening, from: start) {
      case .done(let solution):
        return finish(solution)
      case .failed(let solution, let basis):
        last = solution
        start = basis
      }
    }
    last.status = .numericalFailure
    return finish(last)
  }

  private func finish(_ solution: Solution) -> Solution {
    var solution = solution
    solution.iterations = iterations
    return solution
  }

  private mutating func attempt(
    _ method: SolveOptions.Method, presolve: Bool, tightening: Double, from start: Basis?
  ) -> Outcome {
    var problem = problem
    problem.settings.method = method == .dual ? GLP_DUALP : GLP_PRIMAL
    problem.settings.presolve = presolve ? GLP_ON : GLP_OFF
    problem.settings.primal_tolerance = max(1e-12, options.primalTolerance * tightening)
    problem.settings.dual_tolerance = max(1e-12, options.dualTolerance * tightening)
    problem.settings.integer_tolerance = 1e-7 * tightening
    problem.settings.iteration_limit = Int32(clamping: iterationsLeft ?? .max)
    problem.settings.time_limit = secondsLeft.map { Int32(min($0 * 1_000, 2e9)) } ?? .max
    problem.settings.mip_gap = options.mipGap
    // Called by GLPK in this thread, hence within this task if there is one.
    problem.settings.should_stop = { Task.isCancelled ? 1 : 0 }
    let answer = problem.run(from: start)
    iterations += Int(answer.result.iterations)
    secondsLeft = secondsLeft.map { max(0, $0 - answer.result.seconds) }
    iterationsLeft = iterationsLeft.map { max(0, $0 - Int(answer.result.iterations)) }
    return answer.result.mip_status != GLP_UNDEF || answer.result.mip_code != 0
      ? integerOutcome(answer) : linearOutcome(answer)
  }

  private func linearOutcome(_ answer: GLPKProblem.Answer) -> Outcome {
    let result = answer.result
    switch result.code {
    case 0:
      switch result.status {
      case GLP_OPT: return verified(solution(.optimal, answer), answer)
      case GLP_UNBND: return .done(solution(.unbounded, answer))
      default:
        return result.primal_status == GLP_NOFEAS
          ? .done(Solution(.infeasible, of: model)) : failed(answer)
      }
    case GLP_ENOPFS: return .done(Solution(.infeasible, of: model))
    case GLP_ETMLIM: return .done(solution(.timeLimit, answer))
    case GLP_EITLIM: return .done(solution(.iterationLimit, answer))
    default: return failed(answer)
    }
  }

  private func failed(_ answer: GLPKProblem.Answer) -> Outcome {
    .failed(Solution(.numericalFailure, of: model), goOnFrom: nil)
  }

  private func verified(_ solution: Solution, _ answer: GLPKProblem.Answer) -> Outcome {
    solution.primal == .optimal && solution.dual == .optimal
      ? .done(solution) : .failed(solution, goOnFrom: answer.basis)
  }

  /// By how much the conditions may be missed, relatively: the tolerances hold in GLPK's scale, and add up in
  /// the model's.
  private var acceptance: Double { max(1e-7, 100 * max(options.primalTolerance, options.dualTolerance)) }

  /// A solution of the linear program whose vectors mean what the model says they do.
  private func solution(_ status: Solution.Status, _ answer: GLPKProblem.Answer) -> Solution {
    var solution = Solution(status, of: model)
    solution.values = answer.values
    solution.rowDuals = answer.rowDuals
    solution.basis = answer.basis
    let residuals = Residuals(of: solution, in: model)
    let isOptimal = status == .optimal && residuals.isOptimal(within: acceptance) && !model.hasIntegers
    if residuals.isPrimalFeasible(within: acceptance) {
      solution.primal = isOptimal ? .optimal : .feasible
      solution.rowActivities = model.activities(at: answer.values)
      solution.objective = model.objective(at: answer.values)
    } else {
      solution.values = Solution(status, of: model).values
    }
    if residuals.isDualFeasible(within: acceptance) && !model.hasIntegers {
      solution.dual = isOptimal ? .optimal : .feasible
      solution.reducedCosts = model.reducedCosts(at: answer.rowDuals)
      solution.bound = residuals.dualObjective
    } else {
      solution.rowDuals = Solution(status, of: model).rowDuals
    }
    return solution
  }

  private func integerOutcome(_ answer: GLPKProblem.Answer) -> Outcome {
    let result = answer.result
    var solution = Solution(.optimal, of: model)
    solution.basis = answer.basis
    if result.mip_bound.isFinite, abs(result.mip_bound) < 1e300 {
      solution.bound = result.mip_bound + model.objectiveConstant
    }
    switch (result.mip_code, result.mip_status) {
    case (0, GLP_NOFEAS): return .done(Solution(.infeasible, of: model))
    case (0, GLP_OPT), (GLP_EMIPGAP, _): solution.status = .optimal
    case (GLP_ETMLIM, _): solution.status = .timeLimit
    case (GLP_ESTOP, _): solution.status = .cancelled
    default: return failed(answer)
    }
    guard result.mip_status == GLP_OPT || result.mip_status == GLP_FEAS else { return .done(solution) }
    guard let values = feasibleValues(near: answer.values) else { return failed(answer) }
    solution.values = values
    solution.rowActivities = model.activities(at: values)
    solution.objective = model.objective(at: values)
    solution.primal = .feasible
    // The search discarded what is no better than its incumbent, whose integers were whole within the
    // tolerance only.
    let claimed = model.objective(at: answer.values)
    let lost = model.sign * (solution.objective - claimed)
    let isKept = lost <= acceptance * max(abs(claimed), model.typicalCost)
    if isKept && result.mip_code == 0 {
      solution.bound = solution.objective
    } else {
      let candidates = [solution.bound, claimed, solution.objective]
      solution.bound = (model.sense == .minimize ? candidates.min() : candidates.max()) ?? solution.bound
    }
    if solution.status != .optimal { return .done(solution) }
    if !isKept { return .failed(solution, goOnFrom: nil) }
    solution.primal = .optimal
    return .done(solution)
  }

  /// The values with integers made whole, if they satisfy the model; the others are then solved for again
  /// where needed.
  private func feasibleValues(near values: [Double]) -> [Double]? {
    var rounded = values
    for (j, column) in model.columns.enumerated() where column.kind == .integer {
      rounded[j] = values[j].rounded()
    }
    var candidate = Solution(.optimal, of: model)
    candidate.values = rounded
    if Residuals(of: candidate, in: model).isPrimalFeasible(within: acceptance) { return rounded }
    var fixed = model
    for (j, column) in model.columns.enumerated() where column.kind == .integer {
      fixed.columns[j].kind = .continuous
      fixed.columns[j].bounds = Bounds(lower: rounded[j], upper: rounded[j])
    }
    var search = GLPKSearch(
      model: fixed, problem: GLPKProblem(fixed), options: SolveOptions(timeLimit: options.timeLimit))
    let solution = search.run()
    return solution.status == .optimal ? solution.values : nil
  }
}
