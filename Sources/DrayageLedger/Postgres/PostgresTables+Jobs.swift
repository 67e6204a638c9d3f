internal import DrayageCore

extension PostgresTables {
  func add(_ jobs: [Job], to batch: String, reading: Int, at time: Int64) throws -> Enqueued {
    var answer = Enqueued()
    guard !jobs.isEmpty else { return answer }
    let results = try jobs.map { job -> Int64? in
      guard let outcome = job.outcome else { return nil }
      _ = try self.rows(.dropResult, [.text(batch), .text(job.id)])
      return try keep(outcome.result)
    }
    let rows = try rows(
      .addJobs,
      [
        .text(batch), .integer(Int64(reading)), .integer(time), .texts(jobs.map(\.id)),
        .integers(jobs.map { Int64($0.ordinal) }), .integers(jobs.map { Int64(bitPattern: $0.digest) }),
        .blobs(jobs.map(\.payload)), .integers(jobs.map { Int64(JobState.first(of: $0)) }),
        .texts(jobs.map { $0.outcome?.code ?? "" }), .integers(results),
      ])
    answer.stored += rows.count
    guard rows.count < jobs.count else { return answer }
    let stored = try Set((0..<rows.count).map { try rows.text($0, 0) })
    let others = jobs.filter { !stored.contains($0.id) }
    let unused = zip(jobs, results).compactMap { stored.contains($0.id) ? nil : $1 }
    if !unused.isEmpty { try connection.send(.dropResults, [.integers(unused)]) }
    let known = try self.rows(.knownJobs, [.text(batch), .texts(others.map(\.id))])
    for row in 0..<known.count {
      let place = Int(try known.integer(row, 0)) - 1
      guard others.indices.contains(place) else {
        throw BrokenTables.value(table: "drayage_job", column: "id")
      }
      answer.add(
        others[place], reading: reading,
        known: (Int(try known.integer(row, 1)), Int(try known.integer(row, 2))))
    }
    return answer
  }

  /// Writes down a result, and returns its number.
  private func keep(_ result: [UInt8]) throws -> Int64 {
    try rows(.keepResult, [.bytes(result)]).integer(0, 0)
  }

  func endReading(_ reading: Int, of batch: String) throws {
    _ = try rows(.removeUnread, [.text(batch), .integer(Int64(reading))])
    _ = try rows(.hideUnread, [.text(batch), .integer(Int64(reading))])
  }

  func claim(_ claim: JobClaim, from batch: String) throws -> [Job] {
    // The same call, asked again because its acknowledgement was lost, may have got its jobs already.
    let mine = try jobs(
      rows(.claimedJobs, [.integer(claim.token), .text(batch), .text(claim.worker)]))
    guard mine.isEmpty else { return mine }
    return try jobs(
      rows(
        .claimJobs,
        [
          .text(batch), .integer(claim.at), .integer(Int64(claim.count)), .text(claim.worker),
          .integer(claim.until), .integer(claim.token),
        ]))
  }

  private func jobs(_ rows: PostgresRows) throws -> [Job] {
    try (0..<rows.count).map { row in
      try Job(
        ordinal: Int(rows.integer(row, 0)), id: rows.text(row, 1),
        digest: UInt64(bitPattern: rows.integer(row, 2)), payload: rows.bytes(row, 3))
    }
  }

  func extend(_ batch: String, worker: String, until: Int64) throws -> Int {
    try rows(.extendJobs, [.text(batch), .text(worker), .integer(until)]).changed
  }

  func finish(_ end: JobEnd, in batch: String) throws -> JobCompletion {
    let job = try rows(.jobState, [.text(batch), .text(end.id)])
    guard job.count == 1 else { return .unknown }
    // By the same call, asked again because its acknowledgement was lost.
    if !job.isNull(0, 1), try job.integer(0, 1) == end.token { return .finished }
    guard [JobState.open, JobState.parked].contains(Int(try job.integer(0, 0))) else {
      return .alreadyFinished
    }
    let outcome = end.outcome
    _ = try rows(.dropResult, [.text(batch), .text(end.id)])
    let result = try keep(outcome.result)
    try connection.send(
      .endJob,
      [
        .text(batch), .text(end.id), .integer(Int64(outcome.isFinal ? JobState.finished : JobState.parked)),
        .integer(end.at), .integer(end.token), .text(outcome.source), .text(outcome.code),
        .integer(outcome.charge.nanodollars), .integer(Int64(outcome.attempts)), .real(outcome.score),
        .real(outcome.expected), .real(outcome.seconds), .integer(result),
      ])
    return .finished
  }

  func release(worker: String) throws -> Int {
    try rows(.releaseJobs, [.text(worker)]).changed
  }
}

// MARK: Batches

extension PostgresTables {
  func begin(_ start: BatchStart) throws -> BatchRecord {
    // The same call, asked again because its acknowledgement was lost, may have begun it already.
    if let begun = try batches(rows(.begunBatch, [.text(start.name), .integer(start.token)])).first {
      return begun
    }
    _ = try rows(
      .beginBatch,
      [
        .text(start.name), .text(start.run), .bytes(start.payload), .integer(start.at), .integer(start.token),
      ])
    if start.alone { _ = try rows(.freeJobs, [.text(start.name)]) }
    _ = try rows(.unparkJobs, [.text(start.name), .integer(start.at)])
    guard let batch = try batches(named: start.name).first else {
      throw BrokenTables.value(table: "drayage_batch", column: "name")
    }
    return batch
  }

  func batches(named name: String?) throws -> [BatchRecord] {
    try batches(name.map { try rows(.batchNamed, [.text($0)]) } ?? rows(.batches))
  }

  private func batches(_ rows: PostgresRows) throws -> [BatchRecord] {
    try (0..<rows.count).map { row in
      try BatchRecord(
        name: rows.text(row, 0), run: rows.text(row, 1), reading: Int(rows.integer(row, 2)),
        isCancelled: rows.integer(row, 3) != 0, payload: rows.bytes(row, 4),
        createdAt: UTCInstant(secondsSince1970: rows.integer(row, 5)))
    }
  }

  func cancel(_ batch: String) throws {
    _ = try rows(.cancelBatch, [.text(batch)])
  }

  func keep(_ memo: [UInt8], as name: String, of batch: String) throws {
    try connection.send(.keepMemo, [.text(batch), .text(name), .bytes(memo)])
  }

  func memos(of batch: String) throws -> [String: [UInt8]] {
    let rows = try rows(.memos, [.text(batch)])
    return try Dictionary(
      (0..<rows.count).map { try (rows.text($0, 0), rows.bytes($0, 1)) },
      uniquingKeysWith: { first, _ in first })
  }

  func counts(of batch: String, at time: Int64) throws -> JobCounts {
    let rows = try rows(.countJobs, [.text(batch), .integer(time)])
    return try JobCounts(
      waiting: Int(rows.integer(0, 0)), leased: Int(rows.integer(0, 1)), parked: Int(rows.integer(0, 2)),
      finished: Int(rows.integer(0, 3)))
  }

  func tallies(of batch: String) throws -> [JobTally] {
    let rows = try rows(.tallyJobs, [.text(batch)])
    return try (0..<rows.count).map { row in
      try JobTally(
        source: rows.isNull(row, 0) ? nil : rows.text(row, 0),
        code: rows.isNull(row, 1) ? nil : rows.text(row, 1), count: Int(rows.integer(row, 2)),
        charge: Money(nanodollars: rows.integer(row, 6)), scored: Int(rows.integer(row, 3)),
        scores: rows.real(row, 4), expected: rows.real(row, 5))
    }
  }

  func timeline(of batch: String) throws -> [JobMoment] {
    let rows = try rows(.timeline, [.text(batch)])
    return try (0..<rows.count).map { row in
      try JobMoment(
        at: UTCInstant(secondsSince1970: rows.integer(row, 0)), answered: Int(rows.integer(row, 1)),
        failed: Int(rows.integer(row, 2)), charge: Money(nanodollars: rows.integer(row, 3)))
    }
  }

  func results(of batch: String, from ordinal: Int, count: Int, failed: Bool) throws -> [JobResult] {
    let rows = try rows(
      failed ? .failures : .results, [.text(batch), .integer(Int64(ordinal)), .integer(Int64(count))])
    return try (0..<rows.count).map { row in
      try JobResult(
        ordinal: Int(rows.integer(row, 0)), id: rows.text(row, 1),
        code: rows.isNull(row, 2) ? nil : rows.text(row, 2),
        result: rows.isNull(row, 3) ? nil : rows.bytes(row, 3))
    }
  }
}
