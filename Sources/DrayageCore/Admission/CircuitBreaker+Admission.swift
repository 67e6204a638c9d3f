extension CircuitBreaker {
  /// The permission for one attempt; its end is to be recorded.
  public struct Ticket: Hashable, Sendable {
    let generation: Int
    /// The number of the probe, if it is one.
    let probe: Int?

    /// Whether the attempt decides if a half-open breaker closes.
    public var isProbe: Bool { probe != nil }
  }

  /// The answer to an attempt.
  public enum Admission: Hashable, Sendable {
    /// It may be sent.
    case admitted(Ticket)
    /// It may not; it is worth asking again at this time. The time is a promise only of an open breaker that
    /// nothing opens anew: while probes are under way it is a guess.
    case refused(until: Double)
  }

  /// How an attempt ended.
  public enum Result: Hashable, Sendable {
    /// Answered.
    case success
    /// Failed in a way that says something about the next attempts.
    case failure
    /// Cancelled, never sent, or failed in a way that says nothing about the next attempts.
    case neutral
  }

  /// Whether attempts are admitted.
  public enum State: Hashable, Sendable {
    /// All are.
    case closed
    /// None is before this time.
    case open(until: Double)
    /// Probes are.
    case halfOpen
  }
}
