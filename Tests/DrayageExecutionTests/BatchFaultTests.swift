import Drayage
import DrayageCore
import DrayageSimulation
import Foundation
import Testing

@testable import DrayageExecution

/// A batch against a provider that fails in every way there is.
@Suite(.serialized)
struct BatchFaultTests {
  private let folder: ScratchFolder
  private let transport = directTransport()

  init() throws {
    folder = try ScratchFolder()
  }

  @Test(arguments: [0.1, 0.4], BatchMarket.Keys.allCases)
  func keepsTheBudgetAndTheBooks(share: Double, keys: BatchMarket.Keys) async throws {
    for seed in UInt64(1)...3 {
      let note = Comment(rawValue: "seed \(seed), faults \(share), keys \(keys)")
      let market = try BatchMarket(seed: seed, keys: keys)
      let provider = try await market.provider(faults: "all=\(share)", seed: seed)
      var options = BatchOptions.testing()
      options.budget = market.budget(0.3, in: try market.setup(options, baseURL: provider.baseURL))
      let setup = try market.setup(options, baseURL: provider.baseURL)
      let output = folder.path("\(keys)-\(share)-\(seed).jsonl")
      let watched = WatchedTransport(transport)
      let result = try await runBatch(setup, output: output, over: watched)
      await provider.shutdown()
      let ledger = provider.ledger()

      #expect(ledger.total.nanodollars <= options.budget.nanodollars, note)
      #expect(result.spent <= options.budget.nanodollars, note)
      #expect(result.spent >= ledger.total.nanodollars, note)
      if keys == .all { #expect(result.spent == ledger.total.nanodollars, note) }
      #expect(result.course.overrun == .zero, note)
      #expect(ledger.refused == 0, note)
      #expect(ledger.total.faults.values.reduce(0, +) > 0, note)

      let lines = try outputLines(output, of: setup, note)
      #expect(result.progress.answered + result.progress.failed == lines.count, note)
      #expect(lines.count { $0.response != nil } == result.progress.answered, note)
      #expect(result.failures.map(\.id) == lines.filter { $0.response == nil }.map(\.customID), note)
      #expect(result.failures.allSatisfy { !$0.code.isEmpty && !$0.message.isEmpty }, note)
      // Elsewhere what breaks off counts as billed in full, and may leave nothing for the last of them.
      if keys == .all { #expect(result.progress.answered == lines.count, note) }
      #expect(lines.reduce(0) { $0 + $1.cost.nanodollars } == result.spent, note)

      let books = try LedgerCopy(of: output + ".ledger")
      #expect(books.spent == result.spent && books.held == 0 && books.open.isEmpty, note)
      for (query, billed) in ledger.billedAnswers {
        #expect(billed <= books.attempts[query] ?? 0, note)
      }
      let sent = Dictionary(grouping: watched.sent, by: \.query).mapValues(\.count)
      for line in lines { #expect(line.attempts == sent[line.customID] ?? 0, note) }
    }
  }

  /// What a provider refuses costs nothing, whether or not it heeds keys.
  @Test func refusalsAreNotCharged() async throws {
    for seed in UInt64(1)...3 {
      let note = Comment(rawValue: "seed \(seed)")
      let market = try BatchMarket(seed: seed, keys: .none)
      let provider = try await market.provider(faults: "429=0.2,500=0.1,503=0.1", seed: seed)
      var options = BatchOptions.testing(timeout: .seconds(60))
      let draft = try market.setup(options, baseURL: provider.baseURL)
      options.budget = market.budget(0.3, ceilings: 4, in: draft)
      let setup = try market.setup(options, baseURL: provider.baseURL)
      let result = try await runBatch(setup, output: folder.path("refused-\(seed).jsonl"), over: transport)
      await provider.shutdown()
      #expect(result.progress.answered == setup.rows.count, note)
      #expect(result.spent == provider.ledger().total.nanodollars, note)
      #expect(result.spent <= options.budget.nanodollars, note)
      #expect(provider.ledger().total.attempts > setup.rows.count, note)
    }
  }

  @Test func everyFaultIsMetAndTold() async throws {
    let seed: UInt64 = 7
    for fault in FaultKind.passing {
      let note = Comment(rawValue: "fault \(fault.rawValue)")
      let market = try BatchMarket(seed: seed, queries: 6, keys: .none)
      let provider = try await market.provider(faults: "\(fault.rawValue)=1", seed: seed)
      var options = BatchOptions.testing(inFlight: 6)
      options.policy.attemptsPerOffer = 1
      options.policy.attempts = 2
      let setup = try market.setup(options, baseURL: provider.baseURL)
      let output = folder.path("\(fault.rawValue).jsonl")
      let result = try await runBatch(setup, output: output, over: transport)
      await provider.shutdown()
      let expected: FailureClass =
        switch fault {
        case .tooManyRequests: .rateLimited
        case .serverError: .serverError
        case .unavailable: .overloaded
        case .hang: .timeout
        case .reset: .connectionLost
        case .truncated: .truncated
        default: .malformed
        }
      #expect(result.progress.failed == 6, note)
      #expect(result.failures.allSatisfy { $0.code == expected.rawValue }, note)
      #expect(result.course.failedAttempts == [expected: 12], note)
      #expect(provider.ledger().total.attempts == 12, note)
      #expect((result.spent > 0) == fault.isBilled, note)
      #expect(result.spent >= provider.ledger().total.nanodollars, note)
    }
  }
}
