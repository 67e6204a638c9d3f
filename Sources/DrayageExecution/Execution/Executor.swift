public import Drayage
public import DrayageCore
import DrayageProfiles
public import Foundation

/// Carries decisions out: sends requests to the offers that a router chooses, and goes on with others when they
/// fail, within the router's budget.
///
/// It keeps what requests learn from each other: circuit breakers, rate limits, retry budgets, and how fast
/// offers answer. One executor serves any number of requests at a time.
public final class Executor: Sendable {
  let router: Router
  let attempter: Attempter
  let options: ExecutionOptions
  let admission: Locked<Admission>
  /// For each target the seconds until a whole answer, and until the first token of a stream.
  let latencies: Locked<[LatencyRecords]>
  let targets: [Target]
  let targetOf: [OfferID: Int]
  /// Those of the targets' models, by their places in `TokenFamily.all`.
  private let families: [Int]
  /// The offers that cannot be reached at all.
  let unreachable: [OfferID: Rejection]
  /// Part of every idempotency key: two executors never share one.
  let run = String(UInt64.random(in: .min ... .max), radix: 16)

  /// Larger bodies are written in the caller's own place: the transport's has others to serve.
  private static let mostBytesInside = 128 << 10

  /// An executor of the decisions of `router`.
  ///
  /// - Parameters:
  ///   - catalog: the one that the router chooses from; its quotas are kept.
  ///   - baseURLs: addresses that replace the catalog's: `PROVIDER=URL` for one provider, `URL` for all, which is
  ///     then given the key of every provider whose offers it stands for.
  ///   - environment: where the providers' keys are, under the names that the catalog gives.
  /// - Throws: ``ExecutionError`` if an address is for a provider that the catalog does not have, or no offer
  ///   can be reached.
  public convenience init(
    router: Router, catalog: Catalog, baseURLs: [String] = [],
    environment: [String: String] = ProcessInfo.processInfo.environment,
    transport: any Transport = CurlTransport(), options: ExecutionOptions = ExecutionOptions()
  ) throws(ExecutionError) {
    let names = router.offers.map(\.id.description)
    let found: (targets: [Target], unreachable: [(OfferID, Rejection)])
    do {
      found = try TargetSelection(
        catalog: catalog, offers: names, baseURLs: baseURLs, environment: environment
      ).targets()
    } catch {
      throw ExecutionError(nil, "\(error)")
    }
    guard !found.targets.isEmpty else {
      let reasons = found.unreachable.map { "\($0.0): \($0.1)" }.joined(separator: "; ")
      throw ExecutionError(
        nil, "no offer can be reached: \(reasons)",
        refusals: found.unreachable.map { .init(offer: $0.0.description, rejection: $0.1) })
    }
    self.init(
      router: router, targets: found.targets, unreachable: found.unreachable, quotas: catalog.quotas,
      transport: transport, options: options)
  }

  package init(
    router: Router, targets: [Target], unreachable: [(OfferID, Rejection)] = [], quotas: [Quota] = [],
    transport: any Transport, options: ExecutionOptions = ExecutionOptions()
  ) {
    self.router = router
    self.targets = targets
    self.options = options
    self.unreachable = Dictionary(unreachable, uniquingKeysWith: { first, _ in first })
    attempter = Attempter(transport: transport)
    let models = Set(targets.map { TokenFamily(model: $0.offer.model) })
    families = TokenFamily.all.indices.filter { models.contains(TokenFamily.all[$0]) }
    targetOf = Dictionary(
      targets.enumerated().map { ($1.offer.id, $0) }, uniquingKeysWith: { first, _ in first })
    admission = Locked(Admission(targets.map(\.offer), quotas: quotas, options: options))
    latencies = Locked(targets.flatMap { _ in [LatencyRecords(.firstToken), LatencyRecords(.firstToken)] })
  }

  /// What is asked of the offer that answers, besides what the request itself asks.
  public struct Demand: Hashable, Sendable {
    /// The class of requests that it belongs to.
    public var workload: String
    /// The least expected quality; nil for none.
    public var quality: Double?
    /// The largest probability of missing the router's deadline; nil for none.
    public var missProbability: Double?

    /// A demand.
    public init(
      workload: String = Request.defaultWorkload, quality: Double? = nil, missProbability: Double? = nil
    ) {
      self.workload = workload
      self.quality = quality
      self.missProbability = missProbability
    }

    fileprivate func rejection(of estimate: Estimate) -> Rejection? {
      if let quality, estimate.quality < quality {
        return .excluded("its expected quality is below the \(quality) that is asked")
      }
      if let missProbability, estimate.missProbability > missProbability {
        return .excluded("it would miss the deadline more often than in \(missProbability * 100) % of cases")
      }
      return nil
    }
  }

  /// Has `request` answered.
  ///
  /// Tasks that ask for many answers, and do little else, save changes of threads on ``Transport/taskExecutor``.
  ///
  /// - Parameters:
  ///   - demand: what is asked of the offer.
  ///   - onEvent: takes the answer piece by piece as it comes in; nil waits for the whole. Once it has had a
  ///     piece of the answer itself, no other offer is asked any more. A slow one slows the provider down, but it
  ///     must not block: it may be called on the transport's own thread. An answer of which the provider does not
  ///     say what it metered costs its whole reservation, streamed or not.
  /// - Throws: ``ExecutionError`` if no offer answers, or none can be afforded.
  public func execute(
    _ request: ChatRequest, _ demand: Demand = Demand(),
    onEvent: (@Sendable (ChatEvent) async -> Void)? = nil
  ) async throws(ExecutionError) -> Execution {
    let body: RequestBody
    do {
      body = try RequestBody(request)
    } catch {
      throw ExecutionError(.badRequest, "\(error)")
    }
    return try await execute(body, demand, onEvent: onEvent)
  }

  /// Has a request answered that is given as the JSON of a chat completion.
  package nonisolated(nonsending) func execute(
    _ body: RequestBody, _ demand: Demand, onEvent: (@Sendable (ChatEvent) async -> Void)?
  ) async throws(ExecutionError) -> Execution {
    let decision: Decision
    do {
      decision = try decide(body, demand)
    } catch {
      throw ExecutionError(
        nil, error.description, isBudgetExhausted: error.code == .budgetExhausted, refusals: error.refusals)
    }
    let course = Course(self, body, decision, onEvent)
    let place = body.bytes.count <= Self.mostBytesInside ? attempter.transport.taskExecutor : nil
    guard let place, !Self.isCurrent(place) else { return try await course.run().get() }
    return try await withTaskExecutorPreference(place) { await course.run() }.get()
  }

  /// Whether the calling task prefers `place` already.
  private static func isCurrent(_ place: any TaskExecutor) -> Bool {
    withUnsafeCurrentTask { $0?.unownedTaskExecutor == place.asUnownedTaskExecutor() }
  }

  /// Chooses an offer and reserves what it may cost, without sending anything.
  package func decide(_ body: RequestBody, _ demand: Demand) throws(RouterError) -> Decision {
    // Before the router is asked, which has others to serve.
    let inexpressible = body.isPlain ? [] : targets.map { $0.rejection(of: body) }
    return try router.decide(request(for: body, workload: demand.workload)) { [targetOf, unreachable] in
      guard let target = targetOf[$0.id] else {
        return unreachable[$0.id] ?? .unreachable("it cannot be reached")
      }
      return demand.rejection(of: $1) ?? (inexpressible.isEmpty ? nil : inexpressible[target])
    }
  }

  /// What choosing needs to know of the request.
  private func request(for body: RequestBody, workload: String) -> Request {
    let counts = body.inputTokens(families: families)
    return Request(
      workload: workload, inputTokens: min(counts.max() ?? 0, body.inputTokenBound), byFamily: counts,
      inputTokenBound: body.inputTokenBound, maxOutputTokens: body.maxOutputTokens ?? options.maxOutputTokens,
      capabilities: body.capabilities)
  }

  /// The state of an offer's circuit breaker; nil if the offer cannot be reached.
  public func breaker(of offer: OfferID) -> CircuitBreaker.State? {
    targetOf[offer].map { target in admission.withLock { $0.state(of: target) } }
  }
}

extension Router {
  /// Has `request` answered by the offers that this router chooses; see ``Executor/execute(_:_:onEvent:)``.
  public func execute(
    _ request: ChatRequest, _ demand: Executor.Demand = .init(), over executor: Executor,
    onEvent: (@Sendable (ChatEvent) async -> Void)? = nil
  ) async throws(ExecutionError) -> Execution {
    precondition(executor.router === self, "the executor carries out the decisions of another router")
    return try await executor.execute(request, demand, onEvent: onEvent)
  }

  /// Takes the judgement of an answer; see ``Router/judge(_:quality:at:)``.
  @discardableResult
  public func judge(_ execution: Execution, quality: Double, at instant: UTCInstant = .now) -> Bool {
    judge(
      execution.offer, workload: execution.decision.request.workload, quality: quality, at: instant)
  }
}
