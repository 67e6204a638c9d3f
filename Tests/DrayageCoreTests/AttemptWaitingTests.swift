import DrayageCore
import Testing

@Suite("Attempt machine, waiting") struct AttemptWaitingTests {
  typealias Machine = AttemptMachine

  static let two = [Machine.Candidate(domain: "a"), Machine.Candidate(domain: "b")]

  @Test(
    arguments: [
      (nil, 0, 0, 0), (0, 1, 0, 0.5), (0.25, 1, 0, 0.5), (0.25, 0, 0, 0.25), (1, 0, 0, 1), (1.001, 1, 1, 0),
      (60, 0, 1, 0), (.infinity, 1, 1, 0), (.nan, 1, 1, 0), (-5, 0.5, 0, 0.25),
    ] as [(Double?, Double, Int, Double)])
  func `a short Retry-After is waited for, a longer one moves on`(
    asked: Double?, jitter: Double, next: Int, after: Double
  ) {
    var machine = Machine(chain: Self.two)
    let action = machine.handle(.failed(at: 0, .rateLimited, retryAfter: asked), at: 8, jitter: jitter)
    #expect(action == .attempt(next, after: after))
  }

  @Test(
    arguments: [(7, 7), (60, 60), (60.001, nil), (.infinity, nil), (.nan, nil)] as [(Double, Double?)])
  func `where nothing else is free a longer one is waited for, up to the longest`(
    asked: Double, after: Double?
  ) {
    for event in [
      Machine.Event.failed(at: 0, .rateLimited, retryAfter: asked), .unavailable(at: 0, for: asked),
    ] {
      var machine = Machine(chain: [Machine.Candidate(domain: "a")])
      let failure: FailureClass? = if case .failed = event { .rateLimited } else { nil }
      let action = machine.handle(event, at: 8, jitter: 0)
      #expect(action == after.map { .attempt(0, after: $0) } ?? .giveUp(failure))
    }
  }

  @Test func `comes back to what asked for a longer wait when it is over`() {
    var machine = Machine(chain: Self.two)
    #expect(
      machine.handle(.failed(at: 0, .rateLimited, retryAfter: 10), at: 0, jitter: 0) == .attempt(1, after: 0))
    // The other asks for longer: the first is due in 6 seconds.
    #expect(
      machine.handle(.failed(at: 1, .overloaded, retryAfter: 30), at: 4, jitter: 0) == .attempt(0, after: 6))
    // The second is due 24 seconds later.
    #expect(machine.handle(.failed(at: 0, .timeout), at: 10, jitter: 0) == .attempt(1, after: 24))
    #expect(machine.handle(.answered(at: 1), at: 34, jitter: 0) == .finish)
  }

  @Test func `an offer that is unavailable is no attempt and no failure`() {
    let chain = Self.two + [Machine.Candidate(domain: "a")]
    var machine = Machine(chain: chain)
    #expect(machine.handle(.unavailable(at: 0, for: 0.5), at: 0, jitter: 1) == .attempt(0, after: 0.5))
    #expect(machine.handle(.unavailable(at: 0, for: 20), at: 0.5, jitter: 1) == .attempt(1, after: 0))
    // Nothing failed in the domain of the first and the third: the third comes before a retry at the second.
    #expect(
      machine.handle(.failed(at: 1, .overloaded, retryAfter: 2), at: 1, jitter: 0) == .attempt(2, after: 0))
    #expect(machine.attempts == 1)
    #expect(machine.handle(.unavailable(at: 2, for: nil), at: 1, jitter: 0) == .attempt(1, after: 2))
    #expect(machine.handle(.failed(at: 1, .timeout), at: 3, jitter: 0) == .attempt(0, after: 17.5))
  }

  @Test func `offers that are never free are left in the end`() {
    let policy = Machine.Policy(postponements: 10)
    var machine = Machine(chain: Self.two, policy: policy)
    var steps = 0
    var action = machine.start()
    while case .attempt(let place, _) = action, steps < 100 {
      action = machine.handle(.unavailable(at: place, for: 0), at: 0, jitter: 0)
      steps += 1
    }
    #expect(action == .giveUp(nil))
    #expect(steps == 12)
  }

  @Test func `backoff doubles up to its longest`() {
    var machine = Machine(
      chain: [Machine.Candidate(domain: "a")], policy: .init(attemptsPerOffer: 100, attempts: 100))
    var waits: [Double] = []
    var now = 0.0
    while case .attempt(0, let after) = machine.handle(.failed(at: 0, .overloaded), at: now, jitter: 1) {
      waits.append(after)
      now += after
    }
    #expect(waits == [0.5, 1, 2, 4, 8, 16] + Array(repeating: 20, count: 93))
    #expect(machine.attempts == 100)
  }

  @Test(arguments: [(0, 0), (0.5, 1), (1, 2), (-3, 0), (7, 2), (.nan, 0)] as [(Double, Double)])
  func `jitter is a share of the backoff`(jitter: Double, after: Double) {
    let policy = Machine.Policy(firstBackoff: 2)
    var machine = Machine(chain: [Machine.Candidate(domain: "a")], policy: policy)
    #expect(machine.handle(.failed(at: 0, .overloaded), at: 0, jitter: jitter) == .attempt(0, after: after))
  }

  @Test(arguments: [0, 0.5, 1, .nan] as [Double])
  func `no jitter shortens what was asked for`(jitter: Double) {
    var machine = Machine(chain: [Machine.Candidate(domain: "a")])
    #expect(
      machine.handle(.failed(at: 0, .overloaded, retryAfter: 3), at: 0, jitter: jitter)
        == .attempt(0, after: 3))
  }

  @Test(arguments: [-100, .nan, .infinity, -.infinity] as [Double])
  func `a clock that runs backwards stands still`(
    now: Double
  ) {
    var machine = Machine(chain: Self.two)
    #expect(
      machine.handle(.failed(at: 0, .overloaded, retryAfter: 10), at: 5, jitter: 0) == .attempt(1, after: 0))
    #expect(machine.handle(.failed(at: 1, .timeout), at: now, jitter: 0) == .attempt(0, after: 10))
  }
}
