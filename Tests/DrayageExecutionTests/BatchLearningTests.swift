import Drayage
import DrayageCore
import DrayageLedger
import DrayageProfiles
import DrayageSimulation
import Testing

@testable import DrayageExecution

/// What a batch leaves for the next one.
@Suite(.serialized)
struct BatchLearningTests {
  private let folder: ScratchFolder
  private let transport = directTransport()

  init() throws {
    folder = try ScratchFolder()
  }

  @Test func `every answer is recorded once, by model, workload and offer`() async throws {
    let market = try BatchMarket(seed: 3, keys: .all)
    let provider = try await market.provider(faults: "all=0.1", seed: 3)
    var options = BatchOptions.testing(inFlight: 8)
    options.budget = Money(nanodollars: market.costs.most * 4)
    let setup = try market.setup(options, baseURL: provider.baseURL)
    let result = try await runBatch(setup, output: folder.path("first.jsonl"), over: transport)
    #expect(result.progress.answered == setup.rows.count)

    let path = folder.path("learned.json")
    try result.course.observations.add(to: path, source: "first", at: .now)
    let file = try ProfileFile(contentsOf: path)
    func count(_ kind: String) -> Int {
      file.entries.filter { $0.kind == kind }.flatMap(\.provenance).reduce(0) { $0 + $1.count }
    }
    #expect(count("lengths") == setup.rows.count && count("latency") == setup.rows.count)
    let answers = Dictionary(
      uniqueKeysWithValues: result.answers.map { ($0.source ?? "", $0.count) })
    for (offer, answers) in answers where answers > 0 {
      #expect(file.latency(offer: offer)?.count == answers, "\(offer)")
    }
    #expect(count("token_correction") == setup.rows.count)
    // The simulated tokens are the table's, whatever the texts are.
    for (model, correction) in try ServiceProfiles(file).corrections {
      #expect(correction.ratio != 1, "\(model)")
    }
    // What was recorded is what the provider metered: the mean of all that one model answered in one workload.
    let day = Double(UTCInstant.now.secondsSince1970) / 86_400
    let lengths = try file.lengths()
    for (j, model) in market.table.models.enumerated() {
      let rows = try answeredRows(by: model, setup, folder.path("first.jsonl"))
        .filter { setup.rows[$0].workload == "chat" }
      guard rows.count > 5 else { continue }
      let tokens = try rows.map { Double(try #require(market.table.outputTokens(query: $0, model: j))) }
      let forecast = try #require(lengths.forecast(model: .init(model), workload: "chat", day: day))
      let mean = tokens.reduce(0, +) / Double(tokens.count)
      #expect(abs(forecast.tokens(cap: 10_000).mean / mean - 1) < 0.15, "\(model)")
    }

    // The same observations twice stay once, also where others have joined them.
    try result.course.observations.add(to: path, source: "first", at: .now)
    #expect(try ProfileFile(contentsOf: path).text == file.text)
    try result.course.observations.add(to: path, source: "second", at: .now)
    let both = try ProfileFile(contentsOf: path)
    #expect(both.entries.count == file.entries.count && both.text != file.text)
    let error = #expect(throws: ProfileMismatch.self) {
      try result.course.observations.add(to: path, source: "first", at: .now)
    }
    #expect(error?.description.contains("first") == true)
    #expect(try ProfileFile(contentsOf: path).text == both.text)
  }

  @Test func `a file that cannot take observations is refused before anything is sent`() throws {
    try folder.write(Array("{}".utf8), to: "other.json")
    #expect(throws: InputError.self) { try Observations.check(folder.path("other.json")) }
    #expect(throws: InputError.self) { try Observations.check(folder.path("nowhere/learned.json")) }
    try Observations.check(folder.path("new.json"))
    #expect(throws: InputError.self) { try folder.bytes("new.json") }
  }

  @Test func `a resumed batch records only what it asked itself`() async throws {
    let market = try BatchMarket(seed: 4, queries: 20, keys: .all)
    let provider = try await market.provider(seed: 4)
    var options = BatchOptions.testing(inFlight: 4)
    options.budget = Money(nanodollars: market.costs.most * 4)
    let setup = try market.setup(options, baseURL: provider.baseURL)
    let output = folder.path("answers.jsonl")
    let first = try await runBatch(setup, output: output, over: transport)
    #expect(!first.course.observations.isEmpty)
    let second = try await runBatch(setup, output: output, over: transport)
    #expect(second.progress.answered == 20 && second.course.observations.isEmpty)
  }

  /// The rows that a model answered.
  private func answeredRows(by model: String, _ setup: BatchSetup, _ output: String) throws -> [Int] {
    let lines = try InputFile.bytes(at: output).split(separator: UInt8(ascii: "\n"))
    return try setup.rows.indices.filter { row in
      let line = try JSONNode.parse(Array(lines[row]), file: "output")
      return line["drayage"]?["offer"]?.string?.hasSuffix("/" + model) ?? false
    }
  }
}
