import Drayage
import DrayageCore

/// What a request's reservations come to.
extension Course {
  /// Closes a reservation.
  ///
  /// - Returns: what was charged.
  func settle(
    _ permit: Decision, _ result: Outcome.Result, sentAt: UTCInstant = .now, seconds: Double? = nil
  ) -> Money {
    let outcome = Outcome(
      attempt: permit.attempt, offer: permit.choice.offer.id, result: result, sentAt: sentAt, latency: seconds
    )
    switch executor.router.settle(outcome) {
    case .settled(let amount), .overrun(let amount, excess: _): return amount
    case .alreadySettled: return .zero
    }
  }

  /// Closes reservations that were kept for repetitions that will not come: they count as billed in full. One
  /// that was made by the decision and never used costs nothing.
  func settle(_ standing: inout Standing) {
    for permit in standing.reserved.values {
      let charged = settle(permit.decision, permit.isRepetition ? .unmetered : .notSent)
      standing.record.charge(charged, to: permit.decision.attempt)
    }
    standing.reserved = [:]
  }
}
