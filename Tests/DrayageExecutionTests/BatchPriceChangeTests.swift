import Drayage
import DrayageCore
import DrayageLedger
import DrayageSimulation
import Foundation
import Testing

@testable import DrayageExecution

/// Prices that change while a batch is under way.
struct BatchPriceChangeTests {
  private let folder: ScratchFolder
  private let transport = CurlTransport()
  /// When prices turn upside down.
  private let change = UTCInstant(secondsSince1970: 2_000_000_000)

  init() throws {
    folder = try ScratchFolder()
  }

  private func instant(_ seconds: Int64) -> UTCInstant {
    UTCInstant(secondsSince1970: change.secondsSince1970 + seconds)
  }

  private func count(_ result: BatchResult, _ model: String) -> Int {
    result.tallies.reduce(0) { $0 + ($1.source?.hasSuffix("/" + model) ?? false ? $1.count : 0) }
  }

  @Test func `what is not begun goes where it is cheap now`() async throws {
    let market = try BatchMarket(seed: 3, queries: 200, keys: .all, change: change)
    for isChanging in [false, true] {
      let time = Locked(instant(-100_000))
      let now: @Sendable () -> UTCInstant = { time.withLock { $0 } }
      let provider = try await market.provider(now: now)
      let asked = Locked(0)
      let watching = TroubledTransport(
        transport,
        after: { [change] _, _ async throws(TransportFailure) in
          let count = asked.withLock { count in
            count += 1
            return count
          }
          if isChanging, count == 50 { time.withLock { $0 = change } }
        })
      // Whoever is given up on is charged in full: no answer is too slow here, however busy the machine.
      var options = BatchOptions.testing(objective: .cost, inFlight: 4)
      options.timeouts = Timeouts(firstByte: .seconds(120), stall: .seconds(120), total: .seconds(240))
      options.now = now
      // Few are planned at a time, and so are some that are claimed after the change.
      options.window = 100
      let setup = try market.setup(options, baseURL: provider.baseURL)
      let result = try await runBatch(setup, output: folder.path("\(isChanging)"), over: watching)
      #expect(result.progress.answered == 200)
      let small = count(result, "n-small") + count(result, "s-small")
      let large = count(result, "n-large") + count(result, "s-large")
      let (spent, billed) = (result.progress.spent.nanodollars, provider.ledger().total.nanodollars)
      if isChanging {
        // Nobody knows at which price those that are under way at the change are billed.
        #expect(spent >= billed && Double(spent) < 1.2 * Double(billed))
        // Those under way at that moment are at the old one.
        #expect((40...60).contains(small) && large >= 140, "\(small), \(large)")
      } else {
        #expect(small >= 190 && large == 0 && spent == billed, "\(small), \(large)")
      }
      await provider.shutdown()
    }
  }

  @Test func `a budget holds the money for the dearer price as long as an attempt may last`() async throws {
    let market = try BatchMarket(seed: 4, keys: .all, change: change)
    let setup = try market.setup(.testing(), baseURL: "http://127.0.0.1:9/v1")
    let row = try #require(setup.rows.first)
    for target in setup.targets.indices {
      func ceiling(_ seconds: Int64) throws -> Money {
        try setup.ceiling(row, target: target, at: instant(seconds))
      }
      // Attempts of tests are over after ten seconds.
      let (before, after) = (try ceiling(-11), try ceiling(0))
      #expect(try ceiling(-10) == max(before, after))
      #expect(try ceiling(-1) == max(before, after))
      #expect(try ceiling(3_600) == after)
      #expect(
        try before
          == setup.targets[target].offer.ceiling(
            input: row.inputTokenBound, output: BatchMarket.mostOutput, at: instant(-86_400)))
    }
    #expect(setup.targets.count == 5)
  }

  @Test func `a budget is kept through a change of prices`() async throws {
    for seed in UInt64(1)...6 {
      let market = try BatchMarket(seed: seed, queries: 120, keys: .some, change: change)
      let time = Locked(instant(-100_000))
      let now: @Sendable () -> UTCInstant = { time.withLock { $0 } }
      let provider = try await market.provider(faults: "500=0.1,429=0.1", seed: seed, now: now)
      let watching = TroubledTransport(
        transport,
        before: { [change] _, count async throws(TransportFailure) in
          // As time passes: the attempts that begin shortly before the change are answered after it.
          let seconds = Int64(count) - 60
          time.withLock { $0 = UTCInstant(secondsSince1970: change.secondsSince1970 + seconds) }
        })
      var options = BatchOptions.testing(inFlight: 8)
      options.now = now
      options.budget = market.budget(
        0.3, ceilings: 1, in: try market.setup(options, baseURL: provider.baseURL))
      let setup = try market.setup(options, baseURL: provider.baseURL)
      let result = try await runBatch(setup, output: folder.path("\(seed)"), over: watching)
      let billed = provider.ledger().total.nanodollars
      #expect(billed <= options.budget.nanodollars, "seed \(seed)")
      #expect(result.course.overrun == .zero, "seed \(seed)")
      #expect(result.progress.answered > 60, "seed \(seed)")
      await provider.shutdown()
    }
  }
}
