/// What became of one attempt.
public struct Outcome: Hashable, Sendable {
  /// How it ended.
  public enum Result: Hashable, Sendable {
    /// Answered, with the usage that the provider metered.
    case answered(MeteredUsage)
    /// The provider may have billed it, answered or not, and nobody says how much: the whole reservation
    /// counts as spent.
    case unmetered
    /// Not answered.
    ///
    /// - metered: all that the provider metered all the same, if it says so; not a count that may have grown since.
    case failed(FailureClass, metered: MeteredUsage? = nil)
    /// Never sent: nothing was spent.
    case notSent
  }

  /// The attempt.
  public let attempt: AttemptID
  /// The offer it went to.
  public let offer: OfferID
  /// How it ended.
  public let result: Result
  /// When it was sent: the prices of then count.
  public let sentAt: UTCInstant
  /// Seconds from sending to the last byte, if measured.
  public var latency: Double?
  /// Seconds from sending to the first token of a stream, if it was one and this was measured; no more than ``latency``.
  public var firstToken: Double?
  /// Whether the limit on output cut the answer off.
  public var isTruncated: Bool
  /// Quality of the answer, if somebody judged it.
  public var quality: Double?

  /// The outcome of `attempt` at `offer`.
  public init(
    attempt: AttemptID, offer: OfferID, result: Result, sentAt: UTCInstant, latency: Double? = nil,
    firstToken: Double? = nil, isTruncated: Bool = false, quality: Double? = nil
  ) {
    self.attempt = attempt
    self.offer = offer
    self.result = result
    self.sentAt = sentAt
    self.latency = latency
    self.firstToken = firstToken
    self.isTruncated = isTruncated
    self.quality = quality
  }

  /// The outcome of a decision that its chosen offer answered.
  public init(
    _ decision: Decision, usage: TokenUsage, latency: Double? = nil, firstToken: Double? = nil,
    isTruncated: Bool = false, quality: Double? = nil
  ) {
    self.init(
      attempt: decision.attempt, offer: decision.choice.offer.id, result: .answered(MeteredUsage(usage)),
      sentAt: decision.instant, latency: latency, firstToken: firstToken, isTruncated: isTruncated,
      quality: quality)
  }

  /// The outcome of a decision that its chosen offer did not answer.
  public init(_ decision: Decision, failure: FailureClass, latency: Double? = nil) {
    self.init(
      attempt: decision.attempt, offer: decision.choice.offer.id, result: .failed(failure),
      sentAt: decision.instant, latency: latency)
  }
}
