import DrayageTesting
import Drayage
import DrayageCore
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
    #expect(result.tally.resumed == 3 && result.progress.answered == 4 && answering.sent.count == 4)
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
    #expect(error?.code == .unwritable && error?.file == output + ".journal")
    #expect(try await first.run().progress.answered == 12)
  }

  private static let begin = #"{"type":"begin","format":1,"run":"a"}"# + "\n"

  private static func reserve(_ id: String, attempt: Int = 1, amount: Int) -> String {
    #"{"type":"reserve","id":"\#(id)","attempt":\#(attempt),"digest":"0","offer":"o","#
      + #""nanodollars":\#(amount),"key":"k"}"# + "\n"
  }

  /// Texts, and the line at which each is found out.
  private static let foreign: [(String, Int)] = [
    ("hello\n", 1), ("hello", 1), ("{}\n", 1), ("[]\n", 1), ("\n", 1), ("\u{FEFF}{}\n", 1),
    (#"{"type":"begin","format":2,"run":"a"}"# + "\n", 1),
    (#"{"type":"settle","id":"q0","attempt":1,"nanodollars":1,"failure":"timeout"}"# + "\n", 1),
    (begin + "hello\n", 2),
    (begin + "hello", 2),
    (begin + #"{"type":"other","id":"q0","attempt":1,"nanodollars":1}"# + "\n", 2),
    (begin + reserve("q0", amount: -1), 2),
    (begin + reserve("q0", attempt: .max, amount: 1), 2),
    (begin + reserve("q0", attempt: 0, amount: 1), 2),
    (begin + reserve("q0", amount: .max) + reserve("q1", amount: .max), 3),
  ]

  @Test(arguments: foreign)
  func aFileThatIsNoJournalIsLeftAlone(text: String, line: Int) async throws {
    let name = "foreign"
    try folder.write(text.utf8, to: name + ".journal")
    let setup = try setup()
    let error = await #expect(throws: InputError.self) {
      try await runBatch(setup, output: folder.path(name), over: answering)
    }
    #expect(error?.line == line && error?.file == folder.path(name + ".journal"))
    #expect(try folder.bytes(name + ".journal") == Array(text.utf8))
    #expect(answering.sent.isEmpty)
  }

  /// Every line of a journal, damaged in every kind of way, is refused with its line or read; never a trap.
  @Test func damagedJournalsAreRefusedOrRead() async throws {
    let output = folder.path("damaged")
    _ = try await runBatch(try setup(), output: output, over: answering)
    let journal = try folder.bytes("damaged.journal")
    for seed in UInt64(1)...400 {
      var random = SplitMix64(seed: seed)
      var bytes = journal
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: at)
        default: bytes.insert(UInt8(ascii: "9"), at: at)
        }
      }
      do {
        let replay = try JournalReplay(bytes, file: "journal")
        #expect(replay.length <= bytes.count && replay.spent >= .zero, "seed \(seed)")
      } catch {
        #expect(error.line != nil, "seed \(seed)")
      }
    }
  }

  @Test func anOutputThatCannotBeWrittenStopsBeforeAnythingIsSent() async throws {
    let setup = try setup()
    try FileManager.default.createDirectory(atPath: folder.path("taken"), withIntermediateDirectories: false)
    for output in [folder.path("missing/out"), "/dev/null/out", folder.path("taken")] {
      let error = await #expect(throws: InputError.self) {
        try await runBatch(setup, output: output, over: answering)
      }
      #expect(error?.code == .unwritable && error?.file == output)
      #expect(!FileManager.default.fileExists(atPath: output + ".journal"))
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
    let least = try setup().estimates
    let needed = least.requests.indices.reduce(Int64(0)) { sum, i in
      sum + (least.offers.indices.map { least.cost[$0 * least.requests.count + i] }.min() ?? 0)
    }
    let short = try setup(budget: Money(nanodollars: needed - 1))
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
    let enough = try setup(budget: Money(nanodollars: needed))
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
    #expect(Set(result.tally.failedAttempts.keys) == [.unreachable])
    #expect((5...12 * 2 * setup.targets.count).contains(result.tally.failedAttempts[.unreachable] ?? 0))
    let lines = try outputLines(output, of: setup, "unreachable")
    #expect(lines.allSatisfy { $0.errorCode == "unreachable" && $0.cost == .zero && $0.attempts > 0 })
    #expect(gone.ledger().total.attempts == 0)
    // Nothing is decided for good: once somebody listens, all are answered.
    #expect(try await runBatch(setup, output: output, over: answering).progress.answered == 12)
  }
}

/// Holds everyone back until so many have come, and nobody after that.
private actor Gathering {
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
