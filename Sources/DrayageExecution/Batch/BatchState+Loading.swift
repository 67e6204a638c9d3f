import Drayage
import DrayageCore
import DrayageLedger

/// Rows from the queue, and what earlier runs have left of them.
extension BatchState {
  /// The fewest rows that are claimed at a time where other workers may want some.
  private static let smallestClaim = 16

  /// Claims more rows and plans them together with those that wait.
  func load() async throws {
    defer { loading = nil }
    do {
      let count =
        isAlone
        ? setup.options.window
        : max(Self.smallestClaim, min(setup.options.window, 2 * setup.options.inFlight))
      let claimed = try await store.claim(count)
      isQueueEmpty = claimed.isEmpty
      guard !claimed.isEmpty else { return try await drained() }
      let rows = claimed.compactMap { BatchRow($0.job) }
      unreadable += claimed.count - rows.count
      let planned = await Task.detached { [setup] in setup.planned(rows) }.value
      unclaimed = max(0, unclaimed - claimed.count)
      lastClaimed = max(lastClaimed, claimed.last?.job.ordinal ?? 0)
      var fresh: [PlannedRow] = []
      for row in planned {
        if row.isServed { fresh.append(row) } else { try await refuse(row.row) }
      }
      let attempts = Dictionary(
        claimed.map { ($0.job.ordinal, $0.attempts) }, uniquingKeysWith: { first, _ in first })
      var free: [PlannedRow] = []
      for row in fresh where try await !recall(attempts[row.row.line] ?? [], of: row) { free.append(row) }
      replan(with: free)
      // What was taken over holds money that others wait for.
      if waiting.hasUrgent { wakeNext() }
    } catch {
      failure = error
      stop()
      throw error
    }
  }

  /// Nothing is left to claim; where others work too, they may yet give rows back.
  private func drained() async throws {
    guard !isAlone else { return isDrained = true }
    let counts = try await store.ledger.counts(of: store.batch.name, at: .now)
    guard counts.waiting + counts.leased > active.count + setAside else { return isDrained = true }
    await pause(1)
  }

  /// Takes up what earlier runs have left of a row's attempts.
  ///
  /// - Returns: whether it is in a job, and so need not be sent.
  private func recall(_ attempts: [RecordedAttempt], of planned: PlannedRow) async throws -> Bool {
    guard !attempts.isEmpty else { return false }
    let row = planned.row
    var past = Past()
    var isInJob = false
    for attempt in attempts {
      past.lastOrdinal = max(past.lastOrdinal, attempt.key.attempt.ordinal)
      if let charge = attempt.charge {
        past.charge += charge
        continue
      }
      purse.take(attempt.ceiling, for: attempt.key.attempt)
      if !isInJob, let note = AttemptNote(attempt.payload), try await join(attempt, note, of: planned) {
        isInJob = true
        continue
      }
      // A provider that heeds idempotency keys is asked the same again under the same one; elsewhere, or if
      // the request or its ceiling has changed, the attempt counts as billed in full.
      if past.orphan == nil, let orphan = orphan(attempt, of: planned) {
        past.orphan = orphan
      } else {
        past.charge += try await settle(row, attempt.key.attempt.ordinal, as: .unknown, target: nil)
      }
    }
    if isInJob { charges[row.line] = past.charge } else { self.past[row.line] = past }
    return isInJob
  }

  private func orphan(_ attempt: RecordedAttempt, of planned: PlannedRow) -> BatchJob.Orphan? {
    guard let note = AttemptNote(attempt.payload), note.digest == planned.row.digest,
      let target = setup.targets.firstIndex(where: { $0.offer.id.description == note.offer }),
      note.job == nil, setup.targets[target].isIdempotent, planned.cells[target].isEligible,
      attempt.ceiling == (try? setup.ceiling(planned.row, target: target, at: setup.options.now()))
    else { return nil }
    return .init(
      ordinal: attempt.key.attempt.ordinal, ceiling: attempt.ceiling, target: target, key: note.key)
  }

  /// Gives up a row that no target is left for.
  func giveUp(_ planned: PlannedRow) async throws {
    let past = past.removeValue(forKey: planned.row.line) ?? Past()
    endedSincePlan += 1
    try await fail(
      planned.row, code: "unavailable", message: "the batch interface of its offer takes no jobs in this run",
      cost: past.charge, attempts: past.lastOrdinal, isFinal: false)
  }

  private func refuse(_ row: BatchRow) async throws {
    let refused = RefusedRow(
      line: row.line, customID: row.customID, reason: .noEligibleOffer(setup.explanation(of: row)))
    try await fail(
      row, code: refused.code, message: refused.message, cost: .zero, attempts: 0, isFinal: false)
  }
}
