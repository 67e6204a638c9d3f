import ArgumentParser
import Drayage
import DrayageCore
import DrayageSimulation

/// Real HTTP on loopback, answered from a recorded table.
struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Serves every model of a scored table as a simulated provider, for demos and tests.",
    discussion: """
      Answers on 127.0.0.1 with the recorded token counts, latency and score (in the header x-drayage-score); the \
      text of an answer is filler. It speaks OpenAI's chat completions and responses, Anthropic's messages, Gemini, \
      Bedrock Converse, Cohere's chat and embeddings, whole and streamed, and takes jobs as OpenAI's and Anthropic's \
      batch interfaces do. A request names its query in \
      metadata.query_id or the header x-drayage-query; others are answered too. Faults: \
      \(FaultKind.allCases.map(\.rawValue).joined(separator: ", ")); all=0.1 spreads a tenth over the first seven. \
      What it has billed stands at /simulate/ledger; /simulate/schedule takes faults while it runs.
      """)

  @Argument(help: ArgumentHelp("The scored table, with token counts.", valueName: "table"))
  var table: String

  @Option(help: "The port on 127.0.0.1; 0 picks a free one.")
  var port = 8737

  @Option(help: "How many simulated seconds pass per second; 'inf' answers at once.")
  var speed = 1.0

  @Option(help: "What every random draw depends on.")
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Faults as KIND=PROBABILITY, separated by commas.", valueName: "faults"))
  var fail = ""

  @Option(
    help: ArgumentHelp(
      "Faults for a model's next attempts as MODEL=429,ok,cut; then those of --fail. May be repeated.",
      valueName: "schedule"))
  var schedule: [String] = []

  @Option(
    help: ArgumentHelp(
      "A rate limit as MODEL:rpm=N,tpm=N,concurrency=N; '*' for all models. May be repeated.",
      valueName: "limit"))
  var limit: [String] = []

  @Option(
    help: ArgumentHelp(
      "Seconds of Retry-After for simulated 429s, at the simulated pace.", valueName: "seconds"))
  var retryAfter = 1.0

  @Flag(help: "Write Retry-After as a date instead of seconds.")
  var retryAfterDate = false

  @Option(
    help: ArgumentHelp("Output tokens of answers to queries that the table lacks.", valueName: "tokens"))
  var answerTokens = 64

  @Option(help: ArgumentHelp("The share of every prompt read from a cache, from 0 to 1.", valueName: "share"))
  var cachedShare = 0.0

  @Option(
    help: ArgumentHelp(
      "Simulated seconds until a job at /v1/batches or /v1/messages/batches ends.", valueName: "seconds"))
  var batchDelay = SimulationOptions().batches.delay

  @Option(help: ArgumentHelp("Simulated seconds after which such a job expires.", valueName: "seconds"))
  var batchWindow = SimulationOptions().batches.window

  @Option(
    help: ArgumentHelp(
      "Faults of single requests of such jobs as KIND=PROBABILITY; only those that are refusals.",
      valueName: "faults"))
  var batchFail = ""

  @Option(help: ArgumentHelp("The share of such jobs that fail, from 0 to 1.", valueName: "share"))
  var batchJobFail = 0.0

  @Option(
    help: ArgumentHelp("The share of such jobs that expire half done, from 0 to 1.", valueName: "share"))
  var batchJobExpire = 0.0

  @Option(help: ArgumentHelp("The most connections at once.", valueName: "count"))
  var connectionLimit = SimulationOptions().connectionLimit

  @Option(
    help: ArgumentHelp(
      "Serve HTTPS, HTTP/2 and HTTP/1.1, with this certificate and key, two PEM files.",
      valueName: "cert,key"))
  var tls: String?

  @Option(
    help: ArgumentHelp(
      "Bill answers by the tariffs of this catalog, as it names the models, instead of the recorded costs.",
      valueName: "folder"))
  var pricing: String?

  @Option(help: ArgumentHelp("Serve only these models, separated by commas.", valueName: "a,b,..."))
  var offers: String?

  @Option(
    help: ArgumentHelp(
      "Write the table's queries here as a batch of requests, with filler text of the recorded length, and exit.",
      valueName: "file"))
  var writeRequests: String?

  @Option(help: ArgumentHelp("The limit on output tokens in the requests written.", valueName: "tokens"))
  var maxCompletionTokens = 4_096

  func run() async throws {
    do {
      try await serve()
    } catch let error as SimulationError where error.code == .invalidOption {
      throw ValidationError(error.message)
    }
  }

  private func serve() async throws {
    var options = SimulationOptions()
    options.port = port
    options.speed = speed
    options.seed = seed
    options.faults = try FaultPlan(parsing: fail)
    options.retryAfter = retryAfter
    options.retryAfterForm = retryAfterDate ? .date : .seconds
    options.answerTokens = answerTokens
    options.cachedShare = cachedShare
    options.connectionLimit = connectionLimit
    options.batches.delay = batchDelay
    options.batches.window = batchWindow
    options.batches.faults = try FaultPlan(parsing: batchFail)
    options.batches.failingJobs = batchJobFail
    options.batches.expiringJobs = batchJobExpire
    options.tls = try tls.map(tlsFiles)
    for text in schedule {
      let (model, faults) = try FaultSchedule.parse(text)
      options.schedule[model, default: []] += faults
    }
    options.limits = try limit.map { try RequestLimit(parsing: $0) }
    var scored = try ScoredTable(contentsOf: table)
    if let offers { scored = try scored.selecting(models: offers.split(separator: ",").map(String.init)) }
    if let writeRequests {
      try RequestFile.write(scored, to: writeRequests, maxCompletionTokens: maxCompletionTokens)
      Console.note("wrote \(scored.queryIDs.count) requests to \(writeRequests)")
      return
    }
    if let pricing {
      let catalog = try CatalogLoader.load(directory: pricing)
      let billing = try TariffBilling(catalog, models: scored.models, at: .now)
      options.pricing = billing.price
      options.batchPricing = billing.batchPrice
    }
    let provider = try await SimulatedProvider.start(table: scored, options: options)
    Console.note(
      """
      A SIMULATED provider: it answers from recorded figures, not from a model.
      \(scored.models.count) models, \(scored.queryIDs.count) queries of \(table)
      listening on \(provider.baseURL) until Ctrl-C
      """)
    for warning in provider.warnings { Console.note(warning) }
    await Interrupts.first()
    await provider.shutdown()
    let total = provider.ledger().total
    Console.note(
      "the simulated providers billed \(Money(nanodollars: total.nanodollars)) for \(total.answers) answers")
  }

  private func tlsFiles(_ text: String) throws -> SimulationOptions.TLSFiles {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts.contains("") else {
      throw ValidationError("'\(text.prefix(200))' does not read CERT,KEY: two PEM files")
    }
    return SimulationOptions.TLSFiles(certificate: parts[0], key: parts[1])
  }
}
