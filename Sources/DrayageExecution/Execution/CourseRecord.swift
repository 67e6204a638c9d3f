import DrayageCore

/// What has become of a request so far, attempt by attempt.
struct CourseRecord: Sendable {
  private(set) var made: [Course.Made] = []
  /// The caller wants no answer any more.
  var isCancelled = false

  /// Notes what came of asking an offer. Of the reasons for which an offer was not asked only the latest counts.
  mutating func add(_ new: consuming Course.Made) {
    if let last = made.last, last.place == new.place, !last.wasSent, !new.wasSent { made.removeLast() }
    made.append(new)
  }

  /// Notes a charge that was decided after its attempt had ended.
  mutating func charge(_ amount: Money, to attempt: AttemptID) {
    let sent = made.lastIndex { $0.attempt.id == attempt && $0.wasSent }
    if let at = sent { made[at].attempt.charged = amount }
  }

  /// The end of the request.
  func result(_ decision: Decision, seconds: Double) -> Result<Execution, ExecutionError> {
    for one in made {
      if let execution = one.execution(made.map(\.attempt), decision, seconds: seconds) {
        return .success(execution)
      }
    }
    return .failure(failure)
  }

  private var failure: ExecutionError {
    let sent = made.compactMap { made -> (kind: FailureClass, message: String, offer: OfferID)? in
      if case .failed(let kind, let message) = made.attempt.end {
        (kind, message, made.attempt.offer)
      } else {
        nil
      }
    }
    let partial = made.compactMap(\.partial).last
    let broken = sent.last { $0.kind == .interrupted }
    let isBudget = made.contains(where: \.isBudget)
    if isCancelled {
      return ExecutionError(.cancelled, "cancelled", attempts: made.map(\.attempt), partial: partial)
    }
    guard let (kind, message, offer) = broken ?? sent.last else {
      let reasons = made.compactMap { made -> String? in
        if case .notSent(let why) = made.attempt.end { "\(made.attempt.offer): \(why)" } else { nil }
      }
      return ExecutionError(
        nil, "no offer could be asked: \(reasons.joined(separator: "; "))", attempts: made.map(\.attempt),
        isBudgetExhausted: isBudget)
    }
    let tries =
      sent.count == 1 ? "" : " (of \(sent.count) attempts at \(Set(sent.map(\.offer)).count) offers)"
    return ExecutionError(
      kind, "\(offer): \(message)\(tries)", attempts: made.map(\.attempt), partial: partial,
      isBudgetExhausted: isBudget)
  }
}

extension Course.Made {
  /// What became of the request, if this answered it.
  func execution(_ attempts: [Execution.Attempt], _ decision: Decision, seconds: Double) -> Execution? {
    guard let answer else { return nil }
    return Execution(
      answer: answer, offer: attempt.offer, bill: bill, attempts: attempts, decision: decision,
      firstToken: firstToken, seconds: seconds)
  }
}
