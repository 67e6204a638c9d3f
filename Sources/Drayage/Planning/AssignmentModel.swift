package import DrayageCore
package import MultipleChoice

/// The domain put as a multiple-choice problem, and back: requests are groups, offers are options, workloads
/// are classes.
package struct AssignmentModel: Sendable {
  /// How a row of the problem reads to people.
  package struct Row: Sendable {
    package let kind: Plan.RowKind
    package let name: String
    /// What one unit of the reported activity and limit is in the problem's units: nano-dollars per dollar,
    /// or requests for a mean.
    package let unit: Double
    /// The number of requests the row covers.
    package let count: Int
  }

  package let table: EstimateTable
  package let specification: PlanSpecification
  package let problem: ChoiceProblem
  package let rows: [Row]

  private enum Column: Int {
    case cost
    case quality
    case miss
    case tokens
    case input
    case output
    case weight
  }

  /// - Throws: ``PlanError`` if the specification names what the table does not have.
  package init(_ table: EstimateTable, _ specification: PlanSpecification) throws {
    self.table = table
    self.specification = specification
    let n = table.requests.count
    let total = table.totalWeight
    try Self.checkCosts(table)
    var attributes = [
      ChoiceProblem.Attribute(name: "cost", values: table.weighted(table.cost.map(Double.init))),
      ChoiceProblem.Attribute(name: "quality", values: table.weighted(table.quality)),
    ]
    attributes.append(
      .init(
        name: "miss", values: table.miss.map(table.weighted) ?? Array(repeating: 0, count: table.cost.count)))
    for (measure, name) in [
      (PlanSpecification.Measure.tokens, "tokens"), (.input, "input"), (.output, "output"),
    ] {
      attributes.append(
        .init(name: name, values: table.weighted(try Self.tokens(measure, table, specification))))
    }
    // Where each speaks for itself, counting needs no column.
    let counting = table.weights == nil ? nil : Column.weight
    if counting != nil {
      attributes.append(
        .init(name: "requests", values: table.weighted(Array(repeating: 1, count: table.cost.count))))
    }
    var rows: [Row] = []
    var constraints: [ChoiceProblem.SideConstraint] = []
    func add(
      _ kind: Plan.RowKind, _ name: String, _ column: Column?, options: Set<Int>? = nil,
      classes: Set<Int>? = nil,
      count: Double? = nil, unit: Double, _ relation: ChoiceProblem.Relation, _ limit: Double
    ) throws(PlanError) {
      guard limit.isFinite, abs(limit) <= Self.largestLimit else {
        throw PlanError(
          .outOfRange, "the limit of \(name) is out of range; use a number that means something")
      }
      rows.append(Row(kind: kind, name: name, unit: unit, count: Int((count ?? total).rounded())))
      constraints.append(
        .init(
          name: name, attribute: column?.rawValue, options: options, classes: classes, relation, limit))
    }

    if let budget = specification.budget {
      try add(.budget, "budget", .cost, unit: 1e9, .atMost, Double(budget.nanodollars))
    }
    for budget in specification.budgets {
      let (options, classes) = try budget.scope.place(in: table)
      try add(
        .budget, "budget[\(budget.name ?? "\(budget.scope)")]", .cost, options: options, classes: classes,
        unit: 1e9, .atMost,
        Double(budget.limit.nanodollars))
    }
    if let floor = specification.quality {
      try add(.quality, "quality", .quality, unit: total, .atLeast, floor * total)
    }
    for (name, floor) in specification.workloadQuality.sorted(by: { $0.key < $1.key }) {
      guard let workload = table.workloads.firstIndex(of: name) else {
        throw PlanError.unknown("workload", name, among: table.workloads)
      }
      let count = table.requests.indices.filter { table.workloadOf[$0] == workload }
        .reduce(0) { $0 + table.weight($1) }
      try add(
        .quality, "quality[\(name)]", .quality, classes: [workload], count: count, unit: count, .atLeast,
        floor * count)
    }
    if let miss = specification.miss {
      guard table.miss != nil else {
        throw PlanError(.missingData, "a deadline needs latencies, and the table has none")
      }
      try add(.deadline, "deadline", .miss, unit: total, .atMost, miss * total)
    }
    for quota in specification.quotas {
      let named = quota.offers.map(Set.init)
      var options = Set(
        table.offers.indices.filter {
          named?.contains(table.offers[$0]) ?? (table.providers[$0] == quota.holder)
        })
      if options.isEmpty { options = Set(table.offers.indices.filter { table.offers[$0] == quota.holder }) }
      guard !options.isEmpty else {
        throw PlanError.unknown("provider or offer", quota.holder, among: table.providers + table.offers)
      }
      if Self.column(quota.measure, of: table) == nil {
        throw PlanError(.missingData, "a quota of tokens needs token counts, and the table has none")
      }
      try add(
        .quota(quota.measure), "quota[\(quota.holder):\(quota.measure.rawValue)]",
        Self.attribute(quota.measure) ?? counting, options: options, unit: 1, .atMost, quota.limit)
    }
    for share in specification.shares {
      guard let offer = table.offers.firstIndex(of: share.offer) else {
        throw PlanError.unknown("offer", share.offer, among: table.offers)
      }
      try add(
        .share, "\(share.isMost ? "max" : "min")-share[\(share.offer)]", counting, options: [offer],
        unit: total, share.isMost ? .atMost : .atLeast, share.fraction * total)
    }
    self.rows = rows
    problem = try ChoiceProblem(
      groupCount: n, optionCount: table.offers.count, classOf: table.workloadOf, eligible: table.eligible,
      attributes: attributes,
      objective: specification.objective == .cost
        ? .init(.minimize, attribute: Column.cost.rawValue)
        : .init(.maximize, attribute: Column.quality.rawValue),
      constraints: constraints)
  }

  private static let largestLimit = 1e18

  /// - Throws: if the dearest choices together cost more than amounts can hold.
  private static func checkCosts(_ table: EstimateTable) throws(PlanError) {
    var total: Int64 = 0
    for i in table.requests.indices {
      let dearest =
        table.offers.indices.filter { table.eligible[table.index(i, $0)] }
        .map { table.cost[table.index(i, $0)] }.max() ?? 0
      let weighted = Int64(exactly: (Double(dearest) * table.weight(i)).rounded(.up)) ?? .max
      let (sum, overflow) = total.addingReportingOverflow(table.weights == nil ? dearest : weighted)
      guard !overflow, sum <= Money.largest.nanodollars else {
        throw PlanError(
          .outOfRange,
          "the dearest offers together cost more than \(Money.largest); plan fewer requests at a time")
      }
      total = sum
    }
  }

  /// The attribute that a measure counts by; `nil` for requests.
  private static func attribute(_ measure: PlanSpecification.Measure) -> Column? {
    switch measure {
    case .requests: nil
    case .tokens: .tokens
    case .input: .input
    case .output: .output
    }
  }

  /// What the table says of a measure; `nil` if it does not know.
  private static func column(_ measure: PlanSpecification.Measure, of table: EstimateTable) -> [Double]? {
    switch measure {
    case .requests: []
    case .tokens: table.tokens
    case .input: table.inputTokens
    case .output:
      table.tokens.flatMap { tokens in table.inputTokens.map { zip(tokens, $0).map { $0 - $1 } } }
    }
  }

  /// The token counts, if a quota asks for them.
  private static func tokens(
    _ measure: PlanSpecification.Measure, _ table: EstimateTable, _ specification: PlanSpecification
  ) throws(PlanError) -> [Double] {
    guard specification.quotas.contains(where: { $0.measure == measure }),
      let tokens = column(measure, of: table)
    else {
      return Array(repeating: 0, count: table.cost.count)
    }
    for j in table.offers.indices {
      for i in table.requests.indices
      where table.eligible[table.index(i, j)] && tokens[table.index(i, j)].isNaN {
        throw PlanError(
          .missingData,
          "the tokens of request \(InputError.quoted(table.requests[i])) at \(InputError.quoted(table.offers[j])) are not "
            + "known, and a quota of tokens needs them")
      }
    }
    return tokens
  }

  /// Among assignments of equal objective the cheapest is preferred.
  package var then: ChoiceProblem.Objective { .init(.minimize, attribute: Column.cost.rawValue) }

  /// One unit of the reported objective in the problem's units.
  package var objectiveUnit: Double { specification.objective == .cost ? 1e9 : 1 }

  /// The change of the reported objective per unit of the reported limit.
  package func shadowPrice(_ price: Double, row k: Int) -> Double { price * rows[k].unit / objectiveUnit }

  /// The prices that a similar plan had, one per constraint; nil if it has none in common.
  func prices(_ known: [Plan.Row]) -> [Double]? {
    let found = rows.map { row in known.first { $0.kind == row.kind && $0.name == row.name }?.price }
    return found.contains { $0 != nil } ? found.map { $0 ?? 0 } : nil
  }

  /// The prices and shares of a solution, as decisions use them.
  package func priceBook(prices: [Double], assignment: [Int]) -> PriceBook {
    let (m, w) = (table.offers.count, table.workloads.count)
    // Everything in units of the objective first: nano-dollars, or quality.
    var base = PriceBook.Weights()
    if specification.objective == .cost { base.cost = 1 } else { base.quality = 1 }
    var weights = Array(repeating: base, count: m * w)
    var budgetPrice = specification.objective == .cost ? 1.0 : 0.0
    for (k, constraint) in problem.constraints.enumerated() {
      let multiplier = abs(prices[k])
      if rows[k].kind == .budget { budgetPrice += multiplier }
      for c in 0..<w where constraint.classes?.contains(c) ?? true {
        for j in 0..<m where constraint.options?.contains(j) ?? true {
          let at = c * m + j
          switch rows[k].kind {
          case .budget: weights[at].cost += multiplier
          case .quality: weights[at].quality += multiplier
          case .deadline: weights[at].miss += multiplier
          case .quota(.tokens):
            weights[at].inputToken += multiplier
            weights[at].outputToken += multiplier
          case .quota(.input): weights[at].inputToken += multiplier
          case .quota(.output): weights[at].outputToken += multiplier
          case .quota(.requests), .share:
            weights[at].request += constraint.relation == .atMost ? multiplier : -multiplier
          }
        }
      }
    }
    // Then in dollars where money has a price: divided by that of a nano-dollar, times 1e-9 dollars. The cost
    // weight is per dollar.
    let inDollars = budgetPrice > 0
    let factor = inDollars ? 1e-9 / budgetPrice : 1
    for at in weights.indices {
      weights[at].cost *= factor * 1e9
      weights[at].quality *= factor
      weights[at].miss *= factor
      weights[at].request *= factor
      weights[at].inputToken *= factor
      weights[at].outputToken *= factor
    }
    var shares = Array(repeating: 0.0, count: m * w)
    var counts = Array(repeating: 0.0, count: w)
    for (i, j) in assignment.enumerated() {
      shares[table.workloadOf[i] * m + j] += table.weight(i)
      counts[table.workloadOf[i]] += table.weight(i)
    }
    for c in 0..<w where counts[c] > 0 {
      for j in 0..<m { shares[c * m + j] /= counts[c] }
    }
    let costs = zip(table.cost, table.eligible).filter(\.1).map { Double($0.0) * 1e-9 }
    let meanCost = costs.reduce(0, +) / Double(max(1, costs.count))
    return PriceBook(
      unit: inDollars ? .dollars : .quality, offers: table.offers, workloads: table.workloads,
      weights: weights,
      shares: shares, tieTolerance: inDollars ? 1e-7 * meanCost : 1e-9)
  }
}

extension EstimateTable {
  /// A column of which each entry counts as often as its request stands for others.
  fileprivate func weighted(_ column: [Double]) -> [Double] {
    guard let weights else { return column }
    return column.indices.map { column[$0] * weights[$0 % requests.count] }
  }
}

extension PlanSpecification.Scope {
  /// The offers and workloads that it covers; `nil` for all.
  fileprivate func place(in table: EstimateTable) throws(PlanError) -> (
    options: Set<Int>?, classes: Set<Int>?
  ) {
    switch self {
    case .all: return (nil, nil)
    case .workload(let name):
      guard let workload = table.workloads.firstIndex(of: name) else {
        throw PlanError.unknown("workload", name, among: table.workloads)
      }
      return (nil, [workload])
    case .provider(let name):
      let options = Set(table.offers.indices.filter { table.providers[$0] == name })
      guard !options.isEmpty else { throw PlanError.unknown("provider", name, among: table.providers) }
      return (options, nil)
    }
  }
}

/// A plan that cannot even be stated, or broke down.
public struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds; more may come.
  public struct Code: Hashable, Sendable {
    private let name: String
    private init(_ name: String) { self.name = name }

    /// The specification names what the table does not have.
    public static let unknownName = Code("unknownName")
    /// A request that no offer can serve.
    public static let noEligibleOffer = Code("noEligibleOffer")
    /// A constraint needs figures that the table does not have.
    public static let missingData = Code("missingData")
    /// A limit, or the costs together, beyond what can be computed exactly.
    public static let outOfRange = Code("outOfRange")
    /// The solver ran out of time, or broke down for numerical reasons.
    public static let solver = Code("solver")
  }

  /// The kind.
  public let code: Code
  /// What is wrong and what to do.
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  static func unknown(_ what: String, _ name: String, among names: [String]) -> PlanError {
    let known = Array(Set(names)).sorted()
    return PlanError(
      .unknownName,
      "there is no \(what) named \(InputError.quoted(name)); \(Spelling.advice(for: name, among: known))")
  }
}
