public import DrayageCore
import LinearOptimization
import MultipleChoice

/// Picks an offer for every request under a specification.
public struct Planner: Sendable {
  /// The answer.
  public enum Answer: Sendable {
    /// An assignment that keeps every constraint.
    case plan(Plan)
    /// No assignment does.
    case conflict(Conflict)
  }

  /// A planner.
  public init() {}

  /// Plans.
  ///
  /// - Throws: ``PlanError`` if the specification names what the table does not have, a request has no
  ///   eligible offer, or the solver breaks down.
  public func plan(_ table: EstimateTable, _ specification: PlanSpecification) throws(PlanError) -> Answer {
    try plan(table, specification, startingAt: [])
  }

  /// Plans; the shadow prices of a similar plan change how long it takes and not what comes out.
  ///
  /// - Parameter known: the constraints of that plan, of which this one may have others.
  /// - Throws: as ``plan(_:_:)`` does.
  package func plan(
    _ table: EstimateTable, _ specification: PlanSpecification, startingAt known: [Plan.Row]
  ) throws(PlanError) -> Answer {
    let started = ContinuousClock.now
    do {
      let model = try AssignmentModel(table, specification)
      let answer = try ChoiceSolver().solve(
        model.problem,
        options: .init(
          timeLimit: specification.timeLimit, then: model.then,
          relativeGap: specification.relativeGap, startPrices: model.prices(known)))
      let seconds = started.duration(to: .now) / .seconds(1)
      switch answer {
      case .solved(let solution): return .plan(plan(model, solution, seconds))
      case .infeasible(let infeasibility): return .conflict(conflict(model, infeasibility, seconds))
      }
    } catch let error as PlanError {
      throw error
    } catch let error as ChoiceProblemError where error.code == .noOption {
      throw PlanError(.noEligibleOffer, Self.requestWithoutOffer(table))
    } catch {
      throw PlanError(.solver, "\(error)")
    }
  }

  private static func requestWithoutOffer(_ table: EstimateTable) -> String {
    let i = table.requests.indices.first { i in
      table.offers.indices.allSatisfy { !table.eligible[table.index(i, $0)] }
    }
    return
      "no offer can serve request '\(i.map { table.requests[$0] } ?? "?")'; allow more offers or leave it out"
  }

  private func plan(_ model: AssignmentModel, _ solution: ChoiceSolution, _ seconds: Double) -> Plan {
    let (assignment, certificate) = (solution.assignment, solution.certificate)
    let table = model.table
    let unit = model.objectiveUnit
    let rows = certificate.rows.enumerated().map { k, row in
      let price = model.shadowPrice(solution.prices[k], row: k)
      return Plan.Row(
        kind: model.rows[k].kind, name: row.name, activity: row.activity / model.rows[k].unit,
        limit: row.limit / model.rows[k].unit,
        isMost: row.relation == .atMost, shadowPrice: price, inWords: model.inWords(price, row: k),
        price: solution.prices[k])
    }
    return Plan(
      objectiveKind: model.specification.objective,
      status: model.problem.isOptimal(
        value: certificate.value, bound: certificate.bound, step: model.problem.objectiveStep)
        ? .optimal : .feasible,
      objective: certificate.value / unit, bound: certificate.bound / unit, gap: certificate.gap / unit,
      lpObjective: solution.lpObjective / unit, rows: rows, assignment: assignment, table: table,
      priceBook: model.priceBook(prices: solution.prices, assignment: assignment),
      totals: table.totals(of: assignment),
      cheapest: table.totals(of: table.choosing { (Double(table.cost[$0]), -table.quality[$0]) }),
      best: table.totals(of: table.choosing { (-table.quality[$0], Double(table.cost[$0])) }),
      solveSeconds: seconds, passes: Int(solution.passes.rounded(.up)))
  }

  private func conflict(
    _ model: AssignmentModel, _ infeasibility: ChoiceInfeasibility, _ seconds: Double
  ) -> Conflict {
    let rows = zip(infeasibility.conflict, infeasibility.limitsAlone).map { k, alone in
      let row = model.problem.constraints[k]
      let unit = model.rows[k].unit
      return Conflict.Row(
        kind: model.rows[k].kind, name: row.name, limit: row.limit / unit, isMost: row.relation == .atMost,
        needed: alone.map { $0 / unit },
        together: infeasibility.limitsTogether[k] / unit)
    }
    return Conflict(
      rows: rows, isOnlyFractional: infeasibility.isOnlyFractional, solveSeconds: seconds)
  }
}

extension EstimateTable {
  /// What an assignment costs and reaches.
  public func totals(of assignment: [Int]) -> Plan.Totals {
    var cost: Int64 = 0
    var weightedCost = 0.0
    var quality = 0.0
    for (i, j) in assignment.enumerated() {
      if weights == nil { cost += self.cost[index(i, j)] }
      weightedCost += weight(i) * Double(self.cost[index(i, j)])
      quality += weight(i) * self.quality[index(i, j)]
    }
    // Amounts are exact where each request speaks for itself.
    let total = weights == nil ? cost : Int64(exactly: weightedCost.rounded()) ?? .max
    return Plan.Totals(
      cost: Money(nanodollars: total), meanQuality: quality / max(totalWeight, .leastNonzeroMagnitude))
  }

  /// For each request the eligible offer with the least key; the key is of an index into the columns.
  public func choosing(_ key: (Int) -> (Double, Double)) -> [Int] {
    requests.indices.map { i in
      var best: (key: (Double, Double), offer: Int)?
      for j in offers.indices where eligible[index(i, j)] {
        let candidate = key(index(i, j))
        if let best, best.key <= candidate { continue }
        best = (candidate, j)
      }
      return best?.offer ?? 0
    }
  }
}

extension EstimateTable {
  /// The offer that serves every request at the least total cost; `nil` if none serves all.
  public func cheapestSingleOffer() -> Int? {
    offers.indices.filter { j in requests.indices.allSatisfy { eligible[index($0, j)] } }
      .map { (offer: $0, cost: totals(of: Array(repeating: $0, count: requests.count)).cost) }
      .min { $0.cost < $1.cost }?.offer
  }

  /// The one offer that serves every request at the best mean quality, among those whose total cost is within
  /// `budget`; `nil` if there is none. What a person without a router would pick.
  public func bestSingleOffer(within budget: Money? = nil) -> (offer: Int, totals: Plan.Totals)? {
    var best: (offer: Int, totals: Plan.Totals)?
    for j in offers.indices where requests.indices.allSatisfy({ eligible[index($0, j)] }) {
      let totals = totals(of: Array(repeating: j, count: requests.count))
      if let budget, totals.cost > budget { continue }
      if let best, (best.totals.meanQuality, totals.cost) >= (totals.meanQuality, best.totals.cost) {
        continue
      }
      best = (j, totals)
    }
    return best
  }
}

extension Planner {
  /// Writes the whole linear relaxation in CPLEX LP format, for other solvers to check.
  ///
  /// - Throws: ``PlanError`` as ``plan(_:_:)`` does, ``InputError`` if the file cannot be written.
  public func writeLinearProgram(
    of table: EstimateTable, _ specification: PlanSpecification, to path: String
  ) throws {
    let model = try AssignmentModel(table, specification)
    let program = model.problem.linearModel(
      integral: false, groupName: { table.requests[$0] }, optionName: { table.offers[$0] })
    var file = try AtomicFile(path)
    try LPFormatWriter(program).write { try file.append($0.utf8) }
    try file.commit()
  }
}
