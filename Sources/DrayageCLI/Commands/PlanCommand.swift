import ArgumentParser
import Drayage
import DrayageCore

/// A scored table in, the best assignment out.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Finds the best assignment of the queries of a scored table to its models.",
    discussion: """
      The table is CSV: query_id, descriptive columns, and for each model MODEL|score and MODEL|cost_usd, optionally \
      MODEL|in_tok, MODEL|out_tok and MODEL|latency_s. A model's provider is what stands in its name after '@', else \
      before '/', else the whole name.
      """)

  @Argument(help: ArgumentHelp("The scored table.", valueName: "table"))
  var table: String

  @Option(help: "What to make best: cost (the least) or quality (the most).")
  var objective: PlanSpecification.Objective = .quality

  @Option(help: ArgumentHelp("The most that all requests together may cost.", valueName: "usd"))
  var budget: Money?

  @Option(
    help: ArgumentHelp(
      "The least mean score: of all requests, or of one workload as WORKLOAD=FLOOR. May be repeated.",
      valueName: "floor"))
  var quality: [QualityFloor] = []

  @Option(help: ArgumentHelp("The descriptive column that names the workload.", valueName: "name"))
  var workloadColumn: String?

  @Option(help: ArgumentHelp("Seconds after which an answer counts as missed.", valueName: "seconds"))
  var deadline: Double?

  @Option(
    help: ArgumentHelp("The largest share of requests that may miss the deadline.", valueName: "fraction"))
  var miss: Double?

  @Option(
    help: ArgumentHelp(
      "The most for a provider or model: PROVIDER:requests=N or PROVIDER:tokens=N. May be repeated.",
      valueName: "quota"))
  var quota: [QuotaArgument] = []

  @Option(
    help: ArgumentHelp(
      "The largest share of requests for a model. May be repeated.", valueName: "model=fraction"))
  var maxShare: [OfferFraction] = []

  @Option(
    help: ArgumentHelp(
      "The smallest share of requests for a model. May be repeated.", valueName: "model=fraction"))
  var minShare: [OfferFraction] = []

  @Option(help: ArgumentHelp("Only these models, separated by commas.", valueName: "a,b,..."))
  var offers: String?

  @Option(help: ArgumentHelp("Write the assignment here as CSV: query_id,offer.", valueName: "file"))
  var assignment: String?

  @Option(help: ArgumentHelp("Write the whole linear program here in CPLEX LP format.", valueName: "file"))
  var writeLp: String?

  @Option(help: ArgumentHelp("The most time to solve for.", valueName: "seconds"))
  var timeLimit: Double?

  @Option(help: "How to print the report: text or json.")
  var format: OutputFormat = .text

  func validate() throws {
    if let deadline, !(deadline.isFinite && deadline > 0) {
      throw ValidationError("--deadline must be a number of seconds above 0")
    }
    if let miss, !(0...1).contains(miss) { throw ValidationError("--miss must be from 0 to 1") }
    if let timeLimit, !(timeLimit.isFinite && timeLimit > 0) {
      throw ValidationError("--time-limit must be a number of seconds above 0")
    }
    if (deadline == nil) != (miss == nil) {
      throw ValidationError(
        "--deadline and --miss go together: the seconds, and the share that may take longer")
    }
    if quality.contains(where: { $0.workload != nil }), workloadColumn == nil {
      throw ValidationError("a floor for one workload needs --workload-column")
    }
    let names = quality.map { $0.workload ?? "" }
    if Set(names).count != names.count {
      throw ValidationError("--quality is given twice for the same workload")
    }
  }

  func run() async throws {
    var scored = try ScoredTable(contentsOf: table)
    if let offers {
      scored = try scored.selecting(models: offers.split(separator: ",").map(String.init))
    }
    let estimates = try EstimateTable(scored, workloadColumn: workloadColumn, deadline: deadline)
    let specification = PlanSpecification(
      objective: objective, budget: budget, quality: quality.first { $0.workload == nil }?.floor,
      workloadQuality: Dictionary(
        uniqueKeysWithValues: quality.compactMap { floor in floor.workload.map { ($0, floor.floor) } }),
      miss: miss, quotas: quota.map(\.quota),
      shares: maxShare.map { .most($0.fraction, of: $0.offer) }
        + minShare.map { .least($0.fraction, of: $0.offer) },
      timeLimit: timeLimit)
    do {
      try plan(estimates, specification)
    } catch let error as PlanError where error.code == .noEligibleOffer {
      Console.note("Error: \(error)")
      throw ExitCode.noEligibleOffer
    }
  }

  private func plan(_ estimates: EstimateTable, _ specification: PlanSpecification) throws {
    if let writeLp { try Planner().writeLinearProgram(of: estimates, specification, to: writeLp) }
    switch try Planner().plan(estimates, specification) {
    case .plan(let plan):
      if let assignment {
        try AssignmentFile.write(
          zip(plan.table.requests, plan.assignment).map { (queryID: $0, offer: plan.table.offers[$1]) },
          to: assignment)
      }
      let report = PlanReport(plan: plan, source: table)
      print(format == .json ? try report.json : report.text)
    case .conflict(let conflict):
      let report = ConflictReport(conflict: conflict)
      print(format == .json ? try report.json : report.text)
      throw ExitCode.infeasible
    }
  }
}
