import Drayage
import DrayageCore
import DrayageLedger

/// Where a batch stands: what is planned, what is under way, what it has cost. All decisions about money are
/// taken here, one at a time.
actor BatchState {
  /// Re-planned when this share of the rows has ended since the last plan.
  private static let replanShare = 0.05
  /// The fewest rows that are claimed at a time where other workers may want some.
  private static let smallestClaim = 16

  let setup: BatchSetup
  let store: BatchStore
  private let planning: BatchPlanning
  private let admission: Locked<Admission>
  /// When all is to be done, on the clock of the options.
  private let deadline: Double?
  /// Whether nobody else works on the batch.
  private let isAlone: Bool

  // What is to be done.

  /// Claimed and not begun.
  private var waiting: WaitingRows
  /// The orphans and earlier charges of the waiting rows.
  private var past: [Int: Past] = [:]
  private var sample: [PlannedRow]
  /// How many rows are neither claimed nor ended.
  private var unclaimed: Int
  private var lastClaimed = 0
  private var loading: Task<Void, any Error>?
  private var isDrained = false
  private(set) var isStopping = false

  // How it is to be done.

  private var book: PriceBook
  /// The providers of the targets.
  private let domains: FailureDomains
  private var corrections: [CostCorrection]
  private var endedSincePlan = 0
  private var replanned = 0
  /// What the cheapest targets of the waiting rows are expected to cost, together.
  private var committed: Int64 = 0
  /// The same of one that is not claimed.
  private var committedElsewhere = 0.0

  // Money.

  private var purse: BatchPurse
  /// What the parts have spent that have budgets of their own.
  private var partsSpent: [Money]
  /// The rows begun and not ended, and the target that each is at.
  private var active: [Int: (planned: PlannedRow, target: Int)] = [:]
  /// Those of them whose current attempt holds money.
  private var holding: Set<Int> = []
  /// What the attempts of the active rows have cost.
  private var charges: [Int: Money] = [:]
  /// Requests that wait for money, first come first served: their tickets, and how to wake them.
  private var queue: [(ticket: Int, wake: CheckedContinuation<Void, Never>?)] = []
  private var tickets = 0

  // What has come of it.

  private let total: Int
  private let resumed: Int
  private var answered: Int
  private var failed: Int
  /// The sum of what the answers were expected to be worth.
  private var expected: Double
  private var observations = BatchObservations()
  private var failedAttempts: [FailureClass: Int] = [:]
  private var overrun = Money.zero

  /// What a row brings from earlier runs.
  private struct Past {
    var lastOrdinal = 0
    var charge = Money.zero
    var orphan: BatchJob.Orphan?
  }

  /// What is known of a batch when a run begins.
  struct Start {
    let setup: BatchSetup
    let store: BatchStore
    let admission: Locked<Admission>
    let isAlone: Bool
    let sample: [PlannedRow]
    let plan: Plan
    let counts: JobCounts
    let tallies: [JobTally]
    let accounts: [BudgetAccount]
  }

  init(_ start: Start) {
    setup = start.setup
    store = start.store
    isAlone = start.isAlone
    planning = BatchPlanning(setup: start.setup)
    admission = start.admission
    deadline = start.setup.options.within.map { start.setup.options.clock() + $0 }
    waiting = WaitingRows(targets: start.setup.targets.count)
    sample = start.sample
    unclaimed = start.counts.waiting
    book = start.plan.priceBook
    domains = FailureDomains(start.setup.targets.map(\.offer.provider))
    let corrections = Array(repeating: CostCorrection(), count: start.setup.targets.count)
    self.corrections = corrections
    var purse = BatchPurse(limit: start.setup.options.budget)
    if let all = start.accounts.first { purse.correct(spent: all.spent, held: all.held) }
    self.purse = purse
    partsSpent = start.accounts.dropFirst().map(\.spent)
    total = start.counts.total
    resumed = start.counts.finished
    let answers = start.tallies.filter { $0.code == nil }
    answered = answers.reduce(0) { $0 + $1.count }
    failed = start.counts.finished + start.counts.parked - answered
    expected = answers.reduce(0) { $0 + $1.expected }
    committedElsewhere = Self.mean(
      start.sample.map { Double($0.cheapest(corrections)) })
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  // MARK: Work

  /// The next row to work on; `nil` when none is left, the time is over or the run is stopping.
  ///
  /// - Throws: ``LedgerStoreError`` if the store cannot hand out rows.
  func next() async throws -> BatchJob? {
    while !isStopping, !isTimeOver {
      if waiting.count < setup.options.inFlight { startLoading() }
      if waiting.count > 0 {
        if Double(endedSincePlan) >= max(10, Self.replanShare * Double(total)) { replan() }
        switch take() {
        case .now(let planned, let target, let place): return begin(planned, target, place)
        case .later(let seconds): await pause(seconds)
        }
        continue
      }
      guard let loading else { return nil }
      try await loading.value
    }
    return nil
  }

  private func startLoading() {
    if !isDrained, loading == nil { loading = Task { try await load() } }
  }

  /// Whether what is not begun is too late.
  private var isTimeOver: Bool {
    deadline.map { !setup.options.isBestEffort && setup.options.clock() >= $0 } ?? false
  }

  private enum Turn {
    /// With the target that it is planned for and a place there; without, where others have to decide.
    case now(PlannedRow, target: Int? = nil, place: Admission.Pass? = nil)
    /// All targets that rows wait for are full for so many seconds.
    case later(Double)
  }

  /// The longest wait for a target that rows are held back for. Later than that they are begun all the same, and wait
  /// there, or go elsewhere.
  private static let longestHold = 1.0

  /// The row to begin: the dearest of those whose targets have room.
  private func take() -> Turn {
    if let planned = waiting.popUrgent() { return .now(planned) }
    var soonest = Double.infinity
    for target in waiting.targets {
      guard let next = waiting.peek(target) else { continue }
      let cell = next.cells[target]
      // Taken at once, lest many see the same place.
      let answer = admission.withLock {
        $0.admit(target, input: cell.expectedInput, output: cell.expectedOutput, as: .first, at: Course.now)
      }
      switch answer {
      case .admitted(let place):
        _ = waiting.pop(target)
        return .now(next, target: target, place: place)
      case .unavailable(let seconds, _): soonest = min(soonest, seconds ?? .infinity)
      case .retryRefused: continue
      }
    }
    if soonest <= Self.longestHold { return .later(max(soonest, 0.001)) }
    guard let target = waiting.targets.first, let planned = waiting.pop(target) else { return .later(0.001) }
    return .now(planned, target: target)
  }

  private func begin(_ planned: PlannedRow, _ target: Int?, _ place: Admission.Pass?) -> BatchJob {
    let line = planned.row.line
    committed -= planned.cheapest(corrections)
    let past = past.removeValue(forKey: line) ?? Past()
    let first = past.orphan?.target ?? target ?? planned.cheapestTarget(corrections) ?? 0
    active[line] = (planned, first)
    charges[line] = past.charge
    return BatchJob(
      planned: planned, chain: chain(planned, first: first), lastOrdinal: past.lastOrdinal,
      earlierCharge: past.charge, place: place, orphan: past.orphan)
  }

  /// Claims more rows and plans them together with those that wait.
  private func load() async throws {
    defer { loading = nil }
    do {
      let count =
        isAlone
        ? setup.options.window
        : max(Self.smallestClaim, min(setup.options.window, 2 * setup.options.inFlight))
      let claimed = try await store.claim(count)
      guard !claimed.isEmpty else { return try await drained() }
      let rows = claimed.compactMap { BatchRow($0.job) }
      let planned = await Task.detached { [setup] in setup.planned(rows) }.value
      unclaimed = max(0, unclaimed - claimed.count)
      lastClaimed = max(lastClaimed, claimed.last?.job.ordinal ?? 0)
      var fresh: [PlannedRow] = []
      for row in planned {
        if row.isServed { fresh.append(row) } else { try await refuse(row.row) }
      }
      let attempts = Dictionary(
        claimed.map { ($0.job.ordinal, $0.attempts) }, uniquingKeysWith: { first, _ in first })
      for row in fresh { try await recall(attempts[row.row.line] ?? [], of: row) }
      replan(with: fresh)
      // What was taken over holds money that others wait for.
      if waiting.hasUrgent { wakeNext() }
    } catch {
      isStopping = true
      throw error
    }
  }

  /// Nothing is left to claim; where others work too, they may yet give rows back.
  private func drained() async throws {
    guard !isAlone else { return isDrained = true }
    let counts = try await store.ledger.counts(of: store.batch.name, at: .now)
    guard counts.waiting + counts.leased > active.count else { return isDrained = true }
    await pause(1)
  }

  /// Takes up what earlier runs have left of a row's attempts.
  private func recall(_ attempts: [RecordedAttempt], of planned: PlannedRow) async throws {
    guard !attempts.isEmpty else { return }
    let row = planned.row
    var past = Past()
    for attempt in attempts {
      past.lastOrdinal = max(past.lastOrdinal, attempt.key.attempt.ordinal)
      if let charge = attempt.charge {
        past.charge += charge
        continue
      }
      purse.take(attempt.ceiling, for: attempt.key.attempt)
      // A provider that heeds idempotency keys is asked the same again under the same one; elsewhere, or if
      // the request or its ceiling has changed, the attempt counts as billed in full.
      if past.orphan == nil, let orphan = orphan(attempt, of: planned) {
        past.orphan = orphan
      } else {
        past.charge += try await settle(row, attempt.key.attempt.ordinal, as: .unknown, target: nil)
      }
    }
    self.past[row.line] = past
  }

  private func orphan(_ attempt: RecordedAttempt, of planned: PlannedRow) -> BatchJob.Orphan? {
    guard let note = AttemptNote(attempt.payload), note.digest == planned.row.digest,
      let target = setup.targets.firstIndex(where: { $0.offer.id.description == note.offer }),
      setup.targets[target].isIdempotent, planned.cells[target].isEligible,
      attempt.ceiling == (try? setup.ceiling(planned.row, target: target, at: .now))
    else { return nil }
    return .init(
      ordinal: attempt.key.attempt.ordinal, ceiling: attempt.ceiling, target: target, key: note.key)
  }

  /// The planned target first, then by score; targets of a provider not tried yet before its others.
  private func chain(_ planned: PlannedRow, first: Int) -> [Int] {
    let workload = book.position(ofWorkload: planned.row.workload)
    let rest = setup.targets.indices
      .filter { $0 != first && planned.cells[$0].isEligible }
      .map { (target: $0, score: score(planned.cells[$0], $0, workload)) }
      .sorted { ($0.score, $0.target) < ($1.score, $1.target) }
      .map(\.target)
    return [first] + domains.ordered(rest, after: first)
  }

  private func score(_ cell: PlannedRow.Cell, _ target: Int, _ workload: Int) -> Double {
    let w = book.weights[workload * setup.targets.count + target]
    return w.cost * Double(cell.cost) * 1e-9 - w.quality * cell.quality + w.request + w.miss * cell.miss
      + w.inputToken * cell.inputTokens + w.outputToken * (cell.tokens - cell.inputTokens)
  }

  /// Plans what is left with the money and the time that are left, at what the offers have turned out to cost.
  private func replan(with fresh: [PlannedRow] = []) {
    endedSincePlan = 0
    let rows = waiting.all + fresh
    guard !rows.isEmpty else { return }
    replanned += 1
    let later = sample.filter { $0.row.line > lastClaimed }
    let others = later.isEmpty ? 0 : Double(unclaimed)
    let work = BatchPlanning.Work(
      rows: rows, sample: others > 0 ? later : [], others: others, corrections: corrections)
    let plan = planning.next(work, goals(planning: Double(rows.count) + others))
    if let plan { book = plan.priceBook }
    committed = rows.reduce(0) { $0 + $1.cheapest(corrections) }
    committedElsewhere = Self.mean(later.map { Double($0.cheapest(corrections)) })
    // The dearest requests go first: the ceilings held for them are large, and near the end of the money there
    // would be no room. Before them go those that hold money from an earlier run, lest others wait for it in vain.
    var next = WaitingRows(targets: setup.targets.count)
    for (at, planned) in rows.enumerated() {
      let target = plan?.assignment[at] ?? planned.cheapestTarget(corrections) ?? 0
      if past[planned.row.line]?.orphan != nil {
        next.add(urgent: planned)
      } else {
        next.add(planned, at: target, cost: expectedCost(planned, target))
      }
    }
    next.sort()
    waiting = next
  }

  /// What is left to spend and to reach, for so many rows.
  private func goals(planning count: Double) -> BatchPlanning.Goals {
    let options = setup.options
    // Requests under way are expected to cost their estimates, not the ceilings held for them.
    func underWay(_ isCounted: (PlannedRow, Int) -> Bool) -> Money {
      active.values.reduce(Money.zero) {
        isCounted($1.planned, $1.target) ? $0 + expectedCost($1.planned, $1.target) : $0
      }
    }
    func left(_ limit: Money, _ spent: Money, _ underWay: Money) -> Money {
      spent < limit ? max(.zero, limit - spent - underWay) : .zero
    }
    let parts = zip(options.budgets, partsSpent).map { budget, spent in
      left(
        budget.limit, spent,
        underWay { planned, target in
          budget.scope.covers(workload: planned.row.workload, provider: setup.targets[target].offer.provider)
        })
    }
    let floor = options.quality.map { wanted in
      (wanted * (Double(answered) + count) - expected) / max(count, 1)
    }
    return .init(
      budget: left(options.budget, purse.used + purse.heldElsewhere, underWay { _, _ in true }),
      budgets: parts, quality: floor,
      workloadQuality: options.workloadQuality)
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
  /// - Parameter beforeWaiting: called before it waits for money, if it has to.
  /// - Throws: ``LedgerStoreError`` if the ledger does not answer: then nothing may be sent.
  func permit(
    _ job: BatchJob, target: Int, ordinal first: Int, at instant: UTCInstant,
    beforeWaiting: @Sendable () -> Void
  ) async throws -> BatchLeave {
    let row = job.row
    active[row.line] = (job.planned, target)
    let ceiling: Money
    do {
      ceiling = try setup.ceiling(row, target: target, at: instant)
    } catch {
      return .refused(because: error.description)
    }
    var ordinal = first
    var wait = 0.05
    while true {
      switch await waitForRoom(ceiling, job, target, beforeWaiting) {
      case .room: break
      case .none: return .refused(because: nil)
      case .postponed: return .postponed
      }
      let attempt = store.key(row, ordinal).attempt
      purse.hold(ceiling, for: attempt)
      holding.insert(row.line)
      wakeNext()
      let offer = setup.targets[target].offer
      let key = "\(store.batch.run)-\(row.line)-\(ordinal)"
      let answer: ReservationAnswer
      do {
        answer = try await store.reserve(
          ceiling, row, ordinal, at: offer,
          note: AttemptNote(offer: offer.id.description, key: key, digest: row.digest))
      } catch {
        isStopping = true
        throw error
      }
      if answer == .held {
        return .given(BatchPermit(ordinal: ordinal, ceiling: ceiling, idempotencyKey: key))
      }
      purse.settle(attempt, at: .zero)
      holding.remove(row.line)
      wakeNext()
      switch answer {
      case .held: break
      case .exists:
        // By somebody who has had this row before.
        ordinal += 1
      case .refused(let budget, let available, _):
        // Others have been faster, or a budget besides this batch's own is used up.
        let accounts = try await store.ledger.accounts(at: .now)
        if let own = accounts.first(where: { $0.budget.name == store.budgetName }) {
          purse.correct(spent: own.spent, held: own.held)
        }
        let isHeld = accounts.contains { $0.budget.name == budget && $0.held > .zero }
        guard isHeld, !isStopping else {
          return .refused(because: "the budget '\(budget)' has \(available) left, and \(ceiling) is needed")
        }
        beforeWaiting()
        await pause(wait)
        wait = min(2 * wait, 1)
      }
    }
  }

  private enum Room {
    case room
    /// There will be none.
    case none
    /// Not before rows have been begun that wait to be.
    case postponed
  }

  /// Gives back a row that was begun and has nothing under way.
  ///
  /// - Parameter lastOrdinal: the highest ordinal of its attempts.
  func putBack(_ job: BatchJob, lastOrdinal: Int) {
    let line = job.row.line
    past[line] = Past(lastOrdinal: lastOrdinal, charge: charges[line] ?? .zero)
    active[line] = nil
    charges[line] = nil
    committed += job.planned.cheapest(corrections)
    let target = job.chain[0]
    waiting.add(job.planned, at: target, cost: expectedCost(job.planned, target))
    waiting.sort()
    wakeNext()
  }

  /// Returns once there is room for `ceiling`, or there will be none.
  private func waitForRoom(
    _ ceiling: Money, _ job: BatchJob, _ target: Int, _ beforeWaiting: @Sendable () -> Void
  ) async -> Room {
    tickets += 1
    let ticket = tickets
    defer {
      if let at = queue.firstIndex(where: { $0.ticket == ticket }) {
        queue.remove(at: at)
        wakeNext()
      }
    }
    while !isStopping {
      let needed = ceiling + moneyOfOthers(job, target)
      let isFirst = queue.first.map { $0.ticket == ticket } ?? true
      // Whoever is not first waits for those before it, also when nothing is held.
      if isFirst, needed <= purse.available { return .room }
      let isIdle = isFirst && purse.held == .zero
      if isIdle, isAlone || purse.heldElsewhere == .zero { return .none }
      // Even if all that is held comes back but for what it is expected to cost, there would be no room.
      let underWay = holding.reduce(Money.zero) { sum, line in
        active[line].map { sum + expectedCost($0.planned, $0.target) } ?? sum
      }
      if purse.used >= purse.limit || needed > purse.limit - purse.used - underWay { return .none }
      // They hold money themselves, and somebody has to begin them.
      if waiting.hasUrgent { return .postponed }
      beforeWaiting()
      if isIdle {
        // What others hold may yet come back, or be taken over from one that is gone.
        await pause(0.5)
        try? await refresh()
        startLoading()
        continue
      }
      await withCheckedContinuation { wake in
        if let at = queue.firstIndex(where: { $0.ticket == ticket }) {
          queue[at].wake = wake
        } else {
          queue.append((ticket, wake))
        }
      }
    }
    return .none
  }

  /// What an attempt must leave to the others: enough for the cheapest target of each request without money.
  /// Its own cheapest target need not: the others' claim is no better than its own.
  private func moneyOfOthers(_ job: BatchJob, _ target: Int) -> Money {
    let own = expectedCost(job.planned, target)
    if job.chain.allSatisfy({ own <= expectedCost(job.planned, $0) }) { return .zero }
    let begun = active.reduce(Int64(0)) { sum, entry in
      entry.key == job.row.line || holding.contains(entry.key)
        ? sum : sum + entry.value.planned.cheapest(corrections)
    }
    let elsewhere = Int64(exactly: (committedElsewhere * Double(unclaimed)).rounded(.up)) ?? .max / 4
    return Money(nanodollars: committed + begun + min(elsewhere, .max / 4))
  }

  private func expectedCost(_ planned: PlannedRow, _ target: Int) -> Money {
    Money(nanodollars: corrections[target].applied(to: planned.cells[target].cost))
  }

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
    _ job: BatchJob, _ permit: BatchPermit, target: Int, answer: BatchAnswer, charge: Ledger.Charge,
    sendings: Int
  ) async throws {
    let (row, offer) = (job.row, setup.targets[target].offer)
    let cell = job.planned.cells[target]
    let amount =
      switch charge {
      case .metered(let metered): max(.zero, metered)
      case .notBilled: Money.zero
      case .unknown: permit.ceiling
      }
    let output = BatchLine.answered(
      row, run: store.batch.run, answer: answer, offer: offer.id, cost: (charges[row.line] ?? .zero) + amount,
      attempts: sendings)
    let outcome = JobOutcome(
      source: offer.id.description, charge: amount, attempts: sendings, score: answer.score,
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
      at: .now)
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

  private func refuse(_ row: BatchRow) async throws {
    let refused = RefusedRow(
      line: row.line, customID: row.customID, reason: .noEligibleOffer(setup.explanation(of: row)))
    try await fail(
      row, code: refused.code, message: refused.message, cost: .zero, attempts: 0, isFinal: false)
  }

  private func fail(
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
    active[row.line] = nil
    charges[row.line] = nil
    wakeNext()
  }

  @discardableResult
  private func close(
    _ row: BatchRow, _ ordinal: Int, _ settlement: Ledger.Settlement, target: Int?
  ) -> Money {
    holding.remove(row.line)
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
    if active[row.line] != nil { charges[row.line, default: .zero] += charge }
    for (at, budget) in setup.options.budgets.enumerated() where partsSpent.indices.contains(at) {
      let provider = target.map { setup.targets[$0].offer.provider }
      if budget.scope.covers(workload: row.workload, provider: provider) { partsSpent[at] += charge }
    }
    return charge
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

  /// Takes over what the ledger says of all workers together.
  func refresh() async throws {
    guard !isAlone else { return }
    let accounts = try await store.accounts(setup.options)
    if let all = accounts.first { purse.correct(spent: all.spent, held: all.held) }
    for (at, account) in accounts.dropFirst().enumerated() where partsSpent.indices.contains(at) {
      partsSpent[at] = account.spent
    }
    let counts = try await store.ledger.counts(of: store.batch.name, at: .now)
    unclaimed = max(0, counts.waiting + counts.leased - waiting.count - active.count)
    // What others have ended is taken for answered until the end, when it is looked at.
    answered = max(answered, counts.finished + counts.parked - failed)
    wakeNext()
  }

  // MARK: Results

  var progress: BatchProgress {
    BatchProgress(
      total: total, answered: answered, failed: failed, resumed: resumed, spent: purse.used,
      budget: setup.options.budget)
  }

  /// What this run alone has seen.
  var course: BatchCourse {
    BatchCourse(
      resumed: resumed, replanned: replanned, failedAttempts: failedAttempts, overrun: overrun,
      wasStopped: isStopping, wasLate: isTimeOver && active.isEmpty && answered + failed < total,
      observations: observations)
  }
}

extension PlannedRow {
  /// Whether some target can serve it.
  var isServed: Bool { cells.contains(where: \.isEligible) }

  /// What its cheapest target is expected to cost, in nano-dollars.
  func cheapest(_ corrections: [CostCorrection]) -> Int64 {
    cells.indices.filter { cells[$0].isEligible }.map { corrections[$0].applied(to: cells[$0].cost) }.min()
      ?? 0
  }

  /// The target that is expected to cost the least.
  func cheapestTarget(_ corrections: [CostCorrection]) -> Int? {
    cells.indices.filter { cells[$0].isEligible }
      .min { corrections[$0].applied(to: cells[$0].cost) < corrections[$1].applied(to: cells[$1].cost) }
  }
}

extension PlanSpecification.Scope {
  /// Whether a budget of this scope covers an attempt.
  func covers(workload: String, provider: String?) -> Bool {
    switch self {
    case .workload(let name): name == workload
    case .provider(let name): name == provider
    }
  }
}
