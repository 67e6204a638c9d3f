internal import DrayageCore

extension PostgresTables {
  private static func columns(_ jobs: [Job]) -> [PostgresValue] {
    [
      .integers(jobs.map { Int64($0.ordinal) }), .texts(jobs.map(\.id)),
      .integers(jobs.map { Int64(bitPattern: $0.digest) }),
    ]
  }

  func add(_ jobs: [Job], to batch: String) throws -> Int {
    guard !jobs.isEmpty else { return 0 }
    // In one order everywhere, so that no two processes wait for each other's rows.
    let jobs = jobs.sorted { $0.ordinal < $1.ordinal }
    return try rows(.addJobs, [.text(batch)] + Self.columns(jobs) + [.blobs(jobs.map(\.payload))]).changed
  }

  func conflicts(of jobs: [Job], in batch: String) throws -> [Int] {
    try ordinals(rows(.conflictingJobs, [.text(batch)] + Self.columns(jobs)))
  }

  private func ordinals(_ rows: PostgresRows) throws -> [Int] {
    try (0..<rows.count).map { Int(try rows.integer($0, 0)) }
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

  func extend(_ ordinals: [Int], in batch: String, worker: String, until: Int64) throws -> [Int] {
    try self.ordinals(
      rows(
        .extendJobs,
        [.text(batch), .integers(ordinals.map { Int64($0) }), .text(worker), .integer(until)]))
  }

  func finish(_ ordinal: Int, in batch: String, at time: Int64, token: Int64) throws -> JobCompletion {
    let finished = try rows(
      .finishJob, [.text(batch), .integer(Int64(ordinal)), .integer(time), .integer(token)])
    if finished.changed == 1 { return .finished }
    let job = try rows(.job, [.text(batch), .integer(Int64(ordinal))])
    guard job.count == 1 else { return .unknown }
    // By the same call, asked again because its acknowledgement was lost.
    return try job.integer(0, 0) == token ? .finished : .alreadyFinished
  }

  func release(worker: String) throws -> Int {
    try rows(.releaseJobs, [.text(worker)]).changed
  }

  func counts(of batch: String, at time: Int64) throws -> JobCounts {
    let rows = try rows(.countJobs, [.text(batch), .integer(time)])
    return try JobCounts(
      waiting: Int(rows.integer(0, 0)), leased: Int(rows.integer(0, 1)), finished: Int(rows.integer(0, 2)))
  }
}
