import Drayage
import DrayageCore
import DrayageLedger
import DrayageSimulation
import DrayageTesting
import Foundation
import Testing

@testable import DrayageExecution

/// Batches that go through the batch interfaces of providers, in part or whole.
@Suite(.serialized)
struct BatchProviderJobTests {
  private let folder: ScratchFolder
  private let transport = directTransport()

  init() throws { folder = try ScratchFolder() }

  /// When it is sure that a job that is not there was not taken.
  private static let later: @Sendable () -> UTCInstant = {
    UTCInstant(secondsSince1970: UTCInstant.now.secondsSince1970 + 2 * BatchSearch.doubt)
  }

  private static func isSubmission(_ request: HTTPRequest) -> Bool {
    request.method == "POST" && request.url.hasSuffix("/batches")
  }

  /// Runs a batch over `transport`, which is given a way to stop it.
  private func runStoppable(
    _ setup: BatchSetup, output: String,
    over transport: (@escaping @Sendable () async -> Void) -> any Transport
  ) async throws -> BatchResult {
    let runner = Locked<BatchRunner?>(nil)
    defer { runner.withLock { $0 = nil } }
    let started = try await BatchRunner(
      setup, output: output, transport: transport { await runner.withLock { $0 }?.stop() })
    runner.withLock { $0 = started }
    return try await started.run()
  }

  /// What must hold of every run: nothing lost, nothing twice, and no more billed than counted, nor counted than
  /// allowed.
  private func expectSound(
    _ result: BatchResult, _ books: SimulationLedger, budget: Money, isExact: Bool = true, _ note: Comment
  ) {
    #expect(books.total.nanodollars <= result.spent, note)
    if isExact { #expect(books.total.nanodollars == result.spent, note) }
    #expect(result.progress.spent <= budget, note)
    #expect(result.course.overrun == .zero, note)
  }

  @Test func `with a day to spare the same is bought for half the money`() async throws {
    for seed in UInt64(1)...3 {
      let note = Comment(rawValue: "seed \(seed)")
      let market = try JobMarket(seed: seed)
      let provider = try await market.provider(seed: seed)
      let setup = try market.setup(baseURL: provider.baseURL)
      let result = try await runBatch(setup, output: folder.path("half-\(seed)"), over: transport)
      #expect(result.progress.answered == 40 && result.course.failedAttempts.isEmpty, note)
      #expect(result.answers.map(\.source) == ["anthropic/a-large@batch"], note)
      #expect(2 * result.spent == market.cost(at: "a-large"), note)
      #expect(provider.ledger().total.batched == 40, note)
      expectSound(result, provider.ledger(), budget: setup.options.budget, note)
      _ = try outputLines(folder.path("half-\(seed)"), of: setup, note)

      // Without the time nobody waits.
      let hasty = try market.setup(within: nil, baseURL: provider.baseURL)
      let live = try await runBatch(hasty, output: folder.path("hasty-\(seed)"), over: transport)
      #expect(live.answers.map(\.source) == ["anthropic/a-large"] && live.spent == 2 * result.spent, note)
      #expect(provider.ledger().total.batched == 40, note)
      await provider.shutdown()
    }
  }

  @Test func `jobs and single requests share one plan and one budget`() async throws {
    for seed in UInt64(1)...4 {
      let note = Comment(rawValue: "seed \(seed)")
      let market = try JobMarket(seed: seed, queries: 60)
      let provider = try await market.provider(seed: seed)
      let least = market.cost(at: "s-small")
      // Between all at the small model and all at the best one, in jobs.
      let budget = Money(nanodollars: least + (market.cost(at: "a-large") / 2 - least) * 6 / 10)
      let setup = try market.setup(budget: budget, baseURL: provider.baseURL)
      let result = try await runBatch(setup, output: folder.path("mixed-\(seed)"), over: transport)
      #expect(result.progress.answered == 60, note)
      let counts = Dictionary(uniqueKeysWithValues: result.answers.map { ($0.source ?? "", $0.count) })
      #expect(counts["south/s-small"] ?? 0 > 0, note)
      #expect(counts.filter { $0.key.hasSuffix("@batch") }.values.reduce(0, +) > 10, note)
      expectSound(result, provider.ledger(), budget: budget, note)
      _ = try outputLines(folder.path("mixed-\(seed)"), of: setup, note)
      await provider.shutdown()
    }
  }

  @Test func `a budget that holds a part of the rows at a time makes several jobs`() async throws {
    let market = try JobMarket(seed: 9, queries: 50)
    let provider = try await market.provider()
    let draft = try market.setup(baseURL: provider.baseURL)
    let best = try #require(
      draft.targets.firstIndex { $0.offer.id.description == "anthropic/a-large@batch" })
    let ceilings = try draft.rows.map { try draft.ceiling($0, target: best, at: .now) }
    // Enough for what they cost, not for the most that they could cost.
    let cost = Money(nanodollars: market.cost(at: "a-large") / 2)
    let budget = cost + (try #require(ceilings.max()))
    #expect(ceilings.reduce(.zero, +) > budget)
    let submissions = Locked(0)
    let counting = TroubledTransport(transport) { (request, _) throws(TransportFailure) in
      if Self.isSubmission(request) { submissions.withLock { $0 += 1 } }
    }
    let setup = try market.setup(budget: budget, baseURL: provider.baseURL)
    let result = try await runBatch(setup, output: folder.path("parts"), over: counting)
    #expect(submissions.withLock { $0 } > 1)
    #expect(result.progress.answered == 50)
    expectSound(result, provider.ledger(), budget: budget, "")
    await provider.shutdown()
  }

  @Test func `what a job does not answer is sent by itself`() async throws {
    for seed in UInt64(1)...4 {
      let note = Comment(rawValue: "seed \(seed)")
      let market = try JobMarket(seed: seed)
      let provider = try await market.provider(seed: seed) {
        $0.batches.faults = try FaultPlan(parsing: "500=0.2,429=0.1")
      }
      let setup = try market.setup(baseURL: provider.baseURL)
      let result = try await runBatch(setup, output: folder.path("faults-\(seed)"), over: transport)
      #expect(result.progress.answered == 40, note)
      let sources = Set(result.answers.compactMap(\.source))
      #expect(sources == ["anthropic/a-large", "anthropic/a-large@batch"], note)
      #expect(result.course.failedAttempts.values.reduce(0, +) > 0, note)
      expectSound(result, provider.ledger(), budget: setup.options.budget, note)
      await provider.shutdown()
    }
  }

  @Test(arguments: [true, false])
  func `jobs that fail or expire leave nothing behind`(fail: Bool) async throws {
    for seed in UInt64(1)...3 {
      let note = Comment(rawValue: "seed \(seed), fail \(fail)")
      let market = try JobMarket(seed: seed)
      let provider = try await market.provider(seed: seed) {
        if fail { $0.batches.failingJobs = 1 } else { $0.batches.expiringJobs = 1 }
      }
      let setup = try market.setup(baseURL: provider.baseURL) { options in
        options.budgets = [.init(.provider("anthropic"), .zero)]
      }
      let result = try await runBatch(setup, output: folder.path("fates-\(fail)-\(seed)"), over: transport)
      #expect(result.progress.answered == 40, note)
      let counts = Dictionary(uniqueKeysWithValues: result.answers.map { ($0.source ?? "", $0.count) })
      #expect(counts["openai/o-large", default: 0] >= 20, note)
      #expect(counts["openai/o-large@batch", default: 0] == (fail ? 0 : 20), note)
      expectSound(result, provider.ledger(), budget: setup.options.budget, note)
      await provider.shutdown()
    }
  }

  @Test(arguments: ["openai", "anthropic"])
  func `a submission without an answer is looked for, not repeated`(provider name: String) async throws {
    let market = try JobMarket(seed: 5)
    for isTaken in [true, false] {
      let note = Comment(rawValue: "\(name), taken \(isTaken)")
      let provider = try await market.provider()
      let count = Locked(0)
      let lose: TroubledTransport.Trouble = { (request, _) throws(TransportFailure) in
        guard Self.isSubmission(request),
          count.withLock({
            $0 += 1; return $0 == 1
          })
        else { return }
        throw TroubledTransport.lost
      }
      let losing =
        isTaken ? TroubledTransport(transport, after: lose) : TroubledTransport(transport, before: lose)
      let other = name == "openai" ? "anthropic" : "openai"
      let setup = try market.setup(baseURL: provider.baseURL) { options in
        options.budgets = [.init(.provider(other), .zero)]
      }
      let output = folder.path("doubt-\(name)-\(isTaken)")
      // That a job is not there is sure only after minutes: who is in a hurry stops, and the next run goes on.
      let result = try await runStoppable(setup, output: output) { stop in
        TroubledTransport(losing) { (request, _) throws(TransportFailure) in
          if !isTaken, request.method == "GET" { await stop() }
        }
      }
      if isTaken {
        #expect(result.progress.answered == 40 && result.course.openJobs.isEmpty, note)
        #expect(losing.sent.count { $0.hasSuffix("/batches") && $0.hasPrefix("POST") } == 1, note)
        expectSound(result, provider.ledger(), budget: setup.options.budget, note)
      } else {
        #expect(result.progress.answered == 0 && result.course.openJobs.map(\.count) == [40], note)
        #expect(result.progress.spent == .zero && provider.ledger().total.answers == 0, note)
        let again = try market.setup(baseURL: provider.baseURL) { options in
          options.budgets = setup.options.budgets
          options.now = Self.later
        }
        let second = try await runBatch(again, output: output, over: transport)
        #expect(second.progress.answered == 40 && provider.ledger().total.batched == 40, note)
        expectSound(second, provider.ledger(), budget: setup.options.budget, note)
      }
      await provider.shutdown()
    }
  }

  @Test func `jobs that do not end in time are called back, and what they leave is sent by itself`()
    async throws
  {
    let market = try JobMarket(seed: 7)
    let provider = try await market.provider {
      $0.speed = 1
      $0.batches.delay = 100_000
    }
    let now = Locked(0.0)
    let watching = TroubledTransport(transport) { (request, _) throws(TransportFailure) in
      guard request.method == "GET" else { return }
      // Half of it is answered when there is an hour left.
      if now.withLock({ $0 == 0 }) { try? provider.advanceBatches(by: 50_000) }
      now.withLock { $0 = 86_400 - 3_500 }
    }
    let setup = try market.setup(baseURL: provider.baseURL) { options in
      options.clock = { now.withLock { $0 } }
    }
    let result = try await runBatch(setup, output: folder.path("recall"), over: watching)
    #expect(result.progress.answered == 40 && !result.course.wasLate)
    let counts = Dictionary(uniqueKeysWithValues: result.answers.map { ($0.source ?? "", $0.count) })
    #expect(
      counts == ["anthropic/a-large@batch": 20, "anthropic/a-large": 20], "\(result.course.failedAttempts)")
    #expect(watching.sent.count { $0.hasSuffix("/cancel") } == 1)
    expectSound(result, provider.ledger(), budget: setup.options.budget, "")
    await provider.shutdown()
  }

  @Test func `rows that only jobs can serve wait for another run if those are refused`() async throws {
    let market = try JobMarket(seed: 4)
    let output = folder.path("only")
    for isFailing in [true, false] {
      let provider = try await market.provider { $0.batches.failingJobs = isFailing ? 1 : 0 }
      let draft = try market.setup(baseURL: provider.baseURL)
      let setup = BatchSetup(
        draft.file, targets: draft.targets.filter { $0.offer.id.description == "openai/o-large@batch" },
        profile: try TableProfile(market.table), options: draft.options)
      let result = try await runBatch(setup, output: output, over: transport)
      #expect(
        result.progress.answered == (isFailing ? 0 : 40) && result.failures.count == (isFailing ? 40 : 0))
      #expect(result.progress.spent.nanodollars == provider.ledger().total.nanodollars)
      await provider.shutdown()
    }
  }

  @Test func `workers that hand over at the same time do not wait for each other`() async throws {
    let market = try JobMarket(seed: 6, queries: 80)
    let provider = try await market.provider()
    let setup = try market.setup(baseURL: provider.baseURL)
    let ledger = try await DurableLedger.sqlite(at: folder.path("both"))
    let results = try await withThrowingTaskGroup(of: BatchResult.self) { group in
      for worker in 0..<3 {
        group.addTask {
          try await BatchRunner(
            setup, output: folder.path("both-\(worker)"), transport: transport, books: .shared(ledger),
            name: "b"
          ).run()
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.allSatisfy { $0.progress.answered == 80 })
    #expect(provider.ledger().billedAnswers.values.allSatisfy { $0 == 1 })
    #expect(provider.ledger().total.batched == 80)
    expectSound(results[0], provider.ledger(), budget: setup.options.budget, "")
    await ledger.close()
    await provider.shutdown()
  }

  @Test func `what several workers have handed over is collected by those who are left`() async throws {
    let market = try JobMarket(seed: 8)
    let provider = try await market.provider {
      $0.speed = 1
      $0.batches.delay = 1_000
    }
    let setup = try market.setup(baseURL: provider.baseURL)
    let ledger = try await DurableLedger.sqlite(at: folder.path("shared"))
    func work(_ worker: Int, over transport: any Transport) async throws -> BatchRunner {
      try await BatchRunner(
        setup, output: folder.path("worker-\(worker)"), transport: transport, books: .shared(ledger),
        name: "b")
    }
    // It waits for its job while others look for work, and is called away.
    let first = Locked<BatchRunner?>(nil)
    let handing = TroubledTransport(transport) { (request, _) throws(TransportFailure) in
      if request.method == "GET" { await first.withLock { $0 }?.stop() }
    }
    first.withLock { $0 = nil }
    let one = try await work(1, over: handing)
    first.withLock { $0 = one }
    #expect(try await one.run().course.openJobs.map(\.count).reduce(0, +) == 40)
    try provider.advanceBatches(by: 2_000)
    let two = TroubledTransport(transport)
    let three = TroubledTransport(transport)
    async let second = work(2, over: two).run()
    async let third = work(3, over: three).run()
    let results = try await [second, third]
    #expect(results.allSatisfy { $0.progress.answered == 40 })
    #expect((two.sent + three.sent).allSatisfy { $0.hasPrefix("GET") })
    #expect(provider.ledger().billedAnswers.values.allSatisfy { $0 == 1 })
    expectSound(results[0], provider.ledger(), budget: setup.options.budget, "")
    await ledger.close()
    await provider.shutdown()
  }

  /// A job outlives the run that has begun it.
  @Test func `a later run collects what an earlier one has handed over`() async throws {
    for seed in UInt64(1)...3 {
      let note = Comment(rawValue: "seed \(seed)")
      let market = try JobMarket(seed: seed)
      let provider = try await market.provider(seed: seed) {
        $0.speed = 1
        $0.batches.delay = 1_000
      }
      let output = folder.path("later-\(seed)")
      let setup = try market.setup(baseURL: provider.baseURL)
      let stopped = try await runStoppable(setup, output: output) { stop in
        TroubledTransport(transport) { (request, _) throws(TransportFailure) in
          if request.method == "GET" { await stop() }
        }
      }
      #expect(stopped.progress.answered == 0 && stopped.course.wasStopped, note)
      #expect(stopped.course.openJobs.map(\.count) == [40], note)
      #expect(stopped.course.openJobs.first?.id != nil, note)
      let lines = try outputLines(output, of: setup, note)
      #expect(lines.allSatisfy { $0.errorCode == "not_reached" }, note)

      try provider.advanceBatches(by: 2_000)
      // Not even the time for jobs is needed to collect them.
      let hasty = try market.setup(within: nil, baseURL: provider.baseURL)
      let watched = TroubledTransport(transport)
      let result = try await runBatch(hasty, output: output, over: watched)
      #expect(result.progress.answered == 40 && result.course.openJobs.isEmpty, note)
      #expect(watched.sent.allSatisfy { $0.hasPrefix("GET") }, note)
      #expect(result.answers.map(\.source) == ["anthropic/a-large@batch"], note)
      expectSound(result, provider.ledger(), budget: setup.options.budget, note)
      await provider.shutdown()
    }
  }

  /// Whenever a run is cut off, the next one goes on from what its ledger says, at providers that have seen it all.
  @Test func `a crash at any moment loses nothing and buys nothing twice`() async throws {
    for (seed, name) in [(UInt64(1), "openai"), (2, "anthropic")] {
      let market = try JobMarket(seed: seed, queries: 12)
      var last = 0
      for ordinal in 1...40 {
        let note = Comment(rawValue: "\(name), at request \(ordinal)")
        let provider = try await market.provider(seed: seed)
        let output = folder.path("crash-\(name)-\(ordinal)")
        let other = name == "openai" ? "anthropic" : "openai"
        let budget = Money(nanodollars: 2 * market.cost(at: name == "openai" ? "o-large" : "a-large"))
        let setup = try market.setup(budget: budget, baseURL: provider.baseURL) { options in
          options.budgets = [.init(.provider(other), .zero)]
        }
        let crash = Locked<LedgerCopy?>(nil)
        let dying = TroubledTransport(
          transport,
          before: { (_, at) throws(TransportFailure) in
            if at > ordinal { throw TroubledTransport.dead }
            guard at == ordinal else { return }
            let copy = try? LedgerCopy(of: output + ".ledger")
            crash.withLock { $0 = copy }
          },
          after: { (_, _) throws(TransportFailure) in
            if crash.withLock({ $0 != nil }) { throw TroubledTransport.dead }
          })
        _ = try await runStoppable(setup, output: output) { stop in
          TroubledTransport(dying) { (_, at) throws(TransportFailure) in if at > ordinal { await stop() } }
        }
        guard let before = crash.withLock({ $0 }) else {
          await provider.shutdown()
          break
        }
        last = ordinal
        #expect(before.claimed <= budget.nanodollars, note)
        try before.put(at: output + ".ledger")

        let result = try await runBatch(
          try market.setup(budget: budget, baseURL: provider.baseURL) { options in
            options.budgets = [.init(.provider(other), .zero)]
            options.now = Self.later
          }, output: output, over: transport)
        #expect(result.progress.answered == 12, note)
        expectSound(result, provider.ledger(), budget: budget, isExact: false, note)
        #expect(provider.ledger().billedAnswers.values.allSatisfy { $0 == 1 }, note)
        await provider.shutdown()
      }
      #expect(last >= 4, "\(name): \(last)")
    }
  }
}
