import ArgumentParser
import Drayage
import DrayageCore
import DrayageExecution
import DrayageProfiles
import Foundation

/// One request: which offer it should go to, and, if asked, its answer.
struct RouteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "route",
    abstract:
      "Says which offer one request should go to and why, or sends it and shows the answer as it comes.",
    discussion: """
      REQUEST is a file, or standard input: a question in plain text, or the JSON body of a chat completion. The best offer \
      is the cheapest that is expected to reach --quality; or the one with the most quality for its money where --worth says \
      what a unit of quality is worth; or else the one of the highest quality. --budget is the most that the request may cost \
      in any case, retries and fallbacks included. With --send the answer goes to standard output, the bill to standard error.
      """)

  @Argument(help: ArgumentHelp("The request's file; standard input if left out.", valueName: "request"))
  var request: String?

  @Option(help: ArgumentHelp("The most that may be spent.", valueName: "usd"))
  var budget: Money?

  @Option(
    help: ArgumentHelp("The least expected quality; the cheapest offer that has it wins.", valueName: "floor")
  )
  var quality: Double?

  @Option(help: ArgumentHelp("What a whole unit of quality is worth.", valueName: "usd"))
  var worth: Money?

  @Option(help: ArgumentHelp("The workload whose profile counts.", valueName: "name"))
  var workload = Request.defaultWorkload

  @Option(
    help: ArgumentHelp("The most seconds that the answer may take, by expectation.", valueName: "seconds"))
  var answerWithin: Double?

  @Option(
    help: ArgumentHelp("The largest probability that it takes longer (default: 0.05).", valueName: "fraction")
  )
  var miss: Double?

  @OptionGroup var profiles: ProfileOptions

  @OptionGroup var catalog: CatalogOptions

  @Option(help: ArgumentHelp("Only these offers, separated by commas.", valueName: "a,b,..."))
  var offers: String?

  @Option(
    help: ArgumentHelp(
      "Send to this address instead of the catalog's: for one provider as PROVIDER=URL, or for all, which then gets all "
        + "their keys. May be repeated.",
      valueName: "url"))
  var baseURL: [String] = []

  @Option(help: ArgumentHelp("A limit on output tokens if the request sets none.", valueName: "tokens"))
  var maxOutputTokens: Int?

  @Flag(help: "Send the request and show the answer as it is written.")
  var send = false

  @Option(
    help: ArgumentHelp(
      "Add how long the answer is and how fast it came to this profile file; needs --send.", valueName: "file"
    ))
  var learn: String?

  @Option(help: ArgumentHelp("The most seconds for one attempt.", valueName: "seconds"))
  var timeout = 600.0

  @Option(
    help: ArgumentHelp(
      "Ask a second provider too if the first has not begun to answer after so long.", valueName: "seconds"))
  var hedgeAfter: Double?

  @Option(help: "How to print the decision, or the answer with its bill: text or json.")
  var format: OutputFormat = .text

  func validate() throws {
    func check(_ value: Double?, _ name: String, _ range: ClosedRange<Double>) throws {
      if let value, !range.contains(value) {
        throw ValidationError("\(name) must be from \(range.lowerBound) to \(range.upperBound)")
      }
    }
    try check(quality, "--quality", 0...1_000)
    try check(miss, "--miss", 0...1)
    try check(answerWithin, "--answer-within", 0.001...1_000_000)
    try check(timeout, "--timeout", 0.001...1_000_000)
    try check(hedgeAfter, "--hedge-after", 0...1_000_000)
    if quality != nil, worth != nil {
      throw ValidationError("--quality and --worth say the same thing in two ways; give one")
    }
    if miss != nil, answerWithin == nil { throw ValidationError("--miss needs --answer-within") }
    if let maxOutputTokens, maxOutputTokens < 1 {
      throw ValidationError("--max-output-tokens must be above 0")
    }
    if learn != nil, !send {
      throw ValidationError("--learn needs --send: only answers have something to teach")
    }
    if let budget, budget < .zero { throw ValidationError("--budget must be 0 or more") }
  }

  func run() async throws {
    if let learn { try Observations.check(learn) }
    let body = try RequestInputFile.body(at: request)
    let catalog = try catalog.catalog
    let (profile, services) = try profiles.load()
    let chosen = try offers.map { names in
      try names.split(separator: ",").map { try catalog.offer(named: String($0)) }
    }
    let candidates = try Catalog(
      (chosen ?? catalog.offers).filter { $0.answersLiveRequests && profile.model(of: $0) != nil },
      quotas: catalog.quotas)
    let book = priceBook(candidates.offers.map(\.id.description))
    do {
      let router = try Router(
        book: book, catalog: candidates,
        estimator: Estimator(profile: profile, services: services, deadline: answerWithin), budget: budget)
      let limit = Duration.seconds(timeout)
      let executor = try Executor(
        router: router, catalog: candidates, baseURLs: baseURL,
        transport: CurlTransport(),
        options: ExecutionOptions(
          hedge: hedgeAfter.map { .after($0) },
          timeouts: Timeouts(
            connect: min(limit, .seconds(10)), firstByte: limit, stall: min(limit, .seconds(60)), total: limit
          ),
          maxOutputTokens: maxOutputTokens))
      let demand = Executor.Demand(
        workload: workload, quality: quality, missProbability: answerWithin.map { _ in miss ?? 0.05 })
      if send {
        try await answer(body, demand, executor)
        try add(router.takeObservations())
      } else {
        let decision = try executor.decide(body, demand)
        let report = DecisionReport(decision)
        print(format == .json ? try report.json : report.text)
      }
    } catch let error as RouterError {
      Self.explain("\(error)", error.refusals)
      throw error.code == .budgetExhausted ? ExitCode.incomplete : ExitCode.noEligibleOffer
    } catch let error as ExecutionError {
      Self.explain("\(error)", error.refusals)
      for attempt in error.attempts { Console.note("  \(ExecutionReport.line(attempt))") }
      if error.spent > .zero { Console.note("charged \(error.spent)") }
      throw error.isBudgetExhausted || error.failure != nil ? ExitCode.incomplete : ExitCode.noEligibleOffer
    }
  }

  /// Tells an error; where every offer has a reason of its own, one line for each reason.
  private static func explain(_ error: String, _ refusals: [Explanation.Refusal]) {
    guard refusals.count > 1, let colon = error.firstIndex(of: ":") else {
      return Console.note("Error: \(error)")
    }
    Console.note("Error: \(error[...colon])")
    for line in RejectionLines.lines(refusals.map { ($0.offer, $0.rejection.description) }) {
      Console.note(line)
    }
  }

  /// What is to be made best, as prices: the quality's worth in dollars, or the dollars' in quality.
  private func priceBook(_ offers: [String]) -> PriceBook {
    let isPriced = quality != nil || worth != nil
    let weights = PriceBook.Weights(
      cost: isPriced ? 1 : 0, quality: isPriced ? worth?.dollars ?? 0 : 1)
    return PriceBook(
      unit: isPriced ? .dollars : .quality, offers: offers, workloads: [workload],
      weights: offers.map { _ in weights }, shares: offers.map { _ in 0 }, tieTolerance: 0)
  }

  private func add(_ observations: Observations) throws {
    guard let learn, !observations.isEmpty else { return }
    // Two may be sent in one second.
    let run = String(UInt32.random(in: .min ... .max), radix: 16)
    try observations.add(to: learn, source: "route \(UTCInstant.now) \(run)")
  }

  private func answer(_ body: RequestBody, _ demand: Executor.Demand, _ executor: Executor) async throws {
    let task = Task {
      if format == .json { return try await executor.execute(body, demand, onEvent: nil) }
      return try await executor.execute(body, demand) { event in
        switch event {
        case .text(let piece), .refusal(let piece): Console.write(piece)
        default: break
        }
      }
    }
    // Ctrl-C breaks the attempt off; what it may have cost is still told.
    let watch = Task { for await _ in Interrupts.stream() { task.cancel() } }
    defer { watch.cancel() }
    let execution = try await task.value
    let report = ExecutionReport(execution)
    if format == .json {
      print(try report.json)
    } else {
      if !execution.answer.text.hasSuffix("\n") { Console.write("\n") }
      for call in execution.answer.toolCalls { Console.write("\(call.name)(\(call.arguments))\n") }
      Console.note(report.text)
    }
  }
}
