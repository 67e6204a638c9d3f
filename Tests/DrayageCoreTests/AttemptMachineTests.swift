import DrayageCore
import Testing

@Suite("Attempt machine") struct AttemptMachineTests {
  typealias Machine = AttemptMachine

  @Test func beginsAtTheBestOfferAtOnce() {
    for chain in 1...3 { #expect(Machine(chainCount: chain).start() == .attempt(0, after: 0)) }
  }

  @Test func anAnswerFinishesAndCountsAsAnAttempt() {
    var machine = Machine(chainCount: 2)
    #expect(machine.attempts == 0)
    #expect(machine.handle(.failed(.timeout), jitter: 1) == .attempt(1, after: 0))
    #expect(machine.handle(.answered, jitter: 1) == .finish)
    #expect(machine.attempts == 2)
  }

  @Test func nothingAffordableGivesUpWithoutAFailure() {
    var machine = Machine(chainCount: 3)
    #expect(machine.handle(.notAffordable, jitter: 0) == .attempt(1, after: 0))
    #expect(machine.handle(.notAffordable, jitter: 0) == .attempt(2, after: 0))
    #expect(machine.handle(.notAffordable, jitter: 0) == .giveUp(nil))
    #expect(machine.attempts == 0)
  }

  @Test func aRetryThatIsNotAffordableFallsBack() {
    var machine = Machine(chainCount: 2)
    #expect(machine.handle(.failed(.overloaded), jitter: 0) == .attempt(0, after: 0))
    #expect(machine.handle(.notAffordable, jitter: 0) == .attempt(1, after: 0))
    #expect(machine.handle(.notAffordable, jitter: 0) == .giveUp(.overloaded))
  }

  @Test(arguments: FailureClass.allCases, [1, 2, 3])
  func everyClassDoesWhatItsMeaningSays(failure: FailureClass, chain: Int) {
    explore(.failed(failure), failure, retries: failure.meaning.retrySameOffer, chain: chain)
  }

  /// Where the same attempt can be sent again, only what is not known to be unbilled or final gains by it.
  @Test(arguments: FailureClass.allCases, [1, 2, 3])
  func aRepetitionThatIsNotBilledTwiceIsARetry(failure: FailureClass, chain: Int) {
    let retries = failure.meaning.retrySameOffer || failure == .timeout
    explore(.failed(failure, repeatable: true), failure, retries: retries, chain: chain)
  }

  /// Lets the same thing happen at every place of the chain until the offer there is left.
  private func explore(_ event: Machine.Event, _ failure: FailureClass, retries: Bool, chain: Int) {
    let policy = Machine.Policy(attemptsPerOffer: 2, attempts: 100)
    for position in 0..<chain {
      var machine = Machine(chainCount: chain, policy: policy)
      // Walks to the position by failures that only fall back.
      for _ in 0..<position { _ = machine.handle(.failed(.notFound), jitter: 0) }
      let leaves: Machine.Action =
        failure.meaning.fallBack && position + 1 < chain ? .attempt(position + 1, after: 0) : .giveUp(failure)
      let action = machine.handle(event, jitter: 1)
      #expect(action == (retries ? .attempt(position, after: 0.5) : leaves))
      guard retries else { continue }
      #expect(machine.handle(event, jitter: 1) == leaves)
    }
  }

  @Test(
    arguments: [
      (nil, 0, 0, 0), (0, 1, 0, 0.5), (0.25, 1, 0, 0.5), (0.25, 0, 0, 0.25), (7, 1, 0, 7), (60, 0, 0, 60),
      (60.001, 1, 1, 0), (.infinity, 1, 1, 0), (.nan, 1, 1, 0), (-5, 0.5, 0, 0.25),
    ] as [(Double?, Double, Int, Double)])
  func retryAfterIsHonouredOrTheOfferIsLeft(asked: Double?, jitter: Double, next: Int, after: Double) {
    var machine = Machine(chainCount: 2)
    let action = machine.handle(.failed(.rateLimited, retryAfter: asked), jitter: jitter)
    #expect(action == .attempt(next, after: after))
  }

  @Test func askingForTooLongAtTheLastOfferGivesUp() {
    var machine = Machine(chainCount: 1)
    #expect(machine.handle(.failed(.rateLimited, retryAfter: 61), jitter: 0) == .giveUp(.rateLimited))
  }

  @Test func backoffDoublesUpToItsLongest() {
    var machine = Machine(chainCount: 1, policy: .init(attemptsPerOffer: 100, attempts: 100))
    var waits: [Double] = []
    while case .attempt(0, let after) = machine.handle(.failed(.overloaded), jitter: 1) {
      waits.append(after)
    }
    #expect(waits == [0.5, 1, 2, 4, 8, 16] + Array(repeating: 20, count: 93))
    #expect(machine.attempts == 100)
  }

  @Test(arguments: [(0, 0), (0.5, 1), (1, 2), (-3, 0), (7, 2)] as [(Double, Double)])
  func jitterIsAShareOfTheBackoff(jitter: Double, after: Double) {
    let policy = Machine.Policy(firstBackoff: 2)
    var machine = Machine(chainCount: 1, policy: policy)
    #expect(machine.handle(.failed(.overloaded), jitter: jitter) == .attempt(0, after: after))
  }

  @Test func aJitterThatIsNoNumberStillWaitsWhatWasAskedFor() {
    var machine = Machine(chainCount: 1)
    #expect(
      machine.handle(.failed(.overloaded, retryAfter: 3), jitter: .nan) == .attempt(0, after: 3))
  }

  @Test func theLastAttemptOfAllGivesUpWhateverIsLeft() {
    var machine = Machine(chainCount: 3, policy: .init(attemptsPerOffer: 3, attempts: 2))
    #expect(machine.handle(.failed(.overloaded), jitter: 0) == .attempt(0, after: 0))
    #expect(machine.handle(.failed(.timeout), jitter: 0) == .giveUp(.timeout))
  }
}
