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

  /// What an answer is billed by.
  private struct Metered: Hashable {
    let model: String
    let usage: TokenUsage
  }

  /// What each answer of an output is charged at, in order of amount.
  private func charges(_ lines: [OutputLine]) throws -> [Metered: [Money]] {
    let charges = try lines.map { line in
      let body = try #require(line.response?["body"] as? [String: Any])
      let usage = try #require(body["usage"] as? [String: Any])
      let metered = Metered(
        model: try #require(body["model"] as? String),
        usage: TokenUsage(
          input: try #require(usage["prompt_tokens"] as? Int),
          output: try #require(usage["completion_tokens"] as? Int)))
      return (metered, line.cost)
    }
    return Dictionary(grouping: charges, by: \.0).mapValues { $0.map(\.1).sorted() }
  }

  @Test func `what is not begun goes where it is cheap now`() async throws {
    let market = try BatchMarket(seed: 3, queries: 200, keys: .all, change: change)
    let inFlight = 4
    for isChanging in [false, true] {
      let time = Locked(instant(-100_000))
      let now: @Sendable () -> UTCInstant = { time.withLock { $0 } }
      let bills = Locked<[Metered: [Money]]>([:])
      let provider = try await market.provider(
        now: now,
        billed: { model, usage, amount in
          bills.withLock { $0[Metered(model: model, usage: usage), default: []].append(amount) }
        })
      let asked = Locked(0)
      let watching = TroubledTransport(
        transport,
        after: { [change] request, _ async throws(TransportFailure) in
          let count = asked.withLock { count in
            count += 1
            return count
          }
          // At an answer whose price changes: all but those of the model in the middle.
          let isOfMiddle = String(decoding: request.body, as: UTF8.self).contains("n-middle")
          if isChanging, count >= 50, !isOfMiddle { time.withLock { $0 = change } }
        })
      // Whoever is given up on is charged in full: no answer is too slow here, however busy the machine.
      var options = BatchOptions.testing(objective: .cost, inFlight: inFlight, timeout: .seconds(9))
      options.now = now
      // Few are planned at a time, and so are some that are claimed after the change.
      options.window = 100
      let setup = try market.setup(options, baseURL: provider.baseURL)
      let output = folder.path("\(isChanging)")
      let result = try await runBatch(setup, output: output, over: watching)
      #expect(result.progress.answered == 200)
      let small = count(result, "n-small") + count(result, "s-small")
      let large = count(result, "n-large") + count(result, "s-large")
      let (spent, billed) = (result.progress.spent.nanodollars, provider.ledger().total.nanodollars)

      // Nobody knows at which price those that are under way at the change are billed: they alone are charged at the
      // dearer one, all others at what they are billed at.
      let charged = try charges(try outputLines(output, of: setup, "\(isChanging)"))
      var (unknown, excess) = (0, Int64(0))
      for (metered, amounts) in bills.withLock({ $0 }) {
        let offer = try #require(market.catalog.offers.first { $0.wireModel == metered.model })
        let dearer = try [-1, 0].map { try offer.price(metered.usage, at: instant($0)).total }.max()
        let ours = try #require(charged[metered])
        #expect(ours.count == amounts.count)
        for (charge, bill) in zip(ours, amounts.sorted()) where charge != bill {
          #expect(charge == dearer && bill < charge, "\(metered): \(bill), \(charge)")
          unknown += 1
          excess += charge.nanodollars - bill.nanodollars
        }
      }
      #expect(charged.values.reduce(0) { $0 + $1.count } == 200)
      #expect(spent == billed + excess)
      #expect((isChanging ? 1...inFlight : 0...0).contains(unknown), "\(unknown)")
      if isChanging {
        // Those under way at that moment are at the old one.
        #expect((40...60).contains(small) && large >= 140, "\(small), \(large)")
      } else {
        #expect(small >= 190 && large == 0, "\(small), \(large)")
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
