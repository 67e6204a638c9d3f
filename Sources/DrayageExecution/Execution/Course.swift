import Drayage
import DrayageCore
import DrayageProfiles

/// The course of one request through its offers: performs what the attempt machine asks.
///
/// One loop takes the reports of attempts and timers, one at a time; everything that changes is the loop's own.
struct Course: Sendable {
  /// A reservation for one attempt.
  struct Permit: Sendable {
    let decision: Decision
    /// The attempt was sent before under the same key, and may have been billed then.
    var isRepetition = false
  }

  /// What came of asking one offer.
  struct Made: Sendable {
    let place: Int
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

  /// What the loop is told.
  private enum Report: Sendable {
    /// An attempt goes out.
    case sent(place: Int)
    /// An attempt has begun to speak to the caller.
    case spoke(place: Int)
    case ended(AttemptMachine.Event, Made)
    /// A sending, by its number, has taken longer than the hedging delay.
    case slow(Int)
    case cancelled
  }

  let executor: Executor
  private let body: RequestBody
  private let decision: Decision
  private let choices: [Decision.Choice]
  private let onEvent: (@Sendable (ChatEvent) async -> Void)?
  /// The place whose attempt speaks to the caller.
  private let speaker = Locked<Int?>(nil)
  /// The decision of the latest reservation: the next one is numbered after it.
  private let latest: Locked<Decision>
  private let reports: AsyncStream<Report>
  private let sink: AsyncStream<Report>.Continuation

  init(
    _ executor: Executor, _ body: RequestBody, _ decision: Decision,
    _ onEvent: (@Sendable (ChatEvent) async -> Void)?
  ) {
    self.executor = executor
    self.body = body
    self.decision = decision
    self.onEvent = onEvent
    choices = [decision.choice] + decision.fallbacks
    latest = Locked(decision)
    (reports, sink) = AsyncStream.makeStream()
  }

  /// Seconds on a scale that does not run backwards.
  static var now: Double { origin.duration(to: .now) / .seconds(1) }
  private static let origin = ContinuousClock.now

  func run() async throws(ExecutionError) -> Execution {
    let isGone = Task.isCancelled
    // In a task of its own: a stream ends where its reader is cancelled, and what is under way could not be settled.
    let course = Task { await loop(isGone: isGone) }
    let result = await withTaskCancellationHandler {
      await course.value
    } onCancel: {
      sink.yield(.cancelled)
    }
    return try result.get()
  }

  /// - Parameter isGone: the caller wanted no answer any more before anything was sent.
  private func loop(isGone: Bool) async -> Result<Execution, ExecutionError> {
    let started = ContinuousClock.now
    var policy = executor.options.attempts
    policy.hedge = executor.options.hedge != nil
    var machine = AttemptMachine(
      chain: choices.map { .init(domain: $0.offer.provider, context: $0.offer.limits.context) },
      policy: policy)
    var record = CourseRecord()
    var running: [Int: Task<Void, Never>] = [:]
    var timers: [Task<Void, Never>] = []
    // The number of the sending that is under way at each place: a repetition has the id of what it repeats.
    var sent: [Int: Int] = [:]
    var sendings = 0
    var asked: Set<Int> = []
    // When each place was first found unavailable; patience counts from there.
    var refusedSince: [Int: Double] = [:]
    // The first reservation was made by the decision; others are kept for repetitions.
    var reserved = [0: Permit(decision: decision)]
    var isOver = false

    func perform(_ action: AttemptMachine.Action) {
      switch action {
      case .attempt(let place, let delay):
        let permit = reserved.removeValue(forKey: place)
        settle(&reserved, into: &record)
        let kind: Admission.Kind =
          permit?.isRepetition == true ? .repetition : asked.contains(place) ? .retry : .first
        running[place] = Task { await attempt(place, after: delay, permit, as: kind) }
      case .wait: break
      case .finish, .giveUp:
        isOver = true
        for task in running.values { task.cancel() }
      }
    }

    if isGone {
      record.isCancelled = true
      settle(&reserved, into: &record)
      return record.result(decision, seconds: started.duration(to: .now) / .seconds(1))
    }
    perform(machine.start())
    for await report in reports {
      switch report {
      case .sent(let place):
        asked.insert(place)
        refusedSince[place] = nil
        sendings += 1
        sent[place] = sendings
        if let wait = hedgeDelay(place) {
          timers.append(
            Task { [sink, sendings] in
              try? await Task.sleep(for: .seconds(wait))
              if !Task.isCancelled { sink.yield(.slow(sendings)) }
            })
        }
      case .slow(let sending):
        // Only an attempt that is still silent is slow.
        guard !isOver, speaker.withLock({ $0 }) == nil, sent.values.contains(sending) else { continue }
        perform(machine.handle(.slow, at: Self.now, jitter: 0))
      case .spoke(let place):
        for (other, task) in running where other != place { task.cancel() }
      case .cancelled:
        record.isCancelled = true
        isOver = true
        for task in running.values { task.cancel() }
      case .ended(let happened, let made):
        running[made.place] = nil
        sent[made.place] = nil
        record.add(made)
        if let kept = made.kept { reserved[made.place] = kept }
        var event = happened
        if case .unavailable(let place, let seconds?) = happened {
          let since = refusedSince[place, default: Self.now]
          refusedSince[place] = since
          // Many short waits are a long one.
          if Self.now - since > policy.patience {
            event = .unavailable(at: place, for: max(seconds, policy.patience + 1e-3))
          }
        }
        if !isOver { perform(machine.handle(event, at: Self.now, jitter: .random(in: 0...1))) }
        // The caller has a part of this answer: no other one can take its place.
        if made.partial != nil { perform(.giveUp(.interrupted)) }
      }
      if isOver, running.isEmpty { break }
    }
    for timer in timers { timer.cancel() }
    settle(&reserved, into: &record)
    return record.result(decision, seconds: started.duration(to: .now) / .seconds(1))
  }

  // MARK: One attempt

  private func attempt(
    _ place: Int, after delay: Double, _ held: Permit?, as kind: Admission.Kind
  ) async {
    let (event, made) = await end(of: place, after: delay, held, as: kind)
    sink.yield(.ended(event, made))
  }

  private func end(
    of place: Int, after delay: Double, _ held: Permit?, as kind: Admission.Kind
  ) async -> (AttemptMachine.Event, Made) {
    let choice = choices[place]
    /// Nothing was sent now. A reservation is given back; one for a repetition stands.
    func notSent(
      _ event: AttemptMachine.Event, _ why: String, isBudget: Bool = false
    ) -> (AttemptMachine.Event, Made) {
      var made = Made(
        place: place,
        attempt: .init(offer: choice.offer.id, id: held?.decision.attempt, end: .notSent(why)))
      made.isBudget = isBudget
      if let held {
        if held.isRepetition { made.kept = held } else { _ = settle(held.decision, .notSent) }
      }
      return (event, made)
    }
    if delay > 0 { try? await Task.sleep(for: .seconds(delay)) }
    guard !Task.isCancelled else { return notSent(.failed(at: place, .cancelled), "cancelled") }
    guard let target = executor.targetOf[choice.offer.id] else {
      return notSent(.unavailable(at: place, for: nil), "it cannot be reached")
    }
    let answer = executor.admission.withLock {
      $0.admit(
        target, input: Admission.tokens(choice.estimate.inputTokens),
        output: Admission.tokens(choice.estimate.outputTokens), as: kind, at: Self.now)
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
        permit = Permit(
          decision: try latest.withLock { (latest) throws(RouterError) in
            latest = try executor.router.reserve(choice, for: latest)
            return latest
          })
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
      if held == nil { _ = settle(permit.decision, .notSent) }
      return notSent(.unavailable(at: place, for: nil), error.description)
    }
  }

  private func send(
    _ permit: Permit, _ place: Int, _ pass: Admission.Pass
  ) async throws(Rejection) -> (AttemptMachine.Event, Made) {
    let target = executor.targets[pass.target]
    let offer = permit.decision.choice.offer
    let id = permit.decision.attempt
    let call = Call(
      body, maxOutputTokens: offer.outputLimit(for: permit.decision.request), streams: onEvent != nil,
      idempotencyKey: "\(executor.run)-\(id)", timeouts: executor.options.timeouts)
    sink.yield(.sent(place: place))
    let sentAt = UTCInstant.now
    // What an attempt sends before its first words is of use only if it goes on.
    let early = Locked<[ChatEvent]?>([])
    let end = try await executor.attempter.send(call, to: target, forward: forward(place, early))
    var made = Made(
      place: place, attempt: .init(offer: offer.id, id: id, end: .answered, seconds: end.seconds))
    made.firstToken = end.firstToken
    let event: AttemptMachine.Event
    let admissionEnd: Admission.End
    switch end.result {
    case .success(let answer):
      made.bill = answer.usage.flatMap { try? offer.price($0, at: sentAt) }
      let usage = made.bill == nil ? nil : answer.usage
      made.attempt.charged = settle(
        permit.decision, usage.map { .answered($0) } ?? .unmetered, sentAt: sentAt, seconds: end.seconds)
      executor.observe(end.firstToken ?? end.seconds, at: pass.target, streams: onEvent != nil)
      admissionEnd = .answered(answer.usage)
      if claim(place) {
        // An answer may be without words.
        if let onEvent { for event in Self.take(early) { await onEvent(event) } }
        made.answer = answer
        event = .answered(at: place)
      } else {
        // An answer without words, while another attempt is speaking.
        made.attempt.end = .failed(.cancelled, "another attempt was faster")
        event = .failed(at: place, .cancelled)
      }
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
    return (event, made)
  }

  /// Makes the attempt at `place` the one that speaks to the caller, unless another one does.
  private func claim(_ place: Int) -> Bool {
    let (isMine, isNew) = speaker.withLock { speaker in
      defer { speaker = speaker ?? place }
      return (speaker == nil || speaker == place, speaker == nil)
    }
    if isNew { sink.yield(.spoke(place: place)) }
    return isMine
  }

  /// Hands events on once the attempt at `place` has words to say; nil if nobody listens.
  ///
  /// - Parameter early: keeps what comes before.
  private func forward(
    _ place: Int, _ early: Locked<[ChatEvent]?>
  ) -> (@Sendable (ChatEvent) async -> Bool)? {
    guard let onEvent else { return nil }
    return { event in
      let isWaiting = early.withLock { early in
        guard early != nil, !event.isContent else { return false }
        early?.append(event)
        return true
      }
      if isWaiting { return true }
      guard claim(place) else { return false }
      for event in Self.take(early) { await onEvent(event) }
      await onEvent(event)
      return true
    }
  }

  /// What was kept; from now on nothing is.
  private static func take(_ early: Locked<[ChatEvent]?>) -> [ChatEvent] {
    early.withLock { early in
      defer { early = nil }
      return early ?? []
    }
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

  /// Closes reservations that were kept for repetitions that will not come: they count as billed in full. One
  /// that was made by the decision and never used costs nothing.
  private func settle(_ reserved: inout [Int: Permit], into record: inout CourseRecord) {
    for permit in reserved.values {
      let charged = settle(permit.decision, permit.isRepetition ? .unmetered : .notSent)
      record.charge(charged, to: permit.decision.attempt)
    }
    reserved = [:]
  }

  private func hedgeDelay(_ place: Int) -> Double? {
    switch executor.options.hedge {
    case nil: nil
    case .after(let seconds): seconds.isNaN ? nil : min(max(0, seconds), 1e6)
    case .percentile(let share):
      executor.targetOf[choices[place].offer.id].flatMap {
        executor.latency(of: $0, streams: onEvent != nil, share: share)
      }
    }
  }
}

extension Executor {
  /// Seconds until the first token or the whole answer, for hedging.
  fileprivate func observe(_ seconds: Double, at target: Int, streams: Bool) {
    latencies.withLock {
      _ = $0[2 * target + (streams ? 1 : 0)].record(max(seconds, 1e-6), day: Course.now / 86_400)
    }
  }

  /// The time by which a share of the answers of a target had come; nil before ten were seen.
  fileprivate func latency(of target: Int, streams: Bool, share: Double) -> Double? {
    latencies.withLock { latencies in
      let records = latencies[2 * target + (streams ? 1 : 0)]
      guard records.sketch.count >= 10 else { return nil }
      return records.distribution(day: Course.now / 86_400).value?.quantile(share)
    }
  }
}
