import Drayage
import DrayageCore
import DrayageLedger

/// Where a batch stands: what is planned, what is under way, what it has cost. All decisions about money are
/// taken here, one at a time.
actor BatchState {
  /// Re-planned when so many have ended since the last plan, as a share of those left: near the end each plan has less
  /// to make good what the one before took wrongly.
  private static let replanShare = 0.05

  let setup: BatchSetup
  let store: BatchStore
  let planning: BatchPlanning
  let admission: Locked<Admission>
  /// When all is to be done, on the clock of the options.
  let deadline: Double?
  /// Whether nobody else works on the batch.
  let isAlone: Bool

  // What is to be done.

  /// Claimed and not begun.
  var waiting: WaitingRows
  /// The orphans and earlier charges of the waiting rows.
  var past: [Int: Past] = [:]
  var sample: [PlannedRow]
  /// How many rows are neither claimed nor ended.
  var unclaimed: Int
  var lastClaimed = 0
  var loading: Task<Void, any Error>?
  var isDrained = false
  var isStopping = false

  /// Rows to be planned with the next plan: those that jobs have not answered, and all if prices have changed.
  var returned: [PlannedRow] = []
  /// Rows that no target is left for.
  var unserved: [PlannedRow] = []
  /// Whether the last look into the queue found nothing to claim.
  var isQueueEmpty = false
  /// Claimed rows that this version cannot read.
  var unreadable = 0
  /// What has kept rows from being loaded.
  var failure: (any Error)?

  // How it is to be done.

  var book: PriceBook
  /// The constraints of the last plan, with their prices: the next one's will not be far.
  var constraints: [Plan.Row]
  var prices: BatchPrices
  /// The providers of the targets.
  let domains: FailureDomains
  var corrections: [CostCorrection]
  var endedSincePlan = 0
  var replanned = 0
  /// What the cheapest targets of the waiting rows are expected to cost, together.
  var committed: Int64 = 0
  /// The same of one that is not claimed.
  var committedElsewhere = 0.0

  // Money.

  /// What the last plan leaves of the budget.
  var margin: Money
  var purse: BatchPurse
  /// The budgets besides that of the whole batch.
  var parts: [BatchPart]
  /// The rows begun and not ended.
  var active: RowsUnderWay
  /// What the attempts of the active rows have cost.
  var charges: [Int: Money] = [:]
  /// Requests that wait for money, first come first served: their tickets, and how to wake them.
  var queue: [(ticket: Int, wake: CheckedContinuation<Void, Never>?)] = []
  var tickets = 0

  // What has come of it.

  /// What is with the batch interfaces of providers, or is to go there.
  var desk = JobDesk()
  /// Those who wait for rows that jobs may bring back.
  var idle: [CheckedContinuation<Void, Never>] = []
  /// Whether the batch was cancelled, jobs included.
  var isCancelled = false

  let total: Int
  let resumed: Int
  var answered: Int
  var failed: Int
  /// The sum of what the answers were expected to be worth.
  var expected: Double
  var observations = Observations()
  var failedAttempts: [FailureClass: Int] = [:]
  var overrun = Money.zero

  /// What a row brings from earlier runs.
  struct Past {
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
    /// The prices of then are the plan's.
    let pricedAt: UTCInstant
    let counts: JobCounts
    let tallies: [JobTally]
    /// The batch's own.
    let account: BudgetAccount?
    let parts: [BatchPart]
  }

  init(_ start: Start) {
    setup = start.setup
    store = start.store
    isAlone = start.isAlone
    planning = BatchPlanning(setup: start.setup)
    admission = start.admission
    deadline = start.setup.options.within.map { start.setup.options.clock() + $0 }
    waiting = WaitingRows(targets: start.setup.targets.count)
    active = RowsUnderWay(targets: start.setup.targets.count)
    sample = start.sample
    unclaimed = start.counts.waiting
    book = start.plan.priceBook
    constraints = start.plan.rows
    prices = BatchPrices(of: setup.targets.map(\.offer), at: start.pricedAt)
    margin = start.setup.margin.amount(for: start.plan, [])
    domains = FailureDomains(start.setup.targets.map(\.offer.provider))
    let corrections = Array(repeating: CostCorrection(), count: start.setup.targets.count)
    self.corrections = corrections
    var purse = BatchPurse(limit: start.setup.options.budget)
    if let all = start.account { purse.correct(spent: all.spent, held: all.held) }
    self.purse = purse
    parts = start.parts
    total = start.counts.total
    resumed = start.counts.finished
    (answered, failed, expected) = Self.ended(start.tallies, start.counts)
    committedElsewhere = Self.mean(
      start.sample.map { Double($0.cheapest(corrections)) })
  }

  /// The rows that were answered, those that were not, and what the answers were expected to be worth.
  static func ended(_ tallies: [JobTally], _ counts: JobCounts) -> (
    answered: Int, failed: Int, expected: Double
  ) {
    let answers = tallies.filter { $0.code == nil }
    let answered = answers.reduce(0) { $0 + $1.count }
    // Copies end when their originals have.
    let copies = tallies.reduce(0) { $1.code == BatchCopies.code ? $0 + $1.count : $0 }
    return (
      answered, counts.finished + counts.parked - answered - copies, answers.reduce(0) { $0 + $1.expected }
    )
  }

  static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  // MARK: Work

  /// The next row to work on; `nil` when none is left, the time is over or the run is stopping.
  ///
  /// - Throws: ``LedgerStoreError`` if the store cannot hand out rows.
  func next() async throws -> BatchJob? {
    while !isStopping, !isTimeOver {
      while let row = unserved.popLast() { try await giveUp(row) }
      if waiting.count < setup.options.inFlight, desk.count < Self.mostInJobs { startLoading() }
      takeNewPrices()
      if waiting.count == 0, !returned.isEmpty { replan() }
      if waiting.count > 0 {
        if Double(endedSincePlan) >= max(10, Self.replanShare * Double(waiting.count + unclaimed)) {
          replan()
        }
        switch take() {
        case .now(let planned, let target, let place): return begin(planned, target, place)
        case .later(let seconds): await pause(seconds)
        }
        continue
      }
      if let loading {
        try await loading.value
      } else if desk.isEmpty {
        return nil
      } else {
        await waitForJobs()
      }
    }
    if let failure { throw failure }
    return nil
  }

  /// Waits for rows that are being claimed.
  func endLoading() async { _ = try? await loading?.value }

  /// Rows of this worker that it does nothing about.
  var setAside: Int { desk.waiting + desk.left.reduce(returned.count) { $0 + $1.count } + unreadable }

  func startLoading() {
    if !isDrained, loading == nil { loading = Task { try await load() } }
  }

  /// Whether what is not begun is too late.
  var isTimeOver: Bool {
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
    let targets = waiting.targets(paced: deadline != nil)
    for target in targets {
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
    guard let target = targets.first, let planned = waiting.pop(target) else { return .later(0.001) }
    return .now(planned, target: target)
  }

  private func begin(_ planned: PlannedRow, _ target: Int?, _ place: Admission.Pass?) -> BatchJob {
    let line = planned.row.line
    committed -= planned.cheapest(corrections)
    let past = past.removeValue(forKey: line) ?? Past()
    let first = past.orphan?.target ?? target ?? planned.cheapestTarget(corrections) ?? 0
    active.put(planned, at: first)
    charges[line] = past.charge
    return BatchJob(
      planned: planned, chain: chain(planned, first: first), lastOrdinal: past.lastOrdinal,
      place: place, orphan: past.orphan)
  }

  /// Waits for `seconds`, or until the run is stopping.
  func pause(_ seconds: Double) async {
    let end = ContinuousClock.now + .seconds(seconds)
    while !isStopping, ContinuousClock.now < end {
      try? await Task.sleep(for: min(.milliseconds(100), ContinuousClock.now.duration(to: end)))
      if Task.isCancelled { return }
    }
  }

  /// Stops, and has the jobs at providers end early.
  func cancel() {
    isCancelled = true
    stop()
  }

  /// Begins no further attempt; those under way end.
  func stop() {
    isStopping = true
    let wakes = queue.compactMap(\.wake)
    for at in queue.indices { queue[at].wake = nil }
    for wake in wakes { wake.resume() }
    wakeIdle()
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
      openJobs: desk.left, observations: observations)
  }
}
