extension AttemptMachine {
  /// How hard to try. Times are in seconds.
  public struct Policy: Hashable, Sendable {
    /// The most attempts at one offer, at least 1.
    public var attemptsPerOffer: Int
    /// The most attempts in all, at least 1.
    public var attempts: Int
    /// The full backoff before the first retry at an offer, 0 or more; doubled for each further one.
    public var firstBackoff: Double
    /// The longest wait of one's own accord, 0 or more.
    public var longestBackoff: Double
    /// The longest wait that is waited for at the same offer while others are free, 0 or more.
    ///
    /// Whoever asks for it: the provider by `Retry-After`, a quota or circuit breaker, or backoff. After a
    /// longer one the request moves on, and comes back when nothing else is free.
    public var patience: Double
    /// The longest wait at all, 0 or more: if no offer is free by then, the request is given up.
    public var longestWait: Double
    /// How often a request may find an offer unavailable before such offers are left for good, 0 or more.
    ///
    /// It bounds the steps of a request whose offers are always full.
    public var postponements: Int
    /// Whether a second attempt may be under way while the first is slow.
    public var hedge: Bool

    /// A policy.
    ///
    /// - Precondition: every figure is in its range; the times may be infinite but not NaN.
    public init(
      attemptsPerOffer: Int = 3, attempts: Int = 8, firstBackoff: Double = 0.5, longestBackoff: Double = 20,
      patience: Double = 1, longestWait: Double = 60, postponements: Int = 1000, hedge: Bool = false
    ) {
      precondition(attemptsPerOffer >= 1 && attempts >= 1, "at least one attempt")
      precondition(
        firstBackoff >= 0 && longestBackoff >= 0 && patience >= 0 && longestWait >= 0 && postponements >= 0,
        "waits are zero or more")
      self.attemptsPerOffer = attemptsPerOffer
      self.attempts = attempts
      self.firstBackoff = firstBackoff
      self.longestBackoff = longestBackoff
      self.patience = patience
      self.longestWait = longestWait
      self.postponements = postponements
      self.hedge = hedge
    }
  }
}
