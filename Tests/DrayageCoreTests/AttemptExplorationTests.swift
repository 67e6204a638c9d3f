import DrayageCore
import Testing

/// Every sequence of representative events up to a depth, each then run to its end, against rules stated apart from the machine.
@Suite("Attempt machine, explored") struct AttemptExplorationTests {
  static let policies: [AttemptMachine.Policy] = [
    .init(attemptsPerOffer: 1, attempts: 1), .init(attemptsPerOffer: 1, attempts: 8),
    .init(attemptsPerOffer: 2, attempts: 3), .init(attemptsPerOffer: 2, attempts: 8, longestBackoff: 0.75),
    .init(attemptsPerOffer: 3, attempts: 8, longestRetryAfter: 5),
  ]

  @Test(arguments: 1...3, policies)
  func keepsItsRulesOnEveryPath(chain: Int, policy: AttemptMachine.Policy) {
    var exploration = AttemptExploration(policy: policy)
    exploration.explore(chain: chain, depth: 6)
    #expect(exploration.faults == [])
    // The paths are many and end in both ways.
    #expect(exploration.finished > 0)
    #expect(exploration.gaveUp >= 8)
    #expect(exploration.waits > 0 || policy.attemptsPerOffer == 1)
  }
}

/// Walks the tree of events depth first.
private struct AttemptExploration {
  typealias Machine = AttemptMachine

  /// What the rules need to know of a path, kept apart from the machine.
  private struct Path {
    var events: [Machine.Event] = []
    var position = 0
    var sent = 0
    var sentAt: [Int]
    var left: Set<Int> = []
    var lastFailure: FailureClass?
  }

  /// One of each kind that the machine tells apart, with `Retry-After` below, at and above what policies allow.
  static let events: [Machine.Event] = [
    .answered, .notAffordable, .failed(.overloaded), .failed(.rateLimited, retryAfter: 5),
    .failed(.connectionLost, retryAfter: 60), .failed(.rateLimited, retryAfter: 60.5), .failed(.timeout),
    .failed(.timeout, repeatable: true), .failed(.badRequest),
    .failed(.cancelled, retryAfter: 1, repeatable: true),
  ]
  /// Failures after which the same offer may be tried, as the explored events have them.
  static let retryable: Set<FailureClass> = [.overloaded, .rateLimited, .connectionLost]
  /// Failures after which the same offer may be tried if that is not billed twice.
  static let retryableIfRepeatable: Set<FailureClass> = [.timeout]
  /// Failures after which nothing may be tried.
  static let final: Set<FailureClass> = [.badRequest, .cancelled]

  let policy: Machine.Policy
  /// The first few.
  private(set) var faults: Set<String> = []
  private(set) var finished = 0
  private(set) var gaveUp = 0
  private(set) var waits = 0

  init(policy: Machine.Policy) {
    self.policy = policy
  }

  mutating func explore(chain: Int, depth: Int) {
    walk(
      Machine(chainCount: chain, policy: policy), Path(sentAt: Array(repeating: 0, count: chain)),
      depth: depth)
  }

  private mutating func walk(_ machine: Machine, _ path: Path, depth: Int) {
    guard path.events.count <= policy.attempts + path.sentAt.count else {
      note("does not end: \(path.events)")
      return
    }
    // Beyond the depth the last event repeats until the end.
    for event in depth > 0 ? Self.events : path.events.suffix(1) {
      var (machine, path) = (machine, path)
      // Both edges and the middle, in turn.
      let jitter = [0, 1, 0.5][path.events.count % 3]
      let action = machine.handle(event, jitter: jitter)
      path.events.append(event)
      if event != .notAffordable {
        path.sent += 1
        path.sentAt[path.position] += 1
      }
      if case .failed(let failure, _, _) = event { path.lastFailure = failure }
      if machine.attempts != path.sent { note("counts \(machine.attempts) sent: \(path.events)") }
      if follow(action, event, jitter, &path) { walk(machine, path, depth: depth - 1) }
    }
  }

  /// Checks an action; whether the path goes on.
  private mutating func follow(
    _ action: Machine.Action, _ event: Machine.Event, _ jitter: Double, _ path: inout Path
  ) -> Bool {
    let wait = dueRetry(event, jitter, path)
    if wait == nil { path.left.insert(path.position) }
    let next =
      path.left.count < path.sentAt.count ? path.sentAt.indices.first { !path.left.contains($0) } : nil
    let expected: Machine.Action
    if event == .answered {
      expected = .finish
    } else if isFinal(event) || path.sent == policy.attempts && event != .notAffordable {
      expected = .giveUp(path.lastFailure)
    } else if let next {
      expected = .attempt(next, after: wait ?? 0)
    } else {
      expected = .giveUp(path.lastFailure)
    }
    if action != expected { note("\(path.events): \(action), not \(expected)") }
    switch action {
    case .finish: finished += 1
    case .giveUp: gaveUp += 1
    case .attempt(let position, let after):
      checkBounds(position, after, event, path)
      path.position = position
      if after > 0 { waits += 1 }
      return action == expected
    }
    return false
  }

  /// The bounds that hold for every attempt, whatever led to it.
  private mutating func checkBounds(_ position: Int, _ after: Double, _ event: Machine.Event, _ path: Path) {
    if path.left.contains(position) { note("tries an offer it has left: \(path.events)") }
    if path.sent >= policy.attempts { note("tries too often: \(path.events)") }
    if path.sentAt[position] >= policy.attemptsPerOffer {
      note("tries one offer too often: \(path.events)")
    }
    guard case .failed(_, let retryAfter, _) = event, position == path.position else {
      if after != 0 { note("waits before another offer: \(path.events)") }
      return
    }
    let asked = retryAfter ?? 0
    if after < asked { note("waits less than it is asked to: \(path.events)") }
    if asked > policy.longestRetryAfter { note("waits longer than its policy: \(path.events)") }
    if after > max(asked, policy.longestBackoff) { note("backs off for too long: \(path.events)") }
  }

  /// How long to wait before trying the same offer again; `nil` if it is to be left.
  private func dueRetry(_ event: Machine.Event, _ jitter: Double, _ path: Path) -> Double? {
    guard case .failed(let failure, let retryAfter, let repeatable) = event,
      Self.retryable.contains(failure) || repeatable && Self.retryableIfRepeatable.contains(failure),
      path.sentAt[path.position] < policy.attemptsPerOffer, (retryAfter ?? 0) <= policy.longestRetryAfter
    else { return nil }
    var backoff = policy.firstBackoff
    for _ in 1..<path.sentAt[path.position] { backoff *= 2 }
    return max(retryAfter ?? 0, min(backoff, policy.longestBackoff) * jitter)
  }

  private mutating func note(_ fault: String) {
    if faults.count < 5 { faults.insert(fault) }
  }

  private func isFinal(_ event: Machine.Event) -> Bool {
    guard case .failed(let failure, _, _) = event else { return false }
    return Self.final.contains(failure)
  }
}
