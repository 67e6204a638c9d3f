import ArgumentParser
import Drayage
import DrayageCore
import DrayageExecution
import DrayageLedger
import DrayageProfiles
import Foundation

/// Works a file of requests off.
struct BatchRunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Works a file of requests off; the word may be left out.",
    discussion: """
      REQUESTS is JSONL in OpenAI's batch format; a request's workload is its metadata.workload. What each model is \
      expected to do is learned from --profile, a scored table: a row whose query_id is a request's custom_id speaks for \
      that request, otherwise the means of its workload's rows do. Running the same command again goes on where the last run \
      ended: what was answered is not sent again. --learn keeps what a run shows of lengths and latencies; --profiles reads \
      it back. Secrets come from the environment variables that the catalog names.
      """)

  /// What the command was given.
  @TaskLocal static var arguments = Array(
    CommandLine.arguments.dropFirst().drop { $0 == "batch" || $0 == "run" })

  @Argument(help: ArgumentHelp("The requests, one JSON object a line.", valueName: "requests"))
  var requests: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where the answers go, in the order of the requests.", valueName: "file"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "The most that may be spent, over all runs of this batch. More for its parts: workload:NAME=USD, provider:NAME=USD.",
      valueName: "usd"))
  var budget: [BudgetArgument]

  @Option(
    help: ArgumentHelp(
      """
      Where to keep budgets and results instead of beside the output: a SQLite file, or postgres://user@host/database for \
      several workers that run the same command; a password comes from PGPASSWORD.
      """,
      valueName: "ledger"))
  var ledger: LedgerArgument?

  @Option(
    help: ArgumentHelp("What to call the batch in its ledger, if not by its output.", valueName: "name"))
  var name: String?

  @OptionGroup var profiles: ProfileOptions

  @Option(
    help: ArgumentHelp(
      "Add how long this run's answers are and how fast they came to this profile file.", valueName: "file"))
  var learn: String?

  @Option(
    help: ArgumentHelp(
      "A .tiktoken file to count input tokens with, for the models of a family: \(TokenizerArgument.names). May be repeated.",
      valueName: "family=file"))
  var tokenizer: [TokenizerArgument] = []

  @Option(help: ArgumentHelp("Seconds after which an answer counts as missed.", valueName: "seconds"))
  var answerWithin: Double?

  @Option(
    help: ArgumentHelp(
      "The largest share of requests that may be missed, by expectation.", valueName: "fraction"))
  var miss: Double?

  @OptionGroup var catalog: CatalogOptions

  @Option(help: ArgumentHelp("Only these offers, separated by commas.", valueName: "a,b,..."))
  var offers: String?

  @Option(
    help: ArgumentHelp(
      "Send to this address instead of the catalog's: for all providers, or for one as PROVIDER=URL. May be repeated.",
      valueName: "url"))
  var baseURL: [String] = []

  @Option(help: "What to make best: quality (the most) or cost (the least).")
  var objective: PlanSpecification.Objective = .quality

  @Option(
    help: ArgumentHelp(
      "The least mean quality, by expectation. For a workload: NAME=FLOOR. May be repeated.",
      valueName: "floor"))
  var quality: [QualityArgument] = []

  @Option(
    help: ArgumentHelp(
      """
      The time in which all is to be done, such as 45s, 90m, 6h or 1d: the plan keeps the rate limits until then, and no \
      request is begun later. From 1d on, jobs in the batch interfaces of providers are used too, where they are worth \
      their lower price.
      """, valueName: "time"))
  var within: TimeArgument?

  @Flag(
    help:
      "If --within cannot be kept, take as little more time as the rate limits allow, and go on to the end.")
  var bestEffort = false

  @Option(
    help: ArgumentHelp(
      """
      With what probability what is planned is to stay within the budget, from 0.5 (the plan spends it by expectation), below \
      1; nothing is begun if no plan can have that. By default 0.95 where that can be. The budget itself is never exceeded.
      """, valueName: "probability"))
  var confidence: Double?

  @Option(help: ArgumentHelp("A limit on output tokens for requests that set none.", valueName: "tokens"))
  var maxOutputTokens: Int?

  @Option(help: ArgumentHelp("The most requests under way at a time.", valueName: "number"))
  var inFlight = 64

  @Option(help: ArgumentHelp("The most seconds for one attempt.", valueName: "seconds"))
  var timeout = 600.0

  @Option(
    help: ArgumentHelp(
      "The most seconds to wait for offers that are down or full before a request is given up.",
      valueName: "seconds"))
  var longestWait = 600.0

  @Option(
    help: ArgumentHelp(
      "A scored table with what each request really scored and cost at each model, to report what the alternatives would have "
        + "reached. It is not used to decide.", valueName: "table"))
  var evaluate: String?

  @Flag(
    help:
      "Send only the first of requests with the same body to the byte; the others get copies of its answer.")
  var dedupe = false

  @Flag(help: "Print the plan of all requests and what it is expected to cost; send nothing, write nothing.")
  var dryRun = false

  @Option(
    name: .customLong("report"),
    help: ArgumentHelp("Write the report as a page with plots, too.", valueName: "html"))
  var page: String?

  @Option(help: "How to print the report: text or json.")
  var format: OutputFormat = .text

  func validate() throws {
    if inFlight < 1 || inFlight > 10_000 { throw ValidationError("--in-flight must be from 1 to 10000") }
    if !(timeout.isFinite && timeout > 0) {
      throw ValidationError("--timeout must be a number of seconds above 0")
    }
    if !(longestWait.isFinite && longestWait >= 0) {
      throw ValidationError("--longest-wait must be a number of seconds, 0 or more")
    }
    if let maxOutputTokens, maxOutputTokens < 1 {
      throw ValidationError("--max-output-tokens must be above 0")
    }
    if let answerWithin, !(answerWithin.isFinite && answerWithin > 0) {
      throw ValidationError("--answer-within must be a number of seconds above 0")
    }
    if let miss, !(0...1).contains(miss) { throw ValidationError("--miss must be from 0 to 1") }
    if let confidence, !(confidence >= 0.5 && confidence < 1) {
      throw ValidationError("--confidence must be from 0.5, below 1")
    }
    if bestEffort, within == nil { throw ValidationError("--best-effort is of use only with --within") }
    if (answerWithin == nil) != (miss == nil) {
      throw ValidationError(
        "--answer-within and --miss go together: the seconds, and the share that may take longer")
    }
    if budget.filter({ $0.scope == nil }).count != 1 {
      throw ValidationError("--budget must be given once for the whole batch, such as --budget 40")
    }
    if Set(budget.map { "\($0.scope?.description ?? "")" }).count < budget.count {
      throw ValidationError("--budget is given twice for the same part")
    }
    if Set(quality.map { $0.workload ?? "" }).count < quality.count {
      throw ValidationError("--quality is given twice for the same part")
    }
  }

  func run() async throws {
    let file = try BatchFile(requests)
    let (knowledge, services) = try profiles.load()
    let record = try evaluate.map { try ScoredTable(contentsOf: $0) }
    let catalog = try catalog.catalog
    let (targets, unreachable) = try reachable(in: catalog)
    guard !targets.isEmpty else {
      Console.note("no offer can be reached:")
      for line in RejectionLines.lines(unreachable.map { ("\($0)", "\($1)") }) { Console.note(line) }
      throw ExitCode.noEligibleOffer
    }
    let limit = Duration.seconds(timeout)
    var options = BatchOptions(
      budget: budget.first { $0.scope == nil }?.limit ?? .zero,
      budgets: budget.compactMap { part in part.scope.map { .init($0, part.limit) } }, objective: objective,
      quality: quality.first { $0.workload == nil }?.floor,
      workloadQuality: Dictionary(
        quality.compactMap { part in part.workload.map { ($0, part.floor) } },
        uniquingKeysWith: { first, _ in first }),
      lateness: answerWithin.flatMap { seconds in miss.map { .init(seconds: seconds, share: $0) } },
      maxOutputTokens: maxOutputTokens, inFlight: inFlight,
      timeouts: Timeouts(
        connect: min(limit, .seconds(10)), firstByte: limit, stall: min(limit, .seconds(60)), total: limit))
    options.policy.longestWait = longestWait
    options.within = within?.seconds
    if let confidence {
      options.confidence = confidence
      options.insistsOnConfidence = true
    }
    options.dedupes = dedupe
    options.isBestEffort = bestEffort
    var vocabularies: [TokenFamily: Vocabulary] = [:]
    for choice in tokenizer { vocabularies[choice.family] = try choice.vocabulary() }
    // Before anything is spent: what cannot be written in the end is refused now.
    if let page { _ = try AtomicFile(page) }
    if let learn { try Observations.check(learn) }
    let setup = BatchSetup(
      file, targets: targets, quotas: catalog.quotas, profile: knowledge, services: services,
      vocabularies: vocabularies, options: options)
    if setup.leavesOutJobs {
      Console.note("left out: offers that answer within a day for less; allow them with --within 1d")
    }
    let shared = dryRun || ledger?.isShared != true ? nil : try await ledger?.open()
    do {
      try await run(setup, in: shared, record)
      await shared?.close()
    } catch {
      await shared?.close()
      guard let error = error as? BatchError else { throw error }
      switch error.code {
      case .infeasible(let conflict):
        let report = ConflictReport(conflict: conflict)
        print(format == .json ? try report.json : report.text)
        throw ExitCode.infeasible
      case .tooSlow(let conflict, let within, let needed):
        let report = ConflictReport(conflict: conflict, time: .init(within: within, needed: needed))
        print(format == .json ? try report.json : report.text)
        throw ExitCode.infeasible
      case .uncertain:
        Console.note("\(error)")
        throw ExitCode.infeasible
      case .nothingToSend:
        Console.note("\(error)")
        throw ExitCode.noEligibleOffer
      case .changedRow: throw error
      }
    }
  }

  /// The offers that the command may use, and why not the others.
  func reachable(in catalog: Catalog) throws -> (targets: [Target], unreachable: [(OfferID, Rejection)]) {
    try TargetSelection(
      catalog: catalog, offers: offers?.split(separator: ",").map(String.init), takesJobs: true,
      baseURLs: baseURL, environment: ProcessInfo.processInfo.environment
    ).targets()
  }

  /// The budgets of the ledger that the batch would be kept in.
  private func accounts() async throws -> [BudgetAccount] {
    guard let ledger else { return [] }
    if case .file(let path) = ledger, !FileManager.default.fileExists(atPath: path) { return [] }
    return try await ledger.use { try await $0.accounts(at: .now) }
  }

  private func run(_ setup: BatchSetup, in shared: DurableLedger?, _ record: ScoredTable?) async throws {
    if dryRun {
      let (plan, refused, unaffordable) = try await BatchRunner.preview(setup, accounts: try await accounts())
      note(refused)
      if let unaffordable { Console.note(unaffordable) }
      let report = PlanReport(plan: plan, source: requests)
      let chosen = zip(plan.table.offers, plan.counts).filter { $1 > 0 }.map(\.0)
      for notice in setup.retirementNotices(of: chosen) { Console.note(notice) }
      return print(format == .json ? try report.json : report.text + margin(of: plan, setup))
    }
    let transport = CurlTransport()
    defer { transport.shutdown() }
    let runner = try await BatchRunner(
      setup, output: output, transport: transport,
      books: shared.map { .shared($0) } ?? ledger.map { .file($0.argument) } ?? .besideOutput, name: name,
      note: BatchNote(arguments: Self.arguments, folder: FileManager.default.currentDirectoryPath).encoded)
    note(runner.refused)
    if let unaffordable = runner.unaffordable { Console.note(unaffordable) }
    let result = try await withProgress(of: runner)
    let report = try BatchReport(result: result, setup: setup, record: record, output: output)
    print(format == .json ? try report.json : report.text)
    if let page { try report.writePage(to: page) }
    let observations = result.course.observations
    if let learn, !observations.isEmpty {
      try observations.add(
        to: learn, source: "batch \(URL(filePath: output).lastPathComponent) \(UTCInstant.now)", at: .now)
    }
    if result.progress.answered < result.progress.total { throw ExitCode.incomplete }
  }

  /// What a plan leaves of the budget, for people.
  private func margin(of plan: Plan, _ setup: BatchSetup) -> String {
    guard let limit = plan.rows.first(where: { $0.kind == .budget })?.limit else { return "" }
    let margin = setup.options.budget - Money(nanodollars: Int64((limit * 1e9).rounded()))
    return margin > .zero
      ? "\n\n\(margin) of the budget is left for estimates that are wrong; see --confidence" : ""
  }

  private func note(_ refused: (first: [RefusedRow], count: Int)) {
    guard let first = refused.first.first else { return }
    let count = refused.count == 1 ? "1 line" : "\(refused.count) lines"
    Console.note("\(count) cannot be sent and will be in the output with the reason; the first:")
    Console.note("  \(first)")
  }

  /// Runs to the end, or until the first Ctrl-C lets what is under way end; a second one stops at once.
  private func withProgress(of runner: BatchRunner) async throws -> BatchResult {
    let started = ContinuousClock.now
    let watch = Task {
      var count = 0
      for await _ in Interrupts.stream() {
        count += 1
        if count > 1 {
          Console.endProgress()
          Console.note("stopped; what was sent counts as spent until the same command is run again")
          Foundation.exit(ExitCode.incomplete.rawValue)
        }
        Console.endProgress()
        Console.note("stopping: waiting for the requests under way; Ctrl-C again stops at once")
        await runner.stop()
      }
    }
    let line = Task {
      guard Console.isTerminal else { return }
      while !Task.isCancelled {
        let progress = await runner.progress
        Console.progress(ProgressLine.text(progress, seconds: started.duration(to: .now) / .seconds(1)))
        try? await Task.sleep(for: .milliseconds(200))
      }
    }
    let result: Result<BatchResult, any Error>
    do { result = .success(try await runner.run()) } catch { result = .failure(error) }
    watch.cancel()
    line.cancel()
    // The line is removed only after the last one was written.
    await line.value
    Console.endProgress()
    return try result.get()
  }
}
