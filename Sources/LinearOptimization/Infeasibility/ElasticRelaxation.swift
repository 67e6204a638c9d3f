/// Finds by how little the rows of a model must be relaxed for it to have a solution, and why it has none.
///
/// Each row chosen may be violated at a cost, its weight per unit; the columns' bounds and the other rows
/// stay. The least total cost is zero if and only if the model is feasible; if not, the duals at the optimum
/// are a proof (J. Chinneck, "Feasibility and Infeasibility in Optimization", 2008, chapter 6).
public struct ElasticRelaxation: Sendable {
  /// What came out.
  public struct Result: Sendable {
    /// Why the solver stopped. ``Solution/Status/infeasible`` means that the rows that may not be relaxed
    /// cannot be satisfied.
    public let status: Solution.Status
    /// The weighted sum of ``relaxations``; not a number unless the status is optimal.
    public let total: Double
    /// What to add to each row's bound: above zero to the upper one, below zero to the lower one.
    public let relaxations: [Double]
    /// The values that satisfy the relaxed model, one for each column.
    public let values: [Double]
    /// The proof that the model without integrality is infeasible, if it is; verified.
    public let certificate: InfeasibilityCertificate?

    /// Whether nothing needs to be relaxed by more than `tolerance`, relative to 1 and to the row's bound.
    public func isFeasible(_ model: LinearModel, within tolerance: Double = 1e-7) -> Bool {
      guard status == .optimal else { return false }
      return zip(relaxations, model.rows).allSatisfy { relaxation, row in
        let bound = relaxation > 0 ? row.bounds.upper : row.bounds.lower
        return abs(relaxation) <= tolerance * max(1, abs(bound))
      }
    }
  }

  private let model: LinearModel
  private let weights: [Double?]

  /// A relaxation of all rows of `model` at the same weight.
  public init(_ model: LinearModel) {
    self.init(model, weights: Array(repeating: 1, count: model.rowCount))
  }

  /// A relaxation of some rows of `model`.
  ///
  /// - Parameter weights: the cost per unit of each row, above zero; `nil` if it must stay as it is.
  public init(_ model: LinearModel, weights: [Double?]) {
    self.model = model
    self.weights = weights
  }

  /// Solves the relaxed model; integers stay integers, and there is no certificate if the proof needs them.
  ///
  /// - Throws: ``ModelError`` if the model, the options or the weights are not valid.
  public func solve(
    with solver: some LinearSolver = GLPKSolver(), options: SolveOptions = SolveOptions()
  ) throws(ModelError) -> Result {
    try model.validate()
    try checkWeights()
    var options = options
    options.basis = nil
    var continuous = model
    for j in continuous.columns.indices { continuous.columns[j].kind = .continuous }
    let relaxed = try solver.solve(elastic(continuous), options: options)
    let certificate = try certificate(relaxed, continuous, solver, options)
    guard model.hasIntegers else { return result(relaxed, certificate) }
    return result(try solver.solve(elastic(model), options: options), certificate)
  }

  private func checkWeights() throws(ModelError) {
    guard weights.count == model.rowCount else {
      throw ModelError(
        .badOption, "there are \(weights.count) weights for \(model.rowCount) rows: give one for each")
    }
    for (weight, row) in zip(weights, model.rows) {
      if let weight, !(weight > 0 && weight <= LinearModel.greatestMagnitude) {
        throw ModelError(
          .badOption, row: row.name, "its weight is \(weight): give one above zero, at most 1e15")
      }
    }
  }

  /// A lower bound may be missed by a column with coefficient +1, an upper one exceeded by one with -1.
  private func elastic(_ model: LinearModel, weights: [Double?]? = nil) -> LinearModel {
    var elastic = model
    elastic.allowsEmpty = true
    elastic.sense = .minimize
    elastic.objectiveConstant = 0
    for j in elastic.columns.indices {
      elastic.columns[j].objective = 0
      elastic.columns[j].name = "x\(j)"
    }
    for (i, weight) in (weights ?? self.weights).enumerated() {
      guard let weight else { continue }
      for (isOpen, sign) in [
        (model.rows[i].bounds.lower.isFinite, 1.0), (model.rows[i].bounds.upper.isFinite, -1.0),
      ]
      where isOpen {
        elastic.addColumn(
          name: sign > 0 ? "missed\(i)" : "exceeded\(i)", lower: 0, objective: weight, entries: [(i, sign)])
      }
    }
    return elastic
  }

  private func certificate(
    _ relaxed: Solution, _ continuous: LinearModel, _ solver: some LinearSolver, _ options: SolveOptions
  ) throws(ModelError) -> InfeasibilityCertificate? {
    var proof = relaxed
    if relaxed.status == .infeasible {
      // The conflict is among the rows that must stay: relaxing every row gives its proof.
      proof = try solver.solve(
        elastic(continuous, weights: Array(repeating: 1, count: model.rowCount)), options: options)
    }
    guard proof.dual != .none, proof.bound > 0 else { return nil }
    // What rounding leaves on a side without a bound would spoil the proof; a dual so small plays no part in
    // it.
    let multipliers = zip(proof.rowDuals, model.rows).map { dual, row in
      (dual > 0 ? row.bounds.lower : row.bounds.upper).isFinite ? dual : 0
    }
    let certificate = InfeasibilityCertificate(multipliers: multipliers)
    return certificate.verify(against: continuous) ? certificate : nil
  }

  private func result(_ solution: Solution, _ certificate: InfeasibilityCertificate?) -> Result {
    var relaxations = Array(repeating: 0.0, count: model.rowCount)
    guard solution.primal != .none else {
      return Result(
        status: solution.status, total: .nan, relaxations: relaxations.map { _ in .nan },
        values: solution.values.prefix(model.columnCount).map { _ in .nan }, certificate: certificate)
    }
    var at = model.columnCount
    for (i, weight) in weights.enumerated() where weight != nil {
      if model.rows[i].bounds.lower.isFinite {
        relaxations[i] -= max(0, solution.values[at])
        at += 1
      }
      if model.rows[i].bounds.upper.isFinite {
        relaxations[i] += max(0, solution.values[at])
        at += 1
      }
    }
    return Result(
      status: solution.status, total: solution.status == .optimal ? solution.objective : .nan,
      relaxations: relaxations, values: Array(solution.values.prefix(model.columnCount)),
      certificate: certificate)
  }
}
