import CGLPK

/// Solves by GLPK, the GNU Linear Programming Kit: simplex methods, and branch and bound for integers.
///
/// Nothing is printed, and GLPK's own error stops are survived. An optimum is claimed only after it was
/// checked against the model. Solves may run in any number of threads at once; each belongs to the thread it
/// was called in. A cancelled task is noticed between attempts and between the nodes of the integer search.
public struct GLPKSolver: LinearSolver {
  /// The solver.
  public init() {}

  /// Solves `model`, in the calling thread.
  ///
  /// - Throws: ``ModelError`` if the model or the options are not valid.
  public func solve(_ model: LinearModel, options: SolveOptions) throws(ModelError) -> Solution {
    try model.validate()
    try options.validate(for: model)
    let problem = GLPKProblem(model)
    if problem.hasEmptyDomain { return Solution(.infeasible, of: model) }
    var search = GLPKSearch(model: model, problem: problem, options: options)
    return search.run()
  }

  /// The optimum of a file in CPLEX LP format as GLPK reads it: `nil` if it cannot be read or has none. It is
  /// there to check ``LPFormatWriter``.
  package func optimum(ofFileAt path: String) -> Double? {
    var objective = 0.0
    var message = Array(repeating: CChar(0), count: Int(GLPK_SHIM_MESSAGE))
    let status = glpk_shim_solve_file(path, &objective, &message)
    return status == GLP_OPT ? objective : nil
  }
}
