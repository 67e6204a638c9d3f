import Drayage
import DrayageCore
import DrayageSimulation
import Foundation
import Testing

@testable import DrayageExecution

extension BatchOptions {
  /// Options of a test: tiny waits, and patience enough for any fault plan.
  static func testing(
    budget: Money = .largest, objective: PlanSpecification.Objective = .quality, inFlight: Int = 16,
    timeout: Duration = .milliseconds(300)
  ) -> BatchOptions {
    var options = BatchOptions(
      budget: budget, objective: objective, inFlight: inFlight,
      policy: .init(attemptsPerOffer: 6, attempts: 24, firstBackoff: 0.001, longestBackoff: 0.004),
      timeouts: Timeouts(connect: .seconds(10), firstByte: timeout, stall: timeout, total: .seconds(10)))
    // Costs are as estimated here, and plans are checked to spend what they may.
    options.confidence = 0.5
    return options
  }
}

/// Runs a batch to its end and lets go of its ledger.
func runBatch(
  _ setup: BatchSetup, output: String, over transport: any Transport, name: String? = nil
) async throws -> BatchResult {
  try await BatchRunner(setup, output: output, transport: transport, name: name).run()
}

/// A line of a batch's output, as a client of OpenAI's batch format reads it.
struct OutputLine {
  let customID: String
  /// `nil` for a request that was not answered.
  let response: [String: Any]?
  let errorCode: String?
  let cost: Money
  let attempts: Int
  let offer: String?
}

/// The lines of an output, each checked to be whole; an issue for each that is not.
func outputLines(
  _ path: String, of setup: BatchSetup, _ note: Comment, sourceLocation: SourceLocation = #_sourceLocation
) throws -> [OutputLine] {
  let text = String(decoding: try InputFile.bytes(at: path), as: UTF8.self)
  #expect(text.hasSuffix("\n"), note, sourceLocation: sourceLocation)
  let lines = try text.split(separator: "\n").map { line in
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], note,
      sourceLocation: sourceLocation)
    #expect(
      Set(object.keys) == ["id", "custom_id", "response", "error", "drayage"], note,
      sourceLocation: sourceLocation)
    let route = try #require(object["drayage"] as? [String: Any], note, sourceLocation: sourceLocation)
    let response = object["response"] as? [String: Any]
    let error = object["error"] as? [String: Any]
    #expect((response == nil) != (error == nil), note, sourceLocation: sourceLocation)
    if let response {
      let body = response["body"] as? [String: Any]
      #expect(response["status_code"] as? Int == 200, note, sourceLocation: sourceLocation)
      // Anthropic does not say how it calls the requests of a job.
      let isNamed = response["request_id"] is String
      let isInJob = (route["offer"] as? String)?.hasSuffix("@batch") ?? false
      #expect(isNamed || isInJob, note, sourceLocation: sourceLocation)
      #expect((body?["choices"] as? [Any])?.count == 1, note, sourceLocation: sourceLocation)
      #expect(route["offer"] is String, note, sourceLocation: sourceLocation)
    } else {
      #expect(error?["message"] is String, note, sourceLocation: sourceLocation)
    }
    return OutputLine(
      customID: try #require(object["custom_id"] as? String, note, sourceLocation: sourceLocation),
      response: response, errorCode: error?["code"] as? String,
      cost: try Money(
        decimal: try #require(route["cost_usd"] as? String, note, sourceLocation: sourceLocation)),
      attempts: try #require(route["attempts"] as? Int, note, sourceLocation: sourceLocation),
      offer: route["offer"] as? String)
  }
  #expect(lines.map(\.customID) == setup.rows.map(\.customID), note, sourceLocation: sourceLocation)
  return lines
}

extension BatchResult {
  var spent: Int64 { progress.spent.nanodollars }
}

extension BatchFile {
  /// All that the file says, in order.
  var entries: [(line: LineReader.Line, entry: Entry)] {
    get throws {
      var reader = lines
      var entries: [(LineReader.Line, Entry)] = []
      while let line = try reader.line() {
        if let entry = entry(line) { entries.append((line, entry)) }
      }
      return entries
    }
  }
}

extension BatchSetup {
  /// The requests of the file, in order.
  var rows: [BatchRow] {
    let entries = (try? file.entries) ?? []
    return entries.compactMap { line, entry in
      guard case .request(let id, let body) = entry else { return nil }
      return BatchRow(
        line: line.number, customID: id, place: line.offset..<line.offset + (line.bytes?.count ?? 0),
        body: body)
    }
  }
}
