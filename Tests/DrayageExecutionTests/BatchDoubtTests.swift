import Drayage
import DrayageCore
import Foundation
import Testing

@testable import DrayageExecution

/// What an attempt counts as when nobody can say whether it was billed; one request, one script.
struct BatchDoubtTests {
  private let folder: ScratchFolder

  init() throws {
    folder = try ScratchFolder()
  }

  /// A market of one request at one offer.
  private func setup(
    keys: BatchMarket.Keys, offer: String, attempts: Int = 3, body: String = "one"
  ) throws -> BatchSetup {
    let market = try BatchMarket(seed: 1, queries: 1, keys: keys)
    var options = BatchOptions.testing(budget: Money(nanodollars: 1_000_000_000), inFlight: 1)
    options.policy.attemptsPerOffer = attempts
    options.policy.attempts = attempts
    return try market.setup(
      options, baseURL: "http://127.0.0.1:9/v1",
      requests: [
        """
        {"custom_id": "q0", "body": {"messages": [{"role": "user", "content": "\(body)"}], \
        "metadata": {"query_id": "q0"}, "max_tokens": 50}}
        """
      ], model: offer)
  }

  private func ceiling(_ setup: BatchSetup) throws -> Int64 {
    try setup.ceiling(try #require(setup.rows.first), target: 0, at: .now).nanodollars
  }

  private let lost = ScriptedTransport.failure(.reset, mayHaveBeenProcessed: true)
  private let unsent = ScriptedTransport.failure(.connect, mayHaveBeenProcessed: false)

  @Test func aRepetitionUnderItsKeyIsBilledOnce() async throws {
    let setup = try setup(keys: .all, offer: "n-small")
    let transport = ScriptedTransport([lost, lost, ScriptedTransport.answer(input: 10, output: 20)])
    let result = try await runBatch(setup, output: folder.path("out"), over: transport)
    #expect(result.spent == 10 * 100 + 20 * 400)
    #expect(Set(transport.sent.map(\.key)).count == 1 && transport.sent.count == 3)
  }

  @Test func withoutKeysEveryLostAnswerCounts() async throws {
    let setup = try setup(keys: .none, offer: "n-small")
    let transport = ScriptedTransport([lost, lost, ScriptedTransport.answer(input: 10, output: 20)])
    let result = try await runBatch(setup, output: folder.path("out"), over: transport)
    #expect(try result.spent == 2 * ceiling(setup) + 10 * 100 + 20 * 400)
    #expect(transport.sent.allSatisfy { $0.key == nil })
  }

  /// That the repetition is refused, or never sent, takes nothing back of what was sent before.
  @Test func aRefusedRepetitionLeavesTheDoubt() async throws {
    let refusals = [
      ScriptedTransport.status(429), ScriptedTransport.status(503), ScriptedTransport.status(401),
      ScriptedTransport.status(400), unsent,
    ]
    for (number, refusal) in refusals.enumerated() {
      let setup = try setup(keys: .all, offer: "n-small")
      let transport = ScriptedTransport([lost, refusal])
      let result = try await runBatch(setup, output: folder.path("out-\(number)"), over: transport)
      #expect(result.progress.failed == 1, "refusal \(number)")
      #expect(try result.spent == ceiling(setup), "refusal \(number)")
      #expect(Set(transport.sent.map(\.key)).count == 1, "refusal \(number)")
    }
  }

  @Test func afterADoubtIsResolvedARefusalIsFree() async throws {
    let setup = try setup(keys: .none, offer: "n-small")
    let transport = ScriptedTransport([unsent, ScriptedTransport.status(503)])
    let result = try await runBatch(setup, output: folder.path("out"), over: transport)
    #expect(result.progress.failed == 1 && result.spent == 0)
  }

  @Test func anAnswerWithoutUsageCostsItsReservation() async throws {
    let usages = [
      "", #", "usage": {"prompt_tokens": -1, "completion_tokens": 1}"#,
      #", "usage": {"prompt_tokens": 1, "completion_tokens": 9000000000000000000}"#,
    ]
    for usage in usages {
      let body = #"{"choices": [{"message": {"role": "assistant", "content": "yes"}}]"# + usage + "}"
      let setup = try setup(keys: .all, offer: "n-small")
      let transport = ScriptedTransport([ScriptedTransport.body(body)])
      let result = try await runBatch(setup, output: folder.path("\(body.count)"), over: transport)
      #expect(try result.progress.answered == 1 && result.spent == ceiling(setup), "\(body)")
    }
  }

  /// A bill beyond what was possible is owed all the same, and told.
  @Test func anOverrunIsCountedInFull() async throws {
    let setup = try setup(keys: .all, offer: "n-small")
    let transport = ScriptedTransport([ScriptedTransport.answer(input: 90_000_000, output: 90_000_000)])
    let result = try await runBatch(setup, output: folder.path("out"), over: transport)
    #expect(result.spent == 90_000_000 * 500)
    #expect(try result.course.overrun.nanodollars == 90_000_000 * 500 - ceiling(setup))
  }

  /// Absurd bills of every row leave a run and its successor standing.
  @Test func absurdBillsDoNotOverflow() async throws {
    let market = try BatchMarket(seed: 3, queries: 60, keys: .all)
    let options = BatchOptions.testing(budget: .largest)
    let setup = try market.setup(options, baseURL: "http://127.0.0.1:9/v1")
    for (name, step) in [
      ("most", ScriptedTransport.answer(input: 99_999_999, output: 99_999_999)),
      ("beyond", ScriptedTransport.answer(input: .max, output: .max)),
    ] {
      let result = try await runBatch(setup, output: folder.path(name), over: ScriptedTransport([step]))
      #expect(result.progress.answered == 60)
      let again = try await runBatch(setup, output: folder.path(name), over: ScriptedTransport([step]))
      #expect(again.course.resumed == 60 && again.spent == result.spent)
    }
  }

  // MARK: Orphans

  /// Leaves a ledger whose only attempt was reserved and has no end.
  private func orphan(
    _ setup: BatchSetup, _ name: String, of query: String = "q0"
  ) async throws -> LedgerCopy.Open {
    let path = folder.path(name + ".ledger")
    let crash = CrashingTransport(ScriptedTransport([lost]), lastRequest: 1, ledger: path)
    _ = try await runBatch(setup, output: folder.path(name), over: crash)
    let copy = try #require(crash.ledgerAtCrash)
    try copy.put(at: path)
    return try #require(copy.open.first { $0.query == query })
  }

  @Test func anOrphanIsAskedForUnderItsKey() async throws {
    let setup = try setup(keys: .all, offer: "n-small")
    let orphan = try await orphan(setup, "out")
    let transport = ScriptedTransport([ScriptedTransport.answer(input: 10, output: 20)])
    let result = try await runBatch(setup, output: folder.path("out"), over: transport)
    #expect(transport.sent.map(\.key) == [orphan.key])
    #expect(result.spent == 10 * 100 + 20 * 400)
  }

  @Test func anOrphanWithoutKeyCountsInFull() async throws {
    let setup = try setup(keys: .none, offer: "n-small")
    _ = try await orphan(setup, "out")
    let transport = ScriptedTransport([ScriptedTransport.answer(input: 10, output: 20)])
    let result = try await runBatch(setup, output: folder.path("out"), over: transport)
    #expect(try result.spent == ceiling(setup) + 10 * 100 + 20 * 400)
  }

  /// A provider that is down at the restart says nothing of what it billed before.
  @Test func anOrphanThatCannotBeAskedForCountsInFull() async throws {
    let setup = try setup(keys: .all, offer: "n-small")
    _ = try await orphan(setup, "out")
    let result = try await runBatch(setup, output: folder.path("out"), over: ScriptedTransport([unsent]))
    #expect(result.progress.failed == 1)
    #expect(try result.spent == ceiling(setup))
  }

  /// The key of an orphan names its request: an edited one is another, and goes under a key of its own.
  @Test func anOrphanOfAnEditedRowCountsInFull() async throws {
    let before = try setup(keys: .all, offer: "n-small")
    let orphan = try await orphan(before, "out")
    let after = try setup(keys: .all, offer: "n-small", body: "two")
    let transport = ScriptedTransport([ScriptedTransport.answer(input: 10, output: 20)])
    let result = try await runBatch(after, output: folder.path("out"), over: transport)
    #expect(transport.sent.count == 1 && transport.sent.first?.key != orphan.key)
    #expect(try result.spent == ceiling(before) + 10 * 100 + 20 * 400)
  }

  /// The money that orphans hold comes back before anyone waits for it, with one request in flight too.
  @Test func nobodyWaitsInVainForWhatAnOrphanHolds() async throws {
    let market = try BatchMarket(seed: 5, queries: 2, keys: .all)
    let costs = [0, 1].map { market.table.cost(query: $0, model: 0)?.nanodollars ?? 0 }
    // The one that is added after the crash is the dearer, and so the first in line.
    let (cheap, dear) = costs[0] < costs[1] ? ("q0", "q1") : ("q1", "q0")
    func setup(_ ids: [String], budget: Int64) throws -> BatchSetup {
      let options = BatchOptions.testing(budget: Money(nanodollars: budget), objective: .cost, inFlight: 1)
      return try market.setup(
        options, baseURL: "http://127.0.0.1:9/v1",
        requests: ids.map { id in
          #"{"custom_id": "\#(id)", "body": {"messages": [{"role": "user", "content": "\#(id), again and again"}], "#
            + #""metadata": {"query_id": "\#(id)"}, "max_tokens": 200}}"#
        }, model: "n-small")
    }
    let ceiling = try ceiling(try setup([cheap], budget: 1_000_000_000))
    let budget = ceiling * 3 / 2
    _ = try await orphan(try setup([cheap], budget: budget), "out", of: cheap)
    let transport = ScriptedTransport([ScriptedTransport.answer(input: 10, output: 20)])
    let result = try await runBatch(
      try setup([cheap, dear], budget: budget), output: folder.path("out"), over: transport)
    #expect(result.progress.answered == 2)
    #expect(transport.sent.map(\.query) == [cheap, dear])
  }
}
