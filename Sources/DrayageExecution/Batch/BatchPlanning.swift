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
    /// Besides.
    var budgets: [PlanSpecification.ScopedBudget]
    /// What the rate limits let through in so many times the time that is left; empty where time does not matter.
    var allowances: (Double) -> [Admission.Allowance] = { _ in [] }
    var quality: Double?
    var workloadQuality: [String: Double] = [:]
    /// The most seconds to look for it.
    var timeLimit = 10.0
  }

  /// The plan of all rows at the estimates of the start.
  ///
  /// - Parameters:
  ///   - isWhole: whether `work` names every workload that there is.
  ///   - budgets: besides that of the whole batch.
  ///   - allowances: what the rate limits let through in so many seconds.
  /// - Throws: ``BatchError`` if no assignment keeps every constraint, ``PlanError`` if planning breaks down.
  func first(
    _ work: Work, isWhole: Bool, budgets: [PlanSpecification.ScopedBudget],
    allowances: @escaping (Double) -> [Admission.Allowance]
  ) throws -> Plan {
    let options = setup.options
    let table = table(work)
    // Budgets with a name of their own are the ledger's, where others have workloads, too.
    let budgets = budgets.filter { $0.name == nil || Self.isKnown($0.scope, in: table) }
    func answer(within seconds: Double?) throws -> Planner.Answer {
      let goals = Goals(
        budget: options.budget, budgets: budgets,
        allowances: { _ in seconds.map(allowances) ?? [] }, quality: options.quality,
        workloadQuality: options.workloadQuality)
      let names = isWhole ? nil : table
      let answer = try Planner().plan(table, specification(goals, of: names))
      guard case .plan(let plan) = answer else { return answer }
      let margin = setup.margin.amount(for: plan, [])
      guard margin > .zero else { return answer }
      var careful = goals
      careful.budget = max(.zero, options.budget - margin)
      for at in budgets.indices where budgets[at].scope == .all {
        careful.budgets[at].limit = max(.zero, budgets[at].limit - margin)
      }
      let second = try Planner().plan(table, specification(careful, of: names))
      if case .plan = second { return second }
      guard !options.insistsOnConfidence else {
        throw BatchError.uncertain(margin, budget: options.budget, confidence: options.confidence)
      }
      var cheapest = specification(goals, of: names)
      cheapest.objective = .cost
      return try Planner().plan(table, cheapest)
    }
    switch try answer(within: options.within) {
    case .plan(let plan): return plan
    case .conflict(let conflict):
      guard let within = options.within, case .plan = try answer(within: nil) else {
        throw BatchError.infeasible(conflict)
      }
      guard let (needed, plan) = try least(above: within, { try answer(within: $0) }) else {
        throw BatchError.infeasible(conflict)
      }
      guard options.isBestEffort else {
        throw BatchError.tooSlow(conflict, within: within, needed: needed)
      }
      return plan
    }
  }

  /// The least time, to within a hundredth, in which the rate limits let all through, and the plan for it; `nil` if
  /// not even a year suffices.
  private func least(
    above within: Double, _ answer: (Double) throws -> Planner.Answer
  ) throws -> (seconds: Double, plan: Plan)? {
    var (low, high) = (within, max(within, 1))
    var found: Plan?
    while found == nil {
      guard high < 3.2e7 else { return nil }
      (low, high) = (high, 2 * high)
      if case .plan(let plan) = try answer(high) { found = plan }
    }
    low = max(within, low)
    while high > 1.01 * low {
      let middle = (low * high).squareRoot()
      if case .plan(let plan) = try answer(middle) { (high, found) = (middle, plan) } else { low = middle }
    }
    return found.map { (high, $0) }
  }

  /// How much longer than there is time a later plan may take if it has to, by and by.
  private static let delays = [1.03, 1.1, 1.3, 2, 4, 16]

  /// The best plan of what is left: with all that is wanted, else the most for the money, in time or as little later as
  /// can be, else the cheapest.
  ///
  /// - Parameter known: the constraints of the plan before.
  func next(_ work: Work, _ goals: Goals, startingAt known: [Plan.Row]) -> Plan? {
    let table = table(work)
    func plan(_ specification: PlanSpecification) -> Plan? {
      guard case .plan(let plan)? = try? Planner().plan(table, specification, startingAt: known) else {
        return nil
      }
      return plan
    }
    let wanted = specification(goals, of: table)
    if let plan = plan(wanted) { return plan }
    var most = wanted
    most.objective = .quality
    (most.quality, most.workloadQuality, most.miss) = (nil, [:], nil)
    for delay in wanted.quotas.isEmpty ? [1] : [1] + Self.delays {
      most.quotas = quotas(goals.allowances(delay))
      if let plan = plan(most) { return plan }
    }
    most.quotas = []
    return plan(most) ?? plan(PlanSpecification(objective: .cost, timeLimit: 10, relativeGap: 1e-4))
  }

  private func quotas(_ allowances: [Admission.Allowance]) -> [PlanSpecification.Quota] {
    allowances.map { allowance in
      .init(
        allowance.name, allowance.measure, allowance.limit,
        offers: allowance.targets.map { setup.targets[$0].offer.id.description })
    }
  }

  private static func isKnown(_ scope: PlanSpecification.Scope, in table: EstimateTable) -> Bool {
    switch scope {
    case .all: true
    case .workload(let name): table.workloads.contains(name)
    case .provider(let name): table.providers.contains(name)
    }
  }

  /// - Parameter table: whose names alone may be spoken of; `nil` where an unknown name is a mistake.
  private func specification(_ goals: Goals, of table: EstimateTable?) -> PlanSpecification {
    let options = setup.options
    return PlanSpecification(
      objective: options.objective, budget: goals.budget,
      budgets: goals.budgets.filter { budget in table.map { Self.isKnown(budget.scope, in: $0) } ?? true },
      quality: goals.quality,
      workloadQuality: goals.workloadQuality.filter { table?.workloads.contains($0.key) ?? true },
      miss: options.lateness?.share,
      quotas: quotas(goals.allowances(1)), timeLimit: goals.timeLimit, relativeGap: 1e-4)
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
      tokens: column { cell, _ in cell.tokens }, inputTokens: column { cell, _ in cell.inputTokens },
      weights: weights)
  }
}
