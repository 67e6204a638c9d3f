internal import DrayageCore

/// A transaction on the tables of a store, in the store's own language. What is written is seen by nobody
/// until the transaction ends, and not at all if it fails.
protocol LedgerTables: AnyObject {
  /// The name of the store for messages.
  var store: String { get }

  /// The budgets by name; if they are to be changed, no other process does so until the transaction ends.
  func budgets(toChange: Bool) throws -> [Budget]
  /// Adds or replaces a budget.
  func save(_ budget: Budget) throws
  /// Removes the budget of this name, if there is one; its accounts stay.
  func removeBudget(named name: String) throws

  /// The attempts among `keys` that are known. No other process changes them until the transaction ends.
  func attempts(_ keys: [ReservationKey]) throws -> [(ReservationKey, AttemptRow)]
  /// The accounts of `ids` and of `windows`, those that do not exist yet made with nothing spent. No other
  /// process changes them until the transaction ends. In any order; one that is named twice may come twice.
  func accounts(ids: [Int64], windows: [AccountRow.Window]) throws -> [AccountRow]
  /// The accounts of `windows` that exist, to look at.
  func look(at windows: [AccountRow.Window]) throws -> [AccountRow]
  /// Writes what a group has changed.
  func write(_ group: LedgerGroup) throws
  /// The attempts that are not settled.
  func openReservations(run: String?) throws -> [OpenReservation]
  /// Removes attempts that were settled before `time`, at most 10,000, and returns how many.
  func forgetSettled(before time: Int64) throws -> Int

  /// The attempts of a run for these requests.
  func attempts(of run: String, requests: [String]) throws -> [RecordedAttempt]

  /// Makes the batch if there is none of this name, and begins it.
  func begin(_ start: BatchStart) throws -> BatchRecord
  /// The batches, or the one of this name.
  func batches(named name: String?) throws -> [BatchRecord]
  /// Marks a batch as cancelled.
  func cancel(_ batch: String) throws
  /// Writes down a memo of a batch.
  func keep(_ memo: [UInt8], as name: String, of batch: String) throws
  /// The memos of a batch, by name.
  func memos(of batch: String) throws -> [String: [UInt8]]
  /// Puts jobs, no two of the same id, into `batch`.
  func add(_ jobs: [Job], to batch: String, reading: Int, at time: Int64) throws -> Enqueued
  /// Takes out what readings before this one have put in and this one has not.
  func endReading(_ reading: Int, of batch: String) throws
  /// Claims jobs; those that carry `claim.token` already were claimed by the same call.
  func claim(_ claim: JobClaim, from batch: String) throws -> [Job]
  /// Moves the end of the leases of `worker`, and returns how many there are.
  func extend(_ batch: String, worker: String, until: Int64) throws -> Int
  /// Writes down the end of a job.
  func finish(_ end: JobEnd, in batch: String) throws -> JobCompletion
  /// Ends the leases of `worker`, and returns how many.
  func release(worker: String) throws -> Int
  /// How many jobs of `batch` are in each state at `time`.
  func counts(of batch: String, at time: Int64) throws -> JobCounts
  /// The sums of the jobs of `batch` that have ended.
  func tallies(of batch: String) throws -> [JobTally]
  /// The sums of the jobs of `batch` by the second in which they ended, in order.
  func timeline(of batch: String) throws -> [JobMoment]
  /// The jobs of `batch` in their order.
  func results(of batch: String, from ordinal: Int, count: Int, failed: Bool) throws -> [JobResult]
}

/// An account in the tables.
struct AccountRow: Equatable {
  /// A budget, by name, and one of its windows.
  struct Window: Hashable {
    let budget: String
    let window: String
  }

  let id: Int64
  let window: Window
  /// Nano-dollars.
  var spent: Int64
  /// Nano-dollars.
  var held: Int64
}

/// An attempt in the tables.
struct AttemptRow: Equatable {
  /// Nano-dollars.
  let ceiling: Int64
  /// The accounts that it counts against.
  let accounts: [Int64]
  let payload: [UInt8]
  let reservedAt: Int64
  /// How the attempt was settled; nil while it is open.
  var settlement: Settlement?

  struct Settlement: Equatable {
    /// Nano-dollars.
    let charge: Int64
    let at: Int64
    /// Of the call that settled it.
    let token: Int64
  }

  /// The accounts as they are written: ids with commas between.
  static func text(of accounts: [Int64]) -> String {
    accounts.map(String.init).joined(separator: ",")
  }

  /// The accounts of ``text(of:)``.
  static func accounts(in text: String) -> [Int64] {
    text.split(separator: ",").compactMap { Int64($0) }
  }
}

/// A call that begins a batch.
struct BatchStart: Sendable {
  let name: String
  /// For a batch that is new.
  let run: String
  let payload: [UInt8]
  let alone: Bool
  /// Seconds since 1970.
  let at: Int64
  /// Drawn for this call: a batch that carries it was begun by this call.
  let token: Int64
}

/// A call that reports the end of a job.
struct JobEnd: Sendable {
  let id: String
  let outcome: JobOutcome
  /// Seconds since 1970.
  let at: Int64
  /// Drawn for this call.
  let token: Int64
}

/// A call that claims jobs.
struct JobClaim: Sendable {
  let worker: String
  let count: Int
  /// Seconds since 1970.
  let at: Int64
  /// Seconds since 1970.
  let until: Int64
  /// Drawn for this call.
  let token: Int64
}
