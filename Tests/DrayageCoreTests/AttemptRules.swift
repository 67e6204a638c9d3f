import DrayageCore

/// The rules of the attempt machine, stated apart from it: what is so follows each time from all that
/// happened.
struct AttemptRules {
  typealias Machine = AttemptMachine

  /// An event at a place under way, with the time told and the jitter drawn.
  struct Entry {
    let event: Machine.Event
    let now: Double
    let jitter: Double
  }

  /// A failure, until when not to retry, and whether that is allowed at all.
  private struct Failed {
    let place: Int
    let failure: FailureClass
    let until: Double
    let retries: Bool
  }

  let chain: [Machine.Candidate]
  let policy: Machine.Policy
  private(set) var history: [Entry] = []
  /// The failures in it.
  private var failures: [Failed] = []
  /// What follows from it for each place: whether it is left for good, and until when it is not to be tried.
  private var left: [Bool]
  private var ready: [Double]
  /// When each place under way may be sent to.
  private(set) var due: [Int: Double] = [0: 0]
  private(set) var isOver = false

  /// Failures after which the same offer may be tried.
  static let retryable: Set<FailureClass> = [
    .overloaded, .rateLimited, .serverError, .connectionLost, .truncated, .malformed, .unreachable,
    .connectTimeout,
  ]
  /// Failures after which the same offer may be tried if that is not billed twice.
  static let retryableIfRepeatable: Set<FailureClass> = [.timeout, .stalled]
  /// Failures after which nothing may be tried.
  static let final: Set<FailureClass> = [.badRequest, .cancelled, .interrupted]
  /// Failures that a whole domain shares, for now and for good.
  static let postponing: Set<FailureClass> = [.unreachable, .connectTimeout]
  static let condemning: Set<FailureClass> = [.unauthorized, .quotaExhausted, .untrusted]

  init(chain: [Machine.Candidate], policy: Machine.Policy) {
    self.chain = chain
    self.policy = policy
    left = chain.map { _ in false }
    ready = chain.map { _ in -.infinity }
  }

  private func failed() -> [Failed] {
    var seen: [Int: Int] = [:]
    return history.compactMap { entry in
      guard case .failed(let place, let failure, let asked, let repeatable) = entry.event else { return nil }
      seen[place, default: 0] += 1
      var backoff = policy.firstBackoff
      for _ in 1..<(seen[place] ?? 1) { backoff *= 2 }
      let wait = max(asked ?? 0, min(backoff, policy.longestBackoff) * entry.jitter)
      let allowed =
        Self.retryable.contains(failure) || repeatable && Self.retryableIfRepeatable.contains(failure)
      let retries = allowed && (seen[place] ?? 0) < policy.attemptsPerOffer
      return Failed(place: place, failure: failure, until: entry.now + wait, retries: retries)
    }
  }

  var sent: Int { chain.indices.map(sent(at:)).reduce(0, +) }

  func sent(at place: Int) -> Int {
    history.count { entry in
      switch entry.event {
      case .answered(place), .failed(at: place, _, _, _): true
      default: false
      }
    }
  }

  var lastFailure: FailureClass? {
    let final = failures.last { Self.final.contains($0.failure) }
    return (final ?? failures.last)?.failure
  }

  private func leaves(_ place: Int) -> Bool {
    let own = history.contains { entry in
      switch entry.event {
      case .notAffordable(place), .retryRefused(place), .unavailable(place, nil): true
      default: false
      }
    }
    let late = history.map(\.event).filter { if case .unavailable = $0 { true } else { false } }
      .dropFirst(policy.postponements)
    return own || late.contains { Self.place(of: $0) == place }
      || failures.contains { failure in
        if failure.place == place { return !failure.retries }
        if chain[failure.place].domain == chain[place].domain, Self.condemning.contains(failure.failure) {
          return true
        }
        guard failure.failure == .contextTooLong, let short = chain[failure.place].context,
          let context = chain[place].context
        else { return false }
        return context <= short
      }
  }

  private func waitsUntil(_ place: Int) -> Double {
    var ready = -Double.infinity
    for case (let entry, .unavailable(place, let seconds?)) in history.map({ ($0, $0.event) }) {
      ready = max(ready, entry.now + seconds)
    }
    for failure in failures
    where failure.place == place
      || Self.postponing.contains(failure.failure) && chain[failure.place].domain == chain[place].domain
    {
      ready = max(ready, failure.until)
    }
    return ready
  }

  private func isTainted(_ place: Int) -> Bool {
    failures.contains { $0.failure != .contextTooLong && chain[$0.place].domain == chain[place].domain }
  }

  /// What is to follow an event, which is noted.
  mutating func follow(_ event: Machine.Event, at now: Double, jitter: Double) -> Machine.Action {
    guard let place = Self.place(of: event) else { return hedge(at: now) }
    guard due.removeValue(forKey: place) != nil else { return .wait }
    history.append(Entry(event: event, now: now, jitter: jitter))
    failures = failed()
    left = chain.indices.map(leaves)
    ready = chain.indices.map(waitsUntil)
    if case .answered = event { return .finish }
    guard due.isEmpty else { return .wait }
    if failures.contains(where: { Self.final.contains($0.failure) }) || sent >= policy.attempts {
      return .giveUp(lastFailure)
    }
    let open = chain.indices.filter { !left[$0] }
    if open.contains(place), ready[place] <= now + min(policy.patience, policy.longestWait) {
      return .attempt(place, after: max(0, ready[place] - now))
    }
    let free = open.filter { ready[$0] <= now }
    if let next = free.first(where: { !isTainted($0) }) ?? free.first { return .attempt(next, after: 0) }
    let soon = open.filter { ready[$0] <= now + policy.longestWait }
    guard let first = soon.map({ ready[$0] }).min(), let next = soon.first(where: { ready[$0] == first })
    else {
      return .giveUp(lastFailure)
    }
    return .attempt(next, after: first - now)
  }

  private func hedge(at now: Double) -> Machine.Action {
    guard policy.hedge, due.count == 1, let running = due.keys.first, sent + 1 < policy.attempts,
      !failures.contains(where: { Self.final.contains($0.failure) })
    else { return .wait }
    let free = chain.indices.filter {
      !left[$0] && ready[$0] <= now && chain[$0].domain != chain[running].domain
    }
    guard let next = free.first(where: { !isTainted($0) }) ?? free.first else { return .wait }
    return .attempt(next, after: 0)
  }

  /// Notes what was begun or ended by an action; what no action may do.
  mutating func begin(_ action: Machine.Action, at now: Double) -> [String] {
    var faults: [String] = []
    switch action {
    case .finish, .giveUp:
      isOver = true
      due = [:]
    case .wait:
      if due.isEmpty, !isOver { faults.append("waits for nothing") }
    case .attempt(let place, let after):
      if due[place] != nil { faults.append("is at one place twice") }
      if left[place] { faults.append("tries an offer it has left") }
      if sent + due.count >= policy.attempts { faults.append("tries too often") }
      if sent(at: place) >= policy.attemptsPerOffer { faults.append("tries one offer too often") }
      if due.count >= (policy.hedge ? 2 : 1) { faults.append("has too many under way") }
      if now + after < ready[place] { faults.append("does not wait until an offer is free") }
      if after > policy.longestWait { faults.append("waits longer than its policy") }
      due[place] = now + after
    }
    if history.count > policy.attempts + policy.postponements + chain.count { faults.append("does not end") }
    return faults
  }

  static func place(of event: Machine.Event) -> Int? {
    switch event {
    case .answered(let place), .failed(let place, _, _, _), .notAffordable(let place),
      .unavailable(let place, _), .retryRefused(let place):
      place
    case .slow: nil
    }
  }
}
