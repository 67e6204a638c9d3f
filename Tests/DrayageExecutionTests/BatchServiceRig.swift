import DrayageTesting
import Drayage
import DrayageCore
import DrayageSimulation
import Testing

@testable import DrayageExecution

/// Which provider's batch interface a test goes through.
enum BatchKind: String, CaseIterable, Sendable {
  case openAI, openAIResponses, anthropic

  var provider: String { self == .anthropic ? "anthropic" : "openai" }
  var dialect: String {
    switch self {
    case .openAI: "openai-chat"
    case .openAIResponses: "openai-responses"
    case .anthropic: "anthropic-messages"
    }
  }
  static let model = "large-9"
}

/// A simulated provider with a service for jobs to it, and the requests of a table for one.
///
/// A token costs 1,000 nano-dollars in and 4,000 out, in a batch half of it.
struct BatchServiceRig: Sendable {
  let kind: BatchKind
  let provider: SimulatedProvider
  let transport: CurlTransport
  let target: Target
  let service: any BatchService
  let table: ScoredTable
  let items: [BatchItem]
  let mark: BatchMark

  var ids: Set<String> { Set(items.map(\.id)) }

  /// Runs `body` with a provider whose jobs take 1,000 s of a clock that the test puts forward.
  static func run(
    _ kind: BatchKind, queries: Int = 10, seed: UInt64 = 1,
    _ change: (inout SimulationOptions) throws -> Void = { _ in },
    _ body: (BatchServiceRig) async throws -> Void
  ) async throws {
    let table = try table(queries: queries, seed: seed)
    let catalog = try catalog(kind)
    var options = SimulationOptions()
    options.seed = seed
    options.batches.delay = 1_000
    let live = try catalog.offer(named: "\(kind.provider)/\(BatchKind.model)")
    let batch = try catalog.offer(named: "\(kind.provider)/\(BatchKind.model)@batch")
    options.pricing = { _, usage in (try? live.price(usage, at: .now).total) ?? .largest }
    options.batchPricing = { _, usage in (try? batch.price(usage, at: .now).total) ?? .largest }
    try change(&options)
    let provider = try await SimulatedProvider.start(table: table, options: options)
    do {
      let transport = directTransport()
      let target = try target(kind, at: provider.baseURL)
      let service = try #require(BatchServices.service(for: target, over: transport))
      try await body(
        BatchServiceRig(
          kind: kind, provider: provider, transport: transport, target: target, service: service,
          table: table,
          items: try items(of: table, for: service), mark: try #require(BatchMark("run \(seed), part 1"))))
    } catch {
      await provider.shutdown()
      throw error
    }
    await provider.shutdown()
  }

  static func target(_ kind: BatchKind, at baseURL: String) throws -> Target {
    let offer = try catalog(kind).offer(named: "\(kind.provider)/\(BatchKind.model)@batch")
    let dialect = try #require(
      Dialects.named(Endpoint.Dialect(rawValue: kind.dialect), provider: kind.provider))
    return Target(offer: offer, dialect: dialect, baseURL: baseURL, key: secret)
  }

  private static func catalog(_ kind: BatchKind) throws -> Catalog {
    try CatalogLoader.load(files: [
      CatalogSource(
        name: "\(kind.provider).json",
        text: """
          {"format": "pricing/1", "provider": "\(kind.provider)", "currency": "USD", "unit": "Mtok",
           "api": {"dialect": "\(kind.dialect)", "base_url": "http://127.0.0.1:9/v1", "key": "KEY"},
           "offers": [{"id": "\(BatchKind.model)", "model": "\(BatchKind.model)",
             "limits": {"context": 100000, "output": 4096},
             "rates": [{"base": {"in": "1", "out": "4"},
               "rules": [{"group": "service", "when": {"service": "batch"}, "mul": "0.5"}]}]}]}
          """)
    ])
  }

  private static func table(queries: Int, seed: UInt64) throws -> ScoredTable {
    var random = SplitMix64(seed: seed)
    let model = BatchKind.model
    var bytes = CSVWriter.record(
      ["query_id", "input_tokens", "\(model)|score", "\(model)|out_tok"] + [
        "\(model)|cost_usd"
      ])
    for query in 0..<queries {
      let tokens = (Int.random(in: 3...40, using: &random), Int.random(in: 1...90, using: &random))
      bytes += CSVWriter.record(["q\(query)", String(tokens.0), "0.5", String(tokens.1), "0.01"])
    }
    return try ScoredTable(bytes: bytes, file: "jobs.csv")
  }

  /// The queries as the simulation writes them, in the service's own words.
  private static func items(of table: ScoredTable, for service: any BatchService) throws -> [BatchItem] {
    let folder = try ScratchFolder()
    try RequestFile.write(table, to: folder.path("requests.jsonl"), maxCompletionTokens: 96)
    return try BatchFile(folder.path("requests.jsonl")).entries.compactMap { _, entry in
      guard case .request(let id, let body) = entry else { return nil }
      return try service.item(id, Call(body, idempotencyKey: ""))
    }
  }

  /// What the table records of an item: the tokens that its answer must state.
  func tokens(of id: String) throws -> TokenUsage {
    let query = try #require(table.queryIDs.firstIndex(of: id))
    return TokenUsage(
      input: try #require(table.inputTokens(query: query, model: 0)),
      output: try #require(table.outputTokens(query: query, model: 0)))
  }

  /// Puts the clock of jobs forward and gives the state of `job` then.
  func status(of job: BatchJobID, after seconds: Double) async throws -> BatchJobStatus {
    try provider.advanceBatches(by: seconds)
    return try await service.status(of: job)
  }

  /// All results of `job`.
  func results(
    of job: BatchJobID
  ) async throws -> (outcomes: [String: BatchOutcome], report: BatchJobResults.Report) {
    try await Self.drain(try await service.results(of: job, mark: mark, ids: ids))
  }

  static func drain(
    _ results: BatchJobResults
  ) async throws -> (outcomes: [String: BatchOutcome], report: BatchJobResults.Report) {
    var results = results
    var outcomes: [String: BatchOutcome] = [:]
    while let entry = try await results.next() {
      #expect(outcomes.updateValue(entry.outcome, forKey: entry.id) == nil, "\(entry.id) came twice")
    }
    return (outcomes, results.report)
  }

  /// The error of `body`, checked to be free of the secret; nil, and an issue, if there was none.
  static func failure(
    _ location: SourceLocation = #_sourceLocation, _ body: () async throws(BatchServiceError) -> some Any
  ) async -> BatchServiceError? {
    do throws(BatchServiceError) {
      let value = try await body()
      Issue.record("there was no error: \(value)", sourceLocation: location)
      return nil
    } catch {
      expectNoSecret(in: error, sourceLocation: location)
      #expect(!error.message.isEmpty, sourceLocation: location)
      return error
    }
  }
}

extension BatchOutcome {
  /// The answer; nil if there is none.
  var reply: BatchReply? { if case .answered(let reply) = self { reply } else { nil } }

  var isExpired: Bool { if case .expired = self { true } else { false } }
  var isCancelled: Bool { if case .cancelled = self { true } else { false } }
  var isErrored: Bool { if case .errored = self { true } else { false } }
}
