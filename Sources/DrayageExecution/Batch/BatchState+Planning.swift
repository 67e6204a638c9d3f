import Drayage
import DrayageCore

/// Which offer each row goes to, with what is left.
extension BatchState {
  /// The planned target first, then by score; targets of a provider not tried yet before its others.
  func chain(_ planned: PlannedRow, first: Int) -> [Int] {
    let workload = book.position(ofWorkload: planned.row.workload)
    let rest = setup.targets.indices
      .filter { $0 != first && planned.cells[$0].isEligible && !setup.jobTargets.contains($0) }
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
  func replan(with fresh: [PlannedRow] = []) {
    endedSincePlan = 0
    returned += fresh
    takeNewPrices()
    let all = (waiting.all + returned).map { desk.closed.isEmpty ? $0 : $0.without(desk.closed) }
    returned = []
    let rows = all.filter(\.isServed)
    unserved += all.filter { !$0.isServed }
    let boxed = desk.outbox.values.joined().reduce(0) { $0 + $1.cheapest(corrections) }
    guard !rows.isEmpty else {
      if !unserved.isEmpty { waiting = WaitingRows(targets: setup.targets.count) }
      return
    }
    replanned += 1
    let later = sample.filter { $0.row.line > lastClaimed }
    let others = later.isEmpty ? 0 : Double(unclaimed)
    let work = BatchPlanning.Work(
      rows: rows, sample: others > 0 ? later : [], others: others, corrections: corrections)
    let plan = planning.next(
      work, goals(planning: Double(rows.count) + others, leaving: margin + lastCeiling(rows)),
      startingAt: constraints)
    if let plan {
      (book, constraints) = (plan.priceBook, plan.rows)
      margin = setup.margin.amount(for: plan, corrections)
    }
    committed = rows.reduce(boxed) { $0 + $1.cheapest(corrections) }
    committedElsewhere = Self.mean(later.map { Double($0.cheapest(corrections)) })
    // The dearest requests go first: the ceilings held for them are large, and near the end of the money there
    // would be no room. Before them go those that hold money from an earlier run, lest others wait for it in vain.
    var next = WaitingRows(targets: setup.targets.count)
    for (at, planned) in rows.enumerated() {
      guard let target = plan?.assignment[at] ?? planned.cheapestTarget(corrections) else { continue }
      if past[planned.row.line]?.orphan != nil {
        next.add(urgent: planned)
      } else if setup.jobTargets.contains(target) {
        desk.outbox[target, default: []].append(planned)
      } else {
        next.add(planned, at: target, ceiling: ceiling(planned, target))
      }
    }
    next.sort()
    waiting = next
  }

  /// Estimates what is not begun anew if prices have changed since the last plan, and has all of it planned.
  func takeNewPrices() {
    guard prices.advance(to: setup.options.now()) else { return }
    func renewed(_ rows: [PlannedRow]) -> [PlannedRow] {
      // What a job has not answered is not for jobs any more.
      zip(rows, setup.planned(rows.map(\.row))).map { old, new in
        new.without(setup.jobTargets.filter { !old.cells[$0].isEligible })
      }
    }
    returned = renewed(waiting.all + returned)
    waiting = WaitingRows(targets: setup.targets.count)
    desk.outbox = desk.outbox.mapValues(renewed)
    sample = renewed(sample).filter(\.isServed)
  }

  /// What is left to spend and to reach, for so many rows.
  ///
  /// - Parameter reserve: what is not to be planned for.
  private func goals(planning count: Double, leaving reserve: Money) -> BatchPlanning.Goals {
    let options = setup.options
    // Requests under way are expected to cost their estimates, not the ceilings held for them.
    func underWay(_ isCounted: (PlannedRow, Int) -> Bool) -> Money {
      let active = active.all.map { (planned: $0.planned, target: $0.target) }
      let boxed = desk.outbox.flatMap { target, rows in rows.map { (planned: $0, target: target) } }
      return (active + boxed).reduce(Money.zero) {
        isCounted($1.planned, $1.target) ? $0 + expectedCost($1.planned, $1.target) : $0
      }
    }
    func unspent(_ limit: Money, _ spent: Money, _ underWay: Money) -> Money {
      spent < limit ? max(.zero, limit - spent - underWay) : .zero
    }
    let parts = parts.map { part in
      var budget = part.budget
      let left = unspent(
        budget.limit, part.spent,
        underWay { planned, target in
          budget.scope.covers(workload: planned.row.workload, provider: setup.targets[target].offer.provider)
        })
      budget.limit = budget.scope == .all ? max(.zero, left - reserve) : left
      return budget
    }
    let floor = options.quality.map { wanted in
      (wanted * (Double(answered) + count) - expected) / max(count, 1)
    }
    // Once it is too late all that matters is to be done soon.
    let left = deadline.map { $0 - options.clock() }
    let seconds = left.map { max($0 - min(answerTime, $0 / 2), 1) }
    let allowances = { [admission] (times: Double) in
      seconds.map { seconds in
        admission.withLock { $0.allowances(within: times * seconds, at: Course.now) }
      } ?? []
    }
    return .init(
      budget: max(
        .zero, unspent(options.budget, purse.used + purse.heldElsewhere, underWay { _, _ in true }) - reserve),
      budgets: parts, allowances: allowances, quality: floor, workloadQuality: options.workloadQuality,
      // Nothing is begun meanwhile, and rate limits that let only parts of requests through would be tried to the end.
      timeLimit: seconds.map { min(10, max(0.25, 0.01 * $0)) } ?? 10)
  }

  /// The seconds within which nearly all answers have come so far, of the slowest target that rows wait for: what is
  /// begun that long before the deadline is answered by then.
  private var answerTime: Double {
    waiting.targets(paced: false).compactMap { target in
      observations.seconds(
        of: setup.targets[target].offer.id, share: 0.95, at: setup.options.now())
    }.max() ?? 0
  }

  /// What the last attempt of all needs to be held: at the end that much is left, so plans leave it from the beginning.
  private func lastCeiling(_ rows: [PlannedRow]) -> Money {
    let ceilings = rows.compactMap { row in row.cheapestTarget(corrections).map { ceiling(row, $0) } }
    return Money(nanodollars: ceilings.reduce(0) { $0 + $1.nanodollars / Int64(ceilings.count) })
  }

  /// The most that an attempt can cost, now.
  func ceiling(_ planned: PlannedRow, _ target: Int) -> Money {
    (try? setup.ceiling(planned.row, target: target, at: setup.options.now())) ?? .zero
  }

  func expectedCost(_ planned: PlannedRow, _ target: Int) -> Money {
    Money(nanodollars: corrections[target].applied(to: planned.cells[target].cost))
  }
}
