/// By how much a solution misses the conditions of Karush, Kuhn and Tucker, computed from the model and the
/// vectors alone.
///
/// Every measure is the worst of its kind, absolute in the model's units and relative to what it should be
/// small against. It is infinite if a number is not a number.
public struct Residuals: Hashable, Sendable {
  /// The worst violation of one kind.
  public struct Measure: Hashable, Sendable {
    /// In the units of the model.
    public private(set) var absolute = 0.0
    /// Relative to the size of the terms that should cancel out.
    public private(set) var relative = 0.0

    mutating func note(_ violation: Double, against size: Double) {
      guard violation > 0 || violation.isNaN else { return }
      absolute = violation.isNaN ? .infinity : max(absolute, violation)
      let ratio = violation / size
      relative = ratio.isNaN ? .infinity : max(relative, ratio)
    }
  }

  /// Rows and bounds, relative to the greatest of 1, the bound and the sum of the terms' magnitudes.
  public private(set) var primal = Measure()
  /// The distance of integer columns from whole numbers.
  public private(set) var integrality = Measure()
  /// Duals and reduced costs that push against a bound that is not there, relative to the sum of the terms'
  /// magnitudes and to the size of the objective's coefficients (their geometric mean, 1 if there are none).
  public private(set) var dual = Measure()
  /// Products of a dual or reduced cost and the distance to the bound that it pushes against, relative to the
  /// terms of the objective.
  public private(set) var complementarity = Measure()
  /// The difference of the primal and the dual objective, relative to the terms of the objective.
  public private(set) var gap = Measure()
  /// The objective that the duals prove: no feasible point is better, if ``dual`` is zero.
  public private(set) var dualObjective = 0.0

  /// Whether the values satisfy rows, bounds and integrality within a relative tolerance.
  public func isPrimalFeasible(within tolerance: Double) -> Bool {
    primal.relative <= tolerance && integrality.absolute <= tolerance
  }

  /// Whether the duals push against existing bounds only, within a relative tolerance.
  public func isDualFeasible(within tolerance: Double) -> Bool { dual.relative <= tolerance }

  /// Whether values and duals prove each other optimal within a relative tolerance. It means nothing for
  /// integer programs.
  public func isOptimal(within tolerance: Double) -> Bool {
    isPrimalFeasible(within: tolerance) && isDualFeasible(within: tolerance)
      && complementarity.relative <= tolerance && gap.relative <= tolerance
  }

  /// Measures `solution` against a valid `model`; its ``Solution/values`` and ``Solution/rowDuals`` are
  /// looked at, and nothing else.
  public init(of solution: Solution, in model: LinearModel) {
    let activities = model.rowSums(at: solution.values)
    let reduced = model.columnSums(at: solution.rowDuals)
    let rowMost = model.greatestByRow()
    let costSize = model.typicalCost
    var objective = CompensatedSum()
    for (column, value) in zip(model.columns, solution.values) { objective += column.objective * value }
    var proven = CompensatedSum()
    var products: [Double] = []

    /// One row or column: its value, the multiplier of its bound, and the sizes that these are measured
    /// against.
    func check(_ bounds: Bounds, _ value: Double, _ size: Double, _ multiplier: Double, _ costs: Double) {
      primal.note(bounds.lower - value, against: max(1, size, abs(bounds.lower)))
      primal.note(value - bounds.upper, against: max(1, size, abs(bounds.upper)))
      if multiplier == 0 { return }
      let push = multiplier * model.sign
      let bound = push > 0 ? bounds.lower : bounds.upper
      if bound.isInfinite {
        dual.note(abs(push), against: costs)
      } else {
        products.append(abs(push * (value - bound)))
        proven += multiplier * bound
      }
      if multiplier.isNaN { dual.note(.nan, against: 1) }
    }
    for (i, row) in model.rows.enumerated() {
      let dual = solution.rowDuals[i]
      // A dual times the row's greatest coefficient is of the size of an objective's coefficient.
      let unit = rowMost[i] == 0 ? 1 : costSize / rowMost[i]
      check(row.bounds, activities[i].value, activities[i].magnitude, dual, unit)
    }
    for (j, column) in model.columns.enumerated() {
      let value = solution.values[j]
      check(column.bounds, value, abs(value), reduced[j].value, max(costSize, reduced[j].magnitude))
      if column.kind == .integer { integrality.note(abs(value - value.rounded()), against: 1) }
      if value.isNaN { primal.note(.nan, against: 1) }
    }
    let size = max(objective.magnitude, proven.magnitude, costSize)
    for product in products { complementarity.note(product, against: size) }
    gap.note(abs(objective.value - proven.value), against: size)
    dualObjective = proven.value + model.objectiveConstant
  }
}

extension LinearModel {
  fileprivate func greatestByRow() -> [Double] {
    var result = Array(repeating: 0.0, count: rowCount)
    for e in entries.values.indices {
      let i = Int(entries.rows[e])
      result[i] = max(result[i], abs(entries.values[e]))
    }
    return result
  }
}
