public import DrayageCore

extension DurableLedger {
  /// Puts items into a batch; see ``JobQueue/enqueue(_:in:)``.
  public func enqueue(_ jobs: [Job], in batch: String) async throws -> Enqueued {
    let arguments = LedgerArguments(store: commits.store)
    try arguments.check(name: batch, "a batch's name")
    try arguments.check(jobs)
    return try await other { tables in
      let added = try tables.add(jobs, to: batch)
      let conflicting = added == jobs.count ? [] : try tables.conflicts(of: jobs, in: batch).sorted()
      return Enqueued(added: added, conflicting: conflicting)
    }
  }

  /// Hands out unfinished items that nobody holds; see
  /// ``JobQueue/claim(from:worker:count:lease:at:)``.
  public func claim(
    from batch: String, worker: String, count: Int, lease: Int, at time: UTCInstant
  ) async throws -> [Job] {
    let arguments = LedgerArguments(store: commits.store)
    try arguments.check(name: batch, "a batch's name")
    try arguments.check(name: worker, "a worker's name")
    try arguments.check(count: count)
    let until = try arguments.end(of: lease, from: time)
    let claim = JobClaim(
      worker: worker, count: count, at: time.secondsSince1970, until: until, token: Self.token())
    return try await other { try $0.claim(claim, from: batch).sorted { $0.ordinal < $1.ordinal } }
  }

  /// Lets leases run on; see ``JobQueue/extend(_:in:worker:lease:at:)``.
  public func extend(
    _ ordinals: [Int], in batch: String, worker: String, lease: Int, at time: UTCInstant
  ) async throws -> [Int] {
    let arguments = LedgerArguments(store: commits.store)
    try arguments.check(name: batch, "a batch's name")
    try arguments.check(name: worker, "a worker's name")
    let until = try arguments.end(of: lease, from: time)
    return try await other {
      try $0.extend(Set(ordinals).sorted(), in: batch, worker: worker, until: until).sorted()
    }
  }

  /// Marks an item as finished; see ``JobQueue/finish(_:in:at:)``.
  public func finish(_ ordinal: Int, in batch: String, at time: UTCInstant) async throws -> JobCompletion {
    let arguments = LedgerArguments(store: commits.store)
    try arguments.check(name: batch, "a batch's name")
    try arguments.check(time)
    let token = Self.token()
    return try await other {
      try $0.finish(ordinal, in: batch, at: time.secondsSince1970, token: token)
    }
  }

  /// Gives back what a worker holds; see ``JobQueue/release(worker:)``.
  public func release(worker: String) async throws -> Int {
    try LedgerArguments(store: commits.store).check(name: worker, "a worker's name")
    return try await other { try $0.release(worker: worker) }
  }

  /// How many items of a batch are in each state; see ``JobQueue/counts(of:at:)``.
  public func counts(of batch: String, at time: UTCInstant) async throws -> JobCounts {
    let arguments = LedgerArguments(store: commits.store)
    try arguments.check(name: batch, "a batch's name")
    try arguments.check(time)
    return try await other { try $0.counts(of: batch, at: time.secondsSince1970) }
  }
}
