internal import DrayageCore
internal import Foundation
internal import GRDB

extension SQLiteTables {
  func add(_ jobs: [Job], to batch: String) throws -> Int {
    var added = 0
    for job in jobs {
      try run(
        "INSERT INTO job (batch, ordinal, id, digest, payload) VALUES (?, ?, ?, ?, ?) "
          + "ON CONFLICT DO NOTHING",
        [batch, job.ordinal, job.id, Int64(bitPattern: job.digest), job.payload.data])
      added += db.changesCount
    }
    return added
  }

  func conflicts(of jobs: [Job], in batch: String) throws -> [Int] {
    try jobs.filter { job in
      let rows = try rows(
        "SELECT 1 FROM job WHERE batch = ? AND ordinal = ? AND (id <> ? OR digest <> ?)",
        [batch, job.ordinal, job.id, Int64(bitPattern: job.digest)])
      return try rows.next() != nil
    }.map(\.ordinal)
  }

  func claim(_ claim: JobClaim, from batch: String) throws -> [Job] {
    // No acknowledgement is lost between this process and its file, so that the token is only recorded.
    let rows = try rows(
      """
      UPDATE job SET worker = ?, leased_until = ?, claim_token = ? WHERE batch = ? AND ordinal IN (
        SELECT ordinal FROM job WHERE batch = ? AND finished_at IS NULL AND leased_until <= ?
        ORDER BY ordinal LIMIT ?)
      RETURNING ordinal, id, digest, payload
      """, [claim.worker, claim.until, claim.token, batch, batch, claim.at, claim.count])
    var jobs: [Job] = []
    while let row = try rows.next() {
      jobs.append(
        Job(
          ordinal: row[0], id: row[1], digest: UInt64(bitPattern: row[2] as Int64),
          payload: Array(row[3] as Data)))
    }
    return jobs
  }

  func extend(_ ordinals: [Int], in batch: String, worker: String, until: Int64) throws -> [Int] {
    try ordinals.filter { ordinal in
      try run(
        "UPDATE job SET leased_until = ? "
          + "WHERE batch = ? AND ordinal = ? AND worker = ? AND finished_at IS NULL",
        [until, batch, ordinal, worker])
      return db.changesCount == 1
    }
  }

  func finish(_ ordinal: Int, in batch: String, at time: Int64, token: Int64) throws -> JobCompletion {
    try run(
      "UPDATE job SET finished_at = ?, finish_token = ?, worker = NULL "
        + "WHERE batch = ? AND ordinal = ? AND finished_at IS NULL", [time, token, batch, ordinal])
    if db.changesCount == 1 { return .finished }
    let rows = try rows("SELECT 1 FROM job WHERE batch = ? AND ordinal = ?", [batch, ordinal])
    return try rows.next() == nil ? .unknown : .alreadyFinished
  }

  func release(worker: String) throws -> Int {
    try run(
      "UPDATE job SET worker = NULL, leased_until = 0 WHERE worker = ? AND finished_at IS NULL", [worker])
    return db.changesCount
  }

  func counts(of batch: String, at time: Int64) throws -> JobCounts {
    let rows = try rows(
      """
      SELECT count(*) FILTER (WHERE finished_at IS NULL AND leased_until <= ?),
        count(*) FILTER (WHERE finished_at IS NULL AND leased_until > ?),
        count(*) FILTER (WHERE finished_at IS NOT NULL)
      FROM job WHERE batch = ?
      """, [time, time, batch])
    guard let row = try rows.next() else { return JobCounts(waiting: 0, leased: 0, finished: 0) }
    return JobCounts(waiting: row[0], leased: row[1], finished: row[2])
  }
}

extension [UInt8] {
  /// As SQLite takes it.
  var data: Data { Data(self) }
}
