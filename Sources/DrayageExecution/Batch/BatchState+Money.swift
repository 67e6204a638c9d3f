import Drayage
import DrayageCore
import DrayageLedger

/// Leave to spend: first come, first served, and never what others need.
extension BatchState {
  /// Asks for leave to send an attempt; waits while money is held by others that may yet be given back.
  ///
  /// - Parameter beforeWaiting: called before it waits for money, if it has to.
  /// - Throws: ``LedgerStoreError`` if the ledger does not answer: then nothing may be sent.
  func permit(
    _ job: BatchJob, target: Int, ordinal first: Int, at instant: UTCInstant,
    beforeWaiting: @Sendable () -> Void
  ) async throws -> BatchLeave {
    let row = job.row
    active.put(job.planned, at: target)
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
      case .none:
        guard ceiling > purse.limit else { return .refused(because: nil) }
        return .refused(
          because:
            "\(setup.targets[target].offer.id): an attempt may cost \(ceiling), more than the budget of "
            + "\(purse.limit); limit its output tokens, or raise the budget")
      case .postponed: return .postponed
      }
      let attempt = store.key(row, ordinal).attempt
      purse.hold(ceiling, for: attempt)
      active.holdMoney(row.line)
      wakeNext()
      let offer = setup.targets[target].offer
      let key = "\(store.batch.run)-\(row.line)-\(ordinal)"
      let answer: ReservationAnswer
      do {
        answer = try await store.reserve(
          ceiling, row, ordinal, at: offer,
          note: AttemptNote(offer: offer.id.description, key: key, digest: row.digest, worker: store.worker))
      } catch {
        isStopping = true
        throw error
      }
      if answer == .held {
        return .given(BatchPermit(ordinal: ordinal, ceiling: ceiling, idempotencyKey: key))
      }
      purse.settle(attempt, at: .zero)
      active.releaseMoney(row.line)
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
        if waiting.hasUrgent { return .postponed }
        // What is held of this batch's own budgets, and not by this run, is held for rows that are still in the queue.
        let isLost = isAlone && isDrained && purse.held == .zero && store.owns(budget)
        guard isHeld, !isStopping, !isTimeOver, !isLost else {
          return .refused(because: "the budget '\(budget)' has \(available) left, and \(ceiling) is needed")
        }
        beforeWaiting()
        if waiting.count < Self.mostInJobs { startLoading() }
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
    active.remove(line)
    charges[line] = nil
    committed += job.planned.cheapest(corrections)
    let target = job.chain[0]
    waiting.add(job.planned, at: target, ceiling: ceiling(job.planned, target))
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
      let underWay = active.expectedCost(corrections)
      if purse.used >= purse.limit || needed > purse.limit - purse.used - underWay { return .none }
      // They hold money themselves, and somebody has to begin them.
      if waiting.hasUrgent { return .postponed }
      beforeWaiting()
      if isIdle {
        // What others hold may yet come back, or be taken over from one that is gone.
        await pause(0.5)
        try? await refresh()
        // Nobody else has anything left that could give money back.
        if unclaimed == 0 || isTimeOver { return .none }
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
    let begun = active.withoutMoney.reduce(Int64(0)) { sum, entry in
      entry.planned.row.line == job.row.line ? sum : sum + entry.planned.cheapest(corrections)
    }
    let elsewhere = Int64(exactly: (committedElsewhere * Double(unclaimed)).rounded(.up)) ?? .max / 4
    return Money(nanodollars: committed + begun + min(elsewhere, .max / 4))
  }

  /// Lets the request that has waited longest look again.
  func wakeNext() {
    guard let wake = queue.first?.wake else { return }
    queue[0].wake = nil
    wake.resume()
  }

  /// Takes over what the ledger says of all workers together.
  func refresh() async throws {
    // A month may be over, or others may have spent.
    if !isAlone || parts.contains(where: \.isShared) {
      parts = try await store.parts(setup)
    }
    guard !isAlone else { return }
    if let all = try await store.account() { purse.correct(spent: all.spent, held: all.held) }
    let counts = try await store.ledger.counts(of: store.batch.name, at: .now)
    unclaimed = max(0, counts.waiting + counts.leased - waiting.count - active.count - setAside)
    (answered, failed, expected) = Self.ended(try await store.ledger.tallies(of: store.batch.name), counts)
    wakeNext()
  }
}

extension PlanSpecification.Scope {
  /// Whether a budget of this scope covers an attempt.
  func covers(workload: String, provider: String?) -> Bool {
    switch self {
    case .all: true
    case .workload(let name): name == workload
    case .provider(let name): name == provider
    }
  }
}
