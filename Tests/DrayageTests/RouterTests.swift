import DrayageCore
import Testing

@testable import Drayage

@Suite("Router decides") struct RouterDecidingTests {
  private typealias Fixtures = RouterFixtures

  private func names(_ decision: Decision) -> [String] {
    ([decision.choice] + decision.fallbacks).map(\.offer.id.description)
  }

  @Test(
    arguments: [
      ([1, 2, 3, 4], ["acme/small", "bolt/mid", "core/mini", "acme/large"]),
      ([4, 3, 2, 1], ["core/mini", "bolt/mid", "acme/large", "acme/small"]),
      ([2, 1, 4, 3], ["acme/large", "core/mini", "bolt/mid", "acme/small"]),
      ([2, 3, 1, 4], ["bolt/mid", "acme/small", "core/mini", "acme/large"]),
    ] as [([Double], [String])])
  func theLeastScoreFirstThenTheNextProvider(scores: [Double], expected: [String]) throws {
    var state = try Fixtures.state(scores: scores)
    let decision = try state.decide(Fixtures.request(), at: Fixtures.instant)
    #expect(names(decision) == expected)
    // The explanation is in the order of the scores, whatever the providers.
    #expect(decision.explanation.lines.map(\.total) == [1, 2, 3, 4])
    #expect(decision.explanation.lines.first?.offer == expected[0])
    #expect(decision.explanation.refusals == [])
  }

  @Test func estimatesComeFromTheWorkload() throws {
    let profile = try TableProfile(Fixtures.table())
    var state = try Fixtures.state()
    let math = try state.decide(Fixtures.request(), at: Fixtures.instant).choice.estimate
    #expect(math.cost == Money(nanodollars: 1_500_000))
    #expect(math.ceiling == Money(nanodollars: 2_000_000))
    // The mean of its two scores is 0.5; two are few, and it does worse elsewhere.
    #expect(math.quality == profile.expectation(model: 0, workload: "math")?.quality)
    #expect(math.quality < 0.5 && math.quality > 0.4)
    #expect(math.inputTokens == 1_000)
    #expect(math.outputTokens == 250)
    let code = try state.decide(Fixtures.request(workload: "code"), at: Fixtures.instant).choice.estimate
    #expect(code.cost == Money(nanodollars: 1_200_000))
    #expect(code.quality == profile.expectation(model: 0, workload: "code")?.quality)
    #expect(code.quality > 0.2 && code.quality < math.quality)
    // Of a workload that the table does not have, what the model does elsewhere is expected.
    let other = try state.decide(Fixtures.request(workload: "poetry"), at: Fixtures.instant).choice.estimate
    #expect(other.quality == profile.expectation(model: 0, workload: "poetry")?.quality)
    #expect(other.outputTokens == 200)
  }

  @Test func aRequestOfTheTableIsExpectedToDoAsItDid() throws {
    var state = try Fixtures.state(scores: [4, 3, 2, 1])
    let known = try state.decide(Fixtures.request("m2"), at: Fixtures.instant)
    #expect(known.choice.offer.id.description == "core/mini")
    #expect(known.choice.estimate.quality == 0.4)
    #expect(known.choice.estimate.outputTokens == 300)
    #expect(known.attempt == AttemptID(request: "m2", ordinal: 1))
    // It was not scored on this one.
    let blank = try state.decide(Fixtures.request("c1", workload: "code"), at: Fixtures.instant)
    #expect(names(blank) == ["bolt/mid", "acme/large", "acme/small"])
    #expect(
      blank.explanation.refusals == [Explanation.Refusal(offer: "core/mini", rejection: .noEstimate)])
  }

  @Test func theRequestLimitsWhatIsExpectedOfTheOutput() throws {
    var state = try Fixtures.state()
    let request = Request(workload: "math", inputTokens: 1_000, inputTokenBound: 1_200, maxOutputTokens: 100)
    let estimate = try state.decide(request, at: Fixtures.instant).choice.estimate
    #expect(estimate.outputTokens == 100)
    #expect(estimate.cost == Money(nanodollars: 1_200_000))
    #expect(estimate.ceiling == Money(nanodollars: 1_400_000))
  }

  @Test func offersThatCannotServeAreLeftOut() throws {
    var state = try Fixtures.state()
    let decision = try state.decide(Fixtures.request(needing: [.tools]), at: Fixtures.later)
    #expect(names(decision) == ["acme/large"])
    #expect(
      decision.explanation.refusals.map { "\($0.offer): \($0.rejection)" }.joined(separator: "\n") == """
        acme/small: lacks tools
        bolt/mid: lacks tools
        core/mini: no prices are known for 2027-01-15T08:00:00Z (the last ends at 2026-12-01T00:00:00Z); \
        add a rate sheet to core.json
        """)
  }

  @Test func withoutAnEligibleOfferTheReasonsAreSaid() throws {
    var state = try Fixtures.state(budget: 1)
    let request = Request(inputTokens: 5_000, maxOutputTokens: 500, capabilities: [.tools])
    let error = #expect(throws: RouterError.self) { try state.decide(request, at: Fixtures.later) }
    #expect(error?.code == .noEligibleOffer)
    #expect(
      error?.description
        == "no offer can serve the request: acme/large: too small for 5000 input and 500 output tokens; "
        + "acme/small: lacks tools; bolt/mid: lacks tools; core/mini: no prices are known for "
        + "2027-01-15T08:00:00Z (the last ends at 2026-12-01T00:00:00Z); add a rate sheet to core.json")
    #expect(error?.refusals.map(\.offer) == ["acme/large", "acme/small", "bolt/mid", "core/mini"])
    #expect(state.account?.held == .zero)
  }

  @Test func aCatalogWithoutTheModelsOfThePlanIsRefused() throws {
    let error = #expect(throws: RouterError.self) {
      try RouterState(
        book: Fixtures.book(scores: [1, 2, 3, 4]), catalog: Catalog(),
        estimator: Estimator(profile: TableProfile(Fixtures.table())),
        budget: nil)
    }
    #expect(error?.code == .noOffers)
    #expect(
      error?.description
        == "the catalog sells none of the 4 models of the plan; name the table's models as the catalog's "
        + "offers or their models")
  }

  @Test func tiesMeetTheSharesOfThePlan() throws {
    var state = try Fixtures.state(scores: [1, 2, 1, 1], shares: [0.5, 0, 0.3, 0.2])
    var counts: [String: Int] = [:]
    for _ in 0..<1_000 {
      let decision = try state.decide(Fixtures.request(), at: Fixtures.instant)
      counts[decision.choice.offer.id.description, default: 0] += 1
      _ = state.settle(Outcome(decision, failure: .overloaded))
    }
    #expect(counts == ["acme/small": 500, "bolt/mid": 300, "core/mini": 200])
  }
}

@Suite("Router keeps its budget") struct RouterBudgetTests {
  private typealias Fixtures = RouterFixtures

  private func account(_ state: RouterState) throws -> [Int64] {
    let account = try #require(state.account)
    return [account.spent.nanodollars, account.held.nanodollars]
  }

  @Test func theCeilingIsReservedAndSettledOnce() throws {
    var state = try Fixtures.state(budget: 10_000_000)
    let decision = try state.decide(Fixtures.request(), at: Fixtures.instant)
    #expect(decision.reserved == Money(nanodollars: 2_000_000))
    #expect(try account(state) == [0, 2_000_000])
    let outcome = Outcome(decision, usage: TokenUsage(input: 900, output: 100))
    #expect(state.settle(outcome) == .settled(Money(nanodollars: 1_100_000)))
    #expect(state.settle(outcome) == .alreadySettled)
    #expect(state.settle(Outcome(decision, failure: .timeout)) == .alreadySettled)
    #expect(try account(state) == [1_100_000, 0])
  }

  @Test(arguments: FailureClass.allCases)
  func aFailureIsChargedOnlyIfItMayBeBilled(failure: FailureClass) throws {
    var state = try Fixtures.state(budget: 10_000_000)
    let decision = try state.decide(Fixtures.request(), at: Fixtures.instant)
    _ = state.settle(Outcome(decision, failure: failure))
    #expect(try account(state) == [failure.meaning.mayBeBilled ? 2_000_000 : 0, 0])
  }

  @Test func usageAboveTheReservationIsAnOverrun() throws {
    var state = try Fixtures.state(budget: 2_000_000)
    let decision = try state.decide(Fixtures.request(), at: Fixtures.instant)
    #expect(
      state.settle(Outcome(decision, usage: TokenUsage(input: 1_000, output: 600)))
        == .overrun(Money(nanodollars: 2_200_000), excess: Money(nanodollars: 200_000)))
    #expect { try state.decide(Fixtures.request(), at: Fixtures.instant) } throws: {
      ($0 as? RouterError)?.code == .budgetExhausted
    }
  }

  @Test func usageThatCannotBePricedIsChargedInFull() throws {
    var state = try Fixtures.state(budget: 10_000_000)
    let decision = try state.decide(Fixtures.request(), at: Fixtures.instant)
    let unknown = Outcome(
      attempt: decision.attempt, offer: try #require(OfferID("acme/unheard-of")),
      result: .answered(MeteredUsage(TokenUsage(input: 1, output: 1))), sentAt: Fixtures.instant)
    #expect(state.settle(unknown) == .settled(Money(nanodollars: 2_000_000)))
    let unpriced = try state.decide(Fixtures.request(), at: Fixtures.instant)
    let usage = TokenUsage(input: 1, output: 1, cacheWrite: 1)
    #expect(
      state.settle(Outcome(unpriced, usage: usage))
        == .settled(Money(nanodollars: 2_000_000)))
  }

  @Test func theBestThatIsLeftMoneyForIsChosen() throws {
    var state = try Fixtures.state(scores: [2, 1, 3, 4], budget: 21_500_000)
    func decide() throws -> String {
      try state.decide(Fixtures.request(), at: Fixtures.instant).choice.offer.id.description
    }
    #expect(try decide() == "acme/large")
    #expect(try decide() == "core/mini")
    let error = #expect(throws: RouterError.self) { try decide() }
    #expect(error?.code == .budgetExhausted)
    #expect(
      error?.description
        == "the $0.0005 that is left covers no attempt; the least needed is $0.001")
    #expect(try account(state) == [0, 21_000_000])
  }

  @Test func withoutABudgetThereIsNoAccount() throws {
    var state = try Fixtures.state()
    #expect(state.account == nil)
    let decision = try state.decide(Fixtures.request(), at: Fixtures.instant)
    let outcome = Outcome(decision, usage: TokenUsage(input: 900, output: 100))
    #expect(state.settle(outcome) == .settled(Money(nanodollars: 1_100_000)))
    #expect(state.settle(outcome) == .alreadySettled)
  }

  @Test func aRequestIsOpenOnce() throws {
    var state = try Fixtures.state(budget: 10_000_000)
    let decision = try state.decide(Fixtures.request("r-1"), at: Fixtures.instant)
    let error = #expect(throws: RouterError.self) {
      try state.decide(Fixtures.request("r-1"), at: Fixtures.instant)
    }
    #expect(error?.code == .requestOpen)
    #expect(error?.description == "request 'r-1' is open already; settle it, or use another id")
    #expect(try account(state) == [0, 2_000_000])
    _ = state.settle(Outcome(decision, failure: .overloaded))
    #expect(try state.decide(Fixtures.request("r-1"), at: Fixtures.instant).attempt == decision.attempt)
  }

  @Test func requestsWithoutAnIdAreNumbered() throws {
    var state = try Fixtures.state(budget: 10_000_000)
    let attempts = try (0..<3).map { _ in try state.decide(Fixtures.request(), at: Fixtures.instant).attempt }
    #expect(Set(attempts).count == 3)
    #expect(try account(state) == [0, 6_000_000])
  }

  @Test func aNumberGivenByTheCallerIsNotGivenAgain() throws {
    var state = try Fixtures.state(budget: 100_000_000)
    var named = Fixtures.request()
    named.id = "request-1"
    let first = try state.decide(named, at: Fixtures.instant)
    var unnamed = Fixtures.request()
    unnamed.id = nil
    let second = try state.decide(unnamed, at: Fixtures.instant)
    #expect(first.attempt != second.attempt)
  }

  @Test func aFallbackHoldsMoneyOfItsOwn() throws {
    var state = try Fixtures.state(budget: 100_000_000)
    let first = try state.decide(Fixtures.request(), at: Fixtures.instant)
    let second = try state.fallBack(first, after: .overloaded, at: Fixtures.instant)
    #expect(second.choice == first.fallbacks.first)
    #expect(second.attempt.ordinal == first.attempt.ordinal + 1)
    #expect(state.account?.held == second.reserved)
    #expect(state.account?.spent == .zero)
    var last = second
    while let next = try? state.fallBack(last, after: .overloaded, at: Fixtures.instant) { last = next }
    #expect(last.fallbacks.isEmpty)
    #expect(state.account?.held == .zero)
  }

  @Test func badRequestsHaveNoFallback() throws {
    var state = try Fixtures.state(budget: 100_000_000)
    let first = try state.decide(Fixtures.request(), at: Fixtures.instant)
    let error = #expect(throws: RouterError.self) {
      _ = try state.fallBack(first, after: .badRequest, at: Fixtures.instant)
    }
    #expect(error?.code == .noFallback)
    #expect(state.account?.held == .zero)
  }

  @Test func anAttemptFallsBackOnce() throws {
    var state = try Fixtures.state(budget: 100_000_000)
    let first = try state.decide(Fixtures.request(), at: Fixtures.instant)
    _ = try state.fallBack(first, after: .overloaded, at: Fixtures.instant)
    let again = #expect(throws: RouterError.self) {
      _ = try state.fallBack(first, after: .overloaded, at: Fixtures.instant)
    }
    #expect(again?.code == .notOpen)
  }

  @Test func aRequestIsOpenThroughItsFallbacks() throws {
    var state = try Fixtures.state(budget: 100_000_000)
    var request = Fixtures.request()
    request.id = "a"
    let first = try state.decide(request, at: Fixtures.instant)
    let second = try state.fallBack(first, after: .overloaded, at: Fixtures.instant)
    let error = #expect(throws: RouterError.self) { _ = try state.decide(request, at: Fixtures.instant) }
    #expect(error?.code == .requestOpen)
    _ = state.settle(Outcome(second, failure: .overloaded))
    _ = try state.decide(request, at: Fixtures.instant)
  }
}
