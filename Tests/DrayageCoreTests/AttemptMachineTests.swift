import DrayageCore
import Testing

/// One attempt at a time, at offers of different domains.
@Suite("Attempt machine") struct AttemptMachineTests {
  typealias Machine = AttemptMachine

  /// So many offers, each of a domain of its own.
  private func chain(_ count: Int) -> [Machine.Candidate] {
    (0..<count).map { Machine.Candidate(domain: "domain \($0)") }
  }

  @Test func `begins at the best offer at once`() {
    for count in 1...3 {
      let machine = Machine(chain: chain(count))
      #expect(machine.start() == .attempt(0, after: 0))
      #expect(machine.underWay == [0])
    }
  }

  @Test func `an answer finishes and counts as an attempt`() {
    var machine = Machine(chain: chain(2))
    #expect(machine.attempts == 0)
    #expect(machine.handle(.failed(at: 0, .timeout), at: 0, jitter: 1) == .attempt(1, after: 0))
    #expect(machine.handle(.answered(at: 1), at: 1, jitter: 1) == .finish)
    #expect(machine.attempts == 2)
    #expect(machine.underWay.isEmpty)
  }

  @Test func `nothing affordable gives up without a failure`() {
    var machine = Machine(chain: chain(3))
    #expect(machine.handle(.notAffordable(at: 0), at: 0, jitter: 0) == .attempt(1, after: 0))
    #expect(machine.handle(.notAffordable(at: 1), at: 0, jitter: 0) == .attempt(2, after: 0))
    #expect(machine.handle(.notAffordable(at: 2), at: 0, jitter: 0) == .giveUp(nil))
    #expect(machine.attempts == 0)
  }

  @Test(arguments: [Machine.Event.notAffordable(at: 0), .retryRefused(at: 0), .unavailable(at: 0, for: nil)])
  func `a retry that is not to be had falls back`(refusal: Machine.Event) {
    var machine = Machine(chain: chain(2))
    #expect(machine.handle(.failed(at: 0, .overloaded), at: 0, jitter: 0) == .attempt(0, after: 0))
    #expect(machine.handle(refusal, at: 0, jitter: 0) == .attempt(1, after: 0))
    #expect(machine.handle(.notAffordable(at: 1), at: 0, jitter: 0) == .giveUp(.overloaded))
    #expect(machine.attempts == 1)
  }

  @Test(arguments: FailureClass.allCases, [1, 2, 3])
  func `every class does what its meaning says`(failure: FailureClass, count: Int) {
    explore(failure, repeatable: false, retries: failure.meaning.retrySameOffer, count: count)
  }

  /// Where the same attempt can be sent again, only what is not known to be unbilled, final or the same again
  /// gains by it.
  @Test(arguments: FailureClass.allCases, [1, 2, 3])
  func `a repetition that is not billed twice is a retry`(failure: FailureClass, count: Int) {
    let retries = failure.meaning.retrySameOffer || failure == .timeout || failure == .stalled
    explore(failure, repeatable: true, retries: retries, count: count)
  }

  /// Lets the same thing happen at every place of the chain until the offer there is left.
  private func explore(_ failure: FailureClass, repeatable: Bool, retries: Bool, count: Int) {
    let policy = Machine.Policy(attemptsPerOffer: 2, attempts: 100)
    for place in 0..<count {
      var machine = Machine(chain: chain(count), policy: policy)
      // Walks to the place by failures that only fall back.
      for before in 0..<place { _ = machine.handle(.failed(at: before, .notFound), at: 0, jitter: 0) }
      let event = Machine.Event.failed(at: place, failure, repeatable: repeatable)
      let leaves: Machine.Action =
        failure.meaning.fallBack != .none && place + 1 < count
        ? .attempt(place + 1, after: 0) : .giveUp(failure)
      let action = machine.handle(event, at: 0, jitter: 1)
      #expect(action == (retries ? .attempt(place, after: 0.5) : leaves))
      guard retries else { continue }
      #expect(machine.handle(event, at: 0.5, jitter: 1) == leaves)
    }
  }

  @Test func `after the end nothing changes anything`() {
    for end in [Machine.Event.answered(at: 0), .failed(at: 0, .badRequest)] {
      var machine = Machine(chain: chain(2), policy: .init(hedge: true))
      _ = machine.handle(end, at: 0, jitter: 0)
      for event in [Machine.Event.answered(at: 0), .failed(at: 1, .overloaded), .slow, .retryRefused(at: 7)] {
        #expect(machine.handle(event, at: 1, jitter: 0) == .wait)
      }
      #expect(machine.attempts == 1)
    }
  }

  @Test func `the last attempt of all gives up whatever is left`() {
    var machine = Machine(chain: chain(3), policy: .init(attemptsPerOffer: 3, attempts: 2))
    #expect(machine.handle(.failed(at: 0, .overloaded), at: 0, jitter: 0) == .attempt(0, after: 0))
    #expect(machine.handle(.failed(at: 0, .timeout), at: 0, jitter: 0) == .giveUp(.timeout))
  }
}
