import DrayageCore

/// A row that is being worked on.
struct BatchJob: Sendable {
  /// An attempt of an earlier run of which nobody knows whether it was billed.
  struct Orphan: Sendable {
    let ordinal: Int
    let ceiling: Money
    /// Where it was sent, a position among the targets.
    let target: Int
    /// The idempotency key that it was sent under.
    let key: String
  }

  let planned: PlannedRow
  /// Targets in the order in which to try them.
  var chain: [Int]
  /// The highest ordinal of the attempts of earlier runs; 0 if there were none.
  let lastOrdinal: Int
  /// A place at the first target of the chain, taken for the first attempt.
  let place: Admission.Pass?
  /// One of them, to be repeated at the first target of the chain under its own key.
  let orphan: Orphan?

  var row: BatchRow { planned.row }
}

/// Leave to send an attempt.
struct BatchPermit: Sendable {
  let ordinal: Int
  /// What is held for it.
  let ceiling: Money
  let idempotencyKey: String
}

/// The answer to who asks for leave.
enum BatchLeave: Sendable {
  case given(BatchPermit)
  /// Not affordable, or the run is stopping; or for the reason given.
  case refused(because: String?)
  /// Others have to go first, for they hold the money that this one waits for: the row is to be given back.
  case postponed
}
