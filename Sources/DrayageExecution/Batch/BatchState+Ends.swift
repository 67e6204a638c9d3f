import Drayage
import DrayageCore
import DrayageLedger

/// What attempts and rows come to.
extension BatchState {
  /// Counts an attempt that brought no answer.
  func count(_ failure: FailureClass) { failedAttempts[failure, default: 0] += 1 }

  /// Settles an attempt that brought no answer.
  ///
  /// - Parameter target: where it was sent; `nil` for one of an earlier run.
  /// - Returns: what it cost.
  @discardableResult
  func settle(
    _ row: BatchRow, _ ordinal: Int, as charge: Ledger.Charge, target: Int?
  ) async throws -> Money {
    let settlement = try await store.settle(row, ordinal, as: charge)
    return close(row, ordinal, settlement, target: target)
  }

  /// Settles the attempt that brought the answer, and keeps the answer.
  func answer(
    _ planned: PlannedRow, _ permit: BatchPermit, target: Int, answer: BatchAnswer, charge: Ledger.Charge,
    sendings: Int
  ) async throws {
    let (row, offer) = (planned.row, setup.targets[target].offer)
    let cell = planned.cells[target]
    let amount =
      switch charge {
      case .metered(let metered): max(.zero, metered)
      case .notBilled: Money.zero
      case .unknown: permit.ceiling
      }
    let total = (charges[row.line] ?? .zero) + amount
    let output = BatchLine.answered(
      row, run: store.batch.run, answer: answer, offer: offer.id, expected: cell.quality,
      cost: total,
      attempts: sendings)
    let outcome = JobOutcome(
      source: offer.id.description, charge: total, attempts: sendings, score: answer.score,
      expected: cell.quality, seconds: answer.latency, result: output)
    let (completion, settlement) = try await store.ledger.finish(
      row.jobID, in: store.batch.name, with: outcome,
      settling: JobSettlement(store.key(row, permit.ordinal), as: charge), at: .now)
    if let settlement { close(row, permit.ordinal, settlement, target: target) }
    if case .metered = charge {
      corrections[target].observe(estimated: cell.cost, billed: amount.nanodollars)
    }
    observations.record(
      answer, from: offer, workload: row.workload, estimate: setup.estimatedInput(row, target: target),
      isLive: !setup.jobTargets.contains(target), at: .now)
    if completion == .finished {
      answered += 1
      expected += cell.quality
    }
    end(row)
  }

  /// Gives a request up.
  ///
  /// - Parameter code: what it is called if nothing was sent.
  func fail(
    _ job: BatchJob, reason: FailureClass?, code: String, message: String, sendings: Int
  ) async throws {
    let row = job.row
    if isStopping, reason == nil || reason == .cancelled { return end(row) }
    try await fail(
      row, code: reason?.rawValue ?? code, message: message, cost: charges[row.line] ?? .zero,
      attempts: sendings, isFinal: reason.map { !$0.meaning.transient } ?? false)
    end(row)
  }

  func fail(
    _ row: BatchRow, code: String, message: String, cost: Money, attempts: Int, isFinal: Bool
  ) async throws {
    let output = BatchLine.failed(
      line: row.line, customID: row.customID, run: store.batch.run, code: code, message: message, cost: cost,
      attempts: attempts)
    let outcome = JobOutcome(
      code: code, charge: cost, attempts: attempts, result: output, isFinal: isFinal)
    let (completion, _) = try await store.ledger.finish(
      row.jobID, in: store.batch.name, with: outcome, settling: nil, at: .now)
    if completion == .finished { failed += 1 }
  }

  private func end(_ row: BatchRow) {
    endedSincePlan += 1
    active.remove(row.line)
    charges[row.line] = nil
    wakeNext()
  }

  @discardableResult
  private func close(
    _ row: BatchRow, _ ordinal: Int, _ settlement: Ledger.Settlement, target: Int?
  ) -> Money {
    active.releaseMoney(row.line)
    defer { wakeNext() }
    let charge: Money
    switch settlement {
    case .settled(let amount): charge = amount
    case .overrun(let amount, let excess):
      charge = amount
      overrun += excess
    case .alreadySettled: charge = .zero
    }
    purse.settle(store.key(row, ordinal).attempt, at: charge)
    if active.contains(row.line) { charges[row.line, default: .zero] += charge }
    let provider = target.map { setup.targets[$0].offer.provider }
    for at in parts.indices where parts[at].budget.scope.covers(workload: row.workload, provider: provider) {
      parts[at].spent += charge
    }
    return charge
  }
}
