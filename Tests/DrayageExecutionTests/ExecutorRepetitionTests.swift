import Drayage
import DrayageCore
import Testing

@testable import DrayageExecution

@Suite("Executor: attempts and repetitions", .timeLimit(.minutes(5)))
struct ExecutorRepetitionTests {
  private static let keyed: [ExecutorFixture.Seller] = {
    var sellers = [ExecutorFixture.alpha, ExecutorFixture.beta, ExecutorFixture.gamma]
    for at in sellers.indices { sellers[at].heedsKeys = true }
    return sellers
  }()

  @Test func `attempts one after the other have ids and keys of their own`() async throws {
    let fixture = try ExecutorFixture(Self.keyed)
    let running = fixture.run()
    // A refusal is not billed: what follows is another attempt, also at the same offer.
    for model in ["alpha", "alpha", "beta", "beta", "gamma"] {
      try await fixture.stage.next(at: model).reply(500)
    }
    try await fixture.stage.next(at: "gamma").answer()
    let execution = try await running.value.get()
    #expect(execution.attempts.count == 6)
    #expect(execution.attempts.compactMap(\.id?.ordinal) == [1, 2, 3, 4, 5, 6])
    #expect(Set(execution.attempts.map(\.id?.request)).count == 1)
    #expect(Set(fixture.stage.sent.compactMap(\.key)).count == 6)
    #expect(execution.attempts.map(\.charged) == [.zero, .zero, .zero, .zero, .zero, ExecutorFixture.bill])
    try fixture.checkBooks(spent: ExecutorFixture.bill)
  }

  @Test func `two requests and two executors never share a key`() async throws {
    var keys: [String] = []
    for _ in 0..<2 {
      let fixture = try ExecutorFixture(Self.keyed)
      for _ in 0..<2 {
        let running = fixture.run()
        try await fixture.stage.next(at: "alpha").answer()
        _ = try await running.value.get()
      }
      keys += fixture.stage.sent.compactMap(\.key)
      try fixture.checkBooks(spent: ExecutorFixture.bill + ExecutorFixture.bill)
    }
    #expect(keys.count == 4 && Set(keys).count == 4)
  }

  @Test func `what may be billed is repeated under its key and its reservation, and settled once`()
    async throws
  {
    let fixture = try ExecutorFixture(Self.keyed)
    let running = fixture.run()
    let first = try await fixture.stage.next(at: "alpha")
    first.fail(.reset, mayHaveBeenProcessed: true)
    let second = try await fixture.stage.next(at: "alpha")
    #expect(second.sent == first.sent && second.sent.key != nil)
    #expect(fixture.router.account?.held == (try fixture.ceiling()))
    #expect(fixture.router.account?.spent == .zero)
    second.answer()
    let execution = try await running.value.get()
    #expect(Set(execution.attempts.map(\.id)).count == 1)
    #expect(execution.attempts.map(\.charged) == [.zero, ExecutorFixture.bill])
    try fixture.checkBooks(spent: ExecutorFixture.bill)
  }

  @Test func `without a key the same failure is charged and the next attempt is a new one`() async throws {
    let fixture = try ExecutorFixture()
    let running = fixture.run()
    try await fixture.stage.next(at: "alpha").fail(.reset, mayHaveBeenProcessed: true)
    let second = try await fixture.stage.next(at: "alpha")
    #expect(second.sent.key == nil)
    #expect(fixture.router.account?.spent == (try fixture.ceiling()))
    second.answer()
    let execution = try await running.value.get()
    #expect(execution.attempts.compactMap(\.id?.ordinal) == [1, 2])
    try fixture.checkBooks(spent: fixture.ceiling() + ExecutorFixture.bill)
  }

  @Test(arguments: [500, 401, 429]) func `that a repetition is refused does not unbill what was sent before`(
    status: Int
  ) async throws {
    let fixture = try ExecutorFixture(Self.keyed)
    let running = fixture.run()
    try await fixture.stage.next(at: "alpha").fail(.reset, mayHaveBeenProcessed: true)
    try await fixture.stage.next(at: "alpha").reply(status)
    try await fixture.stage.next(at: "beta").answer()
    let execution = try await running.value.get()
    #expect(execution.attempts.map(\.charged) == [.zero, try fixture.ceiling(), ExecutorFixture.bill])
    try fixture.checkBooks(spent: fixture.ceiling() + ExecutorFixture.bill)
  }

  @Test func `a repetition that finds its rate limiter full keeps its reservation`() async throws {
    let fixture = try ExecutorFixture(Self.keyed, options: ExecutorFixture.options(patience: 30))
    let running = fixture.run()
    let first = try await fixture.stage.next(at: "alpha")
    // Unreadable, so perhaps billed; and no room for another request for three seconds: twenty come
    // back in a minute.
    first.reply(
      200, "{",
      fields: [
        "x-ratelimit-limit-requests": "20", "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "60s",
      ])
    let second = try await fixture.stage.next(at: "alpha")
    #expect(second.sent == first.sent && second.sent.key != nil)
    #expect(fixture.router.account?.held == (try fixture.ceiling()))
    second.answer()
    let execution = try await running.value.get()
    #expect(execution.attempts.map(\.notSent) == [nil, "its rate limit is used up", nil])
    #expect(Set(execution.attempts.map(\.id)).count == 1)
    #expect(execution.attempts.map(\.charged) == [.zero, .zero, ExecutorFixture.bill])
    try fixture.checkBooks(spent: ExecutorFixture.bill)
  }

  @Test func `a repetition that is given up is charged in full`() async throws {
    let fixture = try ExecutorFixture(Self.keyed, options: ExecutorFixture.options(patience: 0))
    let running = fixture.run()
    try await fixture.stage.next(at: "alpha").reply(
      200, "{",
      fields: [
        "x-ratelimit-limit-requests": "1", "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "40s",
      ])
    // The wait is too long: another offer is asked.
    try await fixture.stage.next(at: "beta").answer()
    let execution = try await running.value.get()
    #expect(execution.offer.description == "south/beta")
    #expect(execution.attempts.first?.charged == (try fixture.ceiling()))
    try fixture.checkBooks(spent: fixture.ceiling() + ExecutorFixture.bill)
  }

  @Test func `an offer without words that breaks off leaves the way free for the next`() async throws {
    let fixture = try ExecutorFixture(options: ExecutorFixture.options(attemptsPerOffer: 1))
    let listener = Listener()
    let running = fixture.run(to: listener)
    let first = try await fixture.stage.next(at: "alpha")
    first.begin()
    first.chunk(#"{"id": "first", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}"#)
    first.cut()
    let second = try await fixture.stage.next(at: "beta")
    second.begin()
    second.say("far", id: "second")
    second.finish()
    let execution = try await running.value.get()
    #expect(execution.answer.text == "far" && listener.text == "far")
    #expect(listener.beginnings == ["second"])
    try fixture.checkBooks(spent: fixture.ceiling() + ExecutorFixture.bill)
  }

  @Test func `an answer without words is heard as one`() async throws {
    let fixture = try ExecutorFixture()
    let listener = Listener()
    let running = fixture.run(to: listener)
    let exchange = try await fixture.stage.next(at: "alpha")
    exchange.begin()
    exchange.finish()
    let execution = try await running.value.get()
    #expect(execution.answer.text == "")
    #expect(listener.beginnings.count == 1 && listener.events.contains(.finish(.stop)))
    try fixture.checkBooks(spent: ExecutorFixture.bill)
  }
}
