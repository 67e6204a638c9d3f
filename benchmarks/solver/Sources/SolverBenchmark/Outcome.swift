import MultipleChoice

/// What a solve says, whatever its kind.
struct Outcome: Codable {
  /// One limit of a frontier.
  struct Point: Codable {
    let limit: Double
    let value: Double?
    let bound: Double?
  }

  /// `optimal`, `unproven`, `infeasible`, `onlyFractional` or `frontier`.
  let status: String
  /// The optimum of the linear relaxation.
  var objective: Double?
  /// The dual bound at ``prices``, recomputed by the solver.
  var bound: Double?
  /// The objective of the whole assignment.
  var value: Double?
  /// Whether the whole assignment keeps every constraint.
  var isFeasible: Bool?
  /// Passes over all pairs.
  var passes: Double?
  /// Requests split between options at the relaxation's vertex.
  var fractionalGroups: Int?
  /// One per constraint.
  var prices: [Double]?
  /// Constraints with a price other than 0.
  var bindingRows: Int?
  /// Farkas multipliers, one per constraint.
  var multipliers: [Double]?
  /// What ``multipliers`` prove to be missing, recomputed by the solver.
  var farkasValue: Double?
  /// The conflict, by constraint index.
  var conflict: [Int]?
  var points: [Point]?

  /// The distance from ``bound`` of the assignment, or else of the relaxation, relative to the bound.
  var relativeGap: Double? {
    guard let bound, let reached = value ?? objective else { return nil }
    return abs(reached - bound) / (abs(bound) > 1e-9 ? abs(bound) : 1)
  }

  init(_ relaxation: ChoiceRelaxation) {
    status = relaxation.isProven ? "optimal" : "unproven"
    objective = relaxation.objective
    bound = relaxation.bound
    passes = relaxation.passes
    fractionalGroups = relaxation.fractionalGroups.count
    prices = relaxation.prices
    bindingRows = relaxation.prices.count { $0 != 0 }
  }

  init(_ solution: ChoiceSolution) {
    status = solution.isProven ? "optimal" : "unproven"
    objective = solution.lpObjective
    bound = solution.bound
    value = solution.certificate.value
    isFeasible = solution.certificate.isFeasible
    passes = solution.passes
    fractionalGroups = solution.fractionalGroups.count
    prices = solution.prices
    bindingRows = solution.prices.count { $0 != 0 }
  }

  init(_ infeasibility: ChoiceInfeasibility, _ problem: ChoiceProblem) {
    status = infeasibility.isOnlyFractional ? "onlyFractional" : "infeasible"
    multipliers = infeasibility.multipliers
    farkasValue = problem.farkasValue(multipliers: infeasibility.multipliers)
    conflict = infeasibility.conflict
  }

  init(_ points: [ChoiceFrontierPoint]) {
    status = "frontier"
    self.points = points.map { Point(limit: $0.limit, value: $0.value, bound: $0.bound) }
  }
}
