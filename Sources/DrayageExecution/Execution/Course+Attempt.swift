import Drayage
import DrayageCore

/// One attempt: admitted, reserved, sent, settled.
extension Course {
  func attempt(
    _ place: Int, after delay: Double, _ held: Permit?, as kind: Admission.Kind
  ) async {
    let (event, made) = await end(of: place, after: delay, held, as: kind)
    reports?.send(.ended(event, made))
  }

  nonisolated(nonsending) func end(
    of place: Int, after delay: Double, _ held: Permit?, as kind: Admission.Kind
  ) async -> (AttemptMachine.Event, Made) {
    let choice = choice(at: place)
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
        permit = try reserve(choice)
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

  nonisolated(nonsending) private func send(
    _ permit: Permit, _ place: Int, _ pass: Admission.Pass
  ) async throws(Rejection) -> (AttemptMachine.Event, Made) {
    let target = executor.targets[pass.target]
    let offer = permit.decision.choice.offer
    let id = permit.decision.attempt
    let call = Call(
      body, maxOutputTokens: permit.decision.outputLimit, streams: onEvent != nil,
      idempotencyKey: target.isIdempotent ? "\(executor.run)-\(id)" : "", timeouts: executor.options.timeouts)
    reports?.send(.sent(place: place))
    let sentAt = UTCInstant.now
    // What an attempt sends before its first words is of use only if it goes on.
    let early = onEvent.map { _ in Locked<[ChatEvent]?>([]) }
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
        permit.decision, usage.map { .answered($0) } ?? .unmetered, price: made.bill?.total, sentAt: sentAt,
        seconds: end.seconds, firstToken: end.firstToken, isTruncated: answer.finish == .length)
      executor.observe(end.firstToken ?? end.seconds, at: pass.target, streams: onEvent != nil)
      admissionEnd = .answered(answer.usage)
      if claim(place) {
        // An answer may be without words.
        if let onEvent, let early { for event in Self.take(early) { await onEvent(event) } }
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
        made.attempt.charged = settle(
          permit.decision, result, sentAt: sentAt, seconds: end.seconds, firstToken: end.firstToken)
      }
      event = .failed(at: place, failure.kind, retryAfter: failure.retryAfter, repeatable: repeatable)
      admissionEnd = .failed(failure.kind, retryAfter: failure.retryAfter)
    }
    executor.admission.withLock { $0.end(pass, as: admissionEnd, report: end.limits, at: Self.now) }
    return (event, made)
  }

  /// Hands events on once the attempt at `place` has words to say; nil if nobody listens.
  ///
  /// - Parameter early: keeps what comes before.
  private func forward(
    _ place: Int, _ early: Locked<[ChatEvent]?>?
  ) -> Attempter.Forward? {
    guard let onEvent, let early else { return nil }
    return { [self] event in
      let kept: [ChatEvent]? = early.withLock { early in
        guard let list = early else { return [] }
        early = event.isContent ? nil : list + [event]
        return event.isContent ? list : nil
      }
      guard let kept else { return true }
      guard claim(place) else { return false }
      for event in kept { await onEvent(event) }
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
}
