import Drayage
import DrayageCore
import DrayageLedger
import DrayageSimulation
import Foundation
import Testing

@testable import DrayageExecution

/// Budgets of a ledger that are not a batch's own.
struct BatchSharedBudgetTests {
  private let folder: ScratchFolder
  private let transport = CurlTransport()

  init() throws {
    folder = try ScratchFolder()
  }

  /// Sets a budget, and spends some of it.
  private func declare(_ budget: Budget, spent: Money = .zero, in file: String) async throws {
    let ledger = try await DurableLedger.sqlite(at: folder.path(file))
    _ = try await ledger.setBudgets([budget])
    let key = ReservationKey(run: "another", attempt: AttemptID(request: "r", ordinal: 1))
    let provider = if case .provider(let name) = budget.scope { name } else { "another" }
    let request = ReservationRequest(
      key: key, ceiling: spent, spending: Spending(workload: "w", tags: [], provider: provider), payload: [])
    _ = try await ledger.reserve(request, at: .now)
    _ = try await ledger.settle(key, as: .metered(spent), at: .now)
    await ledger.close()
  }

  private func run(_ setup: BatchSetup, _ name: String) async throws -> BatchResult {
    try await BatchRunner(
      setup, output: folder.path("\(name).jsonl"), transport: transport, books: .file(folder.path("ledger"))
    ).run()
  }

  @Test func `a batch is planned with what the ledger's budgets leave it`() async throws {
    let market = try BatchMarket(seed: 5, queries: 120, keys: .all)
    let provider = try await market.provider()
    let rich = try market.setup(.testing(), baseURL: provider.baseURL)
    let limit = market.budget(0.02, ceilings: 1, in: rich)
    try await declare(
      Budget(name: "team", window: .month(zone: "UTC"), limit: limit + limit), spent: limit, in: "ledger")
    let result = try await run(rich, "shared")
    let row = try #require(result.plan.rows.first { $0.name == "budget[team]" })
    #expect(row.limit == limit.dollars && row.shadowPrice > 0)
    #expect(result.progress.answered == 120, "\(result.failures)")
    #expect(provider.ledger().total.nanodollars <= limit.nanodollars)
    #expect(provider.ledger().total.nanodollars > limit.nanodollars / 2)
    // As good as with a budget of its own.
    let own = try await market.provider()
    let alone = try market.setup(.testing(budget: limit), baseURL: own.baseURL)
    let reference = try await runBatch(alone, output: folder.path("own.jsonl"), over: transport)
    let difference = result.plan.totals.meanQuality - reference.plan.totals.meanQuality
    #expect(abs(difference) < 1e-9)
    // Nothing is left for another, and that is said before anything is sent.
    await #expect(throws: BatchError.self) { _ = try await self.run(rich, "late") }
    await provider.shutdown()
    await own.shutdown()
  }

  @Test func `a batch that goes on has what it has spent itself`() async throws {
    let market = try BatchMarket(seed: 6, queries: 80, keys: .all)
    let provider = try await market.provider()
    let rich = try market.setup(.testing(), baseURL: provider.baseURL)
    let limit = market.budget(0.5, ceilings: 1, in: rich)
    try await declare(Budget(name: "team", limit: limit), in: "ledger")
    let stopping = Locked<BatchRunner?>(nil)
    let first = TroubledTransport(
      transport,
      before: { _, count async throws(TransportFailure) in
        if count == 40 { await stopping.withLock { $0 }?.stop() }
      })
    do {
      let runner = try await BatchRunner(
        rich, output: folder.path("on.jsonl"), transport: first, books: .file(folder.path("ledger")))
      stopping.withLock { $0 = runner }
      let half = try await runner.run()
      #expect((20..<70).contains(half.progress.answered))
      // Whoever holds the run holds its lock.
      stopping.withLock { $0 = nil }
    }
    let result = try await run(rich, "on")
    #expect(result.progress.answered == 80, "\(result.failures)")
    #expect(
      provider.ledger().total.nanodollars == result.progress.spent.nanodollars
        && result.progress.spent <= limit)
    await provider.shutdown()
  }

  @Test func `a provider's budget sends the rest elsewhere`() async throws {
    let market = try BatchMarket(seed: 7, queries: 100, keys: .all)
    let provider = try await market.provider()
    let setup = try market.setup(.testing(), baseURL: provider.baseURL)
    let free = try await BatchRunner.preview(setup).plan
    func spent(_ plan: Plan) -> Int64 {
      plan.assignment.enumerated().reduce(0) { sum, choice in
        plan.table.providers[choice.element] == "north"
          ? sum + plan.table.cost[choice.element * plan.table.requests.count + choice.offset] : sum
      }
    }
    let limit = Money(nanodollars: spent(free) / 2)
    try await declare(Budget(name: "north", scope: .provider("north"), limit: limit), in: "ledger")
    try await declare(Budget(name: "other", scope: .workload("unheard of"), limit: .zero), in: "ledger")
    let result = try await run(setup, "capped")
    #expect(result.progress.answered == 100)
    #expect(spent(result.plan) <= limit.nanodollars && spent(result.plan) > limit.nanodollars / 2)
    await provider.shutdown()
  }
}
