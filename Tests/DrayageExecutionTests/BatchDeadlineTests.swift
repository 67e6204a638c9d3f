import Drayage
import DrayageCore
import DrayageLedger
import DrayageTesting
import Foundation
import Testing

@testable import DrayageExecution

/// Rate limits and the time that a batch has.
struct BatchDeadlineTests {
  private let folder: ScratchFolder

  init() throws {
    folder = try ScratchFolder()
  }

  /// A market whose providers let so many requests through a minute or a day, each model on its own.
  private func setup(
    seed: UInt64, queries: Int, perMinute: [String: Int] = [:], perDay: [String: Int] = [:], within: Double?,
    bestEffort: Bool = false, budget: Money = .largest,
    clock: @escaping @Sendable () -> Double = { Course.now }
  ) throws -> BatchSetup {
    let market = try BatchMarket(seed: seed, queries: queries, keys: .all)
    var options = BatchOptions.testing(budget: budget)
    options.within = within
    options.isBestEffort = bestEffort
    options.clock = clock
    return try Self.limited(
      try market.setup(options, baseURL: "http://127.0.0.1:9/v1"), by: market.table, perMinute: perMinute,
      perDay: perDay)
  }

  /// The same batch at those offers that have a limit.
  private static func limited(
    _ draft: BatchSetup, by table: ScoredTable, perMinute: [String: Int] = [:], perDay: [String: Int] = [:]
  ) throws -> BatchSetup {
    var targets: [Target] = []
    var quotas: [Quota] = []
    for target in draft.targets {
      let name = target.offer.id.name
      guard perMinute[name] != nil || perDay[name] != nil else { continue }
      var quota = Quota(provider: target.offer.provider, plan: name)
      quota.requestsPerMinute = perMinute[name]
      quota.requestsPerDay = perDay[name]
      quotas.append(quota)
      targets.append(
        Target(
          offer: target.offer.drawing(on: quota), dialect: target.dialect, baseURL: target.baseURL, key: nil))
    }
    return BatchSetup(
      draft.file, targets: targets, quotas: quotas, profile: try TableProfile(table), options: draft.options)
  }

  @Test func `the plan keeps what the rate limits let through in the time`() async throws {
    for seed in UInt64(1)...4 {
      // Full at the beginning, and refilled for two minutes: three times the limit.
      let limits = ["n-small": 100, "s-large": 10, "n-large": 5]
      let setup = try setup(seed: seed, queries: 100, perMinute: limits, within: 120)
      let plan = try await BatchRunner.preview(setup).plan
      let counts = Dictionary(uniqueKeysWithValues: zip(plan.table.offers, plan.counts))
      #expect(counts.values.reduce(0, +) == 100, "seed \(seed)")
      for (model, limit) in limits {
        let count = counts.first { $0.key.hasSuffix("/" + model) }?.value ?? 0
        #expect(count <= 3 * limit, "seed \(seed): \(count) at \(model)")
      }
      // Money is no object: what is good is used up.
      #expect(counts.first { $0.key.hasSuffix("n-large") }?.value ?? 0 > 0, "seed \(seed)")
      let free = try await BatchRunner.preview(
        self.setup(seed: seed, queries: 100, perMinute: limits, within: nil)
      ).plan
      #expect(free.totals.meanQuality >= plan.totals.meanQuality, "seed \(seed)")
    }
  }

  @Test func `what cannot be in time says how long it takes`() async throws {
    // 100 requests, 10 at once and 10 more a minute: nine minutes.
    let limits = ["n-small": 6, "n-large": 4]
    let short = try setup(seed: 1, queries: 100, perMinute: limits, within: 60)
    let error = await #expect(throws: BatchError.self) { try await BatchRunner.preview(short) }
    guard case .tooSlow(let conflict, let within, let needed)? = error?.code else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(within == 60 && (540...546).contains(needed), "\(needed)")
    #expect(conflict.rows.allSatisfy { $0.kind == .quota(.requests) } && !conflict.rows.isEmpty)
    let enough = try setup(seed: 1, queries: 100, perMinute: limits, within: needed)
    #expect(try await BatchRunner.preview(enough).plan.requestCount == 100)
    // Or as soon as it can be.
    let effort = try setup(seed: 1, queries: 100, perMinute: limits, within: 60, bestEffort: true)
    #expect(try await BatchRunner.preview(effort).plan.requestCount == 100)
    // What no time makes possible is said as ever.
    let poor = try setup(
      seed: 1, queries: 100, perMinute: limits, within: 60, budget: Money(nanodollars: 1))
    let other = await #expect(throws: BatchError.self) { try await BatchRunner.preview(poor) }
    guard case .infeasible? = other?.code else {
      Issue.record("\(String(describing: other))")
      return
    }
  }

  @Test func `after its time no request is begun`() async throws {
    let now = Locked(0.0)
    let setup = try setup(
      seed: 2, queries: 30, perDay: ["n-small": 1_000], within: 1, clock: { now.withLock { $0 } })
    let answering = ScriptedTransport([ScriptedTransport.answer(input: 10, output: 10)])
    let gathering = Gathering(of: setup.options.inFlight)
    // As many are sent as may be under way at a time; then the time is over, and only then the first is answered.
    let slow = WatchedTransport(answering) { _ in
      await gathering.arrive()
      now.withLock { $0 = 2 }
    }
    let result = try await runBatch(setup, output: folder.path("late"), over: slow)
    #expect(result.course.wasLate && !result.course.wasStopped)
    #expect(result.progress.answered == setup.options.inFlight && slow.sent.count == setup.options.inFlight)
    let lines = try outputLines(folder.path("late"), of: setup, "late")
    #expect(lines.count { $0.errorCode == "not_reached" } == 30 - setup.options.inFlight)
    // Without haste the rest is done.
    let rest = try self.setup(seed: 2, queries: 30, perDay: ["n-small": 1_000], within: nil)
    #expect(try await runBatch(rest, output: folder.path("late"), over: answering).progress.answered == 30)
    #expect(answering.sent.count == 30)
  }

  @Test func `what is planned for the time is what is sent`() async throws {
    for seed in UInt64(1)...3 {
      let setup = try setup(
        seed: seed, queries: 30, perDay: ["n-large": 3, "s-large": 4, "n-small": 1_000], within: 600)
      let transport = ScriptedTransport([ScriptedTransport.answer(input: 10, output: 10)])
      let result = try await runBatch(setup, output: folder.path("planned-\(seed)"), over: transport)
      #expect(result.progress.answered == 30 && !result.course.wasLate, "seed \(seed)")
      let counts = Dictionary(uniqueKeysWithValues: result.answers.map { ($0.source ?? "", $0.count) })
      #expect(counts["north/n-large"] == 3 && counts["south/s-large"] == 4, "seed \(seed): \(counts)")
    }
  }

  /// Later plans keep the limits as the first one does: else whoever comes first gets the places.
  @Test func `scarce places go to those that gain most by them`() async throws {
    for seed in UInt64(1)...3 {
      let market = try JobMarket(seed: seed)
      let setup = try Self.limited(
        try market.setup(within: 600, baseURL: "http://127.0.0.1:9/v1"), by: market.table,
        perDay: ["o-large": 7, "s-small": 1_000])
      let transport = ScriptedTransport([ScriptedTransport.answer(input: 10, output: 10)])
      let result = try await runBatch(setup, output: folder.path("scarce-\(seed)"), over: transport)
      let reached = try #require(result.expectedQuality)
      #expect(abs(reached - result.plan.totals.meanQuality) < 1e-6, "seed \(seed): \(reached)")
    }
  }
}

extension Offer {
  /// The same offer, drawing on a quota of its own.
  fileprivate func drawing(on quota: Quota) -> Offer {
    var offer = self
    offer.quotas = [quota.name]
    offer.plan = quota.plan
    return offer
  }
}
