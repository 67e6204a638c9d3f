import Drayage
import DrayageCore
import DrayageSimulation
import Foundation

@testable import DrayageExecution

/// One fault of one wire format, whole or streamed, met by an executor over a real socket.
///
/// The first offer fails once; the second one, of another provider, is well. A single failure opens a breaker,
/// so that whether it counted can be seen.
struct FaultCell: Hashable, Sendable {
  /// The wire formats, and where the simulated provider speaks them.
  static let dialects: [(name: String, path: String)] = [
    ("openai-chat", "/v1"), ("azure-openai", "/openai/v1"), ("openai-responses", "/v1"),
    ("anthropic-messages", "/v1"), ("gemini-generate", "/v1beta"), ("bedrock-converse", ""),
    ("cohere-chat", ""),
  ]

  static let all: [FaultCell] = FaultKind.allCases.flatMap { fault in
    dialects.flatMap { dialect in
      [false, true].map { FaultCell(fault: fault, dialect: dialect.name, streams: $0) }
    }
  }

  let fault: FaultKind
  let dialect: String
  let streams: Bool

  /// What happened.
  struct Result: Hashable, Sendable {
    /// What the failed attempt was taken for.
    var failure: FailureClass?
    /// Attempts sent.
    var attempts: Int
    /// The model that answered in the end.
    var answeredBy: String?
    /// What the failed attempt was charged with.
    var charge: Charge
    /// Whether the breaker of the offer that failed is open.
    var breakerIsOpen: Bool
    /// Whether a part of an answer reached the caller and no whole one.
    var isPartial: Bool
  }

  /// A charge, by where it comes from.
  enum Charge: String, Sendable {
    case nothing, metered, reservation
  }

  /// The failures that come of silence take as long as the timeouts; the others must not be hurried.
  private var isSilent: Bool {
    [.hang, .stall, .stallEarly, .slowHeaders].contains(fault)
  }

  func run() async throws -> Result {
    let catalog = try CatalogLoader.load(files: [
      prices("first", "alpha", 50_000), prices("second", "beta", 90_000),
    ])
    var options = SimulationOptions()
    options.speed = .infinity
    options.schedule = ["alpha": [fault]]
    options.retryAfter = 0
    options.slowHeaders = 4
    options.hangLimit = 8
    options.pricing = { model, usage in
      let offer = catalog.offers.first { $0.wireModel == model }
      return (try? offer?.price(usage, at: .now).total) ?? Money.largest
    }
    let provider = try await SimulatedProvider.start(table: try Self.table, options: options)
    let path = Self.dialects.first { $0.name == dialect }?.path ?? ""
    let address = "http://127.0.0.1:\(provider.port)\(path)"
    let executor = try self.executor(catalog, address)
    var request = ChatRequest("How far is it?", maxOutputTokens: 40)
    request.metadata = ["query_id": "q"]
    let result: Result
    do throws(ExecutionError) {
      let pieces = Locked(ChatAnswer())
      var onEvent: (@Sendable (ChatEvent) async -> Void)?
      if streams { onEvent = { event in pieces.withLock { $0.take(event) } } }
      let execution = try await executor.execute(
        request, onEvent: onEvent)
      // What was shown piece by piece is the answer, and nothing of an attempt that failed.
      if streams {
        guard pieces.withLock({ $0.text }) == execution.answer.text else {
          throw ExecutionError(nil, "mixed")
        }
      }
      result = try self.result(execution.attempts, execution.offer.name, nil, executor)
    } catch {
      result = try self.result(error.attempts, nil, error, executor)
    }
    let charged = Money(nanodollars: executor.router.account?.spent.nanodollars ?? -1)
    await provider.shutdown()
    let billed = provider.ledger().total.nanodollars
    guard billed <= charged.nanodollars, executor.router.account?.held == .zero else {
      throw ExecutionError(
        nil, "billed \(billed), charged \(charged), held \(executor.router.account?.held ?? .zero)")
    }
    return result
  }

  private func result(
    _ attempts: [Execution.Attempt], _ answeredBy: String?, _ error: ExecutionError?, _ executor: Executor
  ) throws(ExecutionError) -> Result {
    let sent = attempts.filter { if case .notSent = $0.end { false } else { true } }
    guard let first = sent.first, case .failed(let failure, _) = first.end else {
      throw ExecutionError(nil, "the fault was not noticed: \(attempts) \(error?.description ?? "")")
    }
    let alpha = try named("first/alpha")
    let ceiling =
      (try? executor.router.offers.first { $0.id == alpha }?.ceiling(
        input: first.charged.nanodollars == 0 ? 0 : Self.bound, output: 40, at: .now)) ?? .zero
    let charge: Charge =
      first.charged == .zero ? .nothing : first.charged == ceiling ? .reservation : .metered
    let isOpen = executor.breaker(of: alpha).map { $0 != .closed } ?? false
    return Result(
      failure: failure, attempts: sent.count, answeredBy: answeredBy, charge: charge, breakerIsOpen: isOpen,
      isPartial: error?.partial?.text.isEmpty == false)
  }

  private func named(_ text: String) throws(ExecutionError) -> OfferID {
    guard let id = OfferID(text) else { throw ExecutionError(nil, "no name: \(text)") }
    return id
  }

  /// The bytes of the request's body, which bound its tokens.
  private static let bound: Int = {
    var request = ChatRequest("How far is it?", maxOutputTokens: 40)
    request.metadata = ["query_id": "q"]
    return (try? RequestBody(request).inputTokenBound) ?? 0
  }()

  private func executor(_ catalog: Catalog, _ address: String) throws -> Executor {
    let names = catalog.offers.map(\.id.description)
    let book = PriceBook(
      unit: .quality, offers: names, workloads: ["default"], weights: names.map { _ in .init(quality: 1) },
      shares: names.map { _ in 0 }, tieTolerance: 0)
    let router = try Router(
      book: book, catalog: catalog, estimator: Estimator(profile: try TableProfile(try Self.table)),
      budget: Money(nanodollars: 10_000_000_000))
    let limit: Duration = isSilent ? .milliseconds(1_000) : .seconds(60)
    return try Executor(
      router: router, catalog: catalog, baseURLs: [address], environment: ["KEY": "key-of-the-tests"],
      transport: CurlTransport(.init(usesProxyOfEnvironment: false)),
      options: ExecutionOptions(
        attempts: .init(attemptsPerOffer: 2, firstBackoff: 0), breaker: .init(consecutiveFailures: 1),
        timeouts: Timeouts(firstByte: limit, stall: limit)))
  }

  private static var table: ScoredTable {
    get throws {
      let text = """
        query_id,input_tokens,alpha|score,alpha|out_tok,alpha|cost_usd,beta|score,beta|out_tok,beta|cost_usd
        q,20,0.9,30,0.001,0.5,30,0.001

        """
      return try ScoredTable(bytes: Array(text.utf8), file: "matrix.csv")
    }
  }

  private func prices(_ provider: String, _ model: String, _ context: Int) -> CatalogSource {
    CatalogSource(
      name: "\(provider).json",
      text: """
        {"format": "pricing/1", "provider": "\(provider)", "currency": "USD", "unit": "Mtok",
         "api": {"dialect": "\(dialect)", "base_url": "http://127.0.0.1:9", "key": "KEY"},
         "offers": [{"id": "\(model)", "model": "\(model)", "limits": {"context": \(context), "output": 4096},
          "rates": [{"base": {"in": "1", "out": "2"}}]}]}
        """)
  }
}
