import Drayage
import DrayageCore
import DrayageProfiles

/// The course of one request through its offers: performs what the attempt machine asks.
///
/// Without hedging the attempts follow one another in the caller's task. With it, one loop takes the reports of attempts
/// and timers, one at a time; everything that changes is the loop's own.
final class Course: Sendable {
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

  /// The way of reports from attempts to the loop.
  final class Reports: Sendable {
    let stream: AsyncStream<Report>
    private let sink: AsyncStream<Report>.Continuation

    init() { (stream, sink) = AsyncStream.makeStream() }

    func send(_ report: Report) { sink.yield(report) }
  }

  /// What attempts that are under way together share.
  struct Shared: Sendable {
    /// The place whose attempt speaks to the caller.
    var speaker: Int?
    /// The latest reservation: the next one is numbered after it.
    var latest: Permit
  }

  let executor: Executor
  let body: RequestBody
  /// What the router decided, and the reservation that it made.
  let first: Permit
  let onEvent: (@Sendable (ChatEvent) async -> Void)?
  /// Nil as long as the first attempt is the only one: most requests need no other.
  private let shared: Locked<Shared>?
  /// How attempts that are under way together report to the loop; nil where there is one at a time.
  let reports: Reports?

  init(
    _ executor: Executor, _ body: RequestBody, _ decision: Decision,
    _ onEvent: (@Sendable (ChatEvent) async -> Void)?
  ) {
    self.executor = executor
    self.body = body
    self.onEvent = onEvent
    first = Permit(decision: decision)
    if executor.options.hedge == nil {
      reports = nil
      shared = nil
    } else {
      reports = Reports()
      shared = Locked(Shared(latest: first))
    }
  }

  /// The same course for all attempts but the first, one at a time.
  init(beyondFirst course: Course) {
    executor = course.executor
    body = course.body
    onEvent = course.onEvent
    first = course.first
    reports = nil
    shared = Locked(Shared(latest: course.first))
  }

  /// The place whose attempt speaks to the caller, if there may be several.
  var speaker: Int? { shared?.withLock { $0.speaker } }

  /// Makes the attempt at `place` the one that speaks to the caller, unless another one does.
  func claim(_ place: Int) -> Bool {
    guard let shared else { return true }
    let (isMine, isNew) = shared.withLock { shared in
      defer { shared.speaker = shared.speaker ?? place }
      return (shared.speaker == nil || shared.speaker == place, shared.speaker == nil)
    }
    if isNew { reports?.send(.spoke(place: place)) }
    return isMine
  }

  /// Reserves for an attempt after all those before.
  func reserve(_ choice: Decision.Choice) throws(RouterError) -> Permit {
    guard let shared else {
      return Permit(decision: try executor.router.reserve(choice, for: first.decision))
    }
    return try shared.withLock { (shared) throws(RouterError) in
      shared.latest = Permit(decision: try executor.router.reserve(choice, for: shared.latest.decision))
      return shared.latest
    }
  }

  /// Seconds on a scale that does not run backwards.
  static var now: Double { SteadyInstant.now.seconds }

  nonisolated(nonsending) func run() async -> Result<Execution, ExecutionError> {
    guard let reports else { return await oneByOne() }
    let isGone = Task.isCancelled
    // In a task of its own: a stream ends where its reader is cancelled, and what is under way could not be settled.
    let course = Task { await loop(reports, isGone: isGone) }
    return await withTaskCancellationHandler {
      await course.value
    } onCancel: {
      reports.send(.cancelled)
    }
  }

  /// Where the request stands.
  struct Standing {
    var machine: AttemptMachine
    var record = CourseRecord()
    /// Of each place of the chain.
    var places: [Place]

    struct Place {
      /// Something was sent there.
      var isAsked = false
      /// When it was first found unavailable; patience counts from there.
      var refusedSince: Double?
      /// Made by the decision, for the first place, unless it is asked already; others are kept for repetitions.
      var reserved: Permit?
    }

    mutating func sent(at place: Int) {
      places[place].isAsked = true
      places[place].refusedSince = nil
    }

    /// Notes what came of asking an offer.
    mutating func add(_ made: consuming Made) {
      if let kept = made.kept { places[made.place].reserved = kept }
      record.add(made)
    }

    /// What to do after `happened`.
    mutating func next(after happened: AttemptMachine.Event) -> AttemptMachine.Action {
      var event = happened
      if case .unavailable(let place, let seconds?) = happened {
        let since = places[place].refusedSince ?? Course.now
        places[place].refusedSince = since
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

  /// The offer of a place of the chain.
  func choice(at place: Int) -> Decision.Choice {
    place == 0 ? first.decision.choice : first.decision.fallbacks[place - 1]
  }

  /// Where the request stands before anything else than its first offer was asked.
  ///
  /// - Parameter reserved: the reservation for that, if it is still to be asked.
  func standing(reserved: Permit?) -> Standing {
    var policy = executor.options.attempts
    policy.hedge = executor.options.hedge != nil
    let choices = [first.decision.choice] + first.decision.fallbacks
    var places = choices.map { _ in Standing.Place() }
    places[0].reserved = reserved
    return Standing(
      machine: AttemptMachine(
        chain: choices.map { .init(domain: $0.offer.provider, context: $0.offer.limits.context) },
        policy: policy), places: places)
  }

  /// The reservation for an attempt at `place`, if there is one, and what kind of attempt it is. Reservations that
  /// were kept for others are settled.
  func begin(_ place: Int, _ standing: inout Standing) -> (Permit?, Admission.Kind) {
    let permit = standing.places[place].reserved
    standing.places[place].reserved = nil
    settle(&standing)
    let kind: Admission.Kind =
      permit?.isRepetition == true ? .repetition : standing.places[place].isAsked ? .retry : .first
    return (permit, kind)
  }

  func end(
    _ standing: inout Standing, since started: Double
  ) -> Result<Execution, ExecutionError> {
    settle(&standing)
    return standing.record.result(first.decision, seconds: Self.now - started)
  }
}
