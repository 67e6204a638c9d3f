public import DrayageCore

/// What is asked of a ledger before an attempt is sent.
public struct ReservationRequest: Hashable, Sendable {
  /// The attempt.
  public let key: ReservationKey
  /// The most that it can cost; zero or more.
  public let ceiling: Money
  /// What it is counted under.
  public let spending: Spending
  /// What recovery needs to know of the attempt, such as its offer and its idempotency key: at most 64 KiB,
  /// handed back by ``LedgerStore/openReservations(run:)`` and forgotten once the attempt is settled.
  public let payload: [UInt8]

  /// A reservation of `ceiling` for the attempt `key`.
  public init(key: ReservationKey, ceiling: Money, spending: Spending, payload: [UInt8] = []) {
    self.key = key
    self.ceiling = ceiling
    self.spending = spending
    self.payload = payload
  }
}

/// The answer to a ``ReservationRequest``.
public enum ReservationAnswer: Hashable, Sendable {
  /// What has become of a reservation.
  public enum State: Hashable, Sendable {
    /// Held, and not settled yet.
    case open(ceiling: Money)
    /// Closed at this charge.
    case settled(Money)
  }

  /// The ceiling is held against every budget that covers the attempt, now or since this was first asked.
  case held
  /// Nothing is held: this budget has less available than was asked. `until` is the end of its window, from
  /// which on there is more; nil for a budget without end.
  case refused(budget: String, available: Money, until: UTCInstant?)
  /// Nothing has changed: the attempt was reserved before, with another ceiling or payload, or is settled.
  case exists(State)
}

/// A reservation without a settlement: the attempt may or may not have been sent and billed.
public struct OpenReservation: Hashable, Sendable {
  /// The attempt.
  public let key: ReservationKey
  /// What is held for it.
  public let ceiling: Money
  /// What was handed in for recovery.
  public let payload: [UInt8]
  /// When it was reserved.
  public let reservedAt: UTCInstant

  /// A reservation of `ceiling` for the attempt `key`, open since `reservedAt`.
  public init(key: ReservationKey, ceiling: Money, payload: [UInt8], reservedAt: UTCInstant) {
    self.key = key
    self.ceiling = ceiling
    self.payload = payload
    self.reservedAt = reservedAt
  }
}
