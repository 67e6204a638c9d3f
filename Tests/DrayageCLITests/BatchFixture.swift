import DrayageSimulation
import Foundation
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A folder with a small batch: some queries of the demo's table, and the requests made of them.
struct BatchFixture {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  /// The catalog whose prices the table's costs were derived by.
  static let pricing = root.appendingPathComponent("benchmarks/demo/pricing").path

  let folder: Scratch
  /// The ids of the requests, in order.
  let ids: [String]

  /// - Parameter rows: how many queries, spread over the table.
  init(rows: Int) async throws {
    folder = try Scratch()
    let recorded = Self.root.appendingPathComponent("benchmarks/demo/recorded.csv")
    let lines = String(decoding: try Data(contentsOf: recorded), as: UTF8.self).split(separator: "\n")
    let step = (lines.count - 1) / rows
    let chosen = (0..<rows).map { lines[1 + $0 * step] }
    ids = chosen.map { String($0.prefix { $0 != "," }) }
    try folder.write(([lines[0]] + chosen).map { $0 + "\n" }.joined(), to: "table.csv")
    let run = try await folder.run("simulate", "table.csv", "--write-requests", "requests.jsonl")
    try #require(run.ending == .exit(0), "\(run.errors)")
    #expect(run.errors == "wrote \(rows) requests to requests.jsonl\n")
  }

  /// The arguments of a batch over these requests.
  func batch(to url: String, budget: String, _ more: String...) -> [String] {
    [
      "batch", "requests.jsonl", "-o", "answers.jsonl", "--profile", "table.csv", "--pricing", Self.pricing,
      "--no-bundled", "--base-url", url, "--budget", budget,
    ] + more
  }

  /// The lines of the output: checked to be one for each request, in their order.
  func answers() throws -> [BatchAnswer] {
    let text = try folder.read("answers.jsonl")
    #expect(text.hasSuffix("\n"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let lines = try text.split(separator: "\n").map {
      try decoder.decode(BatchAnswer.self, from: Data($0.utf8))
    }
    #expect(lines.map(\.customId) == ids)
    #expect(Set(lines.map(\.id)).count == ids.count)
    for line in lines {
      #expect((line.response == nil) != (line.error == nil), "\(line.customId)")
      if let response = line.response {
        #expect(response.statusCode == 200 && !response.body.choices.isEmpty)
      }
      if let error = line.error { #expect(!error.code.isEmpty && !error.message.isEmpty) }
    }
    return lines
  }
}

/// One line of a batch's output.
struct BatchAnswer: Decodable {
  struct Response: Decodable {
    struct Body: Decodable {
      struct Choice: Decodable {}

      let choices: [Choice]
    }

    let statusCode: Int
    let body: Body
  }

  struct Fault: Decodable {
    let code: String
    let message: String
  }

  let id: String
  let customId: String
  let response: Response?
  let error: Fault?
}

/// What the tests read of a batch's JSON report.
struct BatchDocument: Decodable {
  let notices: [String]
  let requests: Int
  let answered: Int
  let failed: Int
  let resumed: Int
  let stopped: Bool
  let budgetUsd: String
  let spentUsd: String
  let overrunUsd: String
}

/// What the tests read of a batch's status.
struct BatchStatusDocument: Decodable {
  struct Budget: Decodable {
    let limitUsd: String
    let spentUsd: String
    let heldUsd: String
  }

  let batch: String
  let requests: Int
  let answered: Int
  let failed: Int
  let underWay: Int
  let waiting: Int
  let cancelled: Bool
  let budgets: [Budget]
}

/// `drayage simulate` as a process of its own.
struct Simulator {
  struct Silent: Error, CustomStringConvertible {
    let description: String
  }

  let program: RunningProgram
  /// The base URL that it states.
  let url: String

  /// Starts one on a free port and waits until it listens.
  init(_ fixture: BatchFixture, _ arguments: String...) async throws {
    let program = try RunningProgram(
      ["simulate", "table.csv", "--port", "0", "--pricing", BatchFixture.pricing, "--retry-after", "0"]
        + arguments,
      in: fixture.folder)
    let pattern = #/listening on (http\S+)/#
    guard try await program.until({ program.said.contains("until Ctrl-C") }),
      let found = program.said.firstMatch(of: pattern)
    else { throw Silent(description: program.said) }
    self.program = program
    url = String(found.1)
  }

  /// What it has seen and billed.
  func ledger() async throws -> SimulationLedger {
    let address = try #require(URL(string: url.replacing("/v1", with: "/simulate/ledger")))
    let (data, _) = try await URLSession.shared.data(from: address)
    return try JSONDecoder().decode(SimulationLedger.self, from: data)
  }
}
