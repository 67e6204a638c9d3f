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

/// Requests that set no limit on their output, so that an attempt at a dear offer may cost more than there is.
struct BatchUnaffordableTests {
  private let folder: ScratchFolder
  private let market: BatchMarket
  private let requests: [String]

  init() throws {
    folder = try ScratchFolder()
    market = try BatchMarket(seed: 5, queries: 40, keys: .all)
    requests = market.table.queryIDs.enumerated().map { number, id in
      """
      {"custom_id": "\(id)", "body": {"messages": [{"role": "user", "content": "about water"}], \
      "metadata": {"query_id": "\(id)", "workload": "\(number % 3 == 0 ? "math" : "chat")"}}}
      """
    }
  }

  @Test func `nothing is planned where no attempt could be paid for`() async throws {
    let provider = try await market.provider()
    var options = BatchOptions.testing(inFlight: 4, timeout: .seconds(60))
    let free = try market.setup(options, baseURL: provider.baseURL, requests: requests)
    let row = try #require(free.rows.first)
    let ceilings = try Dictionary(
      uniqueKeysWithValues: free.targets.indices.map {
        (free.targets[$0].offer.id.description, try free.ceiling(row, target: $0, at: .now))
      })
    // The most quality would be the two large ones', for less than a fifth of this.
    options.budget = Money(nanodollars: 20_000_000)
    let dear = Set(ceilings.filter { $0.value > options.budget }.keys)
    #expect(dear == ["north/n-large", "south/s-large"])
    #expect(market.costs.most < options.budget.nanodollars * 5)
    let setup = try market.setup(options, baseURL: provider.baseURL, requests: requests)
    let (plan, refused, unaffordable) = try await BatchRunner.preview(setup)
    #expect(refused.count == 0 && unaffordable == nil)
    #expect(Set(zip(plan.table.offers, plan.counts).filter { $1 > 0 }.map(\.0)).isDisjoint(with: dear))
    let result = try await runBatch(setup, output: folder.path("o.jsonl"), over: directTransport())
    await provider.shutdown()
    #expect(result.progress.answered == 40 && result.course.failedAttempts.isEmpty)
    #expect(result.spent == provider.ledger().total.nanodollars)
    // Part of the money may be bound to what a request belongs to.
    var parted = BatchOptions.testing()
    parted.budgets = [.init(.workload("math"), Money(nanodollars: 20_000_000))]
    let parts = try market.setup(parted, baseURL: provider.baseURL, requests: requests)
    let cells = parts.planned(parts.rows).map { planned in
      parts.targets.indices.filter { !planned.cells[$0].isEligible }.map {
        parts.targets[$0].offer.id.description
      }
    }
    for (planned, left) in zip(parts.rows, cells) {
      #expect(Set(left) == (planned.workload == "math" ? dear : []))
    }
  }

  @Test func `a request that all of the money could not pay for is told before and after`() async throws {
    let provider = try await market.provider()
    var options = BatchOptions.testing(inFlight: 4, timeout: .seconds(60))
    options.budget = Money(nanodollars: 1_000_000)
    let setup = try market.setup(options, baseURL: provider.baseURL, requests: requests, model: "n-small")
    let row = try #require(setup.rows.first)
    let ceiling = try setup.ceiling(row, target: 0, at: .now)
    let preview = try await BatchRunner.preview(setup)
    let why = "an attempt may cost \(ceiling), more than the budget of $0.001; limit its output tokens"
    #expect(preview.unaffordable?.contains(why) == true, "\(preview.unaffordable ?? "")")
    let output = folder.path("o.jsonl")
    let result = try await runBatch(setup, output: output, over: directTransport())
    let lines = try outputLines(output, of: setup, "unaffordable")
    #expect(lines.allSatisfy { $0.errorCode == "unaffordable" && $0.cost == .zero })
    #expect(result.failures.first?.message.contains(why) == true, "\(result.failures)")
    #expect(provider.ledger().total.attempts == 0)
    // With a limit the same money is enough for all of them.
    options.maxOutputTokens = 96
    let limited = try market.setup(options, baseURL: provider.baseURL, requests: requests, model: "n-small")
    let again = try await runBatch(limited, output: output, over: directTransport())
    await provider.shutdown()
    #expect(again.progress.answered > 30 && again.spent == provider.ledger().total.nanodollars)
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
