import Drayage
import DrayageCore
import DrayageProfiles

/// The course of one request through its offers: performs what the attempt machine asks.
struct Course: Sendable {
  /// What a child task reports.
  private enum Report: Sendable {
    case ended(place: Int, AttemptMachine.Event, Made)
    case slow
  }

  /// A reservation for one attempt.
  private struct Permit: Sendable {
    let decision: Decision
    /// The attempt was sent before under the same key, and may have been billed then.
    var isRepetition = false
  }

  /// What came of asking one offer.
  private struct Made: Sendable {
    var attempt: Execution.Attempt
    var answer: ChatAnswer?
    var partial: ChatAnswer?
    var bill: Bill?
    var firstToken: Double?
    /// The reservation that stands because the attempt may be repeated under its key.
    var kept: Permit?
    var isBudget = false

    var wasSent: Bool { if case .notSent = attempt.end { false } else { true } }
  }

  private let executor: Executor
  private let body: RequestBody
  private let decision: Decision
  private let choices: [Decision.Choice]
  private let winner: Locked<Int?>
  private let onEvent: (@Sendable (ChatEvent) async -> Void)?

  init(
    _ executor: Executor, _ body: RequestBody, _ decision: Decision,
    _ onEvent: (@Sendable (ChatEvent) async -> Void)?
  ) {
    self.executor = executor
    self.body = body
    self.decision = decision
    self.onEvent = onEvent
    choices = [decision.choice] + decision.fallbacks
    winner = Locked(nil)
  }

  func run() async throws(ExecutionError) -> Execution {
    let started = ContinuousClock.now
    let result = await withTaskGroup(of: Report.self, returning: Result<Execution, ExecutionError>.self) {
      group in
      var policy = executor.options.attempts
      policy.hedge = executor.options.hedge != nil
      var machine = AttemptMachine(
        chain: choices.map { .init(domain: $0.offer.provider, context: $0.offer.limits.context) },
        policy: policy)
      var action = machine.start()
      var all: [Made] = []
      var asked: Set<Int> = []
      // The first reservation was made by the decision; others are kept for repetitions.
      var reserved = [0: Permit(decision: decision)]
      var answered: Made?
      while true {
        switch action {
        case .attempt(let place, let delay):
          let permit = reserved.removeValue(forKey: place)
          settleUnused(&reserved, into: &all)
          let isRetry = asked.contains(place)
          group.addTask { await attempt(place, after: delay, permit, isRetry: isRetry) }
          if asked.isEmpty, all.isEmpty, let wait = hedgeDelay(place) {
            group.addTask {
              try? await Task.sleep(for: .seconds(wait))
              return .slow
            }
          }
        case .wait: break
        case .finish, .giveUp:
          group.cancelAll()
          for await case .ended(_, _, let made) in group { all.append(made) }
          settleUnused(&reserved, into: &all)
          let seconds = started.duration(to: .now) / .seconds(1)
          return finish(answered, all, seconds: seconds)
        }
        guard let report = await group.next() else {
          // Nothing is under way and nothing was decided: the machine never asks for that.
          return .failure(failure(all, nil))
        }
        let event: AttemptMachine.Event
        switch report {
        case .slow: event = .slow
        case .ended(let place, let happened, let made):
          event = happened
          if made.answer != nil { answered = made }
          // What was never sent is no attempt that a second one would repeat.
          if made.wasSent { asked.insert(place) }
          if let kept = made.kept { reserved[place] = kept }
          all.append(made)
        }
        action = machine.handle(event, at: Self.now, jitter: .random(in: 0...1))
      }
    }
    return try result.get()
  }

  /// Seconds on a scale that does not run backwards.
  static var now: Double { origin.duration(to: .now) / .seconds(1) }
  private static let origin = ContinuousClock.now

  // MARK: One attempt

  private func attempt(_ place: Int, after delay: Double, _ held: Permit?, isRetry: Bool) async -> Report {
    let choice = choices[place]
    /// Nothing was sent now; a reservation is given back unless it is for a repetition.
    func notSent(_ event: AttemptMachine.Event, _ why: String, isBudget: Bool = false) -> Report {
      var made = Made(attempt: .init(offer: choice.offer.id, id: held?.decision.attempt, end: .notSent(why)))
      made.isBudget = isBudget
      if let held {
        made.attempt.charged = settle(held.decision, held.isRepetition ? .unmetered : .notSent)
      }
      return .ended(place: place, event, made)
    }
    if delay > 0 { try? await Task.sleep(for: .seconds(delay)) }
    guard !Task.isCancelled else { return notSent(.failed(at: place, .cancelled), "cancelled") }
    guard let target = executor.targetOf[choice.offer.id] else {
      return notSent(.unavailable(at: place, for: nil), "it cannot be reached")
    }
    let estimate = choice.estimate
    let answer = executor.admission.withLock {
      $0.admit(
        target, input: Int(estimate.inputTokens), output: Int(estimate.outputTokens),
        as: held?.isRepetition == true ? .repetition : isRetry ? .retry : .first, at: Self.now)
    }
    let pass: Admission.Pass
    switch answer {
    case .admitted(let given): pass = given
    case .unavailable(let seconds, let why): return notSent(.unavailable(at: place, for: seconds), why)
    case .retryRefused: return notSent(.retryRefused(at: place), "too many retries in the last seconds")
    }
    let permit: Permit
    if let held {
      permit = held
    } else {
      do throws(RouterError) {
        permit = Permit(decision: try executor.router.reserve(choice, for: decision))
      } catch {
        executor.admission.withLock { $0.end(pass, as: .notSent, at: Self.now) }
        return notSent(
          .notAffordable(at: place), error.description, isBudget: error.code == .budgetExhausted)
      }
    }
    do throws(Rejection) {
      return try await send(permit, place, pass)
    } catch {
      executor.admission.withLock { $0.end(pass, as: .notSent, at: Self.now) }
      _ = settle(permit.decision, permit.isRepetition ? .unmetered : .notSent)
      return notSent(.unavailable(at: place, for: nil), error.description)
    }
  }

  private func send(
    _ permit: Permit, _ place: Int, _ pass: Admission.Pass
  ) async throws(Rejection) -> Report {
    let target = executor.targets[pass.target]
    let id = permit.decision.attempt
    let call = Call(
      body, maxOutputTokens: permit.decision.request.maxOutputTokens, streams: onEvent != nil,
      idempotencyKey: "\(executor.run)-\(id)", timeouts: executor.options.timeouts)
    var forward: (@Sendable (ChatEvent) async -> Bool)?
    if let onEvent {
      forward = { [winner] event in
        // The first attempt that has something to say is the one that speaks.
        let isMine = winner.withLock { winner in
          if winner == nil, event.isContent { winner = place }
          return winner == nil || winner == place
        }
        if isMine { await onEvent(event) }
        return isMine
      }
    }
    let sentAt = UTCInstant.now
    let end = try await executor.attempter.send(call, to: target, forward: forward)
    var made = Made(attempt: .init(offer: target.offer.id, id: id, end: .answered, seconds: end.seconds))
    made.firstToken = end.firstToken
    let event: AttemptMachine.Event
    let admissionEnd: Admission.End
    switch end.result {
    case .success(let answer):
      made.answer = answer
      made.bill = answer.usage.flatMap { try? target.offer.price($0, at: sentAt) }
      let usage = made.bill == nil ? nil : answer.usage
      made.attempt.charged = settle(
        permit.decision, usage.map { .answered($0) } ?? .unmetered, sentAt: sentAt, seconds: end.seconds)
      executor.observe(end.firstToken ?? end.seconds, at: pass.target)
      event = .answered(at: place)
      admissionEnd = .answered(answer.usage)
    case .failure(let failure):
      made.partial = end.partial
      made.attempt.end = .failed(failure.kind, failure.message)
      // That a repetition is refused, or not even sent, says nothing of what was sent before.
      let isOpen = failure.usage == nil && (end.mayBeBilled || permit.isRepetition)
      let repeatable = isOpen && target.isIdempotent && failure.kind != .cancelled
      if repeatable {
        made.kept = Permit(decision: permit.decision, isRepetition: true)
      } else {
        // The wire knows better than the class of the failure whether anything was handed over.
        let result: Outcome.Result =
          if let usage = failure.usage { .failed(failure.kind, metered: usage) } else {
            isOpen ? .unmetered : .notSent
          }
        made.attempt.charged = settle(permit.decision, result, sentAt: sentAt, seconds: end.seconds)
      }
      event = .failed(at: place, failure.kind, retryAfter: failure.retryAfter, repeatable: repeatable)
      admissionEnd = .failed(failure.kind, retryAfter: failure.retryAfter)
    }
    executor.admission.withLock { $0.end(pass, as: admissionEnd, report: end.limits, at: Self.now) }
    return .ended(place: place, event, made)
  }

  // MARK: Money

  /// Closes a reservation.
  ///
  /// - Returns: what was charged.
  private func settle(
    _ permit: Decision, _ result: Outcome.Result, sentAt: UTCInstant = .now, seconds: Double? = nil
  ) -> Money {
    let outcome = Outcome(
      attempt: permit.attempt, offer: permit.choice.offer.id, result: result, sentAt: sentAt, latency: seconds
    )
    switch executor.router.settle(outcome) {
    case .settled(let amount), .overrun(let amount, excess: _): return amount
    case .alreadySettled: return .zero
    }
  }

  /// Closes reservations that were kept for repetitions that will not come: they count as billed in full.
  private func settleUnused(_ reserved: inout [Int: Permit], into all: inout [Made]) {
    for permit in reserved.values {
      let charged = settle(permit.decision, .unmetered)
      if let at = all.lastIndex(where: { $0.attempt.id == permit.decision.attempt }) {
        all[at].attempt.charged = charged
      }
    }
    reserved = [:]
  }

  // MARK: The end

  private func finish(
    _ answered: Made?, _ all: [Made], seconds: Double
  ) -> Result<Execution, ExecutionError> {
    guard let answered, let answer = answered.answer else { return .failure(failure(all, seconds)) }
    return .success(
      Execution(
        answer: answer, offer: answered.attempt.offer, bill: answered.bill, attempts: all.map(\.attempt),
        decision: decision, firstToken: answered.firstToken, seconds: seconds))
  }

  private func failure(_ all: [Made], _ seconds: Double?) -> ExecutionError {
    let sent = all.compactMap { made -> (FailureClass, String, OfferID)? in
      if case .failed(let kind, let message) = made.attempt.end {
        (kind, message, made.attempt.offer)
      } else {
        nil
      }
    }
    let partial = all.compactMap(\.partial).last
    guard let (kind, message, offer) = sent.last else {
      let reasons = all.compactMap { made -> String? in
        if case .notSent(let why) = made.attempt.end { "\(made.attempt.offer): \(why)" } else { nil }
      }
      return ExecutionError(
        nil, "no offer could be asked: \(reasons.joined(separator: "; "))", attempts: all.map(\.attempt),
        isBudgetExhausted: all.contains(where: \.isBudget))
    }
    let others = Set(sent.map(\.2)).count
    let tries = sent.count == 1 ? "" : " (the last of \(sent.count) attempts at \(others) offers)"
    return ExecutionError(
      kind, "\(offer): \(message)\(tries)", attempts: all.map(\.attempt), partial: partial)
  }

  private func hedgeDelay(_ place: Int) -> Double? {
    switch executor.options.hedge {
    case nil: nil
    case .after(let seconds): max(0, seconds)
    case .percentile(let share):
      executor.targetOf[choices[place].offer.id].flatMap { executor.latency(of: $0, share: share) }
    }
  }
}

extension Executor {
  /// Seconds until the first token or the whole answer, for hedging.
  fileprivate func observe(_ seconds: Double, at target: Int) {
    latencies.withLock { _ = $0[target].record(max(seconds, 1e-6), day: Course.now / 86_400) }
  }

  /// The time by which a share of the answers of a target had come; nil before ten were seen.
  fileprivate func latency(of target: Int, share: Double) -> Double? {
    latencies.withLock { latencies in
      guard latencies[target].sketch.count >= 10 else { return nil }
      return latencies[target].distribution(day: Course.now / 86_400).value?.quantile(share)
    }
  }
}
