/// One item of a batch that several workers share.
public struct Job: Hashable, Sendable {
  /// The item's place within its batch.
  public let ordinal: Int
  /// What tells the item from all others of its batch; at most 1,024 bytes.
  public let id: String
  /// A digest of the item's content: an item is the same only if this is.
  public let digest: UInt64
  /// What a worker needs in order to find or do the item; at most 64 KiB.
  public let payload: [UInt8]
  /// How the item has ended, if it was over before it began.
  public let outcome: JobOutcome?

  /// The item `ordinal` of a batch.
  public init(ordinal: Int, id: String, digest: UInt64, payload: [UInt8] = [], outcome: JobOutcome? = nil) {
    self.ordinal = ordinal
    self.id = id
    self.digest = digest
    self.payload = payload
    self.outcome = outcome
  }
}

/// What putting items into a batch did.
public struct Enqueued: Hashable, Sendable {
  /// How many items are in the batch now as they were given.
  public var stored = 0
  /// The ordinals of items whose id another item of the same reading has, with the ordinal of that one. They are
  /// not in the batch.
  public var repeated: [Int: Int] = [:]
  /// The ordinals, ascending, of items that are finished with another content; those stay as they were.
  public var changed: [Int] = []

  /// `stored` items, without those of `repeated` and `changed`.
  public init(stored: Int = 0, repeated: [Int: Int] = [:], changed: [Int] = []) {
    self.stored = stored
    self.repeated = repeated
    self.changed = changed
  }
}

/// What reporting an item as ended did.
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
  /// Ended for now; the next beginning of the batch takes them up again.
  public let parked: Int
  /// Finished.
  public let finished: Int

  /// So many items in each state.
  public init(waiting: Int, leased: Int, parked: Int, finished: Int) {
    self.waiting = waiting
    self.leased = leased
    self.parked = parked
    self.finished = finished
  }

  /// All of them.
  public var total: Int { waiting + leased + parked + finished }
}
