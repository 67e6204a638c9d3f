public import DrayageCore

/// Budgets on disk, shared by every process that opens the same store: money is reserved before an attempt is
/// sent and settled once it is over.
///
/// Invariant: `spent + held <= limit` for each budget and window, as long as no attempt costs more than was
/// reserved for it and no limit is lowered. A charge above its reservation is recorded in full, because it is
/// owed.
///
/// Every method returns after its change is durable, and may be called again with the same arguments: the
/// second call changes nothing. Each throws ``LedgerStoreError`` if the store cannot answer; then nothing may
/// be sent, even though a reservation may have been made (it is found by ``openReservations(run:)``).
/// The time is always the caller's, from 1970 to 9999.
public protocol LedgerStore: Sendable {
  /// Adds those of `budgets` that are not known, and sets the limits of those that are. Others stay.
  ///
  /// - Returns: what has changed, in the order given; a limit below what is spent and held already only
  ///   refuses what comes.
  /// - Throws: ``LedgerStoreError`` of code `invalid` if a name comes twice, a limit is negative, a time zone
  ///   is unknown, or a known budget has another scope or window: what was counted under it would lose its
  ///   meaning.
  func setBudgets(_ budgets: [Budget]) async throws -> [BudgetChange]

  /// Ends budgets by name; unknown names are passed over. Attempts reserved before are settled all the same,
  /// and a budget declared anew under the same name goes on with what was spent.
  func removeBudgets(named names: [String]) async throws

  /// Reserves the ceiling against every budget that covers the attempt, in its window at `time`, or against
  /// none.
  func reserve(_ request: ReservationRequest, at time: UTCInstant) async throws -> ReservationAnswer

  /// Closes the reservation of an attempt, once, in the windows in which it was reserved.
  ///
  /// - Returns: `alreadySettled` if there is no such open reservation: settled before, or never made.
  func settle(
    _ key: ReservationKey, as charge: Ledger.Charge, at time: UTCInstant
  ) async throws -> Ledger.Settlement

  /// Every budget, by name, with its account in the window of `time`.
  func accounts(at time: UTCInstant) async throws -> [BudgetAccount]

  /// The reservations without a settlement, of one run or of all, in the order of their keys.
  func openReservations(run: String?) async throws -> [OpenReservation]

  /// The attempts of a run for these requests, at most 10,000 of them, in the order of their keys: open ones and
  /// settled ones that were not forgotten.
  func attempts(of run: String, requests: [String]) async throws -> [RecordedAttempt]

  /// Forgets attempts that were settled before `time`, at most 10,000 at a call, and returns how many. What
  /// they cost stays spent; an attempt that is forgotten could be reserved anew.
  func forgetSettled(before time: UTCInstant) async throws -> Int

  /// Waits for what is under way, then lets go of the store. Later calls throw.
  func close() async
}
