import Drayage
import DrayageCore
import DrayageTesting
import Foundation
import Testing

@testable import DrayageExecution

/// Requests that say the same as others.
struct BatchCopyTests {
  private let folder: ScratchFolder
  private let market: BatchMarket

  init() throws {
    folder = try ScratchFolder()
    market = try BatchMarket(seed: 1, keys: .all)
  }

  private static func line(_ id: String, _ text: String) -> String {
    #"{"custom_id": "\#(id)", "body": {"messages": [{"role": "user", "content": "\#(text)"}], "max_tokens": 20}}"#
  }

  private func setup(_ lines: [String], dedupes: Bool = true, budget: Money = .largest) throws -> BatchSetup {
    var options = BatchOptions.testing(budget: budget)
    options.dedupes = dedupes
    options.policy.longestWait = 0
    return try market.setup(options, baseURL: "http://127.0.0.1:9/v1", requests: lines, model: "n-large")
  }

  private func object(_ line: OutputLine) throws -> Data {
    try JSONSerialization.data(withJSONObject: try #require(line.response), options: .sortedKeys)
  }

  @Test func `of the same requests the first is sent, and all are answered`() async throws {
    let setup = try setup(
      (0..<30).map { Self.line("row \($0)", "question \($0 % 7)") } + [Self.line("other", "question 7")])
    let transport = ScriptedTransport([ScriptedTransport.answer(input: 10, output: 10)])
    let output = folder.path("copies")
    let result = try await runBatch(setup, output: output, over: transport)
    #expect(transport.sent.count == 8 && result.copies == 23)
    #expect(result.progress.answered == 31 && result.progress.failed == 0)
    // 10 tokens in at 3,000 nano-dollars and 10 out at 15,000.
    #expect(result.spent == 8 * 180_000)
    let lines = try outputLines(output, of: setup, "")
    for (row, line) in lines.enumerated() where row < 30 {
      #expect(try object(line) == object(lines[row % 7]), "row \(row)")
      #expect(line.cost == (row < 7 ? Money(nanodollars: 180_000) : .zero), "row \(row)")
    }
    #expect(result.expectedQuality.map { abs($0 - result.plan.totals.meanQuality) < 1e-9 } == true)

    // Again, and without looking for copies: what is answered is answered.
    for dedupes in [true, false] {
      let again = ScriptedTransport([ScriptedTransport.answer(input: 10, output: 10)])
      let setup = try self.setup(
        (0..<30).map { Self.line("row \($0)", "question \($0 % 7)") } + [
          Self.line("other", "question 7"), Self.line("late", "question 3"),
        ], dedupes: dedupes)
      let next = try await runBatch(setup, output: output, over: again)
      #expect(next.progress.answered == 32 && again.sent.count == (dedupes ? 0 : 1) || !dedupes)
      if dedupes { #expect(next.spent == result.spent) }
    }
  }

  @Test func `copies share the fate of what is not answered`() async throws {
    let setup = try setup((0..<6).map { Self.line("row \($0)", "question \($0 % 2)") })
    // The first is refused for good, the other answered.
    let transport = ScriptedTransport([
      ScriptedTransport.status(400), ScriptedTransport.answer(input: 1, output: 1),
    ])
    let output = folder.path("fates")
    let result = try await runBatch(setup, output: output, over: transport)
    #expect(result.progress.answered == 3 && result.progress.failed == 3)
    let lines = try outputLines(output, of: setup, "")
    let codes = Set(lines.filter { $0.response == nil }.compactMap(\.errorCode))
    #expect(codes.count == 1 && !codes.contains("not_reached"), "\(codes)")
    for pair in 0..<2 { #expect(Set((0..<3).map { lines[2 * $0 + pair].response == nil }).count == 1) }
  }

  @Test func `a line whose id is another's is no original`() async throws {
    let lines = [Self.line("a", "one"), Self.line("a", "two"), Self.line("b", "two"), Self.line("c", "two")]
    let transport = ScriptedTransport([ScriptedTransport.answer(input: 1, output: 1)])
    let result = try await runBatch(try setup(lines), output: folder.path("ids"), over: transport)
    #expect(result.progress.answered == 3 && transport.sent.count == 2 && result.copies == 1)
    #expect(result.failures.map(\.code) == ["invalid_request"])
  }

  @Test func `a line that is no request is no original either`() async throws {
    let lines = [#"{"custom_id": "a", "body": 7}"#, Self.line("a", "two"), Self.line("b", "two")]
    let transport = ScriptedTransport([ScriptedTransport.answer(input: 1, output: 1)])
    let result = try await runBatch(try setup(lines), output: folder.path("none"), over: transport)
    #expect(result.progress.answered == 1 && result.copies == 0)
    #expect(result.failures.map(\.line) == [1, 2])
  }

  @Test func `what is not answered yet is answered later, copies included`() async throws {
    let setup = try setup((0..<20).map { Self.line("row \($0)", "question \($0 % 10)") })
    let answer = ScriptedTransport.answer(input: 10, output: 10)
    let failing = ScriptedTransport(Array(repeating: answer, count: 4) + [ScriptedTransport.status(503)])
    let output = folder.path("later")
    let first = try await runBatch(setup, output: output, over: failing)
    #expect(first.progress.answered == 8 && first.progress.failed == 12)
    let transport = ScriptedTransport([answer])
    let second = try await runBatch(setup, output: output, over: transport)
    #expect(second.progress.answered == 20 && transport.sent.count == 6)
  }
}
