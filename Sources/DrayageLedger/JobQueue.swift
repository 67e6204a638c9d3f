public import DrayageCore

/// Batches of items that several workers share: each item is held by one worker at a time, for as long as its
/// lease runs.
///
/// A worker is named by its caller, and no two that run at the same time share a name. The time is the
/// caller's: where several machines share a queue, their clocks must agree to within a fraction of a lease.
/// Every method returns after its change is durable, and throws ``LedgerStoreError`` if the store cannot
/// answer.
public protocol JobQueue: Sendable {
  /// Puts at most 10,000 items into a batch. Items that are there already stay as they are.
  func enqueue(_ jobs: [Job], in batch: String) async throws -> Enqueued

  /// Hands out up to `count` unfinished items that nobody holds, the lowest ordinals first.
  ///
  /// - Parameters:
  ///   - count: 1...10,000.
  ///   - lease: seconds from `time` until another worker may claim the item; 1 or more.
  func claim(
    from batch: String, worker: String, count: Int, lease: Int, at time: UTCInstant
  ) async throws -> [Job]

  /// Lets leases of a worker run until `lease` seconds after `time`.
  ///
  /// - Returns: the ordinals, ascending, that the worker still holds. The others are finished, or another
  ///   worker's by now.
  func extend(
    _ ordinals: [Int], in batch: String, worker: String, lease: Int, at time: UTCInstant
  ) async throws -> [Int]

  /// Marks an item as finished, whoever holds it: the first to report it has done the work.
  func finish(_ ordinal: Int, in batch: String, at time: UTCInstant) async throws -> JobCompletion

  /// Gives back every item that a worker holds, of all batches, and returns how many.
  func release(worker: String) async throws -> Int

  /// How many items of a batch are in each state at `time`.
  func counts(of batch: String, at time: UTCInstant) async throws -> JobCounts
}
