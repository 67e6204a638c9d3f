import Drayage
import DrayageCore

/// Which attempts may be sent now: the circuit breakers of each offer and of its provider, the rate limits that
/// offers share, and the budget of retries of each provider.
///
/// A value without lock and clock; times are seconds on any scale that does not run backwards.
struct Admission: Sendable {
  /// Leave for one attempt, to be given back with what became of it.
  struct Pass: Sendable {
    let target: Int
    /// Of the offer and of its provider; none for a repetition.
    fileprivate let breakers: (offer: CircuitBreaker.Ticket, provider: CircuitBreaker.Ticket)?
    fileprivate let limits: [(limiter: Int, ticket: RateLimiter.Ticket)]
  }

  /// The answer to an attempt.
  enum Answer: Sendable {
    case admitted(Pass)
    /// Not now; seconds until it is worth asking again, nil if there is no telling when.
    case unavailable(for: Double?, because: String)
    /// The provider has had its share of retries.
    case retryRefused
  }

  /// What became of an attempt.
  enum End: Sendable {
    case answered(MeteredUsage?)
    case failed(FailureClass, retryAfter: Double?)
    case notSent
  }

  private var breakers: [CircuitBreaker]
  /// By provider: for what concerns all of its offers, such as its key or its host.
  private var domains: [CircuitBreaker]
  private var limiters: [RateLimiter] = []
  /// What each limiter is called.
  private var limiterNames: [String] = []
  /// For each target the limiters that it draws on, its own first.
  private var limitersOf: [[Int]]
  /// Those that all models of a provider draw on.
  private var sharedByModels: Set<Int> = []
  private var retries: [RetryBudget]
  /// The providers, and for each target which of them it is of.
  private let providers: [String]
  private let providerOf: [Int]

  /// The longest that an attempt waits for one that is under way to end before it asks again.
  private static let concurrencyPoll = 0.05

  init(_ offers: [Offer], quotas: [Quota], options: ExecutionOptions) {
    breakers = offers.map { _ in CircuitBreaker(policy: options.breaker) }
    limitersOf = offers.map { _ in [] }
    var numbers: [String: Int] = [:]
    var providers: [String] = []
    providerOf = offers.map { offer in
      if let known = numbers[offer.provider] { return known }
      numbers[offer.provider] = providers.count
      providers.append(offer.provider)
      return providers.count - 1
    }
    self.providers = providers
    retries = providers.map { _ in RetryBudget(policy: options.retries) }
    domains = providers.map { _ in CircuitBreaker(policy: options.breaker) }
    var known: [String: Int] = [:]
    /// The limiter called `key`, made if it is the first time.
    func limiter(_ key: String, _ make: () -> RateLimiter) -> Int {
      if let position = known[key] { return position }
      known[key] = limiters.count
      limiters.append(make())
      limiterNames.append(key)
      return limiters.count - 1
    }
    let quotaNamed = Dictionary(quotas.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for (target, offer) in offers.enumerated() {
      let model = "\(offer.provider)/\(offer.wireModel)"
      limitersOf[target].append(
        limiter(model) {
          RateLimiter(Quota(provider: offer.provider, plan: nil), concurrency: offer.limits.concurrency)
        })
      for name in offer.quotas {
        guard let quota = quotaNamed[name], quota.plan == nil || quota.plan == offer.plan else { continue }
        let key = quota.scope == .account ? name : "\(name) \(model)"
        let position = limiter(key) { RateLimiter(quota) }
        limitersOf[target].append(position)
        if quota.scope == .account { sharedByModels.insert(position) }
      }
    }
  }

  /// What is to be sent.
  enum Kind: Sendable {
    /// The first attempt of a request at an offer.
    case first
    /// A further one.
    case retry
    /// The same attempt again under its key: it may have been billed already, and only an answer can tell. No
    /// breaker stands against that.
    case repetition
  }

  /// Asks to send an attempt of about so many tokens.
  mutating func admit(
    _ target: Int, input: Int, output: Int, as kind: Kind, at now: Double
  ) -> Answer {
    let provider = providerOf[target]
    var tickets: (offer: CircuitBreaker.Ticket, provider: CircuitBreaker.Ticket)?
    if kind != .repetition {
      switch domains[provider].admit(at: now) {
      case .refused(let until):
        return .unavailable(
          for: max(0, until - now), because: "the circuit breaker of \(providers[provider]) is open")
      case .admitted(let ofProvider):
        switch breakers[target].admit(at: now) {
        case .refused(let until):
          domains[provider].record(.neutral, ofProvider, at: now)
          return .unavailable(for: max(0, until - now), because: "its circuit breaker is open")
        case .admitted(let ofOffer): tickets = (ofOffer, ofProvider)
        }
      }
    }
    var taken: [(limiter: Int, ticket: RateLimiter.Ticket)] = []
    taken.reserveCapacity(limitersOf[target].count)
    for limiter in limitersOf[target] {
      switch limiters[limiter].admit(input: input, output: output, at: now) {
      case .admitted(let ticket): taken.append((limiter, ticket))
      case .wait(let seconds):
        undo(target, tickets, taken, at: now)
        return .unavailable(
          for: seconds.map { $0.isFinite ? $0 : nil } ?? Self.concurrencyPoll,
          because: "its rate limit is used up")
      }
    }
    switch kind {
    case .first: retries[provider].deposit(at: now)
    case .retry:
      guard retries[provider].withdraw(at: now) else {
        undo(target, tickets, taken, at: now)
        return .retryRefused
      }
    case .repetition: break
    }
    return .admitted(Pass(target: target, breakers: tickets, limits: taken))
  }

  /// Gives back what was taken for an attempt that is not sent.
  private mutating func undo(
    _ target: Int, _ tickets: (offer: CircuitBreaker.Ticket, provider: CircuitBreaker.Ticket)?,
    _ taken: [(limiter: Int, ticket: RateLimiter.Ticket)], at now: Double
  ) {
    for (limiter, ticket) in taken { limiters[limiter].release(ticket, at: now) }
    record(.neutral, .neutral, of: target, tickets, at: now)
  }

  private mutating func record(
    _ offer: CircuitBreaker.Result, _ provider: CircuitBreaker.Result, of target: Int,
    _ tickets: (offer: CircuitBreaker.Ticket, provider: CircuitBreaker.Ticket)?, at now: Double
  ) {
    guard let tickets else { return }
    breakers[target].record(offer, tickets.offer, at: now)
    domains[providerOf[target]].record(provider, tickets.provider, at: now)
  }

  /// An expected number of tokens, as the limiters count them.
  static func tokens(_ expected: Double) -> Int { expected.isNaN ? 0 : Int(min(max(0, expected), 1e12)) }

  /// Takes back a pass.
  mutating func end(_ pass: Pass, as end: End, report: RateLimitReport? = nil, at now: Double) {
    let result: CircuitBreaker.Result
    var concernsAll = false
    switch end {
    case .answered(let usage):
      result = .success
      for (limiter, ticket) in pass.limits {
        if let tokens = usage?.tokens {
          limiters[limiter].settle(
            ticket, input: tokens.input + tokens.cacheWrite, output: tokens.output,
            cachedInput: tokens.cachedInput, at: now)
        } else {
          limiters[limiter].settle(ticket)
        }
      }
    case .failed(let failure, let retryAfter):
      result = failure.meaning.breaker == .failure ? .failure : .neutral
      for (limiter, ticket) in pass.limits {
        // What is not billed has used no tokens; the request itself counts.
        if failure.meaning.mayBeBilled {
          limiters[limiter].settle(ticket)
        } else {
          limiters[limiter].settle(ticket, input: 0, output: 0, at: now)
        }
      }
      concernsAll = failure.meaning.reach == .domain
      if failure == .rateLimited, let retryAfter, let own = pass.limits.first {
        limiters[own.limiter].rateLimited(for: retryAfter, at: now)
      }
    case .notSent:
      result = .neutral
      for (limiter, ticket) in pass.limits { limiters[limiter].release(ticket, at: now) }
    }
    // That one offer fails says nothing of the others at its provider.
    let shared: CircuitBreaker.Result = result == .failure && !concernsAll ? .neutral : result
    record(result, shared, of: pass.target, pass.breakers, at: now)
    if let report {
      // Providers count by the model; what all models share is not told.
      for limiter in limitersOf[pass.target] where !sharedByModels.contains(limiter) {
        limiters[limiter].correct(by: report, at: now)
      }
    }
  }

  /// What one rate limit lets through.
  struct Allowance: Sendable {
    let name: String
    let measure: PlanSpecification.Measure
    /// The targets that draw on it.
    let targets: [Int]
    let limit: Double
  }

  /// What the rate limits let through in so many seconds from now on.
  mutating func allowances(within seconds: Double, at now: Double) -> [Allowance] {
    limiters.indices.flatMap { position in
      let targets = limitersOf.indices.filter { limitersOf[$0].contains(position) }
      return limiters[position].allowances(within: seconds, at: now).map { limit in
        let measure: PlanSpecification.Measure =
          switch limit.measure {
          case .requests: .requests
          case .input: .input
          case .output: .output
          case .tokens: .tokens
          }
        return Allowance(
          name: "\(limiterNames[position]) per \(limit.period == 60 ? "minute" : "day")", measure: measure,
          targets: targets, limit: limit.amount)
      }
    }
  }

  /// Whether the breaker of a target is closed.
  func state(of target: Int) -> CircuitBreaker.State { breakers[target].state }
}
