import Drayage
import DrayageCore
import DrayageSimulation
import Foundation
import Testing

@testable import DrayageExecution

/// Budgets that many requests at a time compete for.
@Suite(.serialized)
struct BatchBudgetTests {
  private let folder: ScratchFolder
  private let transport = directTransport()

  init() throws {
    folder = try ScratchFolder()
  }

  /// Of 64 requests in flight the budget covers only a handful; the others wait, and none is left behind.
  @Test(arguments: [PlanSpecification.Objective.cost, .quality])
  func manyRequestsShareFewCeilings(objective: PlanSpecification.Objective) async throws {
    for seed in UInt64(1)...4 {
      let note = Comment(rawValue: "seed \(seed), objective \(objective)")
      let market = try BatchMarket(seed: seed, queries: 100, keys: .all)
      let provider = try await market.provider(faults: "429=0.1,500=0.1,malformed=0.05", seed: seed)
      var options = BatchOptions.testing(objective: objective, inFlight: 64, timeout: .seconds(60))
      let draft = try market.setup(options, baseURL: provider.baseURL)
      options.budget = market.budget(0.05, ceilings: 2, in: draft)
      let ceilings = draft.rows.compactMap { row in
        draft.targets.indices.compactMap { try? draft.ceiling(row, target: $0, at: .now).nanodollars }
          .min()
      }
      #expect(ceilings.sorted().prefix(64).reduce(0, +) > market.costs.least, note)
      let setup = try market.setup(options, baseURL: provider.baseURL)
      let output = folder.path("\(objective)-\(seed).jsonl")
      let most = Locked<Int64>(0)
      let watching = WatchedTransport(transport) { ordinal in
        guard ordinal % 7 == 0, let copy = try? LedgerCopy(of: output + ".ledger") else { return }
        most.withLock { $0 = max($0, copy.claimed) }
      }
      let result = try await runBatch(setup, output: output, over: watching)
      await provider.shutdown()
      #expect(provider.ledger().total.nanodollars <= options.budget.nanodollars, note)
      #expect(result.spent == provider.ledger().total.nanodollars, note)
      #expect(result.progress.answered == setup.rows.count, note)
      #expect((1...options.budget.nanodollars).contains(most.withLock { $0 }), note)
    }
  }

  /// A request whose ceiling is most of the budget is answered although cheap ones never cease to want money,
  /// and although its first attempts fail.
  @Test func aDearRequestIsNotStarved() async throws {
    for seed in UInt64(1)...4 {
      let note = Comment(rawValue: "seed \(seed)")
      let market = try BatchMarket(seed: seed, queries: 80, keys: .all)
      let provider = try await market.provider()
      let dear = "q17"
      let left = Locked(3)
      let refusing = RefusingTransport(transport) { attempt in
        attempt.query == dear
          && left.withLock {
            $0 -= 1; return $0 >= 0
          }
      }
      let requests = market.table.queryIDs.map { id in
        let limit = id == dear ? 4_000 : BatchMarket.mostOutput
        return """
          {"custom_id": "\(id)", "body": {"messages": [{"role": "user", "content": "about water, again and again"}], \
          "metadata": {"query_id": "\(id)"}, "max_completion_tokens": \(limit)}}
          """
      }
      var options = BatchOptions.testing(objective: .cost, inFlight: 64, timeout: .seconds(60))
      let draft = try market.setup(options, baseURL: provider.baseURL, requests: requests)
      let row = try #require(draft.rows.first { $0.customID == dear })
      let ceiling = try #require(
        draft.targets.indices.compactMap { try? draft.ceiling(row, target: $0, at: .now) }.min())
      options.budget = Money(nanodollars: market.costs.least + ceiling.nanodollars)
      let setup = try market.setup(options, baseURL: provider.baseURL, requests: requests)
      let result = try await runBatch(setup, output: folder.path("dear-\(seed).jsonl"), over: refusing)
      await provider.shutdown()
      #expect(left.withLock { $0 } < 0, note)
      #expect(result.progress.answered == setup.rows.count, "\(note): \(result.failures)")
      #expect(provider.ledger().total.nanodollars <= options.budget.nanodollars, note)
    }
  }
}

/// Answers 503 to what it is told to, and passes the rest on.
private struct RefusingTransport: Transport {
  let base: any Transport
  let refuses: @Sendable (SentAttempt) -> Bool

  init(_ base: any Transport, refuses: @escaping @Sendable (SentAttempt) -> Bool) {
    self.base = base
    self.refuses = refuses
  }

  func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPReply {
    if refuses(SentAttempt(request)) { return ScriptedTransport.reply(503, "{}") }
    return try await base.send(request)
  }
}
