internal import DrayageCore

/// One call on a store, as it waits to be committed together with others.
enum LedgerOperation: Sendable {
  case reserve(ReservationRequest, at: UTCInstant)
  /// `token` was drawn for this call: a settlement that carries it was made by this call, in a commit whose
  /// acknowledgement was lost.
  case settle(ReservationKey, as: Ledger.Charge, at: UTCInstant, token: Int64)
  /// The end of a job, and with it perhaps a settlement of the same token.
  case finish(JobEnd, in: String, settling: JobSettlement?, at: UTCInstant)
  /// Everything else: done on its own within the transaction.
  case other(@Sendable (any LedgerTables) throws -> any Sendable)
}

/// The answer to a ``LedgerOperation``.
enum LedgerAnswer: Sendable {
  case reserved(ReservationAnswer)
  case settled(Ledger.Settlement)
  case finished(JobCompletion, Ledger.Settlement?)
  case other(any Sendable)
}
