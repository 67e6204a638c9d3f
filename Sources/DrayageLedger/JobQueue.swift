public import DrayageCore

/// Batches of items that several workers share: each item is held by one worker at a time, for as long as its
/// lease runs, and ends with a result that is kept.
///
/// A worker is named by its caller, and no two that run at the same time share a name. The time is the
/// caller's: where several machines share a queue, their clocks must agree to within a fraction of a lease.
/// Every method returns after its change is durable, and throws ``LedgerStoreError`` if the store cannot
/// answer.
public protocol JobQueue: Sendable {
  /// Begins a batch, or begins it again: makes it if there is none of this name, takes up again what ended for now,
  /// and lifts a cancellation.
  ///
  /// - Parameters:
  ///   - payload: what to write down of this beginning; at most 64 KiB.
  ///   - alone: whether the caller knows that nobody else works on the batch. Whatever was claimed is then free at
  ///     once; else, while a lease runs, what ended for now is taken up again only as a reading comes across it.
  func begin(_ batch: String, payload: [UInt8], alone: Bool, at time: UTCInstant) async throws -> BatchRecord

  /// The batch of this name; nil if there is none.
  func batch(named name: String) async throws -> BatchRecord?

  /// Every batch, by name.
  func batches() async throws -> [BatchRecord]

  /// Asks that nobody works on a batch any more; workers look at ``batch(named:)`` from time to time.
  func cancel(_ batch: String) async throws

  /// Writes down something about a batch under a name, in the place of what was there under that name; at most 64 KiB.
  func keep(_ memo: [UInt8], as name: String, of batch: String) async throws

  /// What was written down about a batch, by name.
  func memos(of batch: String) async throws -> [String: [UInt8]]

  /// Puts at most 10,000 items into a batch, in the course of one reading of all its items.
  ///
  /// An item is known by its id. One that was there before takes its new place, and its new content unless it is
  /// finished. Of two in the same reading the first stands.
  func enqueue(
    _ jobs: [Job], in batch: String, reading: Int, at time: UTCInstant
  ) async throws -> Enqueued

  /// Takes out the items that a reading did not come across. What they have cost stays spent, and should they come
  /// back finished ones are still finished.
  func endReading(_ reading: Int, of batch: String) async throws

  /// Hands out up to `count` unfinished items that nobody holds, the lowest ordinals first; none that this worker holds
  /// or has let lapse, for it may be at work on them still.
  ///
  /// - Parameters:
  ///   - count: 1...10,000.
  ///   - lease: seconds from `time` until another worker may claim the item; 1 or more.
  func claim(
    from batch: String, worker: String, count: Int, lease: Int, at time: UTCInstant
  ) async throws -> [Job]

  /// Lets all leases of a worker run until `lease` seconds after `time`, and returns how many there are.
  func extend(_ batch: String, worker: String, lease: Int, at time: UTCInstant) async throws -> Int

  /// Writes down how an item has ended, whoever holds it: the first to report its end for good has done the work.
  ///
  /// - Parameter settlement: the attempt that brought the end, and what it cost: it is settled in the same instant,
  ///   whether or not the item was finished before.
  func finish(
    _ id: String, in batch: String, with outcome: JobOutcome, settling settlement: JobSettlement?,
    at time: UTCInstant
  ) async throws -> (completion: JobCompletion, settlement: Ledger.Settlement?)

  /// Gives back every item that a worker holds, of all batches, and returns how many.
  func release(worker: String) async throws -> Int

  /// How many items of a batch are in each state at `time`.
  func counts(of batch: String, at time: UTCInstant) async throws -> JobCounts

  /// What the items of a batch that have ended come to, by how they ended.
  func tallies(of batch: String) async throws -> [JobTally]

  /// When the items of a batch ended: one entry for each second in which some did, in order.
  func timeline(of batch: String) async throws -> [JobMoment]

  /// The items of a batch from `ordinal` on, in their order, with their results.
  ///
  /// - Parameter count: 1...10,000.
  func results(of batch: String, from ordinal: Int, count: Int) async throws -> [JobResult]

  /// The items of a batch that nobody has answered, and that are over, in their order.
  ///
  /// - Parameter count: 1...10,000.
  func failures(of batch: String, count: Int) async throws -> [JobResult]
}

/// An attempt that is settled together with the end of its item.
public struct JobSettlement: Hashable, Sendable {
  /// The attempt.
  public let key: ReservationKey
  /// What it cost.
  public let charge: Ledger.Charge

  /// The settlement of `key` at `charge`.
  public init(_ key: ReservationKey, as charge: Ledger.Charge) {
    self.key = key
    self.charge = charge
  }
}
