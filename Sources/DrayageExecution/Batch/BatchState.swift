import Drayage
import DrayageCore

/// Where a batch stands: what is planned, what is under way, what it has cost. All decisions about money are
/// taken here, one at a time.
actor BatchState {
  /// A request to be worked on.
  struct Job {
    let row: Int
    /// Targets in the order in which to try them.
    let chain: [Int]
    /// The attempts of earlier runs.
    let earlierAttempts: Int
    /// An attempt of an earlier run whose fate is unknown, to be repeated at the first target of the chain
    /// under its own key.
    let orphan: JournalReplay.Orphan?
  }

  /// Leave to send an attempt.
  struct Permit {
    let attempt: AttemptID
    let idempotencyKey: String
  }

  /// The answer to who asks for leave.
  enum Leave {
    case given(Permit)
    /// Not affordable, or the run is stopping; or for the reason given.
    case refused(because: String?)
  }

  /// Why a request ended without an answer.
  struct Failure: Sendable {
    let code: String
    let message: String
    let cost: Money
    let attempts: Int
  }

  static let budgetName = "batch"
  /// Re-planned when this share of the rows has ended since the last plan.
  private static let replanShare = 0.05

  let setup: BatchSetup
  let run: String
  private let journal: Journal
  private var ledger: Ledger
  private(set) var plan: Plan
  private let firstPlan: Plan

  private var assignment: [Int]
  private var book: PriceBook
  /// The providers of the targets.
  private let domains: FailureDomains
  /// Rows to work on; those from ``nextWaiting`` are not begun.
  private var waiting: [Int]
  private var nextWaiting = 0
  private var endedSincePlan = 0
  private var replanned = 0
  /// What the cheapest target of each row is expected to cost.
  private var cheapest: [Int64]
  /// The sum of ``cheapest`` over the rows not begun.
  private var committed: Int64 = 0
  private var corrections: [CostCorrection]
  /// What the answers of this run say of their offers.
  private var observations = BatchObservations()

  /// The requests begun and not ended, and the target that each is at.
  private var active: [Int: Int] = [:]
  /// Those of them whose current attempt holds money.
  private var holding: Set<Int> = []
  private var attempts: [Int: Int] = [:]
  private var charges: [Int: Money] = [:]
  private var orphans: [Int: JournalReplay.Orphan] = [:]
  private var outputs: [Int: [UInt8]] = [:]
  private var failures: [Int: Failure] = [:]
  private var tally: BatchTally
  /// Requests that wait for money, first come first served: their tickets, and how to wake them.
  private var queue: [(ticket: Int, wake: CheckedContinuation<Void, Never>?)] = []
  private var tickets = 0
  private var isStopping = false

  /// - Parameter plan: the first plan: of all rows, also when resuming, so that a report compares like with
  ///   like.
  /// - Throws: ``BatchError`` if a finished row has been edited since;
  ///   ``InputError`` if the journal does not take the settlement of attempts that a crash left open.
  init(_ setup: BatchSetup, plan: Plan, journal: Journal, replay: JournalReplay, run: String) async throws {
    self.setup = setup
    self.journal = journal
    self.run = run
    var ledger = Ledger(limits: [Self.budgetName: setup.options.budget])
    ledger.charge(replay.spent, against: Self.budgetName)
    var restored: [Int: Int] = [:]
    corrections = Array(repeating: CostCorrection(), count: setup.targets.count)
    cheapest = Array(repeating: 0, count: setup.rows.count)
    tally = BatchTally(offers: setup.targets.map(\.offer.id.description))
    var waiting: [Int] = []
    for (i, row) in setup.rows.enumerated() {
      charges[i] = replay.charges[row.customID]
      attempts[i] = replay.attempts[row.customID]
      if let refused = replay.refused[row.customID] {
        guard refused.digest == row.digest else { throw BatchError.changed(row) }
        failures[i] = Failure(
          code: refused.code, message: refused.message, cost: charges[i] ?? .zero, attempts: attempts[i] ?? 0)
      } else if let done = replay.finished[row.customID] {
        guard done.digest == row.digest else { throw BatchError.changed(row) }
        outputs[i] = done.output
        let target = setup.targets.firstIndex { $0.offer.id.description == done.offer }
        restored[i] = target
        tally.answered(offer: target, score: done.score, charge: done.charge)
      } else {
        waiting.append(i)
      }
    }
    tally.resumed = setup.rows.count - waiting.count
    let rowOf = Dictionary(uniqueKeysWithValues: setup.rows.enumerated().map { ($1.customID, $0) })
    for orphan in replay.orphans.values.sorted(by: { $0.attempt.request < $1.attempt.request }) {
      ledger.restore(orphan.amount, for: orphan.attempt, against: [Self.budgetName])
      // A provider that heeds idempotency keys is asked the same again under the same one; elsewhere, or if
      // the request or its ceiling has changed, the attempt counts as billed in full.
      if let i = rowOf[orphan.attempt.request], outputs[i] == nil,
        let target = setup.targets.firstIndex(where: { $0.offer.id.description == orphan.offer }),
        setup.targets[target].isIdempotent, setup.estimates.eligible[target * setup.rows.count + i],
        orphan.digest == setup.rows[i].digest,
        orphan.amount == (try? setup.ceiling(row: i, target: target, at: .now))
      {
        orphans[i] = orphan
      } else {
        try await journal.append(.settle(orphan.attempt, charge: orphan.amount, failure: .cancelled))
        ledger.settle(orphan.attempt, as: .unknown)
        if let i = rowOf[orphan.attempt.request] { charges[i, default: .zero] += orphan.amount }
      }
    }
    self.ledger = ledger
    self.waiting = waiting
    (firstPlan, self.plan) = (plan, plan)
    assignment = plan.assignment
    for (row, target) in restored { assignment[row] = target }
    book = plan.priceBook
    domains = FailureDomains(setup.targets.map(\.offer.provider))
    orderWaiting()
    if !replay.finished.isEmpty || replay.spent > .zero { replan() }
  }

  // MARK: Work

  /// The next request to work on; `nil` when none is left or the run is stopping.
  func next() -> Job? {
    if Double(endedSincePlan) >= max(10, Self.replanShare * Double(setup.rows.count)) { replan() }
    guard !isStopping, nextWaiting < waiting.count else { return nil }
    let row = waiting[nextWaiting]
    nextWaiting += 1
    committed -= cheapest[row]
    let orphan = orphans[row]
    let first = orphan.flatMap { o in setup.targets.firstIndex { $0.offer.id.description == o.offer } }
    active[row] = first ?? assignment[row]
    return Job(
      row: row, chain: chain(row, first: first ?? assignment[row]), earlierAttempts: attempts[row] ?? 0,
      orphan: orphan)
  }

  /// The planned target first, then by score; targets of a provider not tried yet before its others.
  private func chain(_ row: Int, first: Int) -> [Int] {
    let n = setup.rows.count
    let estimates = setup.estimates
    let workload = estimates.workloadOf[row]
    let rest = setup.targets.indices
      .filter { $0 != first && estimates.eligible[$0 * n + row] }
      .map { (target: $0, score: score(row, $0, workload)) }
      .sorted { ($0.score, $0.target) < ($1.score, $1.target) }
      .map(\.target)
    return [first] + domains.ordered(rest, after: first)
  }

  private func score(_ row: Int, _ target: Int, _ workload: Int) -> Double {
    let at = target * setup.rows.count + row
    let estimates = setup.estimates
    let w = book.weights[workload * setup.targets.count + target]
    return w.cost * Double(estimates.cost[at]) * 1e-9 - w.quality * estimates.quality[at] + w.request
      + w.miss * (estimates.miss?[at] ?? 0)
  }

  private func cheapestCost(_ row: Int) -> Int64 {
    let n = setup.rows.count
    return setup.targets.indices.filter { setup.estimates.eligible[$0 * n + row] }
      .map { corrections[$0].applied(to: setup.estimates.cost[$0 * n + row]) }.min() ?? 0
  }

  /// Plans what is left with the money that is left, at what the offers have turned out to cost.
  private func replan() {
    endedSincePlan = 0
    let rows = Array(waiting[nextWaiting...])
    guard !rows.isEmpty, let account = ledger.accounts[Self.budgetName] else { return }
    replanned += 1
    let estimates = setup.estimates.selecting(rows: rows) { corrections[$0].applied(to: $1) }
    // Requests under way are expected to cost their estimates, not the ceilings held for them.
    let underWay = active.reduce(Money.zero) { $0 + expectedCost($1.key, $1.value) }
    let left = max(.zero, setup.options.budget - account.spent - underWay)
    var floor = setup.options.quality
    if let wanted = floor {
      let done = (0..<setup.rows.count).filter { outputs[$0] != nil }
      let reached = done.reduce(0.0) { $0 + setup.estimates.quality[assignment[$1] * setup.rows.count + $1] }
      floor = (wanted * Double(done.count + rows.count) - reached) / Double(rows.count)
    }
    for specification in [
      PlanSpecification(
        objective: setup.options.objective, budget: left, quality: floor, miss: setup.options.lateness?.share,
        timeLimit: 10, relativeGap: 1e-4),
      // If that cannot be had any more: the most for the money, then the cheapest.
      PlanSpecification(objective: .quality, budget: left, timeLimit: 10, relativeGap: 1e-4),
      PlanSpecification(objective: .cost, timeLimit: 10, relativeGap: 1e-4),
    ] {
      guard case .plan(let next)? = try? Planner().plan(estimates, specification) else { continue }
      plan = next
      book = next.priceBook
      for (at, row) in rows.enumerated() { assignment[row] = next.assignment[at] }
      break
    }
    orderWaiting()
  }

  /// The dearest requests go first: the ceilings held for them are large, and near the end of the money there
  /// would be no room. Before them go those that hold money from an earlier run, lest others wait for it in
  /// vain.
  private func orderWaiting() {
    let rows = waiting[nextWaiting...]
    for row in rows { cheapest[row] = cheapestCost(row) }
    committed = rows.reduce(0) { $0 + cheapest[$1] }
    let cost = Dictionary(
      uniqueKeysWithValues: rows.map {
        ($0, orphans[$0] == nil ? expectedCost($0, assignment[$0]) : .largest)
      })
    waiting.replaceSubrange(
      nextWaiting..., with: rows.sorted { (cost[$1] ?? .zero, $0) < (cost[$0] ?? .zero, $1) })
  }

  /// Waits for `seconds`, or until the run is stopping.
  func pause(_ seconds: Double) async {
    let end = ContinuousClock.now + .seconds(seconds)
    while !isStopping, ContinuousClock.now < end {
      try? await Task.sleep(for: min(.milliseconds(100), ContinuousClock.now.duration(to: end)))
      if Task.isCancelled { return }
    }
  }

  // MARK: Money

  /// Asks for leave to send an attempt; waits while money is held by others that may yet be given back.
  ///
  /// - Throws: ``InputError`` if the journal does not take it: then nothing may be sent.
  func permit(_ job: Job, target: Int, ordinal: Int, at instant: UTCInstant) async throws -> Leave {
    let row = setup.rows[job.row]
    let attempt = AttemptID(request: row.customID, ordinal: ordinal)
    active[job.row] = target
    let ceiling: Money
    do {
      ceiling = try setup.ceiling(row: job.row, target: target, at: instant)
    } catch {
      return .refused(because: error.description)
    }
    guard await waitForRoom(ceiling, job, target),
      case .held = ledger.reserve(ceiling, for: attempt, against: [Self.budgetName])
    else { return .refused(because: nil) }
    holding.insert(job.row)
    attempts[job.row] = ordinal
    wakeNext()
    let key = "\(run)-\(row.line)-\(ordinal)"
    do {
      try await journal.append(
        .reserve(
          attempt, digest: row.digest, offer: setup.targets[target].offer.id.description, amount: ceiling,
          key: key))
    } catch {
      isStopping = true
      throw error
    }
    return .given(Permit(attempt: attempt, idempotencyKey: key))
  }

  /// Returns once there is room for `ceiling`; `false` if there will be none.
  private func waitForRoom(_ ceiling: Money, _ job: Job, _ target: Int) async -> Bool {
    tickets += 1
    let ticket = tickets
    defer {
      if let at = queue.firstIndex(where: { $0.ticket == ticket }) {
        queue.remove(at: at)
        wakeNext()
      }
    }
    while !isStopping, let account = ledger.accounts[Self.budgetName] {
      let needed = ceiling + moneyOfOthers(job, target)
      let isFirst = queue.first.map { $0.ticket == ticket } ?? true
      // Whoever is not first waits for those before it, also when nothing is held.
      if isFirst, needed <= account.available { return true }
      if isFirst, account.held == .zero { return false }
      // Even if all that is held comes back but for what it is expected to cost, there would be no room.
      let underWay = holding.reduce(Money.zero) { $0 + expectedCost($1, active[$1] ?? assignment[$1]) }
      if needed > setup.options.budget - account.spent - underWay { return false }
      await withCheckedContinuation { wake in
        if let at = queue.firstIndex(where: { $0.ticket == ticket }) {
          queue[at].wake = wake
        } else {
          queue.append((ticket, wake))
        }
      }
    }
    return false
  }

  /// What an attempt must leave to the others: enough for the cheapest target of each request without money.
  /// Its own cheapest target need not: the others' claim is no better than its own.
  private func moneyOfOthers(_ job: Job, _ target: Int) -> Money {
    let own = expectedCost(job.row, target)
    if job.chain.allSatisfy({ own <= expectedCost(job.row, $0) }) { return .zero }
    let begun = active.keys.reduce(Int64(0)) {
      $1 == job.row || holding.contains($1) ? $0 : $0 + cheapest[$1]
    }
    return Money(nanodollars: committed + begun)
  }

  private func expectedCost(_ row: Int, _ target: Int) -> Money {
    Money(nanodollars: corrections[target].applied(to: setup.estimates.cost[target * setup.rows.count + row]))
  }

  /// Counts an attempt that brought no answer.
  func count(_ failure: FailureClass) { tally.failedAttempts[failure, default: 0] += 1 }

  /// Settles an attempt that brought no answer.
  func settle(_ attempt: AttemptID, row: Int, target: Int, charge: Ledger.Charge, failure: FailureClass)
    async throws
  {
    let amount = close(attempt, row: row, charge: charge)
    try await journal.append(.settle(attempt, charge: amount, failure: failure))
  }

  /// Settles the attempt that brought the answer.
  func answer(
    _ permit: Permit, row: Int, target: Int, answer: BatchAnswer, charge: Ledger.Charge, sendings: Int
  ) async throws {
    let amount = close(permit.attempt, row: row, charge: charge)
    if case .metered = charge {
      corrections[target].observe(
        estimated: setup.estimates.cost[target * setup.rows.count + row], billed: amount.nanodollars)
    }
    let offer = setup.targets[target].offer.id
    observations.record(
      answer, from: setup.targets[target].offer, workload: setup.rows[row].workload,
      estimate: setup.estimatedInput(row: row, model: setup.targets[target].offer.model), at: .now)
    assignment[row] = target
    let output = BatchLine.answered(
      setup.rows[row], run: run, answer: answer, offer: offer, cost: charges[row] ?? amount,
      attempts: sendings)
    tally.answered(offer: target, score: answer.score, charge: amount)
    endedSincePlan += 1
    active[row] = nil
    try await journal.append(
      .answer(
        permit.attempt, charge: amount, digest: setup.rows[row].digest, score: answer.score,
        offer: offer.description,
        output: output))
    outputs[row] = output
  }

  /// Gives a request up.
  ///
  /// - Parameter code: what it is called if nothing was sent.
  func fail(
    _ job: Job, reason: FailureClass?, code: String, message: String, sendings: Int
  ) async throws {
    let row = setup.rows[job.row]
    active[job.row] = nil
    wakeNext()
    if isStopping, reason == nil || reason == .cancelled { return }
    let failure = Failure(
      code: reason?.rawValue ?? code, message: message, cost: charges[job.row] ?? .zero,
      attempts: sendings)
    failures[job.row] = failure
    endedSincePlan += 1
    if let reason, !reason.meaning.transient {
      try await journal.append(
        .refuse(row.customID, digest: row.digest, code: failure.code, message: failure.message))
    }
  }

  private func close(_ attempt: AttemptID, row: Int, charge: Ledger.Charge) -> Money {
    holding.remove(row)
    defer { wakeNext() }
    switch ledger.settle(attempt, as: charge) {
    case .settled(let amount):
      charges[row, default: .zero] += amount
      return amount
    case .overrun(let amount, let excess):
      charges[row, default: .zero] += amount
      tally.overrun += excess
      return amount
    case .alreadySettled:
      return .zero
    }
  }

  /// Lets the request that has waited longest look again.
  private func wakeNext() {
    guard let wake = queue.first?.wake else { return }
    queue[0].wake = nil
    wake.resume()
  }

  /// Begins no further attempt; those under way end.
  func stop() {
    isStopping = true
    let wakes = queue.compactMap(\.wake)
    for at in queue.indices { queue[at].wake = nil }
    for wake in wakes { wake.resume() }
  }

  // MARK: Results

  var progress: BatchProgress {
    BatchProgress(
      total: setup.rows.count + setup.refused.count, answered: outputs.count,
      failed: failures.count + setup.refused.count, resumed: tally.resumed,
      spent: ledger.accounts[Self.budgetName]?.spent ?? .zero, budget: setup.options.budget)
  }

  /// One line for each row in the order of the file; a row that was not reached says so.
  func outputLines() -> [[UInt8]] {
    var refused = setup.refused[...]
    var lines: [[UInt8]] = []
    for i in setup.rows.indices {
      while let next = refused.first, next.line < setup.rows[i].line {
        lines.append(BatchLine.refused(next, run: run))
        refused = refused.dropFirst()
      }
      lines.append(outputLine(i))
    }
    return lines + refused.map { BatchLine.refused($0, run: run) }
  }

  private func outputLine(_ i: Int) -> [UInt8] {
    if let output = outputs[i] { return output }
    let failure =
      failures[i]
      ?? Failure(
        code: "not_reached",
        message: "the run was stopped before this request; run the same command to go on",
        cost: charges[i] ?? .zero, attempts: attempts[i] ?? 0)
    return line(setup.rows[i], failure)
  }

  private func line(_ row: BatchRow, _ failure: Failure) -> [UInt8] {
    BatchLine.failed(
      row, run: run, code: failure.code, message: failure.message, cost: failure.cost,
      attempts: failure.attempts)
  }

  func result() -> BatchResult {
    let answeredRows = setup.rows.indices.filter { outputs[$0] != nil }
    let n = setup.rows.count
    return BatchResult(
      progress: progress, tally: tally, plan: firstPlan, replanned: replanned,
      expectedQuality: answeredRows.isEmpty
        ? nil
        : answeredRows.reduce(0.0) { $0 + setup.estimates.quality[assignment[$1] * n + $1] }
          / Double(answeredRows.count),
      failures: (failures.map {
        (
          line: setup.rows[$0.key].line, id: setup.rows[$0.key].customID, code: $0.value.code,
          message: $0.value.message
        )
      } + setup.refused.map { (line: $0.line, id: $0.customID, code: $0.code, message: $0.message) })
      .sorted { $0.line < $1.line },
      wasStopped: isStopping, observations: observations)
  }
}
