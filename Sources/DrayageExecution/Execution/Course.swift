import Drayage
import DrayageCore
import DrayageProfiles

/// The course of one request through its offers: performs what the attempt machine asks.
///
/// Without hedging the attempts follow one another in the caller's task. With it, one loop takes the reports of attempts
/// and timers, one at a time; everything that changes is the loop's own.
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
  enum Report: Sendable {
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
  let body: RequestBody
  let decision: Decision
  let choices: [Decision.Choice]
  let onEvent: (@Sendable (ChatEvent) async -> Void)?
  /// The place whose attempt speaks to the caller.
  let speaker = Locked<Int?>(nil)
  /// The decision of the latest reservation: the next one is numbered after it.
  let latest: Locked<Decision>
  /// How attempts that are under way together report to the loop; nil where there is one at a time.
  let reports: AsyncStream<Report>?
  let sink: AsyncStream<Report>.Continuation?

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
    if executor.options.hedge == nil {
      (reports, sink) = (nil, nil)
    } else {
      let (stream, continuation) = AsyncStream<Report>.makeStream()
      (reports, sink) = (stream, continuation)
    }
  }

  /// Seconds on a scale that does not run backwards.
  static var now: Double { origin.duration(to: .now) / .seconds(1) }
  private static let origin = ContinuousClock.now

  func run() async throws(ExecutionError) -> Execution {
    guard let reports else { return try await oneByOne().get() }
    let isGone = Task.isCancelled
    // In a task of its own: a stream ends where its reader is cancelled, and what is under way could not be settled.
    let course = Task { await loop(reports, isGone: isGone) }
    let result = await withTaskCancellationHandler {
      await course.value
    } onCancel: {
      sink?.yield(.cancelled)
    }
    return try result.get()
  }

  /// Where the request stands.
  struct Standing {
    var machine: AttemptMachine
    var record = CourseRecord()
    /// The places at which something was sent.
    var asked: Set<Int> = []
    /// When each place was first found unavailable; patience counts from there.
    var refusedSince: [Int: Double] = [:]
    /// The first reservation was made by the decision; others are kept for repetitions.
    var reserved: [Int: Permit]

    mutating func sent(at place: Int) {
      asked.insert(place)
      refusedSince[place] = nil
    }

    /// Notes what came of asking an offer.
    mutating func add(_ made: Made) {
      record.add(made)
      if let kept = made.kept { reserved[made.place] = kept }
    }

    /// What to do after `happened`.
    mutating func next(after happened: AttemptMachine.Event) -> AttemptMachine.Action {
      var event = happened
      if case .unavailable(let place, let seconds?) = happened {
        let since = refusedSince[place, default: Course.now]
        refusedSince[place] = since
        // Many short waits are a long one.
        if Course.now - since > machine.policy.patience {
          event = .unavailable(at: place, for: max(seconds, machine.policy.patience + 1e-3))
        }
      }
      // Drawn only where it may matter: the system is asked for it.
      let jitter = if case .answered = event { 0.0 } else { Double.random(in: 0...1) }
      return machine.handle(event, at: Course.now, jitter: jitter)
    }
  }

  func standing() -> Standing {
    var policy = executor.options.attempts
    policy.hedge = executor.options.hedge != nil
    return Standing(
      machine: AttemptMachine(
        chain: choices.map { .init(domain: $0.offer.provider, context: $0.offer.limits.context) },
        policy: policy), reserved: [0: Permit(decision: decision)])
  }

  /// The reservation for an attempt at `place`, if there is one, and what kind of attempt it is. Reservations that
  /// were kept for others are settled.
  func begin(_ place: Int, _ standing: inout Standing) -> (Permit?, Admission.Kind) {
    let permit = standing.reserved.removeValue(forKey: place)
    settle(&standing)
    let kind: Admission.Kind =
      permit?.isRepetition == true ? .repetition : standing.asked.contains(place) ? .retry : .first
    return (permit, kind)
  }

  func end(
    _ standing: inout Standing, since started: ContinuousClock.Instant
  ) -> Result<Execution, ExecutionError> {
    settle(&standing)
    return standing.record.result(decision, seconds: started.duration(to: .now) / .seconds(1))
  }
}
