import Drayage
import DrayageCore

/// Performs what the attempt machine of one request asks: reserves, sends, waits, settles.
struct BatchExecutor: Sendable {
  let setup: BatchSetup
  let transport: any Transport
  let state: BatchState

  /// An attempt whose reservation is kept for a repetition under the same idempotency key.
  private struct Kept {
    let permit: BatchState.Permit
    let target: Int
    let failure: FailureClass
  }

  /// Works one request off.
  ///
  /// - Throws: if the journal cannot be written. No attempt is under way then.
  func run(_ job: BatchState.Job) async throws {
    var machine = AttemptMachine(chainCount: job.chain.count, policy: setup.options.policy)
    var action = machine.start()
    var ordinal = job.orphan?.attempt.ordinal ?? job.earlierAttempts + 1
    var kept: Kept?
    // Whether the attempt was sent before under the same key, and may have been billed then.
    var isRepeated = job.orphan != nil
    var message = "the money left does not cover it at any offer"
    while true {
      if let held = kept, !Self.repeats(held, action, job) {
        try await state.settle(
          held.permit.attempt, row: job.row, target: held.target, charge: .unknown, failure: held.failure)
        kept = nil
        isRepeated = false
        ordinal += 1
      }
      switch action {
      case .finish:
        return
      case .giveUp(let failure):
        try await state.fail(
          job, reason: failure, message: message, sendings: job.earlierAttempts + machine.attempts)
        return
      case .attempt(let position, let delay):
        // A run that was stopped meanwhile refuses the permit.
        if delay > 0 { await state.pause(delay) }
        let target = job.chain[position]
        let permit: BatchState.Permit
        if let held = kept {
          permit = held.permit
        } else {
          switch try await state.permit(job, target: target, ordinal: ordinal, at: .now) {
          case .given(let given): permit = given
          case .refused(let reason):
            if let reason { message = reason }
            action = machine.handle(.notAffordable, jitter: 0)
            continue
          }
        }
        kept = nil
        let event: AttemptMachine.Event
        let sentAt = UTCInstant.now
        switch await send(job, setup.targets[target], permit) {
        case .answered(let answer, let latency):
          try await state.answer(
            permit, row: job.row, target: target, answer: answer,
            charge: Self.charge(answer, setup.targets[target].offer, sentAt), latency: latency,
            sendings: job.earlierAttempts + machine.attempts + 1)
          event = .answered
        case .failed(let failure, let text, let retryAfter, let mayBeBilled):
          message = "\(setup.targets[target].offer.id): \(text)"
          // That a repetition is refused, or not even sent, says nothing of what was sent before.
          let isOpen = mayBeBilled || isRepeated
          let repeatable = isOpen && setup.targets[target].isIdempotent
          await state.count(failure)
          if repeatable {
            kept = Kept(permit: permit, target: target, failure: failure)
          } else {
            try await state.settle(
              permit.attempt, row: job.row, target: target, charge: isOpen ? .unknown : .notBilled,
              failure: failure)
            ordinal += 1
          }
          isRepeated = repeatable
          event = .failed(failure, retryAfter: retryAfter, repeatable: repeatable)
        }
        action = machine.handle(event, jitter: .random(in: 0...1))
      }
    }
  }

  /// Whether the next action is to send the same attempt to the same target again.
  private static func repeats(_ kept: Kept, _ action: AttemptMachine.Action, _ job: BatchState.Job) -> Bool {
    guard case .attempt(let position, _) = action else { return false }
    return job.chain[position] == kept.target
  }

  private enum Sent {
    case answered(AttemptResult.Answer, latency: Double)
    case failed(FailureClass, String, retryAfter: Double?, mayBeBilled: Bool)
  }

  private func send(_ job: BatchState.Job, _ target: Target, _ permit: BatchState.Permit) async -> Sent {
    let row = setup.rows[job.row]
    let request = target.dialect.request(
      row.body, to: target, maxOutputTokens: setup.options.maxOutputTokens,
      idempotencyKey: permit.idempotencyKey,
      timeouts: setup.options.timeouts)
    do {
      let reply = try await transport.send(request)
      switch target.dialect.interpret(reply) {
      case .answered(let answer): return .answered(answer, latency: reply.timing.total / .seconds(1))
      case .failed(let failure, let message, let retryAfter):
        return .failed(failure, message, retryAfter: retryAfter, mayBeBilled: failure.meaning.mayBeBilled)
      }
    } catch {
      return .failed(
        error.failureClass, error.message, retryAfter: nil, mayBeBilled: error.mayHaveBeenProcessed)
    }
  }

  /// What an answer costs by the tariff of when it was sent; unknown, and so the whole reservation, if its
  /// usage or a price is missing.
  private static func charge(
    _ answer: AttemptResult.Answer, _ offer: Offer, _ sentAt: UTCInstant
  ) -> Ledger.Charge {
    guard let usage = answer.usage, let bill = try? offer.price(usage, at: sentAt) else { return .unknown }
    return .metered(bill.total)
  }
}

extension TransportFailure {
  /// What the failure means for retry and fallback.
  var failureClass: FailureClass {
    switch kind {
    case .invalidRequest, .resolve, .connect, .tls, .timeout(phase: .connect): .unreachable
    case .timeout: .timeout
    case .reset: .connectionLost
    case .truncated: .truncated
    case .tooLarge, .protocolError: .malformed
    case .cancelled: .cancelled
    }
  }
}
