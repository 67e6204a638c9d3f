/// Carries one request through its chain of offers: events in, actions out.
///
/// It holds no socket, clock, ledger or random source; a thin shell performs what it asks and reports back. Every attempt, also a retry at the
/// same offer, is reserved anew by the shell before it is sent.
public struct AttemptMachine: Sendable {
  /// How hard to try.
  public struct Policy: Hashable, Sendable {
    /// The most attempts at one offer, at least 1.
    public var attemptsPerOffer: Int
    /// The most attempts in all, at least 1.
    public var attempts: Int
    /// The wait before the first retry at an offer, in seconds; doubled for each further one.
    public var firstBackoff: Double
    /// The longest wait of one's own accord, in seconds.
    public var longestBackoff: Double
    /// The longest wait that a provider may ask for by `Retry-After`, in seconds; if it asks for more, the offer is left.
    public var longestRetryAfter: Double

    /// A policy.
    public init(
      attemptsPerOffer: Int = 3, attempts: Int = 8, firstBackoff: Double = 0.5, longestBackoff: Double = 20,
      longestRetryAfter: Double = 60
    ) {
      precondition(attemptsPerOffer >= 1 && attempts >= 1, "at least one attempt")
      self.attemptsPerOffer = attemptsPerOffer
      self.attempts = attempts
      self.firstBackoff = firstBackoff
      self.longestBackoff = longestBackoff
      self.longestRetryAfter = longestRetryAfter
    }
  }

  /// What happened.
  public enum Event: Hashable, Sendable {
    /// The attempt was answered.
    case answered
    /// The attempt failed.
    ///
    /// - retryAfter: seconds the provider asked to wait.
    /// - repeatable: the same attempt can be sent again without being billed twice.
    case failed(FailureClass, retryAfter: Double? = nil, repeatable: Bool = false)
    /// The ledger does not cover the attempt at this offer.
    case notAffordable
  }

  /// What to do next.
  public enum Action: Hashable, Sendable {
    /// Wait, then reserve for and send to the offer at this place of the chain.
    case attempt(Int, after: Double)
    /// The request is answered.
    case finish
    /// Every way is used up; the reason is the last failure, or `nil` if nothing was affordable.
    case giveUp(FailureClass?)
  }

  /// The policy.
  public let policy: Policy
  /// The number of offers in the chain.
  public let chainCount: Int
  /// The attempts sent so far.
  public private(set) var attempts = 0

  private var position = 0
  private var attemptsAt: [Int]
  private var exhausted: [Bool]
  private var lastFailure: FailureClass?

  /// A machine for a chain of `chainCount` offers, best first.
  ///
  /// - Precondition: the chain is not empty.
  public init(chainCount: Int, policy: Policy = Policy()) {
    precondition(chainCount > 0, "a chain has at least one offer")
    self.policy = policy
    self.chainCount = chainCount
    attemptsAt = Array(repeating: 0, count: chainCount)
    exhausted = Array(repeating: false, count: chainCount)
  }

  /// The first action.
  public func start() -> Action { .attempt(0, after: 0) }

  /// The action that follows an event.
  ///
  /// - Parameter jitter: 0 to 1, drawn afresh: the share of the full backoff to wait.
  public mutating func handle(_ event: Event, jitter: Double) -> Action {
    switch event {
    case .answered:
      attempts += 1
      return .finish
    case .notAffordable:
      exhausted[position] = true
      return next()
    case .failed(let failure, let retryAfter, let repeatable):
      attempts += 1
      attemptsAt[position] += 1
      lastFailure = failure
      let meaning = failure.meaning
      guard attempts < policy.attempts else { return .giveUp(failure) }
      let asked = retryAfter ?? 0
      let mayRetry = meaning.retrySameOffer || (repeatable && meaning.mayBeBilled && meaning.fallBack)
      if mayRetry, attemptsAt[position] < policy.attemptsPerOffer,
        asked <= policy.longestRetryAfter
      {
        let doublings = min(attemptsAt[position] - 1, 30)
        let backoff = min(policy.longestBackoff, policy.firstBackoff * Double(1 << doublings))
        return .attempt(position, after: max(asked, backoff * min(max(jitter, 0), 1)))
      }
      exhausted[position] = true
      return meaning.fallBack ? next() : .giveUp(failure)
    }
  }

  private mutating func next() -> Action {
    guard let following = exhausted.firstIndex(of: false) else { return .giveUp(lastFailure) }
    position = following
    return .attempt(following, after: 0)
  }
}
