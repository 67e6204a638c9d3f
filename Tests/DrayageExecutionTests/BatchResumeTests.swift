import DrayageTesting
import Drayage
import DrayageCore
import DrayageSimulation
import Foundation
import Testing

@testable import DrayageExecution

/// Runs that end before their time, and what the next run makes of it.
@Suite(.serialized)
struct BatchResumeTests {
  private let folder: ScratchFolder
  private let transport = directTransport()

  init() throws {
    folder = try ScratchFolder()
  }

  /// The same provider lives through the crash and keeps its books over both runs.
  @Test(arguments: BatchMarket.Keys.allCases)
  func goesOnAfterACrash(keys: BatchMarket.Keys) async throws {
    for seed in UInt64(1)...4 {
      let note = Comment(rawValue: "seed \(seed), keys \(keys)")
      var random = SplitMix64(seed: seed)
      let market = try BatchMarket(seed: seed, queries: 40, keys: keys)
      let provider = try await market.provider(faults: "all=0.1", seed: seed)
      var options = BatchOptions.testing(inFlight: 8)
      options.budget = market.budget(
        0.3, ceilings: 10, in: try market.setup(options, baseURL: provider.baseURL))
      let setup = try market.setup(options, baseURL: provider.baseURL)
      let name = "crash-\(keys)-\(seed).jsonl"
      let output = folder.path(name)

      let crash = CrashingTransport(
        transport, lastRequest: .random(in: 1...40, using: &random), ledger: output + ".ledger")
      _ = try await runBatch(setup, output: output, over: crash)
      let before = try #require(crash.ledgerAtCrash, note)
      try before.put(at: output + ".ledger")
      try FileManager.default.removeItem(atPath: output)
      #expect(before.claimed <= options.budget.nanodollars, note)
      #expect(!before.open.isEmpty, note)

      let watched = WatchedTransport(transport)
      let result = try await runBatch(setup, output: output, over: watched)
      let ledger = provider.ledger()
      #expect(result.progress.answered == setup.rows.count, note)
      #expect(result.course.resumed == before.answers.count, note)
      #expect(ledger.total.nanodollars <= options.budget.nanodollars, note)
      #expect(result.spent <= options.budget.nanodollars, note)
      #expect(result.spent >= ledger.total.nanodollars, note)
      if keys == .all { #expect(result.spent == ledger.total.nanodollars, note) }
      _ = try outputLines(output, of: setup, note)

      let lines = try folder.bytes(name).split(separator: UInt8(ascii: "\n")).map(Array.init)
      for (row, line) in zip(setup.rows, lines) {
        if let answer = before.answers[row.customID] { #expect(line == answer, note) }
      }
      #expect(watched.sent.allSatisfy { before.answers[$0.query] == nil }, note)
      for orphan in before.open {
        let sent = watched.sent.filter { $0.query == orphan.query }
        let heeded = keys.heededBy(String(orphan.offer.prefix { $0 != "/" }))
        #expect(sent.contains { $0.key == orphan.key } == heeded, note)
        if heeded { #expect(sent.first?.key == orphan.key, note) }
      }

      let third = WatchedTransport(transport)
      let again = try await runBatch(setup, output: output, over: third)
      #expect(third.sent.isEmpty, note)
      #expect(again.spent == result.spent && again.course.resumed == setup.rows.count, note)
      #expect(try folder.bytes(name).split(separator: UInt8(ascii: "\n")).map(Array.init) == lines, note)
      await provider.shutdown()
    }
  }

  /// Whenever a run is cut off, the next one goes on from what the ledger says, at a provider that knows nothing.
  @Test(arguments: BatchMarket.Keys.allCases)
  func goesOnFromEveryMoment(keys: BatchMarket.Keys) async throws {
    for seed in UInt64(1)...2 {
      let market = try BatchMarket(seed: seed, queries: 30, keys: keys)
      let first = try await market.provider(faults: "all=0.2,hang=0", seed: seed)
      var options = BatchOptions.testing(inFlight: 8)
      options.budget = market.budget(0.3, ceilings: 8, in: try market.setup(options, baseURL: first.baseURL))
      let setup = try market.setup(options, baseURL: first.baseURL)
      let output = folder.path("whole-\(keys)-\(seed).jsonl")
      let moments = Locked<[(Int, LedgerCopy)]>([])
      let watching = WatchedTransport(transport) { ordinal in
        guard ordinal % 4 == 1, let copy = try? LedgerCopy(of: output + ".ledger") else { return }
        moments.withLock { $0.append((ordinal, copy)) }
      }
      _ = try await runBatch(setup, output: output, over: watching)
      await first.shutdown()

      #expect(moments.withLock { $0.count } > 7, "seed \(seed), keys \(keys)")
      for (ordinal, before) in moments.withLock({ $0 }) {
        let note = Comment(rawValue: "seed \(seed), keys \(keys), at request \(ordinal)")
        // What is reserved is in the ledger before it is sent, and what is given back before it is given away.
        #expect((1...options.budget.nanodollars).contains(before.claimed), note)
        let name = "cut-\(keys)-\(seed)-\(ordinal).jsonl"
        try before.put(at: folder.path(name + ".ledger"))
        let fresh = try await market.provider(faults: "all=0.1,hang=0", seed: seed &+ 99)
        let again = try market.setup(options, baseURL: fresh.baseURL)
        let watched = WatchedTransport(transport)
        let result = try await runBatch(
          again, output: folder.path(name), over: watched, name: BatchRunner.name(forOutput: output))
        await fresh.shutdown()
        let ledger = fresh.ledger()

        #expect(result.course.resumed == before.answers.count, note)
        #expect(before.spent + ledger.total.nanodollars <= options.budget.nanodollars, note)
        #expect(result.spent >= before.spent + ledger.total.nanodollars, note)
        #expect(result.spent <= options.budget.nanodollars, note)
        #expect(ledger.billedAnswers.keys.allSatisfy { before.answers[$0] == nil }, note)
        #expect(watched.sent.allSatisfy { before.answers[$0.query] == nil }, note)
        let lines = try outputLines(folder.path(name), of: again, note)
        #expect(Set(lines.map(\.customID)).count == lines.count, note)
        #expect(lines.count { $0.response != nil } == result.progress.answered, note)
      }
    }
  }

  @Test func goesOnAfterAStop() async throws {
    for seed in UInt64(1)...4 {
      let note = Comment(rawValue: "seed \(seed)")
      let market = try BatchMarket(seed: seed, queries: 50, keys: .some)
      let provider = try await market.provider(faults: "all=0.1,hang=0", seed: seed)
      var options = BatchOptions.testing(inFlight: 8)
      options.budget = market.budget(
        0.4, ceilings: 8, in: try market.setup(options, baseURL: provider.baseURL))
      let setup = try market.setup(options, baseURL: provider.baseURL)
      let output = folder.path("stop-\(seed).jsonl")

      let runner = Locked<BatchRunner?>(nil)
      let stopping = WatchedTransport(transport) { ordinal in
        if ordinal == 20 { await runner.withLock { $0 }?.stop() }
      }
      do {
        let stopped = try await BatchRunner(setup, output: output, transport: stopping)
        runner.withLock { $0 = stopped }
        defer { runner.withLock { $0 = nil } }
        let result = try await stopped.run()
        #expect(result.course.wasStopped, note)
        #expect(result.progress.answered < setup.rows.count, note)
        let lines = try outputLines(output, of: setup, note)
        #expect(lines.count { $0.response != nil } == result.progress.answered, note)
        #expect(lines.contains { $0.errorCode == "not_reached" }, note)
      }
      let attempts = provider.ledger().total.attempts
      let resumed = WatchedTransport(transport)
      let result = try await runBatch(setup, output: output, over: resumed)
      #expect(result.progress.answered == setup.rows.count, note)
      #expect(provider.ledger().total.attempts - attempts == resumed.sent.count, note)
      #expect(provider.ledger().total.nanodollars <= options.budget.nanodollars, note)

      let third = WatchedTransport(transport)
      #expect(try await runBatch(setup, output: output, over: third).spent == result.spent, note)
      #expect(third.sent.isEmpty, note)
      await provider.shutdown()
    }
  }
}
