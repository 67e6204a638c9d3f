import Drayage
import DrayageCore
import Testing

@testable import DrayageExecution

@Suite("Executor: cancellation", .timeLimit(.minutes(5)))
struct ExecutorCancellationTests {
  /// Waits until nothing is reserved.
  private func untilNothingIsHeld(_ fixture: ExecutorFixture) async {
    while fixture.router.account?.held != .zero, !Task.isCancelled { await Task.yield() }
  }

  @Test func `a caller that is gone before has nothing sent`() async throws {
    for _ in 0..<20 {
      let fixture = try ExecutorFixture()
      let cancelled = Task { () -> ExecutionError? in
        withUnsafeCurrentTask { $0?.cancel() }
        do throws(ExecutionError) {
          _ = try await fixture.executor.execute(ExecutorFixture.request("gone"))
          return nil
        } catch {
          return error
        }
      }
      #expect(await cancelled.value?.failure == .cancelled)
      // What comes next is sent as ever.
      let running = fixture.run()
      try await fixture.stage.next(at: "alpha").answer()
      _ = try await running.value.get()
      #expect(!fixture.stage.sent.contains { $0.query == "gone" })
      try fixture.checkBooks(spent: ExecutorFixture.bill)
    }
  }

  @Test func `while it waits for room nothing is sent`() async throws {
    var alpha = ExecutorFixture.alpha
    alpha.quota = #"{"plan": "*", "concurrency": 1}"#
    let fixture = try ExecutorFixture([alpha])
    let first = fixture.run(ExecutorFixture.request("first"))
    let exchange = try await fixture.stage.next(at: "alpha")
    let waiting = fixture.run(ExecutorFixture.request("waiting"))
    waiting.cancel()
    let error = try #require(await waiting.value.error)
    #expect(error.failure == .cancelled && error.spent == .zero)
    exchange.answer()
    _ = try await first.value.get()
    #expect(fixture.stage.sent.map(\.query) == ["first"])
    try fixture.checkBooks(spent: ExecutorFixture.bill)
  }

  @Test func `in flight it is broken off and charged`() async throws {
    let fixture = try ExecutorFixture()
    let running = fixture.run()
    let exchange = try await fixture.stage.next(at: "alpha")
    running.cancel()
    await exchange.left.wait()
    let error = try #require(await running.value.error)
    #expect(error.failure == .cancelled && error.partial == nil)
    #expect(error.attempts.map(\.failure) == [.cancelled])
    #expect(error.spent == (try fixture.ceiling()))
    #expect(fixture.stage.sent.count == 1)
    try fixture.checkBooks(spent: fixture.ceiling())
  }

  @Test func `both of a hedged pair are broken off and charged`() async throws {
    let fixture = try ExecutorFixture(options: ExecutorFixture.options(hedgeAfter: 0))
    let running = fixture.run(to: Listener())
    let exchanges = [
      try await fixture.stage.next(at: "alpha"), try await fixture.stage.next(at: "beta"),
    ]
    running.cancel()
    for exchange in exchanges { await exchange.left.wait() }
    #expect(await running.value.error?.failure == .cancelled)
    try fixture.checkBooks(spent: fixture.ceiling() + fixture.ceiling(at: "beta"))
  }

  @Test func `in backoff it ends at once and costs nothing`() async throws {
    let fixture = try ExecutorFixture([ExecutorFixture.alpha])
    let running = fixture.run()
    try await fixture.stage.next(at: "alpha").reply(429, fields: ["retry-after": "50"])
    await untilNothingIsHeld(fixture)
    running.cancel()
    let error = try #require(await running.value.error)
    #expect(error.failure == .cancelled && error.attempts.first?.failure == .rateLimited)
    #expect(fixture.stage.sent.count == 1)
    try fixture.checkBooks(spent: .zero)
  }

  @Test func `in the backoff of a repetition what may have been billed is charged`() async throws {
    var alpha = ExecutorFixture.alpha
    alpha.heedsKeys = true
    let fixture = try ExecutorFixture([alpha])
    let running = fixture.run()
    try await fixture.stage.next(at: "alpha").reply(
      200, "{",
      fields: [
        "x-ratelimit-limit-requests": "100", "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "50s",
      ])
    running.cancel()
    let error = try #require(await running.value.error)
    #expect(error.failure == .cancelled)
    #expect(error.spent == (try fixture.ceiling()))
    try fixture.checkBooks(spent: fixture.ceiling())
  }

  @Test func `while streaming the part that came is handed back`() async throws {
    let fixture = try ExecutorFixture()
    let listener = Listener()
    let running = fixture.run(to: listener)
    let exchange = try await fixture.stage.next(at: "alpha")
    exchange.begin()
    exchange.say("far")
    await listener.hears("far")
    running.cancel()
    await exchange.left.wait()
    let error = try #require(await running.value.error)
    #expect(error.failure == .cancelled && error.partial?.text == "far")
    #expect(fixture.stage.sent.count == 1)
    try fixture.checkBooks(spent: fixture.ceiling())
  }
}
