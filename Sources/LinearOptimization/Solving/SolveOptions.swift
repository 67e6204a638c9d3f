/// How to solve a model, and for how long.
public struct SolveOptions: Hashable, Sendable {
  /// The simplex method.
  public enum Method: Hashable, Sendable {
    /// The solver chooses.
    case automatic
    /// The primal simplex method: good from a primal feasible basis, as after adding columns.
    case primal
    /// The dual simplex method: good from a dual feasible basis, as after adding rows or changing bounds.
    case dual
  }

  /// The most seconds to spend, zero or more; `nil` for no limit. It is looked at between iterations, so that
  /// large models overshoot.
  public var timeLimit: Double?
  /// The most simplex iterations of a linear program, zero or more; `nil` for no limit. The search for
  /// integers is not counted.
  public var iterationLimit: Int?
  /// The simplex method.
  public var method: Method
  /// By how much a row or bound may be exceeded, in the solver's own scale: 10⁻¹² to 10⁻³.
  public var primalTolerance: Double
  /// By how much a reduced cost may have the wrong sign, in the solver's own scale: 10⁻¹² to 10⁻³.
  public var dualTolerance: Double
  /// Where to start; `nil` for the solver's choice. It may have fewer rows and columns than the model if
  /// these were added since. If it is singular, the solver starts elsewhere.
  public var basis: Basis?
  /// Whether a linear program is simplified first. The time limit is not looked at meanwhile.
  public var presolve: Bool
  /// When to stop the search for integers: at this difference from the best bound, relative to the objective;
  /// from 0 to 1.
  public var mipGap: Double

  /// Options; what is not given has its default.
  public init(
    timeLimit: Double? = nil, iterationLimit: Int? = nil, method: Method = .automatic,
    primalTolerance: Double = 1e-9, dualTolerance: Double = 1e-9, basis: Basis? = nil, presolve: Bool = false,
    mipGap: Double = 0
  ) {
    self.timeLimit = timeLimit
    self.iterationLimit = iterationLimit
    self.method = method
    self.primalTolerance = primalTolerance
    self.dualTolerance = dualTolerance
    self.basis = basis
    self.presolve = presolve
    self.mipGap = mipGap
  }

  /// Checks that the options are within their ranges and fit `model`; implementations of ``LinearSolver``
  /// call it.
  ///
  /// - Throws: ``ModelError`` with ``ModelError/Code/badOption`` or ``ModelError/Code/badBasis``.
  public func validate(for model: LinearModel) throws(ModelError) {
    if let timeLimit, !(timeLimit >= 0) {
      throw ModelError(.badOption, "the time limit is \(timeLimit) seconds: give zero or more")
    }
    if let iterationLimit, iterationLimit < 0 {
      throw ModelError(.badOption, "the iteration limit is \(iterationLimit): give zero or more")
    }
    for tolerance in [primalTolerance, dualTolerance] where !(1e-12...1e-3).contains(tolerance) {
      throw ModelError(.badOption, "the tolerance \(tolerance) is not from 1e-12 to 1e-3: give one that is")
    }
    if !(0...1).contains(mipGap) {
      throw ModelError(.badOption, "the gap \(mipGap) is not from 0 to 1: give one that is")
    }
    if let basis, basis.rows.count > model.rowCount || basis.columns.count > model.columnCount {
      throw ModelError(
        .badBasis,
        "the basis has \(basis.rows.count) rows and \(basis.columns.count) columns, the model "
          + "\(model.rowCount) and \(model.columnCount): use a basis of this model")
    }
  }
}
