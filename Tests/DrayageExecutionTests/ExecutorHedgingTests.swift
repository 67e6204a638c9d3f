import Drayage
import DrayageCore
import Testing

@testable import DrayageExecution

@Suite("Executor: hedging", .timeLimit(.minutes(5)))
struct ExecutorHedgingTests {
  @Test func `no second offer is asked once the first token came`() async throws {
    let fixture = try ExecutorFixture(options: ExecutorFixture.options(hedgeAfter: 0.5))
    let listener = Listener()
    let speaking = fixture.run(ExecutorFixture.request("speaks"), to: listener)
    let first = try await fixture.stage.next(at: "alpha")
    first.begin()
    first.say("far", id: "a")
    await listener.hears("far")
    // One that begins later and stays silent is hedged; by then the time of the first one has passed too.
    let silent = fixture.run(ExecutorFixture.request("silent"), to: Listener())
    _ = try await fixture.stage.next(at: "alpha")
    let hedge = try await fixture.stage.next(at: "beta")
    #expect(hedge.sent.query == "silent")
    hedge.begin()
    hedge.say("far")
    hedge.finish()
    _ = try await silent.value.get()
    first.finish()
    let execution = try await speaking.value.get()
    #expect(execution.attempts.map(\.end) == [.answered])
    #expect(fixture.stage.sent.count { $0.query == "speaks" } == 1)
    let bills = ExecutorFixture.bill + ExecutorFixture.bill
    try fixture.checkBooks(spent: bills + fixture.ceiling(ExecutorFixture.request("silent")))
  }

  @Test(arguments: [false, true]) func `a silent offer is overtaken, broken off and charged`(streams: Bool)
    async throws
  {
    let fixture = try ExecutorFixture(options: ExecutorFixture.options(hedgeAfter: 0))
    let running = fixture.run(to: streams ? Listener() : nil)
    let slow = try await fixture.stage.next(at: "alpha")
    let fast = try await fixture.stage.next(at: "beta")
    #expect(fixture.router.account?.held == (try fixture.ceiling() + fixture.ceiling(at: "beta")))
    if streams {
      fast.begin()
      fast.say("far")
      fast.finish()
    } else {
      fast.answer()
    }
    await slow.left.wait()
    let execution = try await running.value.get()
    #expect(execution.offer.description == "south/beta" && execution.answer.text == "far")
    #expect(Set(execution.attempts.map(\.id)).count == 2)
    let loser = try #require(execution.attempts.first { $0.offer.description == "north/alpha" })
    #expect(loser.failure == .cancelled)
    #expect(loser.charged == (try fixture.ceiling()))
    #expect(execution.spent == (try fixture.ceiling()) + ExecutorFixture.bill)
    try fixture.checkBooks(spent: execution.spent)
  }

  @Test func `the loser is broken off at the winner's first token and never heard`() async throws {
    let fixture = try ExecutorFixture(options: ExecutorFixture.options(hedgeAfter: 0))
    let listener = Listener()
    let running = fixture.run(to: listener)
    let loser = try await fixture.stage.next(at: "alpha")
    let winner = try await fixture.stage.next(at: "beta")
    // The loser has begun, but has said nothing yet.
    loser.begin()
    loser.chunk(#"{"id": "loser", "choices": [{"index": 0, "delta": {"role": "assistant"}}]}"#)
    winner.begin()
    winner.say("far", id: "winner")
    // The winner's answer is far from its end.
    await loser.left.wait()
    loser.say("near", id: "loser")
    await listener.hears("far")
    winner.say(" away")
    winner.finish()
    let execution = try await running.value.get()
    #expect(execution.answer.text == "far away" && listener.text == "far away")
    #expect(listener.beginnings == ["winner"])
    #expect(execution.answer.id == "winner")
    try fixture.checkBooks(spent: fixture.ceiling() + ExecutorFixture.bill)
  }

  @Test func `the first may win too`() async throws {
    let fixture = try ExecutorFixture(options: ExecutorFixture.options(hedgeAfter: 0))
    let listener = Listener()
    let running = fixture.run(to: listener)
    let winner = try await fixture.stage.next(at: "alpha")
    let loser = try await fixture.stage.next(at: "beta")
    winner.begin()
    winner.say("far")
    await loser.left.wait()
    winner.finish()
    let execution = try await running.value.get()
    #expect(execution.offer.description == "north/alpha" && listener.text == "far")
    try fixture.checkBooks(spent: fixture.ceiling(at: "beta") + ExecutorFixture.bill)
  }

  @Test func `when the winner's stream breaks the caller has its part at once`() async throws {
    let sellers = [ExecutorFixture.alpha, ExecutorFixture.beta, ExecutorFixture.gamma]
    let fixture = try ExecutorFixture(sellers, options: ExecutorFixture.options(hedgeAfter: 0))
    let listener = Listener()
    let running = fixture.run(to: listener)
    let loser = try await fixture.stage.next(at: "alpha")
    let winner = try await fixture.stage.next(at: "beta")
    winner.begin()
    winner.say("far", id: "winner")
    await listener.hears("far")
    winner.cut()
    let error = try #require(await running.value.error)
    #expect(error.failure == .interrupted)
    #expect(error.partial?.text == "far" && error.partial?.id == "winner")
    #expect(error.description.hasPrefix("south/beta: the stream broke after its first token"))
    await loser.left.wait()
    #expect(fixture.stage.sent.map(\.model).sorted() == ["alpha", "beta"])
    try fixture.checkBooks(spent: fixture.ceiling() + fixture.ceiling(at: "beta"))
  }

  @Test func `a reservation that was kept for a repetition is settled at the end`() async throws {
    var alpha = ExecutorFixture.alpha
    alpha.heedsKeys = true
    let fixture = try ExecutorFixture(
      [alpha, ExecutorFixture.beta], options: ExecutorFixture.options(hedgeAfter: 0))
    let running = fixture.run()
    let first = try await fixture.stage.next(at: "alpha")
    let second = try await fixture.stage.next(at: "beta")
    first.fail(.reset, mayHaveBeenProcessed: true)
    second.answer()
    let execution = try await running.value.get()
    // The repetition may have been sent, and broken off, or not: they are one reservation.
    let failed = execution.attempts.filter { $0.offer.description == "north/alpha" }
    #expect(failed.first?.failure == .connectionLost)
    #expect(failed.reduce(.zero) { $0 + $1.charged } == (try fixture.ceiling()))
    #expect(execution.spent == (try fixture.ceiling()) + ExecutorFixture.bill)
    try fixture.checkBooks(spent: execution.spent)
  }

  @Test func `an offer of the same provider is no hedge`() async throws {
    var sibling = ExecutorFixture.beta
    sibling.provider = ExecutorFixture.alpha.provider
    let fixture = try ExecutorFixture(
      [ExecutorFixture.alpha, sibling, ExecutorFixture.gamma],
      options: ExecutorFixture.options(hedgeAfter: 0))
    let running = fixture.run()
    let slow = try await fixture.stage.next(at: "alpha")
    try await fixture.stage.next(at: "gamma").answer()
    await slow.left.wait()
    #expect(try await running.value.get().offer.description == "west/gamma")
    #expect(!fixture.stage.sent.contains { $0.model == "beta" })
    try fixture.checkBooks(spent: fixture.ceiling() + ExecutorFixture.bill)
  }
}
