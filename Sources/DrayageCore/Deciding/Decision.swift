/// What the router chose for one request, and in what order to fall back.
public struct Decision: Hashable, Sendable {
  /// One way to have the request answered.
  public struct Choice: Hashable, Sendable {
    /// The offer.
    public let offer: Offer
    /// What it is expected to do.
    public let estimate: Estimate
    /// Its score in the price book's unit.
    public let score: Double

    package init(offer: Offer, estimate: Estimate, score: Double) {
      self.offer = offer
      self.estimate = estimate
      self.score = score
    }
  }

  /// The request.
  public let request: Request
  /// The attempt whose ceiling is reserved for ``choice``.
  public let attempt: AttemptID
  /// When it was decided: the prices of then count.
  public let instant: UTCInstant
  /// The best choice.
  public let choice: Choice
  /// What to try next, in order; the next failure domain first. Each needs a reservation of its own.
  public package(set) var fallbacks: [Choice]
  /// The amount reserved.
  public var reserved: Money { choice.estimate.ceiling }
  /// The most output tokens that the reservation covers, with the input that is expected at the choice's offer; nil if
  /// nothing limits them.
  package var outputLimit: Int? {
    choice.offer.outputLimit(
      for: request, inputTokens: Int(exactly: choice.estimate.inputTokens) ?? request.inputTokens)
  }
  /// The itemized bill.
  public let explanation: Explanation

  package init(
    request: Request, attempt: AttemptID, instant: UTCInstant, choice: Choice, fallbacks: [Choice],
    explanation: Explanation
  ) {
    self.request = request
    self.attempt = attempt
    self.instant = instant
    self.choice = choice
    self.fallbacks = fallbacks
    self.explanation = explanation
  }
}
