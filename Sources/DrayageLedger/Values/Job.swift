/// One item of a batch that several workers share.
public struct Job: Hashable, Sendable {
  /// The item's number within its batch.
  public let ordinal: Int
  /// The item's own id; at most 1,024 bytes.
  public let id: String
  /// A digest of the item's content: an item is the same only if this is.
  public let digest: UInt64
  /// What a worker needs in order to find or do the item; at most 64 KiB.
  public let payload: [UInt8]

  /// The item `ordinal` of a batch.
  public init(ordinal: Int, id: String, digest: UInt64, payload: [UInt8] = []) {
    self.ordinal = ordinal
    self.id = id
    self.digest = digest
    self.payload = payload
  }
}

/// What putting items into a batch did.
public struct Enqueued: Hashable, Sendable {
  /// How many items are new.
  public let added: Int
  /// The ordinals, ascending, that the batch has already with another id or digest; those stay as they were.
  public let conflicting: [Int]

  /// `added` new items, and those of `conflicting` not taken.
  public init(added: Int, conflicting: [Int]) {
    self.added = added
    self.conflicting = conflicting
  }
}

/// What reporting an item as finished did.
public enum JobCompletion: Hashable, Sendable {
  /// The item was unfinished: this worker's result is the one that counts.
  case finished
  /// The item was finished before: the result is not needed.
  case alreadyFinished
  /// The batch has no such item.
  case unknown
}

/// How many items of a batch are in each state.
public struct JobCounts: Hashable, Sendable {
  /// Waiting to be claimed, those with an expired lease included.
  public let waiting: Int
  /// Claimed by a worker whose lease still runs.
  public let leased: Int
  /// Finished.
  public let finished: Int

  /// So many items in each state.
  public init(waiting: Int, leased: Int, finished: Int) {
    self.waiting = waiting
    self.leased = leased
    self.finished = finished
  }
}
