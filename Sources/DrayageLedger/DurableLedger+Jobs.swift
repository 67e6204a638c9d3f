public import DrayageCore

extension DurableLedger {
  private var arguments: LedgerArguments { LedgerArguments(store: commits.store) }

  /// Begins a batch; see ``JobQueue/begin(_:payload:alone:at:)``.
  public func begin(
    _ batch: String, payload: [UInt8], alone: Bool, at time: UTCInstant
  ) async throws -> BatchRecord {
    try arguments.check(name: batch, "a batch's name")
    try arguments.check(payload: payload)
    try arguments.check(time)
    let start = BatchStart(
      name: batch, run: String(UInt64.random(in: 0 ... .max), radix: 16), payload: payload, alone: alone,
      at: time.secondsSince1970, token: Self.token())
    return try await other { try $0.begin(start) }
  }

  /// The batch of a name; see ``JobQueue/batch(named:)``.
  public func batch(named name: String) async throws -> BatchRecord? {
    try arguments.check(name: name, "a batch's name")
    return try await other { try $0.batches(named: name) }.first
  }

  /// Every batch, by name.
  public func batches() async throws -> [BatchRecord] {
    try await other { try $0.batches(named: nil) }.sorted { $0.name < $1.name }
  }

  /// Asks that nobody works on a batch any more; see ``JobQueue/cancel(_:)``.
  public func cancel(_ batch: String) async throws {
    try arguments.check(name: batch, "a batch's name")
    _ = try await other {
      try $0.cancel(batch)
      return true
    }
  }

  /// Writes down something about a batch; see ``JobQueue/keep(_:as:of:)``.
  public func keep(_ memo: [UInt8], as name: String, of batch: String) async throws {
    try arguments.check(name: batch, "a batch's name")
    try arguments.check(name: name, "a memo's name")
    try arguments.check(payload: memo)
    _ = try await other {
      try $0.keep(memo, as: name, of: batch)
      return true
    }
  }

  /// What was written down about a batch; see ``JobQueue/memos(of:)``.
  public func memos(of batch: String) async throws -> [String: [UInt8]] {
    try arguments.check(name: batch, "a batch's name")
    return try await other { try $0.memos(of: batch) }
  }

  /// Puts items into a batch; see ``JobQueue/enqueue(_:in:reading:at:)``.
  public func enqueue(
    _ jobs: [Job], in batch: String, reading: Int, at time: UTCInstant
  ) async throws -> Enqueued {
    try arguments.check(name: batch, "a batch's name")
    try arguments.check(jobs)
    try arguments.check(time)
    var firsts: [String: Int] = [:]
    var distinct: [Job] = []
    var repeated: [Int: Int] = [:]
    for job in jobs {
      if let first = firsts[job.id] {
        repeated[job.ordinal] = first
      } else {
        firsts[job.id] = job.ordinal
        distinct.append(job)
      }
    }
    // In one order everywhere, so that no two processes wait for each other's rows.
    distinct.sort { $0.id < $1.id }
    var answer = try await other { [distinct] in
      try $0.add(distinct, to: batch, reading: reading, at: time.secondsSince1970)
    }
    answer.repeated.merge(repeated) { first, _ in first }
    answer.changed.sort()
    return answer
  }

  /// Takes out what a reading did not come across; see ``JobQueue/endReading(_:of:)``.
  public func endReading(_ reading: Int, of batch: String) async throws {
    try arguments.check(name: batch, "a batch's name")
    _ = try await other {
      try $0.endReading(reading, of: batch)
      return true
    }
  }

  /// Hands out unfinished items that nobody holds; see
  /// ``JobQueue/claim(from:worker:count:lease:at:)``.
  public func claim(
    from batch: String, worker: String, count: Int, lease: Int, at time: UTCInstant
  ) async throws -> [Job] {
    try arguments.check(name: batch, "a batch's name")
    try arguments.check(name: worker, "a worker's name")
    try arguments.check(count: count)
    let until = try arguments.end(of: lease, from: time)
    let claim = JobClaim(
      worker: worker, count: count, at: time.secondsSince1970, until: until, token: Self.token())
    return try await other { try $0.claim(claim, from: batch).sorted { $0.ordinal < $1.ordinal } }
  }

  /// Lets leases run on; see ``JobQueue/extend(_:worker:lease:at:)``.
  public func extend(
    _ batch: String, worker: String, lease: Int, at time: UTCInstant
  ) async throws -> Int {
    try arguments.check(name: batch, "a batch's name")
    try arguments.check(name: worker, "a worker's name")
    let until = try arguments.end(of: lease, from: time)
    return try await other { try $0.extend(batch, worker: worker, until: until) }
  }

  /// Writes down how an item has ended; see ``JobQueue/finish(_:in:with:settling:at:)``.
  public func finish(
    _ id: String, in batch: String, with outcome: JobOutcome, settling settlement: JobSettlement? = nil,
    at time: UTCInstant
  ) async throws -> (completion: JobCompletion, settlement: Ledger.Settlement?) {
    try arguments.check(name: batch, "a batch's name")
    try arguments.check(jobID: id)
    try arguments.check(outcome)
    try arguments.check(time)
    if let settlement { try arguments.check(settlement.key) }
    let end = JobEnd(id: id, outcome: outcome, at: time.secondsSince1970, token: Self.token())
    let operation = LedgerOperation.finish(end, in: batch, settling: settlement, at: time)
    guard case .finished(let completion, let settled) = try await commits.submit(operation) else {
      preconditionFailure("an end is answered by one")
    }
    return (completion, settled)
  }

  /// Gives back what a worker holds; see ``JobQueue/release(worker:)``.
  public func release(worker: String) async throws -> Int {
    try arguments.check(name: worker, "a worker's name")
    return try await other { try $0.release(worker: worker) }
  }

  /// How many items of a batch are in each state; see ``JobQueue/counts(of:at:)``.
  public func counts(of batch: String, at time: UTCInstant) async throws -> JobCounts {
    try arguments.check(name: batch, "a batch's name")
    try arguments.check(time)
    return try await other { try $0.counts(of: batch, at: time.secondsSince1970) }
  }

  /// What ended items come to; see ``JobQueue/tallies(of:)``.
  public func tallies(of batch: String) async throws -> [JobTally] {
    try arguments.check(name: batch, "a batch's name")
    return try await other { try $0.tallies(of: batch) }
  }

  /// When items ended; see ``JobQueue/timeline(of:)``.
  public func timeline(of batch: String) async throws -> [JobMoment] {
    try arguments.check(name: batch, "a batch's name")
    return try await other { try $0.timeline(of: batch) }
  }

  /// Items with their results; see ``JobQueue/results(of:from:count:)``.
  public func results(of batch: String, from ordinal: Int, count: Int) async throws -> [JobResult] {
    try arguments.check(name: batch, "a batch's name")
    try arguments.check(count: count)
    return try await other { try $0.results(of: batch, from: ordinal, count: count, failed: false) }
  }

  /// Items that nobody has answered; see ``JobQueue/failures(of:count:)``.
  public func failures(of batch: String, count: Int) async throws -> [JobResult] {
    try arguments.check(name: batch, "a batch's name")
    try arguments.check(count: count)
    return try await other { try $0.results(of: batch, from: .min, count: count, failed: true) }
  }
}
