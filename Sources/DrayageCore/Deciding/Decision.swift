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

  private struct Parts: Hashable, Sendable {
    let request: Request
    let attempt: AttemptID
    let instant: UTCInstant
    let choice: Choice
    let fallbacks: [Choice]
    let explanation: Explanation
  }

  private let parts: Boxed<Parts>

  /// The request.
  public var request: Request { parts.value.request }
  /// The attempt whose ceiling is reserved for ``choice``.
  public var attempt: AttemptID { parts.value.attempt }
  /// When it was decided: the prices of then count.
  public var instant: UTCInstant { parts.value.instant }
  /// The best choice.
  public var choice: Choice { parts.value.choice }
  /// What to try next, in order; the next failure domain first. Each needs a reservation of its own.
  public var fallbacks: [Choice] { parts.value.fallbacks }
  /// The itemized bill.
  public var explanation: Explanation { parts.value.explanation }

  package init(
    request: Request, attempt: AttemptID, instant: UTCInstant, choice: Choice, fallbacks: [Choice],
    explanation: Explanation
  ) {
    parts = Boxed(
      Parts(
        request: request, attempt: attempt, instant: instant, choice: choice, fallbacks: fallbacks,
        explanation: explanation))
  }

  /// The amount reserved.
  public var reserved: Money { choice.estimate.ceiling }
  /// The most output tokens that the reservation covers, with the input that is expected at the choice's offer; nil if
  /// nothing limits them.
  package var outputLimit: Int? {
    choice.offer.outputLimit(
      for: request, inputTokens: Int(exactly: choice.estimate.inputTokens) ?? request.inputTokens)
  }

  /// Hashes the attempt.
  public func hash(into hasher: inout Hasher) { hasher.combine(attempt) }
}
