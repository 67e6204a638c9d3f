import DrayageTesting
import Drayage
import DrayageCore
import DrayageSimulation
import Foundation

@testable import DrayageExecution

/// A small market of one seed: what each model would answer and cost, who sells it, and the requests.
///
/// Costs are tokens times rates exactly, so that the provider's books and ours can be compared to the
/// nano-dollar.
struct BatchMarket: Sendable {
  /// One model, sold by one provider.
  struct Model: Sendable {
    let name: String
    let provider: String
    /// Nano-dollars per token.
    let input: Int
    let output: Int
    let skill: Double
  }

  /// Which providers heed idempotency keys.
  enum Keys: CaseIterable, Sendable {
    case all, some, none

    func heededBy(_ provider: String) -> Bool { self == .all || (self == .some && provider == "north") }
  }

  /// Cheap and weak first.
  static let models = [
    Model(name: "n-small", provider: "north", input: 100, output: 400, skill: 0.35),
    Model(name: "s-small", provider: "south", input: 150, output: 500, skill: 0.45),
    Model(name: "n-middle", provider: "north", input: 600, output: 2_400, skill: 0.6),
    Model(name: "s-large", provider: "south", input: 2_500, output: 10_000, skill: 0.8),
    Model(name: "n-large", provider: "north", input: 3_000, output: 15_000, skill: 0.9),
  ]
  static let mostOutput = 96

  let table: ScoredTable
  let catalog: Catalog
  let keys: Keys

  /// - Parameter change: when prices turn upside down: then each model costs what its counterpart from the other end
  ///   did.
  init(seed: UInt64, queries: Int = 60, keys: Keys, change: UTCInstant? = nil) throws {
    var random = SplitMix64(seed: seed)
    table = try ScoredTable(bytes: Self.csv(queries: queries, &random), file: "market.csv")
    catalog = try CatalogLoader.load(
      files: ["north", "south"].map { Self.prices($0, keys: keys, change: change) })
    self.keys = keys
  }

  private static func csv(queries: Int, _ random: inout SplitMix64) -> [UInt8] {
    let columns = models.flatMap { model in
      ["score", "out_tok", "cost_usd"].map { "\(model.name)|\($0)" }
    }
    var bytes = CSVWriter.record(["query_id", "dataset", "input_tokens"] + columns)
    for query in 0..<queries {
      let input = Int.random(in: 5...40, using: &random)
      let hardness = Double.random(in: 0...1, using: &random)
      var record = ["q\(query)", query % 3 == 0 ? "math" : "chat", String(input)]
      for model in models {
        let output = Int.random(in: 4...mostOutput, using: &random)
        let noise = Double.random(in: -0.2...0.2, using: &random)
        let cost = Money(nanodollars: Int64(input * model.input + output * model.output))
        record += [model.skill + noise > hardness ? "1" : "0", String(output), cost.decimal]
      }
      bytes += CSVWriter.record(record)
    }
    return bytes
  }

  private static func prices(_ provider: String, keys: Keys, change: UTCInstant?) -> CatalogSource {
    let offers = zip(models, models.reversed()).filter { $0.0.provider == provider }.map {
      model, counterpart in
      func rates(_ model: Model) -> String {
        let rates = [model.input, model.output].map { Money(nanodollars: Int64($0) * 1_000_000).decimal }
        return #""base": {"in": "\#(rates[0])", "out": "\#(rates[1])"}"#
      }
      let sheets =
        change.map {
          #"{"until": "\#($0)", \#(rates(model))}, {"from": "\#($0)", \#(rates(counterpart))}"#
        } ?? "{\(rates(model))}"
      return """
        {"id": "\(model.name)", "model": "\(model.name)", "limits": {"context": 100000, "output": 4096},
         "rates": [\(sheets)]}
        """
    }
    let header = keys.heededBy(provider) ? #", "idempotency_header": "Idempotency-Key""# : ""
    return CatalogSource(
      name: "\(provider).json",
      text: """
        {"format": "pricing/1", "provider": "\(provider)", "currency": "USD", "unit": "Mtok",
         "api": {"dialect": "openai-chat", "base_url": "http://127.0.0.1:9/v1"\(header)},
         "offers": [\(offers.joined(separator: ","))]}
        """)
  }

  /// A provider of every model, which bills by the catalog's tariffs.
  ///
  /// - Parameter billed: told what each answer is billed at, once.
  func provider(
    faults: String = "", seed: UInt64 = 0, hangLimit: Double = 600,
    now: @escaping @Sendable () -> UTCInstant = { .now },
    billed: @escaping @Sendable (_ model: String, TokenUsage, Money) -> Void = { _, _, _ in }
  ) async throws -> SimulatedProvider {
    var options = SimulationOptions()
    options.seed = seed
    options.speed = .infinity
    options.faults = try FaultPlan(parsing: faults)
    options.hangLimit = hangLimit
    let offers = Dictionary(uniqueKeysWithValues: catalog.offers.map { ($0.wireModel, $0) })
    options.pricing = { model, usage in
      let amount = (try? offers[model]?.price(usage, at: now()).total) ?? Money.largest
      billed(model, usage, amount)
      return amount
    }
    return try await SimulatedProvider.start(table: table, options: options)
  }

  /// The requests as the table has them, or the lines of `requests`, for targets at `baseURL`: all, or those that
  /// sell `model`.
  func setup(
    _ options: BatchOptions, baseURL: String, requests: [String]? = nil, model: String? = nil
  ) throws -> BatchSetup {
    let folder = try ScratchFolder()
    let path = folder.path("requests.jsonl")
    if let requests {
      try requests.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    } else {
      try RequestFile.write(table, to: path, maxCompletionTokens: Self.mostOutput)
    }
    let selection = try TargetSelection(catalog: catalog, offers: nil, baseURLs: [baseURL], environment: [:])
    return BatchSetup(
      try BatchFile(path),
      targets: try selection.targets().targets.filter { model == nil || $0.offer.id.name == model },
      profile: try TableProfile(table), options: options)
  }

  /// What every request would cost at its cheapest model, and at its dearest, by the table.
  var costs: (least: Int64, most: Int64) {
    table.queryIDs.indices.reduce((0, 0)) { sums, query in
      let costs = table.models.indices.compactMap { table.cost(query: query, model: $0)?.nanodollars }
      return (sums.0 + (costs.min() ?? 0), sums.1 + (costs.max() ?? 0))
    }
  }

  /// A budget at `share` of the way from the cheapest assignment to the dearest, and `ceilings` of the dearest
  /// request.
  func budget(_ share: Double, ceilings: Double = 0, in setup: BatchSetup) -> Money {
    let (least, most) = costs
    return Money(
      nanodollars: least + Int64(share * Double(most - least))
        + Int64(ceilings * Double(dearestCeiling(in: setup).nanodollars)))
  }

  /// The most that one attempt can cost.
  func dearestCeiling(in setup: BatchSetup) -> Money {
    setup.rows.flatMap { row in
      setup.targets.indices.compactMap { try? setup.ceiling(row, target: $0, at: .now) }
    }.max() ?? .zero
  }
}

/// A folder of one test, removed with it.
final class ScratchFolder: Sendable {
  private let root: String

  init() throws {
    root = NSTemporaryDirectory() + "/drayage-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: root)
  }

  func path(_ name: String) -> String { root + "/" + name }

  func bytes(_ name: String) throws -> [UInt8] { try InputFile.bytes(at: path(name)) }

  func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
  }
}
