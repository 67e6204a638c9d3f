import Drayage
import DrayageCore
import DrayageProfiles
import Testing

@testable import DrayageExecution

@Suite("Executor: choosing", .timeLimit(.minutes(5)))
struct ExecutorChoosingTests {
  @Test func `while a probe hangs other requests go to the next offer`() async throws {
    let fixture = try ExecutorFixture(
      options: ExecutorFixture.options(attemptsPerOffer: 1, patience: 0.5, breakerAfter: 1))
    let alpha = try #require(OfferID("north/alpha"))
    let first = fixture.run(ExecutorFixture.request("first"))
    try await fixture.stage.next(at: "alpha").reply(500)
    try await fixture.stage.next(at: "beta").answer()
    _ = try await first.value.get()
    #expect(fixture.executor.breaker(of: alpha) != .closed)
    let probing = fixture.run(ExecutorFixture.request("probe"))
    let probe = try await fixture.stage.next(at: "alpha")
    #expect(fixture.executor.breaker(of: alpha) == .halfOpen)
    for number in 0..<5 {
      let other = fixture.run(ExecutorFixture.request("other \(number)"))
      let exchange = try await fixture.stage.next(at: "beta")
      #expect(exchange.sent.query == "other \(number)")
      exchange.answer()
      let execution = try await other.value.get()
      #expect(execution.attempts.first?.notSent == "its circuit breaker is open")
    }
    probe.answer()
    #expect(try await probing.value.get().offer == alpha)
    try fixture.checkBooks(spent: Money(nanodollars: 7 * ExecutorFixture.bill.nanodollars))
  }

  @Test func `a probe that is cancelled gives its place back`() async throws {
    let fixture = try ExecutorFixture(
      options: ExecutorFixture.options(attemptsPerOffer: 1, patience: 0.5, breakerAfter: 1))
    let first = fixture.run()
    try await fixture.stage.next(at: "alpha").reply(500)
    try await fixture.stage.next(at: "beta").answer()
    _ = try await first.value.get()
    let probing = fixture.run()
    _ = try await fixture.stage.next(at: "alpha")
    probing.cancel()
    #expect(await probing.value.error?.failure == .cancelled)
    let next = fixture.run()
    try await fixture.stage.next(at: "alpha").answer()
    #expect(try await next.value.get().offer.description == "north/alpha")
    try fixture.checkBooks(spent: fixture.ceiling() + ExecutorFixture.bill + ExecutorFixture.bill)
  }

  @Test func `what a wire format cannot carry is refused by name`() async throws {
    var beta = ExecutorFixture.beta
    beta.dialect = "anthropic-messages"
    let fixture = try ExecutorFixture([ExecutorFixture.alpha, beta])
    var request = ExecutorFixture.request()
    request.responseFormat = .jsonObject
    let running = fixture.run(request)
    try await fixture.stage.next(at: "alpha").reply(500)
    try await fixture.stage.next(at: "alpha").answer()
    let execution = try await running.value.get()
    let refusals = execution.decision.explanation.refusals
    #expect(refusals.map(\.offer) == ["south/beta"])
    #expect(refusals.first?.rejection == .inexpressible("response_format json_object; give a schema"))
    #expect(!execution.attempts.contains { $0.offer.description == "south/beta" })
    try fixture.checkBooks(spent: ExecutorFixture.bill)
  }

  @Test func `a request that no offer can carry is refused with every reason`() async throws {
    var (alpha, beta) = (ExecutorFixture.alpha, ExecutorFixture.beta)
    (alpha.dialect, beta.dialect) = ("anthropic-messages", "anthropic-messages")
    let fixture = try ExecutorFixture([alpha, beta])
    var request = ExecutorFixture.request()
    request.responseFormat = .jsonObject
    let error = try #require(await fixture.run(request).value.error)
    #expect(error.failure == nil && !error.isBudgetExhausted)
    #expect(error.refusals.map(\.offer) == ["north/alpha", "south/beta"])
    #expect(error.description.contains("north/alpha: its wire format has no place for response_format"))
    #expect(fixture.stage.sent.isEmpty)
    try fixture.checkBooks(spent: .zero)
  }

  @Test func `an offer below the demanded quality is refused`() async throws {
    let fixture = try ExecutorFixture()
    let body = try RequestBody(ExecutorFixture.request())
    let open = try fixture.executor.decide(body, .init())
    let (best, next) = (open.choice.estimate.quality, try #require(open.fallbacks.first).estimate.quality)
    #expect(best > next)
    fixture.router.settle(
      Outcome(
        attempt: open.attempt, offer: open.choice.offer.id, result: .notSent, sentAt: .now, latency: nil))
    let demand = Executor.Demand(quality: (best + next) / 2)
    async let answer = fixture.executor.execute(ExecutorFixture.request(), demand)
    try await fixture.stage.next(at: "alpha").answer()
    let execution = try await answer
    #expect(execution.decision.fallbacks.isEmpty)
    #expect(execution.decision.explanation.refusals.map(\.offer) == ["south/beta"])
    let error = await #expect(throws: ExecutionError.self) {
      try await fixture.executor.execute(ExecutorFixture.request(), .init(quality: best + 0.01))
    }
    #expect(error?.refusals.count == 2)
    try fixture.checkBooks(spent: ExecutorFixture.bill)
  }

  @Test func `a request the provider calls wrong is asked of nobody else`() async throws {
    let fixture = try ExecutorFixture()
    let running = fixture.run()
    try await fixture.stage.next(at: "alpha").reply(400)
    #expect(await running.value.error?.failure == .badRequest)
    #expect(fixture.stage.sent.count == 1)
    try fixture.checkBooks(spent: .zero)
  }

  @Test func `a router has a request answered over its executor`() async throws {
    let fixture = try ExecutorFixture()
    let listener = Listener()
    async let answer = fixture.router.execute(
      ExecutorFixture.request(), over: fixture.executor, onEvent: { listener.hear($0) })
    let exchange = try await fixture.stage.next(at: "alpha")
    exchange.begin()
    exchange.say("far", id: "a")
    exchange.finish()
    let execution = try await answer
    #expect(execution.answer.text == "far" && listener.text == "far")
    #expect(execution.bill?.total == ExecutorFixture.bill)
    try fixture.checkBooks(spent: ExecutorFixture.bill)
  }

  @Test(arguments: [false, true])
  func `an answer teaches how long it is and how fast it came`(isStreamed: Bool) async throws {
    let fixture = try ExecutorFixture()
    let listener = isStreamed ? Listener() : nil
    let running = fixture.run(to: listener)
    let exchange = try await fixture.stage.next(at: "alpha")
    if isStreamed {
      exchange.begin()
      exchange.say("far")
      await listener?.hears("far")
      exchange.finish()
    } else {
      exchange.answer()
    }
    let execution = try await running.value.get()
    #expect(fixture.router.judge(execution, quality: 0.5))
    let file = try fixture.router.takeObservations().file(source: "host")
    #expect(file.entries.map(\.kind).sorted() == ["latency", "lengths", "quality", "token_correction"])
    #expect(file.tokenCorrection(model: "alpha")?.count == 1)
    let latency = try #require(file.latency(offer: "north/alpha"))
    // The answer has five tokens: of a whole one all come at once.
    let speed = try #require(latency.speed.sketch.sketch.buckets.first?.mean)
    let span = execution.attempts[0].seconds - (execution.firstToken ?? execution.attempts[0].seconds)
    #expect(abs(speed / min(4 / span, 100_000) - 1) < 0.02, "\(speed), \(span)")
    #expect((execution.firstToken != nil) == isStreamed)
    let lengths = try file.lengths().records[.init("alpha")]?["default"]
    #expect(lengths?.complete.count == 1 && lengths?.truncated.count == 0)
  }

  @Test func `an answer that its limit cut off is kept apart`() async throws {
    let fixture = try ExecutorFixture()
    let running = fixture.run()
    try await fixture.stage.next(at: "alpha").reply(
      200,
      #"{"choices": [{"message": {"content": "f"}, "finish_reason": "length"}], "usage": \#(StagedExchange.usage)}"#
    )
    _ = try await running.value.get()
    let lengths = try fixture.router.takeObservations().file(source: "host").lengths().records
    #expect(lengths[.init("alpha")]?["default"]?.truncated.count == 1)
  }
}
