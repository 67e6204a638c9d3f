public import DrayageCore

/// A batch as a queue knows it.
public struct BatchRecord: Hashable, Sendable {
  /// What the batch is called.
  public let name: String
  /// A random name that no other batch has, of any store: it makes the keys of its attempts unlike all others.
  public let run: String
  /// How often the batch has begun: the number of this reading of its items.
  public let reading: Int
  /// Whether somebody has asked that nobody works on it any more.
  public let isCancelled: Bool
  /// What was written down at its last beginning, such as how it was asked for.
  public let payload: [UInt8]
  /// When it first began.
  public let createdAt: UTCInstant

  /// A batch.
  public init(
    name: String, run: String, reading: Int, isCancelled: Bool, payload: [UInt8], createdAt: UTCInstant
  ) {
    self.name = name
    self.run = run
    self.reading = reading
    self.isCancelled = isCancelled
    self.payload = payload
    self.createdAt = createdAt
  }
}

/// An attempt as the ledger knows it.
public struct RecordedAttempt: Hashable, Sendable {
  /// The attempt.
  public let key: ReservationKey
  /// What was held for it, or is.
  public let ceiling: Money
  /// What it cost; nil while it is not settled.
  public let charge: Money?
  /// What was handed in for recovery; empty once the attempt is settled.
  public let payload: [UInt8]

  /// An attempt.
  public init(key: ReservationKey, ceiling: Money, charge: Money?, payload: [UInt8]) {
    self.key = key
    self.ceiling = ceiling
    self.charge = charge
    self.payload = payload
  }
}
