import Drayage
import DrayageCore
import DrayageLedger

/// Rows that are put together to jobs in the batch interfaces of providers.
extension BatchState {
  /// What there is to do about jobs.
  enum JobWork {
    /// To hand one over: these rows, for which money is set aside and not yet reserved.
    case submit(ProviderJob, [JobRow])
    /// To wait for one that was handed over before.
    case collect(ProviderJob)
  }

  /// The most rows at a time that are in jobs or wait to be: they are held in memory.
  static let mostInJobs = 100_000
  /// The most jobs that are put together at a time, each in memory.
  private static let mostSubmitting = 2
  /// The least part of the rows, as the number that makes a whole of it, that is worth a job of its own.
  private static let leastPart = 4
  /// At most so many seconds before the time is over, and this share of it, jobs are called back: what they have not
  /// answered is sent one by one.
  private static let recall = (share: 0.05, seconds: 3_600.0)

  /// What to do next about jobs; `nil` when nothing is left, or the run is stopping.
  func nextJobWork() async -> JobWork? {
    while !isStopping {
      if let job = desk.unwatched.popLast() { return .collect(job) }
      if !isTimeOver, Course.now >= desk.nextLook {
        if !hasTimeForJobs { close(setup.jobTargets) }
        for target in desk.outbox.keys.sorted() {
          if let work = gather(target) { return work }
        }
      }
      if desk.rows.isEmpty,
        isTimeOver
          || desk.isEmpty && isDrained && waiting.count == 0 && unserved.isEmpty && returned.isEmpty
            && active.isEmpty
      {
        break
      }
      if isTimeOver || desk.isEmpty { wakeIdle() }
      await pause(0.1)
    }
    wakeIdle()
    return nil
  }

  /// Whether a job that begins now is answered in time, if its provider needs no longer than it says. An hour late is
  /// not too late to begin: jobs that do not end in time are called back.
  private var hasTimeForJobs: Bool {
    guard let deadline else { return false }
    return deadline - setup.options.clock() >= BatchOptions.jobWindow - Self.recall.seconds
  }

  /// Whether what jobs have not answered by now is to be sent one by one.
  var isTimeToRecall: Bool {
    guard let deadline, let within = setup.options.within, !setup.options.isBestEffort else { return false }
    return setup.options.clock() >= deadline - min(Self.recall.seconds, Self.recall.share * within)
  }

  /// Takes rows for a job at `target`, once there are enough of them or no more will come.
  private func gather(_ target: Int) -> JobWork? {
    guard let rows = desk.outbox[target], !rows.isEmpty else { return nil }
    let most = setup.options.jobSize
    guard desk.submitting < Self.mostSubmitting,
      rows.count >= most.rows || unclaimed == 0 || isDrained || isQueueEmpty || desk.count >= Self.mostInJobs
    else { return nil }
    desk.begun += 1
    guard let mark = BatchMark("\(store.worker)-\(desk.begun)") else { return nil }
    var room = moneyForJobs(rows, target)
    var bytes = 0
    var taken: [JobRow] = []
    var rest: [PlannedRow] = []
    for planned in rows {
      let size = planned.row.place.count
      guard taken.count < most.rows, bytes + size <= most.bytes || taken.isEmpty,
        let ceiling = try? setup.ceiling(planned.row, target: target, at: setup.options.now()),
        ceiling <= room
      else {
        rest.append(planned)
        continue
      }
      bytes += size
      room = room - ceiling
      taken.append(
        JobRow(
          planned: planned, target: target, name: String(taken.count),
          ordinal: (past[planned.row.line]?.lastOrdinal ?? 0) + 1, ceiling: ceiling))
    }
    // While others hold money that comes back, a job waits until it can be of some size.
    guard !taken.isEmpty, Self.leastPart * taken.count >= rows.count || active.isEmpty else {
      desk.nextLook = Course.now + setup.options.polling.lowerBound
      // Nothing will come back that could make room: they are too dear for this, if not for something cheaper.
      if isMoneyIdle { close([target]) }
      return nil
    }
    desk.outbox[target] = rest
    desk.submitting += 1
    for row in taken { take(row, into: mark) }
    return .submit(
      ProviderJob(
        mark: mark, offer: setup.targets[target].offer.id.description, names: taken.count, count: taken.count,
        sentAt: .now), taken)
  }

  /// Whether no money is held that may come back.
  private var isMoneyIdle: Bool {
    purse.held == .zero && waiting.count == 0 && active.isEmpty && (isAlone || purse.heldElsewhere == .zero)
  }

  /// What a job may hold: as large a part of the money that is left as its rows have in what is left to pay, for
  /// others cannot use it before the job has ended.
  private func moneyForJobs(_ rows: [PlannedRow], _ target: Int) -> Money {
    let inJobs = Double(rows.reduce(Int64(0)) { $0 + expectedCost($1, target).nanodollars })
    let inOthers = desk.outbox.reduce(0.0) { sum, box in
      box.key == target
        ? sum : sum + Double(box.value.reduce(Int64(0)) { $0 + expectedCost($1, box.key).nanodollars })
    }
    let live =
      Double(waiting.all.reduce(Int64(0)) { $0 + $1.cheapest(corrections) })
      + active.all.reduce(0.0) { sum, entry in
        setup.jobTargets.contains(entry.target)
          ? sum : sum + Double(expectedCost(entry.planned, entry.target).nanodollars)
      }
    let later = committedElsewhere * Double(unclaimed)
    let all = inJobs + inOthers + live + later
    guard all > inJobs else { return purse.available }
    return Money(nanodollars: Int64(Double(purse.available.nanodollars) * (inJobs / all) * (1 - 1e-12)))
  }

  private func take(_ row: JobRow, into mark: BatchMark) {
    let line = row.row.line
    committed -= row.planned.cheapest(corrections)
    charges[line] = past.removeValue(forKey: line)?.charge ?? .zero
    purse.hold(row.ceiling, for: store.key(row.row, row.ordinal).attempt)
    enter(row, into: mark)
  }

  private func enter(_ row: JobRow, into mark: BatchMark) {
    active.put(row.planned, at: row.target)
    active.holdMoney(row.row.line)
    desk.rows[mark, default: [:]][row.name] = row
  }

  // MARK: Jobs of earlier runs

  /// Has a row wait for the job that an attempt of it is in.
  ///
  /// - Returns: whether there is such a job, and this run can reach it.
  func join(_ attempt: RecordedAttempt, _ note: AttemptNote, of planned: PlannedRow) async throws -> Bool {
    guard let place = note.job, note.digest == planned.row.digest,
      let target = setup.targets.firstIndex(where: { $0.offer.id.description == note.offer }),
      setup.jobTargets.contains(target), let mark = BatchMark(place.mark)
    else { return false }
    if desk.known[mark] == nil, desk.missing.insert(mark).inserted {
      for job in try await store.jobs() { desk.known[job.mark] = job }
    }
    guard let job = desk.known[mark], job.offer == note.offer else { return false }
    if desk.rows[mark] == nil { desk.unwatched.append(job) }
    enter(
      JobRow(
        planned: planned, target: target, name: place.name, ordinal: attempt.key.attempt.ordinal,
        ceiling: attempt.ceiling), into: mark)
    return true
  }

  // MARK: In the course of a job

  /// The rows that wait for a job.
  func rows(of job: ProviderJob) -> [JobRow] {
    (desk.rows[job.mark] ?? [:]).values.sorted { $0.row.line < $1.row.line }
  }

  /// Reserves what a row of a job can cost at most.
  ///
  /// - Returns: whether it is held. If not the row is not in the job.
  func reserve(_ row: JobRow, in job: ProviderJob) async throws -> Bool {
    let offer = setup.targets[row.target].offer
    let note = AttemptNote(
      offer: job.offer, key: "", digest: row.row.digest, worker: store.worker,
      job: .init(mark: job.mark.description, name: row.name))
    switch try await store.reserve(row.ceiling, row.row, row.ordinal, at: offer, note: note) {
    case .held: return true
    case .refused:
      if let own = try await store.account() { purse.correct(spent: own.spent, held: own.held) }
      try await leave(row, job, message: "the budget does not cover it in a job")
    case .exists:
      // By somebody who has had this row before.
      try await leave(row, job, ordinal: row.ordinal, message: "it was worked on elsewhere")
    }
    return false
  }

  /// Has a row that was not handed over wait for the next job.
  ///
  /// - Parameter ordinal: of its last attempt, if one was made.
  func postpone(_ row: JobRow, _ job: ProviderJob, ordinal: Int? = nil) {
    forget(row, job)
    let line = row.row.line
    let charge = charges.removeValue(forKey: line) ?? .zero
    past[line] = Past(lastOrdinal: ordinal ?? row.ordinal - 1, charge: charge)
    committed += row.planned.cheapest(corrections)
    if desk.closed.contains(row.target) {
      replan(with: [row.planned])
    } else {
      desk.outbox[row.target, default: []].append(row.planned)
    }
    wakeIdle()
  }

  /// A job was put together and is with its provider, or is not to be.
  func handedOver() { desk.submitting -= 1 }

  /// Closes the attempt of a row whose job was not handed over, and has it wait for the next one.
  func handOverAnew(_ row: JobRow, _ job: ProviderJob) async throws {
    try await settle(row.row, row.ordinal, as: .notBilled, target: row.target)
    postpone(row, job, ordinal: row.ordinal)
  }

  /// Closes the attempt of a row that its job has not answered, and has the row sent by itself.
  ///
  /// - Parameter isFinal: whether the failure is the row's own, so that it ends the row if no other offer can serve it.
  func settle(
    _ row: JobRow, _ job: ProviderJob, as charge: Ledger.Charge, _ failure: AttemptFailure,
    isFinal: Bool = true
  ) async throws {
    count(failure.kind)
    try await settle(row.row, row.ordinal, as: charge, target: row.target)
    try await leave(
      row, job, ordinal: row.ordinal, kind: failure.kind, message: failure.message,
      isFinal: isFinal && !failure.kind.meaning.transient)
  }

  /// Keeps the answer that a job has brought.
  func answer(_ row: JobRow, _ job: ProviderJob, answer: BatchAnswer, charge: Ledger.Charge) async throws {
    let permit = BatchPermit(ordinal: row.ordinal, ceiling: row.ceiling, idempotencyKey: "")
    try await self.answer(
      row.planned, permit, target: row.target, answer: answer, charge: charge, sendings: row.ordinal)
    forget(row, job)
  }

  /// Takes a row out of its job and has it sent by itself, where some offer can serve it.
  ///
  /// - Parameter ordinal: of its last attempt, if one was made.
  func leave(
    _ row: JobRow, _ job: ProviderJob, ordinal: Int? = nil, kind: FailureClass? = nil, message: String,
    isFinal: Bool = false
  ) async throws {
    forget(row, job)
    let line = row.row.line
    let charge = charges.removeValue(forKey: line) ?? .zero
    let planned = row.planned.without(setup.jobTargets)
    guard planned.isServed else {
      endedSincePlan += 1
      return try await fail(
        row.row, code: kind?.rawValue ?? "unavailable", message: "\(job.offer): \(message)", cost: charge,
        attempts: ordinal ?? row.ordinal - 1, isFinal: isFinal)
    }
    past[line] = Past(lastOrdinal: ordinal ?? row.ordinal - 1, charge: charge)
    committed += planned.cheapest(corrections)
    returned.append(planned)
    wakeIdle()
  }

  /// Nothing is under way for a row in a job any more, whatever has become of it.
  private func forget(_ row: JobRow, _ job: ProviderJob) {
    purse.settle(store.key(row.row, row.ordinal).attempt, at: .zero)
    active.remove(row.row.line)
    desk.rows[job.mark]?[row.name] = nil
  }

  /// A job is over, or has not come about; those of its rows that are left to do are planned anew.
  func end(_ job: ProviderJob) {
    if desk.rows[job.mark]?.isEmpty ?? true {
      desk.rows[job.mark] = nil
    } else {
      // More rows of it have come up since it was looked through.
      desk.unwatched.append(job)
    }
    desk.nextLook = 0
    if !returned.isEmpty { replan() }
    wakeNext()
    wakeIdle()
  }

  /// Leaves a job with its provider: a later run collects it. What is held for it stays held.
  func abandon(_ job: ProviderJob, because reason: String?) {
    for row in rows(of: job) {
      purse.giveUp(store.key(row.row, row.ordinal).attempt)
      active.remove(row.row.line)
    }
    let count = desk.rows.removeValue(forKey: job.mark)?.count ?? 0
    desk.left.append(
      OpenProviderJob(offer: job.offer, id: job.id?.description, count: count, reason: reason))
    wakeNext()
    wakeIdle()
  }

  /// No further jobs are handed to `targets` in this run; what waits for one is sent by itself.
  func close(_ targets: Set<Int>) {
    guard !targets.isSubset(of: desk.closed) else { return }
    desk.closed.formUnion(targets)
    let rows = targets.sorted().flatMap { desk.outbox.removeValue(forKey: $0) ?? [] }
    sample = sample.map { $0.without(desk.closed) }
    replan(with: rows)
    wakeIdle()
  }

  // MARK: Those who wait for rows

  /// Waits until jobs have brought back rows, or there are none any more.
  func waitForJobs() async {
    await withCheckedContinuation { idle.append($0) }
  }

  func wakeIdle() {
    let all = idle
    idle = []
    for one in all { one.resume() }
  }
}
