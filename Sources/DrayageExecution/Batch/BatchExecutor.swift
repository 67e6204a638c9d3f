import Drayage
import DrayageCore

/// Performs what the attempt machine of one request asks: reserves, sends, waits, settles.
struct BatchExecutor: Sendable {
  private let setup: BatchSetup
  private let attempter: Attempter
  private let state: BatchState
  private let admission: Locked<Admission>

  init(setup: BatchSetup, transport: any Transport, state: BatchState, admission: Locked<Admission>) {
    self.setup = setup
    self.state = state
    self.admission = admission
    attempter = Attempter(transport: transport)
  }

  /// What may be sent when.
  static func admission(_ setup: BatchSetup) -> Locked<Admission> {
    var options = ExecutionOptions(attempts: setup.options.policy, timeouts: setup.options.timeouts)
    // Nobody waits for one answer of a batch: what retries cost is bounded by its budget.
    options.retries.share = 1
    // The limits of live requests do not hold for jobs.
    let offers = setup.targets.map { target in
      var offer = target.offer
      if target.takesJobs { offer.quotas = [] }
      return offer
    }
    return Locked(Admission(offers, quotas: setup.quotas, options: options))
  }

  /// An attempt whose reservation is kept for a repetition under the same idempotency key.
  private struct Kept {
    let permit: BatchPermit
    let target: Int
    let failure: FailureClass
  }

  /// Works one request off.
  ///
  /// - Throws: ``LedgerStoreError`` if the ledger does not answer. No attempt is under way then.
  func run(_ job: BatchJob) async throws {
    let body: RequestBody
    do throws(InputError) {
      body = try setup.file.body(of: job.row)
    } catch {
      if let place = job.place { admission.withLock { $0.end(place, as: .notSent, at: Course.now) } }
      if let orphan = job.orphan {
        try await state.settle(job.row, orphan.ordinal, as: .unknown, target: orphan.target)
      }
      return try await state.fail(
        job, reason: nil, code: "invalid_request", message: error.description, sendings: job.lastOrdinal)
    }

    var machine = AttemptMachine(
      chain: job.chain.map {
        let offer = setup.targets[$0].offer
        return .init(domain: offer.provider, context: offer.limits.context)
      }, policy: setup.options.policy)
    var action = machine.start()
    var ordinal = job.lastOrdinal + 1
    // An attempt of an earlier run is repeated at its offer, or counts as billed in full.
    var kept = job.orphan.map {
      Kept(
        permit: .init(ordinal: $0.ordinal, ceiling: $0.ceiling, idempotencyKey: $0.key), target: job.chain[0],
        failure: .cancelled)
    }
    // Whether the attempt was sent before under the same key, and may have been billed then.
    var isRepeated = kept != nil
    var refusedSince: [Int: Double] = [:]
    var message = "the money left does not cover it at any offer"
    // Whether no offer was asked because each was down or full, and not for want of money.
    var isUnavailable = false
    var asked: Set<Int> = []
    var place = job.place
    while true {
      if let held = kept, !Self.repeats(held, action, job) {
        try await state.settle(job.row, held.permit.ordinal, as: .unknown, target: held.target)
        kept = nil
        isRepeated = false
      }
      switch action {
      case .finish, .wait:
        return
      case .giveUp(let failure):
        try await state.fail(
          job, reason: failure, code: isUnavailable ? "unavailable" : "unaffordable", message: message,
          sendings: job.lastOrdinal + machine.attempts)
        return
      case .attempt(let at, let delay):
        // A run that was stopped meanwhile refuses the permit.
        if delay > 0 { await state.pause(delay) }
        let target = job.chain[at]
        let kind: Admission.Kind = kept != nil ? .repetition : asked.contains(target) ? .retry : .first
        var answer = place.map { .admitted($0) } ?? admit(job, target, as: kind)
        place = nil
        if kept == nil, case .admitted(let taken) = answer {
          // Whoever waits for money must not hold a place that others need.
          let held = Locked<Admission.Pass?>(taken)
          let giveUp: @Sendable () -> Void = { [admission] in
            let pass = held.withLock { held in
              defer { held = nil }
              return held
            }
            if let pass { admission.withLock { $0.end(pass, as: .notSent, at: Course.now) } }
          }
          switch try await state.permit(
            job, target: target, ordinal: ordinal, at: setup.options.now(), beforeWaiting: giveUp)
          {
          case .given(let given):
            ordinal = given.ordinal + 1
            kept = Kept(permit: given, target: target, failure: .cancelled)
            answer = held.withLock { $0 }.map { .admitted($0) } ?? admit(job, target, as: kind)
          case .postponed:
            giveUp()
            return await state.putBack(job, lastOrdinal: ordinal - 1)
          case .refused(let reason):
            giveUp()
            isUnavailable = false
            if let reason { message = reason }
            action = machine.handle(.notAffordable(at: at), at: Course.now, jitter: 0)
            continue
          }
        }
        let pass: Admission.Pass
        let refusal: AttemptMachine.Event
        switch answer {
        case .admitted(let given):
          pass = given
          refusedSince[at] = nil
        case let refused:
          if case .unavailable(let seconds, let reason) = refused {
            // What an attempt met says more than why there was no other.
            if machine.attempts == 0 { message = "\(setup.targets[target].offer.id): \(reason)" }
            isUnavailable = true
            let since = refusedSince[at, default: Course.now]
            refusedSince[at] = since
            // Many short waits are a long one.
            let isLong = Course.now - since > setup.options.policy.patience
            refusal = .unavailable(
              at: at, for: seconds.map { isLong ? max($0, setup.options.policy.patience + 1e-3) : $0 })
          } else {
            refusal = .retryRefused(at: at)
          }
          if let held = kept, !isRepeated {
            try await state.settle(job.row, held.permit.ordinal, as: .notBilled, target: target)
            kept = nil
          }
          action = machine.handle(refusal, at: Course.now, jitter: 0)
          continue
        }
        guard let permit = kept?.permit else {
          preconditionFailure("an attempt is sent without a reservation")
        }
        kept = nil
        asked.insert(target)
        let event: AttemptMachine.Event
        let sentAt = setup.options.now()
        let end: AttemptEnd
        do throws(Rejection) {
          end = try await attempter.send(call(body, permit), to: setup.targets[target])
        } catch {
          admission.withLock { $0.end(pass, as: .notSent, at: Course.now) }
          message = "\(setup.targets[target].offer.id): \(error)"
          try await state.settle(
            job.row, permit.ordinal, as: isRepeated ? .unknown : .notBilled, target: target)
          isRepeated = false
          action = machine.handle(.unavailable(at: at, for: nil), at: Course.now, jitter: 0)
          continue
        }
        admission.withLock { $0.end(pass, as: Self.admissionEnd(end), report: end.limits, at: Course.now) }
        if let answer = BatchAnswer(end, from: setup.targets[target], at: sentAt) {
          try await state.answer(
            job.planned, permit, target: target, answer: answer,
            charge: .of(
              answer.usage, at: setup.targets[target].offer, from: sentAt, to: setup.options.now()),
            sendings: job.lastOrdinal + machine.attempts + 1)
          event = .answered(at: at)
        } else {
          let failure = end.failure
          message = "\(setup.targets[target].offer.id): \(failure.message)"
          // That a repetition is refused, or not even sent, says nothing of what was sent before.
          let isOpen = failure.usage == nil && (end.mayBeBilled || isRepeated)
          let repeatable = isOpen && setup.targets[target].isIdempotent
          await state.count(failure.kind)
          if repeatable {
            kept = Kept(permit: permit, target: target, failure: failure.kind)
          } else {
            let metered = failure.usage.map {
              Ledger.Charge.of(
                $0, at: setup.targets[target].offer, from: sentAt, to: setup.options.now())
            }
            try await state.settle(
              job.row, permit.ordinal, as: metered ?? (isOpen ? .unknown : .notBilled), target: target)
          }
          isRepeated = repeatable
          event = .failed(
            at: at, failure.kind, retryAfter: failure.retryAfter, repeatable: repeatable)
        }
        action = machine.handle(event, at: Course.now, jitter: .random(in: 0...1))
      }
    }
  }

  /// Whether the next action is to send the same attempt to the same target again.
  private static func repeats(_ kept: Kept, _ action: AttemptMachine.Action, _ job: BatchJob) -> Bool {
    guard case .attempt(let place, _) = action else { return false }
    return job.chain[place] == kept.target
  }

  private func admit(_ job: BatchJob, _ target: Int, as kind: Admission.Kind) -> Admission.Answer {
    let cell = job.planned.cells[target]
    return admission.withLock {
      $0.admit(target, input: cell.expectedInput, output: cell.expectedOutput, as: kind, at: Course.now)
    }
  }

  private func call(_ body: RequestBody, _ permit: BatchPermit) -> Call {
    Call(
      body, maxOutputTokens: setup.options.maxOutputTokens,
      idempotencyKey: permit.idempotencyKey, timeouts: setup.options.timeouts)
  }

  private static func admissionEnd(_ end: AttemptEnd) -> Admission.End {
    switch end.result {
    case .success(let answer): .answered(answer.usage)
    case .failure(let failure): .failed(failure.kind, retryAfter: failure.retryAfter)
    }
  }
}

extension Ledger.Charge {
  /// What an answer costs by the tariff of when it was sent or of when it was there, whichever is more: providers do
  /// not say by which they bill. Unknown, and so the whole reservation, if its usage or a price is missing.
  static func of(
    _ usage: MeteredUsage?, at offer: Offer, from sentAt: UTCInstant, to end: UTCInstant
  ) -> Ledger.Charge {
    guard let usage, let bill = try? offer.price(usage, at: sentAt) else { return .unknown }
    // An offer that is not sold any more then has no other price.
    return .metered(max(bill.total, (try? offer.price(usage, at: end).total) ?? bill.total))
  }
}
