public import DrayageCore

/// How an executor goes about its work.
public struct ExecutionOptions: Sendable {
  /// When to ask a second offer because the first one is slow.
  public enum Hedge: Hashable, Sendable {
    /// After so many seconds without a first token (of a stream) or an answer.
    case after(Double)
    /// After the time by which this share of the offer's recent answers had come, above 0 and below 1; never
    /// before ten of them were seen.
    case percentile(Double)
  }

  /// How hard to try for one request. Whether there is hedging is said by ``hedge``.
  public var attempts: AttemptMachine.Policy
  /// When an offer is left alone for a while.
  public var breaker: CircuitBreaker.Policy
  /// How many retries at the same offer there may be at each provider, for all requests together.
  public var retries: RetryBudget.Policy
  /// When to ask a second offer; nil for never.
  public var hedge: Hedge?
  /// How long each phase of an attempt may take.
  public var timeouts: Timeouts
  /// A limit on output tokens for requests that set none; nil for that of the offer.
  public var maxOutputTokens: Int?

  /// Options; the defaults suit answers that somebody waits for.
  public init(
    attempts: AttemptMachine.Policy = .init(), breaker: CircuitBreaker.Policy = .init(),
    retries: RetryBudget.Policy = .init(), hedge: Hedge? = nil, timeouts: Timeouts = Timeouts(),
    maxOutputTokens: Int? = nil
  ) {
    self.attempts = attempts
    self.breaker = breaker
    self.retries = retries
    self.hedge = hedge
    self.timeouts = timeouts
    self.maxOutputTokens = maxOutputTokens
  }
}
