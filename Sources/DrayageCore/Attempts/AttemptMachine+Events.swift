extension AttemptMachine {
  /// What happened. `at` is a place in the chain, from 0.
  public enum Event: Hashable, Sendable {
    /// The attempt was answered.
    case answered(at: Int)
    /// The attempt failed.
    ///
    /// - retryAfter: seconds the provider asked to wait; one that is no number counts as never.
    /// - repeatable: the same attempt can be sent again without being billed twice.
    case failed(at: Int, FailureClass, retryAfter: Double? = nil, repeatable: Bool = false)
    /// The ledger does not cover the attempt at this offer. Nothing was sent.
    case notAffordable(at: Int)
    /// The offer may not be tried now: its circuit breaker is open, or its quota is used up. Nothing was
    /// sent.
    ///
    /// - for: seconds until it may be tried; `nil` if not in this run.
    case unavailable(at: Int, for: Double?)
    /// The retry budget has nothing left. Nothing was sent.
    case retryRefused(at: Int)
    /// The attempt under way has taken longer than the hedging delay.
    case slow

    /// The place that it happened at, if at one.
    var place: Int? {
      switch self {
      case .answered(let place), .failed(let place, _, _, _), .notAffordable(let place),
        .unavailable(let place, _), .retryRefused(let place):
        place
      case .slow: nil
      }
    }
  }

  /// What to do next.
  public enum Action: Hashable, Sendable {
    /// Wait so many seconds, then reserve for and send to the offer at this place of the chain.
    ///
    /// The attempt counts as under way from now on, until an event tells what became of it.
    case attempt(Int, after: Double)
    /// Nothing: another attempt is under way, or the request is over.
    case wait
    /// The request is answered. Whatever else is under way is to be cancelled and settled.
    case finish
    /// Every way is used up; the reason is the last failure, or `nil` if nothing was ever sent.
    case giveUp(FailureClass?)
  }
}
