/// Keeps requests from an offer, or a provider, that is in trouble.
///
/// Closed, it admits everything and counts; open, nothing; half-open, a few probes that close it or open it
/// again for longer. The pattern is M. Nygard's, "Release It!", 2007; the share over a window with a least
/// number of attempts is as in Polly (pollydocs.org/strategies/circuit-breaker).
///
/// A value without clock or lock; times are seconds on any scale that does not run backwards.
public struct CircuitBreaker: Sendable {
  /// The policy.
  public let policy: Policy
  /// The state as of the latest call. An open breaker whose time has come is half-open at the next
  /// ``admit(at:)``.
  public private(set) var state = State.closed

  /// Counts the changes of state that make results of earlier attempts worthless.
  private var generation = 0
  private var consecutive = 0
  private var failures: SlidingCount
  private var all: SlidingCount
  /// When each probe under way was admitted, by its number.
  private var probes: [Int: Double] = [:]
  private var probesSent = 0
  private var probesAnswered = 0
  /// Failed probes since it was last closed.
  private var failedProbes = 0

  /// A closed breaker.
  public init(policy: Policy = Policy()) {
    self.policy = policy
    failures = SlidingCount(window: policy.window, slices: 12)
    all = failures
  }

  /// Asks for one attempt.
  public mutating func admit(at now: Double) -> Admission {
    switch state {
    case .closed: return .admitted(Ticket(generation: generation, probe: nil))
    case .open(let until):
      guard now >= until else { return .refused(until: until) }
      state = .halfOpen
      return probe(at: now)
    case .halfOpen: return probe(at: now)
    }
  }

  /// Records how an attempt ended; what was admitted before the breaker last opened or closed changes
  /// nothing, nor does a probe that is recorded twice.
  public mutating func record(_ result: Result, _ ticket: Ticket, at now: Double) {
    guard ticket.generation == generation else { return }
    guard let probe = ticket.probe else { return count(result, at: now) }
    guard probes.removeValue(forKey: probe) != nil else { return }
    switch result {
    case .neutral: break
    case .success:
      probesAnswered += 1
      if probesAnswered >= policy.probesToClose { close() }
    case .failure:
      failedProbes += 1
      open(until: now + openTime)
    }
  }

  /// Opens at once, until `until` at least: for a key that is dead or an account that is empty. Probes
  /// follow.
  ///
  /// - Parameter until: may be infinite: then it stays open.
  public mutating func trip(until: Double, at now: Double) {
    guard until > now else { return }
    if case .open(let already) = state, already >= until { return }
    open(until: until)
  }

  private mutating func count(_ result: Result, at now: Double) {
    guard result != .neutral else { return }
    all.add(1, at: now)
    guard result == .failure else {
      consecutive = 0
      return
    }
    failures.add(1, at: now)
    consecutive += 1
    let attempts = all.total(at: now)
    let isShareFailed =
      attempts >= policy.fewestAttempts
      && Double(failures.total(at: now)) >= policy.failureShare * Double(attempts)
    if consecutive >= policy.consecutiveFailures || isShareFailed { open(until: now + openTime) }
  }

  private mutating func probe(at now: Double) -> Admission {
    // A probe whose end was never recorded does not keep its place for ever.
    probes = probes.filter { now - $0.value < max(policy.longestOpen, 1) }
    guard probes.count < policy.probesAtOnce else { return .refused(until: now + max(policy.firstOpen, 1)) }
    probesSent += 1
    probes[probesSent] = now
    return .admitted(Ticket(generation: generation, probe: probesSent))
  }

  /// How long to stay open after so many failed probes.
  private var openTime: Double {
    min(policy.longestOpen, policy.firstOpen * Double(1 << min(failedProbes, 30)))
  }

  private mutating func open(until: Double) {
    state = .open(until: until)
    startOver()
  }

  private mutating func close() {
    state = .closed
    failedProbes = 0
    startOver()
  }

  private mutating func startOver() {
    generation += 1
    consecutive = 0
    failures.reset()
    all.reset()
    probes = [:]
    probesAnswered = 0
  }
}
