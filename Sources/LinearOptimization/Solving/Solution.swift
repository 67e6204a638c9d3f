/// What a solver found.
///
/// Why it stopped is one thing, what the vectors mean another: a search that ran out of time may hold a
/// feasible point.
///
/// **Signs.** A row's dual is the derivative of the optimal objective by the row's right-hand side, and a
/// column's reduced cost is `d_j = c_j - Σ_i y_i a_ij`, the derivative by the column's bound: both in the
/// objective's own sense. When minimizing, a row held at its lower bound thus has a dual of zero or more and
/// one held at its upper bound of zero or less; when maximizing, the reverse.
public struct Solution: Sendable {
  /// Why the solver stopped.
  public enum Status: Hashable, Sendable {
    /// An optimum was found; of an integer program, one within the gap that was asked for.
    case optimal
    /// No point satisfies the rows and bounds.
    case infeasible
    /// The objective can be improved without end; of an integer program, that of its relaxation.
    case unbounded
    /// The time limit was reached.
    case timeLimit
    /// The iteration limit was reached.
    case iterationLimit
    /// The task was cancelled.
    case cancelled
    /// No answer could be reached that holds when it is checked against the model.
    case numericalFailure
  }

  /// What a vector means.
  public enum Meaning: Hashable, Sendable {
    /// Nothing: its elements are not a number.
    case none
    /// It satisfies the constraints of its own problem, primal or dual.
    case feasible
    /// It is feasible and optimal.
    case optimal
  }

  /// Why the solver stopped.
  public var status: Status
  /// What ``values`` and ``rowActivities`` mean.
  public var primal: Meaning
  /// What ``rowDuals`` and ``reducedCosts`` mean. Nothing if there are integers.
  public var dual: Meaning
  /// The objective at ``values``; not a number if they mean nothing.
  public var objective: Double
  /// No point can have an objective better than this; infinite if nothing is known.
  public var bound: Double
  /// The value of each column.
  public var values: [Double]
  /// The sum of the terms of each row at ``values``.
  public var rowActivities: [Double]
  /// The dual of each row.
  public var rowDuals: [Double]
  /// The reduced cost of each column.
  public var reducedCosts: [Double]
  /// The last basis, if there is one; with integers, that of the relaxation.
  public var basis: Basis?
  /// The number of simplex iterations; with integers, of the relaxation.
  public var iterations: Int

  /// A solution without meaning yet, whose vectors have the lengths that `model` needs.
  public init(_ status: Status, of model: LinearModel) {
    self.status = status
    primal = .none
    dual = .none
    objective = .nan
    bound = -.infinity * model.sign
    values = Array(repeating: .nan, count: model.columnCount)
    rowActivities = Array(repeating: .nan, count: model.rowCount)
    rowDuals = rowActivities
    reducedCosts = values
    iterations = 0
  }

  /// The value of a variable.
  public subscript(variable: Variable) -> Double { values[variable.index] }

  /// The value of an expression.
  public subscript(expression: LinearExpression) -> Double {
    expression.terms.reduce(expression.constant) { $0 + $1.coefficient * self[$1.variable] }
  }

  /// The dual of a row.
  public func dual(of row: RowHandle) -> Double { rowDuals[row.index] }

  /// The reduced cost of a variable.
  public func reducedCost(of variable: Variable) -> Double { reducedCosts[variable.index] }
}
