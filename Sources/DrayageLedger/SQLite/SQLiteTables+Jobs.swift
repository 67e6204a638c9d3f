internal import DrayageCore
internal import Foundation
internal import GRDB

extension SQLiteTables {
  func add(_ jobs: [Job], to batch: String, reading: Int, at time: Int64) throws -> Enqueued {
    var answer = Enqueued()
    for job in jobs {
      if job.outcome != nil { try dropResult(of: job.id, in: batch) }
      let result = try job.outcome.map { try keep($0.result) }
      try run(
        """
        INSERT INTO job (batch, id, ordinal, reading, digest, payload, state, code, ended_at, result)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (batch, id) DO UPDATE SET ordinal = excluded.ordinal, reading = excluded.reading,
          digest = excluded.digest, payload = excluded.payload,
          state = CASE WHEN state >= \(JobState.finished) THEN \(JobState.finished) ELSE excluded.state END,
          code = CASE WHEN state >= \(JobState.finished) THEN code ELSE excluded.code END,
          result = CASE WHEN state >= \(JobState.finished) THEN result ELSE coalesce(excluded.result, result) END
        WHERE reading < excluded.reading AND (state < \(JobState.finished) OR digest = excluded.digest)
        """,
        [
          batch, job.id, job.ordinal, reading, Int64(bitPattern: job.digest), job.payload.data,
          JobState.first(of: job), job.outcome?.code, job.outcome == nil ? nil : time, result,
        ])
      guard db.changesCount == 0 else {
        answer.stored += 1
        continue
      }
      if let result { try run("DELETE FROM result WHERE id = ?", [result]) }
      let rows = try rows("SELECT reading, ordinal FROM job WHERE batch = ? AND id = ?", [batch, job.id])
      guard let row = try rows.next() else { throw BrokenTables.value(table: "job", column: "id") }
      answer.add(job, reading: reading, known: (row[0], row[1]))
    }
    return answer
  }

  /// Writes down a result, and returns its number.
  private func keep(_ result: [UInt8]) throws -> Int64 {
    try run("INSERT INTO result (content) VALUES (?)", [result.data])
    return db.lastInsertedRowID
  }

  private func dropResult(of id: String, in batch: String) throws {
    try run(
      "DELETE FROM result WHERE id = "
        + "(SELECT result FROM job WHERE batch = ? AND id = ? AND state < \(JobState.finished))", [batch, id])
  }

  func endReading(_ reading: Int, of batch: String) throws {
    try run(
      "DELETE FROM job WHERE batch = ? AND reading < ? AND state IN (\(JobState.open), \(JobState.parked))",
      [batch, reading])
    try run(
      "UPDATE job SET state = \(JobState.goneFinished) "
        + "WHERE batch = ? AND reading < ? AND state = \(JobState.finished)",
      [batch, reading])
  }

  func claim(_ claim: JobClaim, from batch: String) throws -> [Job] {
    // No acknowledgement is lost between this process and its file, so that the token is only recorded.
    let rows = try rows(
      """
      UPDATE job SET worker = ?, leased_until = ?, claim_token = ? WHERE batch = ? AND id IN (
        SELECT id FROM job WHERE batch = ? AND state = 0 AND leased_until <= ? AND worker IS NOT ?
        ORDER BY ordinal LIMIT ?)
      RETURNING ordinal, id, digest, payload
      """, [claim.worker, claim.until, claim.token, batch, batch, claim.at, claim.worker, claim.count])
    var jobs: [Job] = []
    while let row = try rows.next() {
      jobs.append(
        Job(
          ordinal: row[0], id: row[1], digest: UInt64(bitPattern: row[2] as Int64),
          payload: Array(row[3] as Data)))
    }
    return jobs
  }

  func extend(_ batch: String, worker: String, until: Int64) throws -> Int {
    try run(
      "UPDATE job SET leased_until = ? WHERE worker = ? AND batch = ? AND state = 0", [until, worker, batch])
    return db.changesCount
  }

  func finish(_ end: JobEnd, in batch: String) throws -> JobCompletion {
    let rows = try rows("SELECT state FROM job WHERE batch = ? AND id = ?", [batch, end.id])
    guard let row = try rows.next() else { return .unknown }
    let state: Int = row[0]
    guard state == JobState.open || state == JobState.parked else { return .alreadyFinished }
    try dropResult(of: end.id, in: batch)
    let outcome = end.outcome
    try run(
      """
      UPDATE job SET state = ?, worker = NULL, ended_at = ?, end_token = ?, source = ?, code = ?, charge = ?,
        attempts = ?, score = ?, expected = ?, seconds = ?, result = ?
      WHERE batch = ? AND id = ?
      """,
      [
        outcome.isFinal ? JobState.finished : JobState.parked, end.at, end.token, outcome.source,
        outcome.code,
        outcome.charge.nanodollars, outcome.attempts, outcome.score, outcome.expected, outcome.seconds,
        try keep(outcome.result), batch, end.id,
      ])
    return .finished
  }

  func release(worker: String) throws -> Int {
    try run("UPDATE job SET worker = NULL, leased_until = 0 WHERE worker = ? AND state = 0", [worker])
    return db.changesCount
  }
}

// MARK: Batches

extension SQLiteTables {
  func begin(_ start: BatchStart) throws -> BatchRecord {
    try run(
      """
      INSERT INTO batch (name, run, reading, payload, created_at, token) VALUES (?, ?, 1, ?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET reading = reading + 1, cancelled = 0, payload = excluded.payload,
        token = excluded.token
      """, [start.name, start.run, start.payload.data, start.at, start.token])
    if start.alone {
      try run(
        "UPDATE job SET worker = NULL, leased_until = 0 WHERE worker IS NOT NULL AND batch = ? AND state = 0",
        [start.name])
    }
    try run(
      """
      UPDATE job SET state = 0, worker = NULL, leased_until = 0
      WHERE batch = ?1 AND state = \(JobState.parked) AND NOT EXISTS (
        SELECT 1 FROM job AS held WHERE held.worker IS NOT NULL AND held.batch = ?1 AND held.state = 0
          AND held.leased_until > ?2)
      """, [start.name, start.at])
    guard let batch = try batches(named: start.name).first else {
      throw BrokenTables.value(table: "batch", column: "name")
    }
    return batch
  }

  func batches(named name: String?) throws -> [BatchRecord] {
    let sql = "SELECT name, run, reading, cancelled, payload, created_at FROM batch"
    let rows = try name.map { try self.rows(sql + " WHERE name = ?", [$0]) } ?? self.rows(sql, [])
    var batches: [BatchRecord] = []
    while let row = try rows.next() {
      batches.append(
        BatchRecord(
          name: row[0], run: row[1], reading: row[2], isCancelled: (row[3] as Int) != 0,
          payload: Array(row[4] as Data), createdAt: UTCInstant(secondsSince1970: row[5])))
    }
    return batches
  }

  func cancel(_ batch: String) throws {
    try run("UPDATE batch SET cancelled = 1 WHERE name = ?", [batch])
  }

  func keep(_ memo: [UInt8], as name: String, of batch: String) throws {
    try run("INSERT OR REPLACE INTO memo (batch, name, content) VALUES (?, ?, ?)", [batch, name, memo.data])
  }

  func memos(of batch: String) throws -> [String: [UInt8]] {
    let rows = try rows("SELECT name, content FROM memo WHERE batch = ?", [batch])
    var memos: [String: [UInt8]] = [:]
    while let row = try rows.next() { memos[row[0]] = Array(row[1] as Data) }
    return memos
  }

  func counts(of batch: String, at time: Int64) throws -> JobCounts {
    let rows = try rows(
      """
      SELECT count(*) FILTER (WHERE state = 0 AND leased_until <= ?1),
        count(*) FILTER (WHERE state = 0 AND leased_until > ?1),
        count(*) FILTER (WHERE state = \(JobState.parked)),
        count(*) FILTER (WHERE state = \(JobState.finished))
      FROM job WHERE batch = ?2
      """, [time, batch])
    guard let row = try rows.next() else { return JobCounts(waiting: 0, leased: 0, parked: 0, finished: 0) }
    return JobCounts(waiting: row[0], leased: row[1], parked: row[2], finished: row[3])
  }

  func tallies(of batch: String) throws -> [JobTally] {
    let rows = try rows(
      """
      SELECT source, code, count(*), count(score), total(score), total(expected),
        sum(charge >> 32), sum(charge & 4294967295)
      FROM job WHERE batch = ? AND state IN (\(JobState.parked), \(JobState.finished))
      GROUP BY source, code ORDER BY source, code
      """, [batch])
    var tallies: [JobTally] = []
    while let row = try rows.next() {
      tallies.append(
        JobTally(
          source: row[0], code: row[1], count: row[2], charge: Self.sum(high: row[6], low: row[7]),
          scored: row[3], scores: row[4], expected: row[5]))
    }
    return tallies
  }

  func timeline(of batch: String) throws -> [JobMoment] {
    let rows = try rows(
      """
      SELECT ended_at, count(*) FILTER (WHERE code IS NULL), count(code), sum(charge >> 32),
        sum(charge & 4294967295)
      FROM job WHERE batch = ? AND state IN (\(JobState.parked), \(JobState.finished)) AND ended_at IS NOT NULL
      GROUP BY ended_at ORDER BY ended_at
      """, [batch])
    var moments: [JobMoment] = []
    while let row = try rows.next() {
      moments.append(
        JobMoment(
          at: UTCInstant(secondsSince1970: row[0]), answered: row[1], failed: row[2],
          charge: Self.sum(high: row[3], low: row[4])))
    }
    return moments
  }

  /// A sum that was formed in halves: providers name the amounts, and a sum beyond 64 bits would be an error.
  private static func sum(high: Int64, low: Int64) -> Money {
    let (whole, overflow) = (high + low >> 32).multipliedReportingOverflow(by: 1 << 32)
    return Money(nanodollars: overflow ? .max : whole | low & 0xFFFF_FFFF)
  }

  func results(of batch: String, from ordinal: Int, count: Int, failed: Bool) throws -> [JobResult] {
    let rows = try rows(
      """
      SELECT job.ordinal, job.id, CASE job.state WHEN 0 THEN NULL ELSE job.code END, result.content
      FROM job LEFT JOIN result ON result.id = job.result AND job.state <> 0
      WHERE job.batch = ? AND job.ordinal >= ? AND job.state <> \(JobState.goneFinished)
        \(failed ? "AND job.state <> 0 AND job.code IS NOT NULL" : "")
      ORDER BY job.ordinal LIMIT ?
      """, [batch, ordinal, count])
    var results: [JobResult] = []
    while let row = try rows.next() {
      results.append(
        JobResult(ordinal: row[0], id: row[1], code: row[2], result: (row[3] as Data?).map { Array($0) }))
    }
    return results
  }
}

extension [UInt8] {
  /// As SQLite takes it.
  var data: Data { Data(self) }
}
