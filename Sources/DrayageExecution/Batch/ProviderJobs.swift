import Drayage
import DrayageCore
import DrayageLedger

/// Hands rows over to the batch interfaces of providers, waits for their jobs and takes in the results.
struct ProviderJobs: Sendable {
  let setup: BatchSetup
  let transport: any Transport
  let state: BatchState
  let store: BatchStore

  /// The most bytes of results that are held before they are written down, about.
  private static let heldBytes = 16 << 20
  /// How often a job is handed over anew that its provider refuses for now.
  private static let submissions = 5
  /// Seconds after which the state of a job that should be over long since is not asked for any more.
  private static let patience: Int64 = 2 * 86_400

  /// Works jobs off until there are none.
  ///
  /// - Throws: ``LedgerStoreError`` if the ledger does not answer. What was handed over then is found again.
  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      while let work = await state.nextJobWork() {
        group.addTask {
          do {
            switch work {
            case .submit(let job, let rows): try await submit(job, rows)
            case .collect(let job): try await collect(job)
            }
          } catch {
            await state.stop()
            throw error
          }
        }
      }
      try await group.waitForAll()
    }
  }

  // MARK: Handing over

  private func submit(_ job: ProviderJob, _ rows: [JobRow]) async throws {
    guard let target = rows.first?.target,
      let service = BatchServices.service(for: setup.targets[target], over: transport)
    else { preconditionFailure("a job for an offer without a batch interface") }
    let given = try await handOver(job, rows, at: target, service)
    await state.handedOver()
    if let given { try await watch(given, service) }
  }

  /// - Returns: the job, if its provider may have it.
  private func handOver(
    _ job: ProviderJob, _ rows: [JobRow], at target: Int, _ service: any BatchService
  ) async throws -> ProviderJob? {
    var job = job
    // Before any reservation: whoever finds one without its end can look for the job.
    try await store.keep(job)
    let (items, held) = try await hold(try await items(of: rows, job, service), job)
    job.count = items.count
    for attempt in 1...Self.submissions {
      if await state.isStopping || items.isEmpty { break }
      // Written down each time: how long it is in doubt counts from the last.
      job.sentAt = .now
      try await store.keep(job)
      do throws(BatchServiceError) {
        job.id = try await service.submit(items, mark: job.mark)
        break
      } catch {
        if error.code == .inDoubt { return job }
        let isTransient = error.failure?.meaning.transient ?? false
        guard isTransient, attempt < Self.submissions else {
          await state.close([target])
          try await settle(
            held, &job, as: .notBilled, AttemptFailure(error.failure ?? .badRequest, error.message))
          return nil
        }
        await state.pause(error.retryAfter ?? Double(attempt * attempt))
      }
    }
    guard job.id != nil else {
      try await putBack(held, &job)
      return nil
    }
    try await store.keep(job)
    return job
  }

  /// What is to be handed over of `rows`; the others leave the job.
  private func items(
    of rows: [JobRow], _ job: ProviderJob, _ service: any BatchService
  ) async throws -> [(row: JobRow, item: BatchItem)] {
    var made: [(row: JobRow, item: BatchItem)] = []
    for row in rows {
      switch item(row, service) {
      case .success(let item): made.append((row, item))
      case .failure(let failure):
        try await state.leave(row, job, message: failure.message)
      }
    }
    var limits = service.limits
    limits.mostBytes = min(limits.mostBytes, setup.options.jobSize.bytes)
    let split = limits.split(made.map(\.item))
    for position in split.tooLarge {
      try await state.leave(made[position].row, job, message: "it is too large for a job")
    }
    for position in split.jobs.dropFirst().joined() { await state.postpone(made[position].row, job) }
    return (split.jobs.first ?? []).map { made[$0] }
  }

  private func item(_ row: JobRow, _ service: any BatchService) -> Result<BatchItem, AttemptFailure> {
    do {
      let call = Call(
        try setup.file.body(of: row.row), maxOutputTokens: setup.options.maxOutputTokens, idempotencyKey: "")
      return .success(try service.item(row.name, call))
    } catch {
      return .failure(AttemptFailure(.badRequest, "\(error)"))
    }
  }

  /// Reserves the money of what is to be handed over; what it does not suffice for leaves the job.
  private func hold(
    _ made: [(row: JobRow, item: BatchItem)], _ job: ProviderJob
  ) async throws -> (items: [BatchItem], rows: [JobRow]) {
    let held = Locked<Set<Int>>([])
    try await together(made.indices) { at in
      if try await state.reserve(made[at].row, in: job) { held.withLock { _ = $0.insert(at) } }
    }
    let kept = held.withLock { $0 }.sorted()
    return (kept.map { made[$0].item }, kept.map { made[$0].row })
  }

  /// Has the rows of a job that its provider does not have wait for another one.
  private func putBack(_ rows: [JobRow], _ job: inout ProviderJob) async throws {
    let given = job
    try await together(rows) { try await state.handOverAnew($0, given) }
    try await close(&job)
  }

  private func close(_ job: inout ProviderJob) async throws {
    job.isOver = true
    try await store.keep(job)
    await state.end(job)
  }

  // MARK: Waiting

  private func collect(_ job: ProviderJob) async throws {
    guard let target = setup.targets.firstIndex(where: { $0.offer.id.description == job.offer }),
      let service = BatchServices.service(for: setup.targets[target], over: transport)
    else { return await state.abandon(job, because: "its offer has no batch interface here") }
    try await watch(job, service)
  }

  /// Waits for a job to end and takes in its results.
  private func watch(_ job: ProviderJob, _ service: any BatchService) async throws {
    var job = job
    var wait = setup.options.polling.lowerBound
    var isRecalled = false
    while true {
      if await state.isStopping {
        return await state.abandon(job, because: await cancelled(job, service))
      }
      var asked: Double?
      do {
        if let id = job.id {
          let status = try await service.status(of: id)
          if status.state.isFinal {
            if try await takeIn(id, status, &job, service) { return }
            continue
          }
          if !isRecalled, await state.isTimeToRecall {
            try await service.cancel(id)
            isRecalled = true
          }
        } else if try await find(&job, service) {
          return
        }
      } catch let error as BatchServiceError {
        let isPast = job.isOlder(than: service.limits.window, at: .now)
        if error.code == .resultsGone || error.code == .unknownJob && isPast {
          // Whatever it has answered is billed, and lost.
          return try await settle(
            await state.rows(of: job), &job, as: .unknown, AttemptFailure(.truncated, error.message))
        }
        guard error.code == .unreachable || error.failure?.meaning.transient ?? false else {
          return await state.abandon(job, because: error.message)
        }
        asked = error.retryAfter
      }
      if await state.isTimeOver { return await state.abandon(job, because: "it has not ended in time") }
      if job.isOlder(than: Self.patience, at: .now) {
        return await state.abandon(job, because: "its provider does not say that it has ended")
      }
      await state.pause(max(wait, asked ?? 0))
      wait = min(1.5 * wait, setup.options.polling.upperBound)
    }
  }

  /// Cancels a job if the batch was cancelled.
  ///
  /// - Returns: why that failed.
  private func cancelled(_ job: ProviderJob, _ service: any BatchService) async -> String? {
    guard await state.isCancelled, let id = job.id else { return nil }
    do throws(BatchServiceError) {
      try await service.cancel(id)
      return nil
    } catch {
      return "not cancelled: " + error.message
    }
  }

  /// Looks for a job whose submission was not answered.
  ///
  /// - Returns: whether there is nothing to wait for: the provider has not taken it.
  private func find(_ job: inout ProviderJob, _ service: any BatchService) async throws -> Bool {
    switch try await service.find(job.mark, count: job.count, sentAt: job.sentAt, now: setup.options.now()) {
    case .found(let ids):
      job.id = ids.first
      try await store.keep(job)
      // The same submission was taken more than once.
      for id in ids.dropFirst() { try await service.cancel(id) }
      return false
    case .none:
      try await putBack(await state.rows(of: job), &job)
      return true
    case .unknown: return false
    }
  }

  // MARK: Results

  /// Takes in the results of a job that has ended.
  ///
  /// - Returns: whether that is all; more rows of it may have come up meanwhile, for whom it is looked through again.
  private func takeIn(
    _ id: BatchJobID, _ status: BatchJobStatus, _ job: inout ProviderJob, _ service: any BatchService
  ) async throws -> Bool {
    let rows = Dictionary(
      await state.rows(of: job).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    if status.state == .failed {
      let reason = status.reasons.first ?? "no reason is given"
      await state.close(Set(rows.values.map(\.target)))
      try await settle(
        Array(rows.values), &job, as: .notBilled,
        AttemptFailure(.badRequest, "the job \(id) failed as a whole: \(reason)"))
      return true
    }
    var results = try await service.results(of: id, mark: job.mark, ids: job.ids)
    var page: [(JobRow, BatchOutcome)] = []
    var bytes = 0
    var open = rows
    let seconds = Double(UTCInstant.now.secondsSince1970 - job.sentAt.secondsSince1970)
    func flush() async throws {
      let given = job
      try await together(page) { row, outcome in try await take(outcome, row, given, seconds) }
      (page, bytes) = ([], 0)
    }
    do {
      while let entry = try await results.next() {
        guard let row = open.removeValue(forKey: entry.id) else { continue }
        page.append((row, entry.outcome))
        if case .answered(let reply) = entry.outcome { bytes += reply.body.count }
        if page.count >= callsAtOnce || bytes >= Self.heldBytes { try await flush() }
      }
    } catch let error as BatchServiceError {
      // What was read is paid for.
      try await flush()
      throw error
    }
    try await flush()
    // Those of which nothing is said were not carried out, if the job ended early and all it says is understood.
    let isKnown = results.report.isClean && (status.state == .expired || status.state == .cancelled)
    let rest = Array(open.values)
    let given = job
    try await together(rest) { row in
      try await state.settle(
        row, given, as: isKnown ? .notBilled : .unknown,
        AttemptFailure(.truncated, "the results of the job \(id) do not tell of it"), isFinal: false)
    }
    guard await state.rows(of: job).isEmpty else { return false }
    try await close(&job)
    return true
  }

  private func take(_ outcome: BatchOutcome, _ row: JobRow, _ job: ProviderJob, _ seconds: Double)
    async throws
  {
    let target = setup.targets[row.target]
    var end = outcome.end
    end.seconds = seconds
    if let answer = BatchAnswer(end, from: target, at: job.sentAt) {
      return try await state.answer(
        row, job, answer: answer,
        charge: .of(answer.usage, at: target.offer, from: job.sentAt, to: setup.options.now()))
    }
    let failure = end.failure
    let charge: Ledger.Charge =
      failure.usage.map { .of($0, at: target.offer, from: job.sentAt, to: setup.options.now()) }
      ?? (outcome.mayBeBilled ? .unknown : .notBilled)
    try await state.settle(row, job, as: charge, failure)
  }

  /// Closes the attempts of a job that brings no answers.
  private func settle(
    _ rows: [JobRow], _ job: inout ProviderJob, as charge: Ledger.Charge, _ failure: AttemptFailure
  ) async throws {
    let given = job
    try await together(rows) { try await state.settle($0, given, as: charge, failure, isFinal: false) }
    try await close(&job)
  }
}

extension ProviderJob {
  fileprivate func isOlder(than seconds: Int64, at instant: UTCInstant) -> Bool {
    instant.secondsSince1970 - sentAt.secondsSince1970 > seconds
  }
}
