import Drayage
import DrayageCore

/// What a request's reservations come to.
extension Course {
  /// Closes a reservation.
  ///
  /// - Parameters:
  ///   - price: of what was metered, where it is known already.
  ///   - seconds: from sending to the end; nil if nothing was sent, or nobody waited for it.
  /// - Returns: what was charged.
  func settle(
    _ permit: Decision, _ result: Outcome.Result, price: Money? = nil, sentAt: UTCInstant = .now,
    seconds: Double? = nil, firstToken: Double? = nil, isTruncated: Bool = false
  ) -> Money {
    let outcome = Outcome(
      attempt: permit.attempt, offer: permit.choice.offer.id, result: result, sentAt: sentAt,
      latency: seconds, firstToken: firstToken, isTruncated: isTruncated)
    switch executor.router.settle(outcome, price: price) {
    case .settled(let amount), .overrun(let amount, excess: _): return amount
    case .alreadySettled: return .zero
    }
  }

  /// Closes reservations that were kept for repetitions that will not come: they count as billed in full. One
  /// that was made by the decision and never used costs nothing.
  func settle(_ standing: inout Standing) {
    for place in standing.places.indices {
      guard let permit = standing.places[place].reserved else { continue }
      standing.places[place].reserved = nil
      let charged = settle(permit.decision, permit.isRepetition ? .unmetered : .notSent)
      standing.record.charge(charged, to: permit.decision.attempt)
    }
  }
}
