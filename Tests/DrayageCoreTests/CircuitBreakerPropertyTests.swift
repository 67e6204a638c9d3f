import DrayageCore
import DrayageTesting
import Testing

@Suite("Circuit breaker properties") struct CircuitBreakerPropertyTests {
  @Test func `keeps its promises on random walks`() {
    var seen: [String: Int] = [:]
    for seed in UInt64(0)..<500 {
      var walk = BreakerWalk(seed: seed)
      for _ in 0..<200 where walk.fault == nil { seen[walk.step(), default: 0] += 1 }
      #expect(walk.fault == nil, "seed \(seed)")
    }
    // Every kind of thing took part.
    #expect(
      seen.filter { $0.value >= 100 }.keys.sorted() == [
        "admitted", "closes", "opens", "opens again", "probe", "recorded", "refused", "stale", "tripped",
      ])
  }
}

/// Random events, against promises that need little of the breaker's insides.
private struct BreakerWalk {
  private struct Attempt {
    let ticket: CircuitBreaker.Ticket
    /// The state's ordinal when it was admitted.
    let era: Int
  }

  private var random: SplitMix64
  private var breaker: CircuitBreaker
  private let policy: CircuitBreaker.Policy
  private var now = 0.0
  private var open: [Attempt] = []
  private var era = 0
  private var openUntil: Double?
  private var isProbing = false
  private var successes = 0
  private var failuresInARow = 0
  private var lengthAtLeast = 0.0
  private(set) var fault: String?

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    policy = CircuitBreaker.Policy(
      consecutiveFailures: .random(in: 1...6, using: &random),
      fewestAttempts: .random(in: 4...30, using: &random), longestOpen: 60,
      probesToClose: .random(in: 1...3, using: &random), probesAtOnce: .random(in: 1...3, using: &random))
    breaker = CircuitBreaker(policy: policy)
  }

  mutating func step() -> String {
    now += .random(in: 0...1.5, using: &random)
    switch Int.random(in: 0..<40, using: &random) {
    case 0: return trip()
    case 1..<22: return admit()
    default: return open.isEmpty ? admit() : record()
    }
  }

  private mutating func trip() -> String {
    let until = now + .random(in: 1...20, using: &random)
    breaker.trip(until: until, at: now)
    if let openUntil, openUntil >= until { return "tripped" }
    begin(until: until)
    return "tripped"
  }

  private mutating func admit() -> String {
    switch breaker.admit(at: now) {
    case .refused(let until):
      let probes = open.count { $0.era == era && $0.ticket.isProbe }
      let isOpen = openUntil.map { now < $0 } ?? false
      if !isOpen, !(isProbing && probes == policy.probesAtOnce) { fault = "refuses without a reason" }
      if until <= now { fault = "refuses until the past" }
      return "refused"
    case .admitted(let ticket):
      if let openUntil {
        if now < openUntil { fault = "admits while open" }
        self.openUntil = nil
        isProbing = true
      }
      if ticket.isProbe != isProbing { fault = "takes a probe for what is none" }
      open.append(Attempt(ticket: ticket, era: era))
      let probes = open.count { $0.era == era && $0.ticket.isProbe }
      if probes > policy.probesAtOnce { fault = "too many probes at once" }
      return isProbing ? "probe" : "admitted"
    }
  }

  private mutating func record() -> String {
    let attempt = open.remove(at: Int.random(in: 0..<open.count, using: &random))
    let result: CircuitBreaker.Result =
      [.success, .success, .failure, .neutral].randomElement(using: &random) ?? .neutral
    let before = breaker.state
    breaker.record(result, attempt.ticket, at: now)
    if attempt.era != era {
      if breaker.state != before { fault = "a stale result changes the state" }
      return "stale"
    }
    return isProbing ? follow(probe: result) : follow(result)
  }

  private mutating func follow(probe result: CircuitBreaker.Result) -> String {
    switch result {
    case .neutral: return breaker.state == .halfOpen ? "recorded" : fail("a neutral probe decides")
    case .success:
      successes += 1
      guard successes >= policy.probesToClose else {
        return breaker.state == .halfOpen ? "recorded" : fail("closes too early")
      }
      begin(until: nil)
      lengthAtLeast = 0
      return breaker.state == .closed ? "closes" : fail("does not close")
    case .failure:
      guard case .open(let until) = breaker.state else { return fail("a failed probe does not open") }
      lengthAtLeast = max(lengthAtLeast * 2, policy.firstOpen * 2)
      if abs(until - now - min(lengthAtLeast, policy.longestOpen)) > 1e-9 { fault = "does not double" }
      begin(until: until)
      return "opens again"
    }
  }

  private mutating func follow(_ result: CircuitBreaker.Result) -> String {
    if result == .success { failuresInARow = 0 }
    if result == .failure { failuresInARow += 1 }
    guard case .open(let until) = breaker.state else {
      return failuresInARow < policy.consecutiveFailures ? "recorded" : fail("does not open")
    }
    if result != .failure { fault = "opens without a failure" }
    if abs(until - now - policy.firstOpen) > 1e-9 { fault = "does not open for the first time's length" }
    begin(until: until)
    return "opens"
  }

  private mutating func begin(until: Double?) {
    era += 1
    openUntil = until
    isProbing = false
    successes = 0
    failuresInARow = 0
  }

  private mutating func fail(_ text: String) -> String {
    fault = text
    return text
  }
}
