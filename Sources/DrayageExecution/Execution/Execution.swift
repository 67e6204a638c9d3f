public import DrayageCore

/// What became of a request that was carried out: the answer, and every attempt that led to it.
public struct Execution: Sendable {
  /// One attempt, or why one was not made.
  public struct Attempt: Hashable, Sendable {
    /// How it ended.
    public enum End: Hashable, Sendable {
      /// Answered.
      case answered
      /// Sent, and not answered.
      case failed(FailureClass, String)
      /// Not sent: the budget, a rate limit, a circuit breaker or the wire format stood against it.
      case notSent(String)
    }

    /// The offer.
    public let offer: OfferID
    /// The attempt in the ledger; nil if nothing was reserved.
    public let id: AttemptID?
    /// How it ended.
    public internal(set) var end: End
    /// What it was charged with: its bill, or, if that is not known, all that was reserved.
    public internal(set) var charged = Money.zero
    /// Seconds from sending to the end; 0 if it was not sent.
    public internal(set) var seconds = 0.0
  }

  /// The answer.
  public let answer: ChatAnswer
  /// Who gave it.
  public let offer: OfferID
  /// What it cost, itemized; nil if the provider did not say what it metered.
  public let bill: Bill?
  /// Every attempt in the order in which they ended, the answered one included.
  public let attempts: [Attempt]
  /// Why the offers were asked in this order.
  public let decision: Decision
  /// Seconds from the sending of the attempt that answered to the first token of its stream; nil if it was not
  /// streamed.
  public let firstToken: Double?
  /// Seconds from asking to the end.
  public let seconds: Double

  /// What all attempts were charged with.
  public var spent: Money { attempts.reduce(.zero) { $0 + $1.charged } }
}

/// Why a request was not answered.
public struct ExecutionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The last failure; nil if nothing was sent.
  public let failure: FailureClass?
  /// What is wrong and what to do.
  public let description: String
  /// Every attempt that was made, and those that were not, with their reasons.
  public let attempts: [Execution.Attempt]
  /// What had come of a streamed answer before it broke; nil if nothing.
  public let partial: ChatAnswer?
  /// Whether no offer could be chosen because of the budget.
  public let isBudgetExhausted: Bool
  /// The offers that cannot serve the request, and why.
  public let refusals: [Explanation.Refusal]

  init(
    _ failure: FailureClass?, _ description: String, attempts: [Execution.Attempt] = [],
    partial: ChatAnswer? = nil, isBudgetExhausted: Bool = false, refusals: [Explanation.Refusal] = []
  ) {
    self.failure = failure
    self.description = description
    self.attempts = attempts
    self.partial = partial
    self.isBudgetExhausted = isBudgetExhausted
    self.refusals = refusals
  }

  /// What all attempts were charged with.
  public var spent: Money { attempts.reduce(.zero) { $0 + $1.charged } }
}
