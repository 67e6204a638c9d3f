import DrayageCore
import Testing

@Suite("Attempt machine, choosing") struct AttemptChoosingTests {
  typealias Machine = AttemptMachine

  private func machine(_ domains: String, hedge: Bool = false, attempts: Int = 8) -> Machine {
    Machine(
      chain: domains.map { Machine.Candidate(domain: String($0)) },
      policy: .init(attempts: attempts, hedge: hedge))
  }

  @Test func `a domain in which nothing failed comes first`() {
    var machine = machine("aabab")
    #expect(machine.handle(.failed(at: 0, .timeout), at: 0, jitter: 0) == .attempt(2, after: 0))
    #expect(machine.handle(.failed(at: 2, .timeout), at: 0, jitter: 0) == .attempt(1, after: 0))
    #expect(machine.handle(.notAffordable(at: 1), at: 0, jitter: 0) == .attempt(3, after: 0))
  }

  @Test(arguments: [FailureClass.unauthorized, .quotaExhausted, .untrusted])
  func `what is wrong with a whole domain for good leaves all of it`(failure: FailureClass) {
    var machine = machine("aaba")
    #expect(machine.handle(.failed(at: 0, failure), at: 0, jitter: 0) == .attempt(2, after: 0))
    #expect(machine.handle(.failed(at: 2, .timeout), at: 0, jitter: 0) == .giveUp(.timeout))
  }

  @Test(arguments: [FailureClass.unreachable, .connectTimeout])
  func `what is wrong with a whole domain for now postpones all of it`(failure: FailureClass) {
    var machine = machine("aab")
    let event = Machine.Event.failed(at: 0, failure, retryAfter: 4)
    #expect(machine.handle(event, at: 0, jitter: 0) == .attempt(2, after: 0))
    #expect(machine.handle(.failed(at: 2, .notFound), at: 1, jitter: 0) == .attempt(0, after: 3))
    #expect(machine.handle(.notAffordable(at: 0), at: 4, jitter: 0) == .attempt(1, after: 0))
  }

  /// Contexts of the chain, and the place that follows when the first finds the request too long.
  @Test(
    arguments: [
      ([8, 4, 8, 16], 3), ([8, nil, 16], 1), ([nil, 4, 16], 1), ([8, 8, 4], nil), ([8, 4, nil], 2),
    ] as [([Int?], Int?)])
  func `a request too long for one context goes to a larger one`(contexts: [Int?], next: Int?) {
    var machine = Machine(chain: contexts.map { Machine.Candidate(domain: "a", context: $0) })
    let action = machine.handle(.failed(at: 0, .contextTooLong), at: 0, jitter: 0)
    #expect(action == next.map { .attempt($0, after: 0) } ?? .giveUp(.contextTooLong))
  }

  @Test func `a context too short says nothing about the provider`() {
    var machine = Machine(chain: [
      .init(domain: "a", context: 4), .init(domain: "a", context: 8), .init(domain: "b", context: 8),
    ])
    #expect(machine.handle(.failed(at: 0, .contextTooLong), at: 0, jitter: 0) == .attempt(1, after: 0))
  }

  @Test func `without hedging slowness is borne`() {
    var machine = machine("ab")
    #expect(machine.handle(.slow, at: 1, jitter: 0) == .wait)
    #expect(machine.underWay == [0])
  }

  @Test func `hedges in another domain, once`() {
    var machine = machine("aab", hedge: true)
    #expect(machine.handle(.slow, at: 1, jitter: 0) == .attempt(2, after: 0))
    #expect(machine.underWay == [0, 2])
    #expect(machine.handle(.slow, at: 2, jitter: 0) == .wait)
    #expect(machine.handle(.answered(at: 2), at: 3, jitter: 0) == .finish)
    #expect(machine.attempts == 1)
    #expect(machine.handle(.failed(at: 0, .cancelled), at: 3, jitter: 0) == .wait)
  }

  @Test func `does not hedge where there is no other domain, none free, or no attempt left`() {
    for var machine in [
      machine("aa", hedge: true), machine("ab", hedge: true, attempts: 1),
    ] {
      #expect(machine.handle(.slow, at: 1, jitter: 0) == .wait)
    }
    var machine = machine("ab", hedge: true)
    #expect(machine.handle(.unavailable(at: 0, for: 5), at: 0, jitter: 0) == .attempt(1, after: 0))
    #expect(machine.handle(.slow, at: 4, jitter: 0) == .wait)
    #expect(machine.handle(.slow, at: 5, jitter: 0) == .attempt(0, after: 0))
  }

  @Test func `when one of two fails the other is waited for`() {
    for order in [[0, 1], [1, 0]] {
      var machine = machine("abc", hedge: true)
      _ = machine.handle(.slow, at: 1, jitter: 0)
      #expect(machine.handle(.failed(at: order[0], .timeout), at: 2, jitter: 0) == .wait)
      let action = machine.handle(.failed(at: order[1], .overloaded), at: 3, jitter: 1)
      #expect(action == .attempt(order[1], after: 0.5))
    }
  }

  @Test func `a hedge that cannot be sent changes nothing`() {
    for event in [
      Machine.Event.notAffordable(at: 1), .retryRefused(at: 1), .unavailable(at: 1, for: nil),
      .unavailable(at: 1, for: 3),
    ] {
      var machine = machine("ab", hedge: true)
      _ = machine.handle(.slow, at: 1, jitter: 0)
      #expect(machine.handle(event, at: 1, jitter: 0) == .wait)
      #expect(machine.underWay == [0])
      #expect(machine.handle(.answered(at: 0), at: 2, jitter: 0) == .finish)
    }
  }

  @Test func `after a final failure of one of two nothing new is begun`() {
    var machine = machine("abc", hedge: true)
    _ = machine.handle(.slow, at: 1, jitter: 0)
    #expect(machine.handle(.failed(at: 1, .badRequest), at: 2, jitter: 0) == .wait)
    #expect(machine.handle(.slow, at: 3, jitter: 0) == .wait)
    #expect(machine.handle(.failed(at: 0, .overloaded), at: 4, jitter: 0) == .giveUp(.badRequest))
  }
}
