import Drayage
import DrayageCore

/// Plans rows one by one, together with others for which a sample speaks.
struct BatchPlanning: Sendable {
  let setup: BatchSetup

  /// What is to be planned.
  struct Work {
    /// Those that get an offer each.
    var rows: [PlannedRow]
    /// Those that speak for the others.
    var sample: [PlannedRow] = []
    /// How many others there are.
    var others = 0.0
    /// What each target has turned out to cost.
    var corrections: [CostCorrection] = []
  }

  /// What may be spent, and what is to be reached.
  struct Goals {
    var budget: Money
    /// In the order of the options' budgets.
    var budgets: [Money]
    var quality: Double?
    var workloadQuality: [String: Double] = [:]
  }

  /// The plan of all rows at the estimates of the start.
  ///
  /// - Parameter isWhole: whether `work` names every workload that there is.
  /// - Throws: ``BatchError`` if no assignment keeps every constraint, ``PlanError`` if planning breaks down.
  func first(_ work: Work, isWhole: Bool) throws -> Plan {
    let options = setup.options
    let goals = Goals(
      budget: options.budget, budgets: options.budgets.map(\.limit), quality: options.quality,
      workloadQuality: options.workloadQuality)
    let table = table(work)
    switch try Planner().plan(table, specification(goals, of: isWhole ? nil : table)) {
    case .plan(let plan): return plan
    case .conflict(let conflict): throw BatchError.infeasible(conflict)
    }
  }

  /// The best plan of what is left: with all that is wanted, else the most for the money, else the cheapest.
  func next(_ work: Work, _ goals: Goals) -> Plan? {
    let table = table(work)
    var affordable = specification(goals, of: table)
    affordable.objective = .quality
    (affordable.quality, affordable.workloadQuality, affordable.miss) = (nil, [:], nil)
    let cheapest = PlanSpecification(objective: .cost, timeLimit: 10, relativeGap: 1e-4)
    for specification in [specification(goals, of: table), affordable, cheapest] {
      if case .plan(let plan)? = try? Planner().plan(table, specification) { return plan }
    }
    return nil
  }

  /// - Parameter table: whose names alone may be spoken of; `nil` where an unknown name is a mistake.
  private func specification(_ goals: Goals, of table: EstimateTable?) -> PlanSpecification {
    let options = setup.options
    let budgets = zip(options.budgets, goals.budgets).map { PlanSpecification.ScopedBudget($0.scope, $1) }
    return PlanSpecification(
      objective: options.objective, budget: goals.budget,
      budgets: budgets.filter { budget in
        switch budget.scope {
        case .workload(let name): table?.workloads.contains(name) ?? true
        case .provider(let name): table?.providers.contains(name) ?? true
        }
      },
      quality: goals.quality,
      workloadQuality: goals.workloadQuality.filter { table?.workloads.contains($0.key) ?? true },
      miss: options.lateness?.share, timeLimit: 10, relativeGap: 1e-4)
  }

  /// The estimates of the rows, then of the sample.
  private func table(_ work: Work) -> EstimateTable {
    let all = work.rows + work.sample
    var workloads: [String] = []
    var positions: [String: Int] = [:]
    let workloadOf = all.map { planned in
      if let known = positions[planned.row.workload] { return known }
      positions[planned.row.workload] = workloads.count
      workloads.append(planned.row.workload)
      return workloads.count - 1
    }
    func column<Value>(_ value: (PlannedRow.Cell, Int) -> Value) -> [Value] {
      setup.targets.indices.flatMap { j in all.map { value($0.cells[j], j) } }
    }
    let each = work.sample.isEmpty ? 1 : work.others / Double(work.sample.count)
    // Whoever stands for itself alone is taken exactly.
    let weights =
      abs(each - 1) < 1e-9
      ? nil
      : Array(repeating: 1, count: work.rows.count)
        + Array(repeating: max(each, 1e-6), count: work.sample.count)
    return EstimateTable(
      requests: all.map(\.row.customID), workloads: workloads, workloadOf: workloadOf,
      offers: setup.targets.map(\.offer.id.description), providers: setup.targets.map(\.offer.provider),
      eligible: column { cell, _ in cell.isEligible },
      cost: column { cell, j in
        work.corrections.isEmpty ? cell.cost : work.corrections[j].applied(to: cell.cost)
      },
      quality: column { cell, _ in cell.quality },
      miss: setup.options.lateness.map { _ in column { cell, _ in cell.miss } },
      tokens: column { cell, _ in cell.tokens }, weights: weights)
  }
}
