import Drayage
import DrayageCore
import Testing

@testable import DrayageExecution

/// An executor over a few offers of different providers, whose answers the test plays.
///
/// The offers are asked in the order given. A token costs 1,000 nano-dollars in and 2,000 out.
struct ExecutorFixture: Sendable {
  /// One offer of a provider of its own, unless two name the same.
  struct Seller: Sendable {
    var provider: String
    var model: String
    var dialect = "openai-chat"
    /// Whether the provider heeds idempotency keys.
    var heedsKeys = false
    /// The most output tokens; nil for no stated limit.
    var output: Int? = 4_096
    /// The provider's quotas, as a price file has them.
    var quota: String?

    var offer: String { "\(provider)/\(model)" }
  }

  static let alpha = Seller(provider: "north", model: "alpha")
  static let beta = Seller(provider: "south", model: "beta")
  static let gamma = Seller(provider: "west", model: "gamma")

  let stage: StagedTransport
  let catalog: Catalog
  let router: Router
  let executor: Executor

  init(
    _ sellers: [Seller] = [alpha, beta], budget: Money = Money(nanodollars: 1_000_000_000),
    options: ExecutionOptions = ExecutorFixture.options()
  ) throws {
    stage = StagedTransport(models: sellers.map(\.model))
    catalog = try Self.catalog(sellers)
    let names = sellers.map(\.offer)
    let book = PriceBook(
      unit: .quality, offers: names, workloads: ["default"], weights: names.map { _ in .init(quality: 1) },
      shares: names.map { _ in 0 }, tieTolerance: 0)
    router = try Router(
      book: book, catalog: catalog, estimator: Estimator(profile: try TableProfile(try Self.table(sellers))),
      budget: budget)
    executor = try Executor(
      router: router, catalog: catalog, environment: ["KEY": "key-of-the-tests"], transport: stage,
      options: options)
  }

  /// Options with which nothing is waited for unless a provider asks for it.
  static func options(
    attemptsPerOffer: Int = 2, patience: Double = 1, hedgeAfter: Double? = nil, breakerAfter: Int = 100,
    maxOutputTokens: Int? = nil
  ) -> ExecutionOptions {
    ExecutionOptions(
      attempts: .init(attemptsPerOffer: attemptsPerOffer, firstBackoff: 0, patience: patience),
      breaker: .init(consecutiveFailures: breakerAfter, firstOpen: 0), hedge: hedgeAfter.map { .after($0) },
      maxOutputTokens: maxOutputTokens)
  }

  static func catalog(_ sellers: [Seller]) throws -> Catalog {
    var providers: [String] = []
    for seller in sellers where !providers.contains(seller.provider) { providers.append(seller.provider) }
    return try CatalogLoader.load(
      files: providers.map { name in prices(sellers.filter { $0.provider == name }) })
  }

  private static func prices(_ sellers: [Seller]) -> CatalogSource {
    let first = sellers[0]
    let offers = sellers.map { seller in
      let output = seller.output.map { #", "output": \#($0)"# } ?? ""
      return """
        {"id": "\(seller.model)", "model": "\(seller.model)", "limits": {"context": 50000\(output)},
         "rates": [{"base": {"in": "1", "out": "2"}}]}
        """
    }
    let header = first.heedsKeys ? #", "idempotency_header": "Idempotency-Key""# : ""
    let quota = first.quota.map { #""quota": [\#($0)],"# } ?? ""
    return CatalogSource(
      name: "\(first.provider).json",
      text: """
        {"format": "pricing/1", "provider": "\(first.provider)", "currency": "USD", "unit": "Mtok",
         "api": {"dialect": "\(first.dialect)", "base_url": "http://127.0.0.1:9/v1", "key": "KEY"\(header)},
         \(quota) "offers": [\(offers.joined(separator: ","))]}
        """)
  }

  /// Scores that put the sellers in their order.
  private static func table(_ sellers: [Seller]) throws -> ScoredTable {
    let columns = sellers.flatMap { ["\($0.model)|score", "\($0.model)|out_tok", "\($0.model)|cost_usd"] }
    let values = sellers.indices.flatMap { ["\(0.9 - 0.1 * Double($0))", "30", "0.001"] }
    let text = """
      query_id,input_tokens,\(columns.joined(separator: ","))
      q,20,\(values.joined(separator: ","))

      """
    return try ScoredTable(bytes: Array(text.utf8), file: "matrix.csv")
  }

  // MARK: Requests

  /// A request that can be told from others by its id.
  static func request(_ id: String = "q", maxOutputTokens: Int? = 40) -> ChatRequest {
    var request = ChatRequest("How far is it?", maxOutputTokens: maxOutputTokens)
    request.metadata = ["query_id": id]
    return request
  }

  /// Has a request answered, in a task of its own.
  func run(
    _ request: ChatRequest = ExecutorFixture.request(), to listener: Listener? = nil
  ) -> Task<Result<Execution, ExecutionError>, Never> {
    var onEvent: (@Sendable (ChatEvent) async -> Void)?
    if let listener { onEvent = { listener.hear($0) } }
    return Task { [onEvent] in
      do throws(ExecutionError) {
        return .success(try await executor.execute(request, onEvent: onEvent))
      } catch {
        return .failure(error)
      }
    }
  }

  // MARK: Money

  /// What one attempt at `model` may cost at most.
  func ceiling(
    _ request: ChatRequest = ExecutorFixture.request(), output: Int = 40, at model: String = "alpha"
  ) throws -> Money {
    let offer = try #require(router.offers.first { $0.wireModel == model })
    return try offer.ceiling(input: try RequestBody(request).inputTokenBound, output: output, at: .now)
  }

  /// What ``StagedExchange/usage`` costs.
  static let bill = Money(nanodollars: 10 * 1_000 + 5 * 2_000)

  /// Nothing is held any more, nothing went over the budget, and this much was spent.
  func checkBooks(spent: Money, _ location: SourceLocation = #_sourceLocation) throws {
    let account = try #require(router.account, sourceLocation: location)
    #expect(account.held == .zero, sourceLocation: location)
    #expect(account.spent == spent, sourceLocation: location)
    #expect(account.spent + account.held <= account.limit, sourceLocation: location)
  }
}

/// A caller who listens to a streamed answer.
final class Listener: Sendable {
  private let log = Locked<[ChatEvent]>([])
  private let heard = Signal()

  var events: [ChatEvent] { log.withLock { $0 } }

  /// All the text so far.
  var text: String {
    events.reduce(into: "") { text, event in if case .text(let piece) = event { text += piece } }
  }

  /// Where the answers that were heard began.
  var beginnings: [String?] {
    events.compactMap { if case .begin(let id, _) = $0 { .some(id) } else { nil } }
  }

  func hear(_ event: ChatEvent) {
    log.withLock { $0.append(event) }
    heard.fire()
  }

  /// Waits until so much text has come.
  func hears(_ text: String) async {
    while self.text != text, !Task.isCancelled { await heard.wait() }
  }
}

extension Result where Success == Execution, Failure == ExecutionError {
  /// The error, if there is one.
  var error: ExecutionError? { if case .failure(let error) = self { error } else { nil } }
}

extension Execution.Attempt {
  /// What it failed of, if it was sent and failed.
  var failure: FailureClass? { if case .failed(let kind, _) = end { kind } else { nil } }

  /// Why it was not sent, if it was not.
  var notSent: String? { if case .notSent(let why) = end { why } else { nil } }
}
