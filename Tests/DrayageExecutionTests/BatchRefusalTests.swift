import DrayageTesting
import Drayage
import DrayageCore
import DrayageLedger
import DrayageSimulation
import Foundation
import Testing

@testable import DrayageExecution

/// Batches that cannot begin, cannot go on, or reach nobody.
@Suite(.serialized)
struct BatchRefusalTests {
  private let folder: ScratchFolder
  private let market: BatchMarket
  private let answering = ScriptedTransport([ScriptedTransport.answer(input: 10, output: 10)])

  init() throws {
    folder = try ScratchFolder()
    market = try BatchMarket(seed: 11, queries: 12, keys: .all)
  }

  private func setup(budget: Money = .largest, requests: [String]? = nil) throws -> BatchSetup {
    try market.setup(.testing(budget: budget), baseURL: "http://127.0.0.1:9/v1", requests: requests)
  }

  private func requests(_ contents: [String]) -> [String] {
    contents.enumerated().map { number, content in
      """
      {"custom_id": "q\(number)", "body": {"messages": [{"role": "user", "content": "\(content)"}], \
      "metadata": {"query_id": "q\(number)"}, "max_tokens": 60}}
      """
    }
  }

  @Test func anAnsweredRowThatIsEditedStopsTheBatch() async throws {
    let output = folder.path("edited")
    let first = try setup(requests: requests(["one", "two", "three"]))
    _ = try await runBatch(first, output: output, over: answering)
    let edited = try setup(requests: requests(["one", "two!", "three"]))
    let error = await #expect(throws: BatchError.self) {
      try await runBatch(edited, output: output, over: answering)
    }
    guard case .changedRow? = error?.code else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.description.contains("'q1' on line 2") == true)
    #expect(answering.sent.count == 3)
    // A row more is no change of the others.
    let longer = try setup(requests: requests(["one", "two", "three", "four"]))
    let result = try await runBatch(longer, output: output, over: answering)
    #expect(result.course.resumed == 3 && result.progress.answered == 4 && answering.sent.count == 4)
  }

  /// A request at fault is given up for good, and not sent again by later runs until it is edited.
  @Test func aRefusedRequestIsNotSentAgain() async throws {
    let output = folder.path("refused")
    let setup = try setup(requests: requests(["one"]))
    let refusing = ScriptedTransport([ScriptedTransport.status(400)])
    let result = try await runBatch(setup, output: output, over: refusing)
    #expect(result.failures.map(\.code) == ["bad_request"] && refusing.sent.count == 1)
    let again = try await runBatch(setup, output: output, over: answering)
    #expect(again.failures.map(\.code) == ["bad_request"] && answering.sent.isEmpty)
    #expect(try outputLines(output, of: setup, "again").first?.errorCode == "bad_request")
  }

  @Test func twoRunsDoNotShareAnOutput() async throws {
    let setup = try setup()
    let output = folder.path("shared")
    let first = try await BatchRunner(setup, output: output, transport: answering)
    let error = await #expect(throws: InputError.self) {
      try await BatchRunner(setup, output: output, transport: answering)
    }
    #expect(error?.code == .unwritable && error?.file == output + ".ledger.lock")
    #expect(try await first.run().progress.answered == 12)
  }

  /// What stands where the ledger is looked for is not touched unless it is one.
  @Test(arguments: ["hello\n", "{}", String(repeating: "x", count: 4_096), "SQLite format 3\u{0}and no more"])
  func aFileThatIsNoLedgerIsLeftAlone(text: String) async throws {
    let name = "foreign"
    try folder.write(text.utf8, to: name + ".ledger")
    let setup = try setup()
    let error = await #expect(throws: LedgerStoreError.self) {
      try await runBatch(setup, output: folder.path(name), over: answering)
    }
    #expect(error?.code == .unusable && error?.store == folder.path(name + ".ledger"))
    #expect(try folder.bytes(name + ".ledger") == Array(text.utf8))
    #expect(answering.sent.isEmpty)
  }

  @Test func anOutputThatCannotBeWrittenStopsBeforeAnythingIsSent() async throws {
    let setup = try setup()
    try FileManager.default.createDirectory(atPath: folder.path("taken"), withIntermediateDirectories: false)
    for output in [folder.path("missing/out"), "/dev/null/out", folder.path("taken")] {
      let error = await #expect(throws: InputError.self) {
        try await runBatch(setup, output: output, over: answering)
      }
      #expect(error?.code == .unwritable && error?.file == output)
      #expect(!FileManager.default.fileExists(atPath: output + ".ledger"))
    }
    #expect(answering.sent.isEmpty)
  }

  /// What was answered is not lost with the output: the next run writes it, and sends nothing.
  @Test func anOutputThatIsLostAtTheEndIsWrittenByTheNextRun() async throws {
    let setup = try setup()
    let output = folder.path("lost")
    let taking = WatchedTransport(answering) { ordinal in
      guard ordinal == 1 else { return }
      try? FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: false)
    }
    let error = await #expect(throws: InputError.self) {
      try await runBatch(setup, output: output, over: taking)
    }
    #expect(error?.code == .unwritable && error?.file == output)
    #expect(answering.sent.count == 12)
    try FileManager.default.removeItem(atPath: output)
    let result = try await runBatch(setup, output: output, over: answering)
    #expect(result.progress.answered == 12 && answering.sent.count == 12)
    #expect(try outputLines(output, of: setup, "second run").count == 12)
  }

  @Test func aBudgetBelowTheCheapestAssignmentNamesWhatIsNeeded() async throws {
    let setup = try setup()
    let needed = setup.planned(setup.rows).reduce(Int64(0)) { $0 + ($1.cells.map(\.cost).min() ?? 0) }
    let short = try self.setup(budget: Money(nanodollars: needed - 1))
    let error = await #expect(throws: BatchError.self) {
      try await runBatch(short, output: folder.path("short"), over: answering)
    }
    guard case .infeasible(let conflict)? = error?.code else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(conflict.rows.map(\.name) == ["budget"])
    let stated = try #require(conflict.rows.first?.needed)
    #expect(abs(stated * 1e9 - Double(needed)) <= 1)
    #expect(answering.sent.isEmpty)
    // With what it asks for, the same output begins.
    let enough = try self.setup(budget: Money(nanodollars: needed))
    _ = try await BatchRunner(enough, output: folder.path("short"), transport: answering)
  }

  @Test func nobodyListens() async throws {
    let gone = try await market.provider()
    await gone.shutdown()
    var options = BatchOptions.testing(budget: .largest)
    options.policy.attemptsPerOffer = 2
    let setup = try market.setup(options, baseURL: gone.baseURL)
    let output = folder.path("unreachable")
    // All are sent before one fails, so that no breaker keeps one from being sent at all.
    let gathering = Gathering(of: 12)
    let transport = WatchedTransport(directTransport()) { _ in await gathering.arrive() }
    let result = try await runBatch(setup, output: output, over: transport)
    #expect(result.progress.answered == 0 && result.progress.failed == 12)
    #expect(result.spent == 0)
    // Some of the attempts are never made: breakers open meanwhile.
    #expect(Set(result.course.failedAttempts.keys) == [.unreachable])
    #expect((5...12 * 2 * setup.targets.count).contains(result.course.failedAttempts[.unreachable] ?? 0))
    let lines = try outputLines(output, of: setup, "unreachable")
    #expect(lines.allSatisfy { $0.errorCode == "unreachable" && $0.cost == .zero && $0.attempts > 0 })
    #expect(gone.ledger().total.attempts == 0)
    // Nothing is decided for good: once somebody listens, all are answered.
    #expect(try await runBatch(setup, output: output, over: answering).progress.answered == 12)
  }
}

/// Holds everyone back until so many have come, and nobody after that.
actor Gathering {
  private var missing: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(of count: Int) { missing = count }

  func arrive() async {
    guard missing > 0 else { return }
    missing -= 1
    guard missing > 0 else {
      for waiter in waiting { waiter.resume() }
      waiting = []
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }
}
