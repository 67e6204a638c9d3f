import Drayage
import DrayageCore
import Testing

@testable import DrayageExecution

@Suite("Executor: money", .timeLimit(.minutes(5)))
struct ExecutorMoneyTests {
  @Test func `a fallback beyond the budget is not sent`() async throws {
    let request = ExecutorFixture.request()
    let ceiling = try ExecutorFixture().ceiling(request)
    let budget = Money(nanodollars: 2 * ceiling.nanodollars - 1)
    let fixture = try ExecutorFixture(budget: budget, options: ExecutorFixture.options(attemptsPerOffer: 1))
    let running = fixture.run(request)
    try await fixture.stage.next(at: "alpha").fail(.reset, mayHaveBeenProcessed: true)
    let error = try #require(await running.value.error)
    #expect(error.isBudgetExhausted && error.failure == .connectionLost)
    #expect(error.attempts.last?.notSent?.contains("does not cover") == true)
    #expect(fixture.stage.sent.map(\.model) == ["alpha"])
    try fixture.checkBooks(spent: ceiling)
  }

  @Test func `a fallback at exactly the budget is sent`() async throws {
    let ceiling = try ExecutorFixture().ceiling()
    let fixture = try ExecutorFixture(
      budget: ceiling + ceiling, options: ExecutorFixture.options(attemptsPerOffer: 1))
    let running = fixture.run()
    try await fixture.stage.next(at: "alpha").fail(.reset, mayHaveBeenProcessed: true)
    try await fixture.stage.next(at: "beta").fail(.reset, mayHaveBeenProcessed: true)
    let error = try #require(await running.value.error)
    #expect(!error.isBudgetExhausted)
    try fixture.checkBooks(spent: ceiling + ceiling)
  }

  @Test func `a hedge beyond the budget leaves the first attempt alone`() async throws {
    let ceiling = try ExecutorFixture().ceiling()
    let fixture = try ExecutorFixture(budget: ceiling, options: ExecutorFixture.options(hedgeAfter: 0))
    let running = fixture.run()
    let exchange = try await fixture.stage.next(at: "alpha")
    exchange.answer()
    let execution = try await running.value.get()
    #expect(execution.offer.description == "north/alpha")
    #expect(fixture.stage.sent.count == 1)
    try fixture.checkBooks(spent: ExecutorFixture.bill)
  }

  @Test func `a budget that covers no attempt sends none`() async throws {
    let ceiling = try ExecutorFixture().ceiling()
    let fixture = try ExecutorFixture(budget: Money(nanodollars: ceiling.nanodollars - 1))
    let error = try #require(await fixture.run().value.error)
    #expect(error.isBudgetExhausted && error.failure == nil)
    #expect(error.description.contains(ceiling.description))
    #expect(fixture.stage.sent.isEmpty)
    try fixture.checkBooks(spent: .zero)
  }

  @Test(arguments: [nil, #"{"prompt_tokens": 0, "completion_tokens": 0}"#, #"{"prompt_tokens": -1}"#, "null"])
  func `an answer whose usage cannot be is charged in full`(usage: String?) async throws {
    for streams in [false, true] {
      let fixture = try ExecutorFixture()
      let running = fixture.run(to: streams ? Listener() : nil)
      let exchange = try await fixture.stage.next(at: "alpha")
      if streams {
        exchange.begin()
        exchange.say("far")
        exchange.finish(usage: usage)
      } else {
        exchange.answer(usage: usage)
      }
      let execution = try await running.value.get()
      #expect(execution.bill == nil && execution.answer.usage == nil, "\(usage ?? "") \(streams)")
      #expect(execution.spent == (try fixture.ceiling()), "\(usage ?? "") \(streams)")
      try fixture.checkBooks(spent: fixture.ceiling())
    }
  }

  @Test func `usage that comes before the last of a streamed answer is not believed`() async throws {
    let fixture = try ExecutorFixture()
    let running = fixture.run(to: Listener())
    let exchange = try await fixture.stage.next(at: "alpha")
    exchange.begin()
    exchange.say("far", usage: #"{"prompt_tokens": 10, "completion_tokens": 1}"#)
    exchange.say(" away")
    exchange.finish(usage: nil)
    let execution = try await running.value.get()
    #expect(execution.bill == nil && execution.answer.text == "far away")
    try fixture.checkBooks(spent: fixture.ceiling())
  }

  @Test func `usage that grows is taken as it stands at the end`() async throws {
    let fixture = try ExecutorFixture()
    let running = fixture.run(to: Listener())
    let exchange = try await fixture.stage.next(at: "alpha")
    exchange.begin()
    exchange.say("far", usage: #"{"prompt_tokens": 10, "completion_tokens": 1}"#)
    exchange.say(" away", usage: #"{"prompt_tokens": 10, "completion_tokens": 3}"#)
    exchange.finish()
    let execution = try await running.value.get()
    #expect(execution.bill?.total == ExecutorFixture.bill)
    try fixture.checkBooks(spent: ExecutorFixture.bill)
  }

  @Test(arguments: [(nil, 77), (55, 55)] as [(Int?, Int)])
  func `a request without a limit takes the offer's or that for all requests`(
    general: Int?, expected: Int
  ) async throws {
    var alpha = ExecutorFixture.alpha
    alpha.output = 77
    let fixture = try ExecutorFixture([alpha], options: ExecutorFixture.options(maxOutputTokens: general))
    let request = ExecutorFixture.request(maxOutputTokens: nil)
    let running = fixture.run(request)
    let exchange = try await fixture.stage.next(at: "alpha")
    let body = try #require(exchange.body)
    #expect((body["max_completion_tokens"] ?? body["max_tokens"])?.integer == expected)
    #expect(fixture.router.account?.held == (try fixture.ceiling(request, output: expected)))
    exchange.answer()
    _ = try await running.value.get()
    try fixture.checkBooks(spent: ExecutorFixture.bill)
  }

  @Test func `without any limit an offer is refused`() async throws {
    var beta = ExecutorFixture.beta
    beta.output = nil
    let fixture = try ExecutorFixture([ExecutorFixture.alpha, beta])
    let running = fixture.run(ExecutorFixture.request(maxOutputTokens: nil))
    try await fixture.stage.next(at: "alpha").answer()
    let execution = try await running.value.get()
    #expect(
      execution.decision.explanation.refusals == [.init(offer: "south/beta", rejection: .unboundedOutput)])
    try fixture.checkBooks(spent: ExecutorFixture.bill)
  }
}
