/// What solves linear models. `SolverConformance` in DrayageTesting puts any implementation through its
/// paces.
public protocol LinearSolver: Sendable {
  /// Solves `model`, in the calling thread.
  ///
  /// That there is no solution, or none in time, is an answer: see ``Solution/status``.
  ///
  /// - Throws: ``ModelError`` if the model or the options are not valid.
  func solve(_ model: LinearModel, options: SolveOptions) throws(ModelError) -> Solution
}

extension LinearSolver {
  /// Solves `model` with default options, in the calling thread.
  ///
  /// - Throws: ``ModelError`` if the model is not valid.
  public func solve(_ model: LinearModel) throws(ModelError) -> Solution {
    try solve(model, options: SolveOptions())
  }
}
