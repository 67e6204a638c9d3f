extension FailureClass {
  /// What a failure means for the request, for the other offers, and for the next requests.
  public struct Meaning: Hashable, Sendable {
    /// Which other offers may be tried for the request.
    public enum Fallback: Hashable, Sendable {
      /// None: they would fail alike, or the caller has a part of the answer, or wants none any more.
      case none
      /// Every one.
      case any
      /// Those whose context is larger, or not known.
      case largerContext
    }

    /// Whom a failure concerns.
    public enum Reach: Hashable, Sendable {
      /// The offer that failed.
      case offer
      /// Every offer of its failure domain: they share the host, the key and the account.
      ///
      /// If the same offer may be retried, so may the domain, later; if not, the whole domain is left.
      case domain
    }

    /// How a circuit breaker counts a failure.
    public enum Breaker: Hashable, Sendable {
      /// As a failure: sending more is of no use for now.
      case failure
      /// Not at all: it says nothing of how the next request will do.
      case neutral
    }

    /// Whether the same offer may be tried again for this request.
    public let retrySameOffer: Bool
    /// Which other offers may be tried for this request.
    public let fallBack: Fallback
    /// Whom it concerns.
    public let reach: Reach
    /// Whether the provider may have billed the attempt although no usage is known.
    public let mayBeBilled: Bool
    /// Whether a later run may succeed where this one gave up.
    public let transient: Bool
    /// How a circuit breaker counts it.
    public let breaker: Breaker

    fileprivate init(
      retry: Bool, fallBack: Fallback = .any, reach: Reach = .offer, billed: Bool = false,
      transient: Bool = true, breaker: Breaker = .failure
    ) {
      retrySameOffer = retry
      self.fallBack = fallBack
      self.reach = reach
      mayBeBilled = billed
      self.transient = transient
      self.breaker = breaker
    }
  }

  /// The table.
  ///
  /// A key, an account or a model that is gone counts as a failure with circuit breakers although the
  /// provider is well: only an open breaker keeps the next thousand requests from trying it first. One such
  /// reply opens none, for it may be about one request: a 403 for a region, a 402 for a request too dear for
  /// the credit left. A refusal by rate is neutral: rate limits have their own gate.
  public var meaning: Meaning {
    switch self {
    case .rateLimited: Meaning(retry: true, breaker: .neutral)
    case .overloaded, .serverError: Meaning(retry: true)
    // The time to wait for it once more is spent already.
    case .timeout, .stalled: Meaning(retry: false, billed: true)
    case .connectTimeout, .unreachable: Meaning(retry: true, reach: .domain)
    // A certificate does not heal within a run.
    case .untrusted: Meaning(retry: false, reach: .domain)
    case .connectionLost, .truncated, .malformed: Meaning(retry: true, billed: true)
    // What the caller has of the answer cannot be taken back.
    case .interrupted: Meaning(retry: false, fallBack: .none, billed: true)
    // Another provider may answer. Some bill the prompt all the same.
    case .contentFilter: Meaning(retry: false, billed: true, transient: false, breaker: .neutral)
    case .unauthorized, .quotaExhausted: Meaning(retry: false, reach: .domain)
    case .notFound: Meaning(retry: false)
    case .contextTooLong:
      Meaning(retry: false, fallBack: .largerContext, transient: false, breaker: .neutral)
    case .badRequest: Meaning(retry: false, fallBack: .none, transient: false, breaker: .neutral)
    case .cancelled: Meaning(retry: false, fallBack: .none, billed: true, breaker: .neutral)
    }
  }
}
