import DrayageTesting
import Drayage
import DrayageCore
import DrayageSimulation
import Foundation

@testable import DrayageExecution

/// Three models, two of them also sold in jobs at half the price, with costs exact to the nano-dollar.
struct JobMarket: Sendable {
  /// By model: its provider, the provider's dialect, and nano-dollars per token.
  static let models = [
    (name: "o-large", provider: "openai", dialect: "openai-chat", input: 2_000, output: 8_000, skill: 0.7),
    (
      name: "a-large", provider: "anthropic", dialect: "anthropic-messages", input: 3_000, output: 12_000,
      skill: 0.9
    ),
    (name: "s-small", provider: "south", dialect: "openai-chat", input: 100, output: 400, skill: 0.2),
  ]
  static let mostOutput = 96

  let table: ScoredTable
  let catalog: Catalog

  init(seed: UInt64, queries: Int = 40) throws {
    var random = SplitMix64(seed: seed)
    let columns = Self.models.flatMap { model in
      ["score", "out_tok", "cost_usd"].map { "\(model.name)|\($0)" }
    }
    var bytes = CSVWriter.record(["query_id", "dataset", "input_tokens"] + columns)
    for query in 0..<queries {
      let input = Int.random(in: 5...40, using: &random)
      var record = ["q\(query)", query % 2 == 0 ? "math" : "chat", String(input)]
      for model in Self.models {
        let output = Int.random(in: 4...Self.mostOutput, using: &random)
        let score = model.skill + Double.random(in: -0.1...0.1, using: &random)
        let cost = Money(nanodollars: Int64(input * model.input + output * model.output))
        record += [String(score), String(output), cost.decimal]
      }
      bytes += CSVWriter.record(record)
    }
    table = try ScoredTable(bytes: bytes, file: "jobs.csv")
    catalog = try CatalogLoader.load(files: Self.models.map(Self.prices))
  }

  private static func prices(
    _ model: (name: String, provider: String, dialect: String, input: Int, output: Int, skill: Double)
  ) -> CatalogSource {
    let rates = [model.input, model.output].map { Money(nanodollars: Int64($0) * 1_000_000).decimal }
    let rules =
      model.provider == "south"
      ? "" : #", "rules": [{"group": "service", "when": {"service": "batch"}, "mul": "0.5"}]"#
    return CatalogSource(
      name: "\(model.provider).json",
      text: """
        {"format": "pricing/1", "provider": "\(model.provider)", "currency": "USD", "unit": "Mtok",
         "api": {"dialect": "\(model.dialect)", "base_url": "http://127.0.0.1:9/v1"},
         "offers": [{"id": "\(model.name)", "model": "\(model.name)",
           "limits": {"context": 100000, "output": 4096},
           "rates": [{"base": {"in": "\(rates[0])", "out": "\(rates[1])"}\(rules)}]}]}
        """)
  }

  /// A provider of every model, live and in jobs, which bills by the catalog's tariffs.
  func provider(
    seed: UInt64 = 0, _ change: (inout SimulationOptions) throws -> Void = { _ in }
  ) async throws -> SimulatedProvider {
    var options = SimulationOptions()
    options.seed = seed
    options.speed = .infinity
    @Sendable func price(_ model: String, _ usage: TokenUsage, _ service: String?) -> Money {
      let offer = catalog.offers.first {
        $0.wireModel == model && ($0.service == "batch") == (service != nil)
      }
      return (try? offer?.price(usage, at: .now).total) ?? .largest
    }
    options.pricing = { price($0, $1, nil) }
    options.batchPricing = { price($0, $1, "batch") }
    try change(&options)
    return try await SimulatedProvider.start(table: table, options: options)
  }

  /// All requests for all offers at `baseURL`.
  func setup(
    within: Double? = 86_400, budget: Money = .largest, baseURL: String,
    _ change: (inout BatchOptions) -> Void = { _ in }
  ) throws -> BatchSetup {
    let folder = try ScratchFolder()
    try RequestFile.write(table, to: folder.path("requests.jsonl"), maxCompletionTokens: Self.mostOutput)
    var options = BatchOptions.testing(budget: budget, timeout: .seconds(5))
    options.within = within
    options.polling = 0.01...0.05
    change(&options)
    let selection = try TargetSelection(
      catalog: catalog, offers: nil, takesJobs: true, baseURLs: [baseURL], environment: [:])
    return BatchSetup(
      try BatchFile(folder.path("requests.jsonl")), targets: try selection.targets().targets,
      profile: try TableProfile(table), options: options)
  }

  /// What all requests cost at `model` by the table, sent by themselves.
  func cost(at model: String) -> Int64 {
    let column = table.models.firstIndex(of: model) ?? 0
    return table.queryIDs.indices.reduce(0) {
      $0 + (table.cost(query: $1, model: column)?.nanodollars ?? 0)
    }
  }
}

/// Passes requests on, unless something happens to them on the way out or their replies on the way back.
final class TroubledTransport: Transport {
  typealias Trouble = @Sendable (HTTPRequest, Int) async throws(TransportFailure) -> Void

  private let base: any Transport
  private let before: Trouble
  private let after: Trouble
  private let log = Locked<[String]>([])

  /// The methods and addresses of what was sent, in order.
  var sent: [String] { log.withLock { $0 } }

  /// - Parameters:
  ///   - before: called with each request and its ordinal, from 1, before it is sent.
  ///   - after: the same once it is answered.
  init(
    _ base: any Transport, before: @escaping Trouble = TroubledTransport.none,
    after: @escaping Trouble = TroubledTransport.none
  ) {
    self.base = base
    self.before = before
    self.after = after
  }

  static let none: Trouble = { (_, _) throws(TransportFailure) in }

  /// That a reply was lost.
  static let lost = TransportFailure(kind: .reset, message: "the reply was lost", mayHaveBeenProcessed: true)
  /// That the process is dead.
  static let dead = TransportFailure(
    kind: .cancelled, message: "the process is dead", mayHaveBeenProcessed: true)

  private func enter(_ request: HTTPRequest) async throws(TransportFailure) -> Int {
    let ordinal = log.withLock { log in
      log.append("\(request.method) \(request.url)")
      return log.count
    }
    try await before(request, ordinal)
    return ordinal
  }

  func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPReply {
    let ordinal = try await enter(request)
    let reply = try await base.send(request)
    try await after(request, ordinal)
    return reply
  }

  func open(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPStream {
    let ordinal = try await enter(request)
    let stream = try await base.open(request)
    try await after(request, ordinal)
    return stream
  }
}
