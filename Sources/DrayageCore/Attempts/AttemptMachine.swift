/// Carries one request through its chain of offers: events in, actions out.
///
/// It holds no socket, clock, ledger or random source; a thin shell performs what it asks and reports back.
/// Every attempt, also a retry at the same offer, is reserved anew by the shell before it is sent.
///
/// Backoff is exponential with full jitter: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture
/// Blog, 2015. Hedging is the hedged request of J. Dean, L. A. Barroso, "The Tail at Scale", CACM 56(2),
/// 2013: at most one second attempt at a time, in another failure domain, and the first answer wins. A shell
/// that has passed the first token of one attempt on to the caller cancels the other.
///
/// It ends after at most `policy.attempts + policy.postponements + chain.count` events at places under way.
/// Each event costs O(m) for a chain of m offers.
public struct AttemptMachine: Sendable {
  /// One offer of the chain, as far as choosing the next one needs to know.
  public struct Candidate: Hashable, Sendable {
    /// What fails together with it, such as its provider.
    public var domain: String
    /// The most tokens of input and output together, if known.
    public var context: Int?

    /// A candidate.
    public init(domain: String, context: Int? = nil) {
      self.domain = domain
      self.context = context
    }
  }

  /// What became of one place of the chain so far.
  struct Place: Sendable {
    /// The attempts sent.
    var attempts = 0
    /// Whether it is left for good.
    var isExhausted = false
    /// When it may be tried again.
    var readyAt = -Double.infinity
  }

  /// The policy.
  public let policy: Policy
  /// The offers, best first.
  public let chain: [Candidate]
  /// The attempts sent whose end is known.
  public internal(set) var attempts = 0
  /// The places at which an attempt is asked for or under way: one, or two when hedging; none once it is
  /// over.
  public internal(set) var underWay: [Int] = [0]

  var places: [Place]
  var failedDomains: Set<String> = []
  var lastFailure: FailureClass?
  /// A failure after which nothing more may be tried.
  var finalFailure: FailureClass?
  var postponements = 0
  /// The latest time told. A clock that runs backwards stands still.
  var clock = -Double.greatestFiniteMagnitude

  /// A machine for a chain of offers, best first.
  ///
  /// - Precondition: the chain is not empty.
  public init(chain: [Candidate], policy: Policy = Policy()) {
    precondition(!chain.isEmpty, "a chain has at least one offer")
    self.policy = policy
    self.chain = chain
    places = Array(repeating: Place(), count: chain.count)
  }

  /// The first action: the best offer, at once.
  public func start() -> Action { .attempt(0, after: 0) }

  /// The action that follows an event.
  ///
  /// An event at a place where no attempt is under way changes nothing: what is reported twice, or after the
  /// end.
  ///
  /// - Parameters:
  ///   - now: seconds on any scale that does not run backwards.
  ///   - jitter: 0 to 1, drawn afresh: the share of the full backoff to wait.
  public mutating func handle(_ event: Event, at now: Double, jitter: Double) -> Action {
    if now > clock, now.isFinite { clock = now }
    let action = follow(event, jitter: jitter)
    switch action {
    case .attempt(let place, _): underWay.append(place)
    case .finish, .giveUp: underWay = []
    case .wait: break
    }
    return action
  }

  private mutating func follow(_ event: Event, jitter: Double) -> Action {
    guard let place = event.place else { return hedge() }
    guard let running = underWay.firstIndex(of: place) else { return .wait }
    underWay.remove(at: running)
    switch event {
    case .answered:
      attempts += 1
      return .finish
    case .failed(_, let failure, let retryAfter, let repeatable):
      fail(at: place, failure, retryAfter: retryAfter, repeatable: repeatable, jitter: jitter)
    case .unavailable(_, let seconds):
      postponements += 1
      if let seconds, postponements <= policy.postponements {
        postpone(place, by: seconds)
      } else {
        places[place].isExhausted = true
      }
    case .notAffordable, .retryRefused, .slow:
      places[place].isExhausted = true
    }
    return proceed(from: place)
  }
}
