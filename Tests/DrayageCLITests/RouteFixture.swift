import Foundation

/// A question for one of the demo's queries, and the arguments that route it.
struct RouteFixture {
  /// Two of the demo's offers, the better one first.
  static let offers = ["openai/gpt-4o-2024-05-13", "openai/gpt-4o-mini-2024-07-18"]

  let batch: BatchFixture
  var folder: Scratch { batch.folder }

  init() async throws {
    batch = try await BatchFixture(rows: 6)
    try folder.write("How far is it from Lisbon to Riga?\n", to: "question.txt")
  }

  /// The arguments of `route` for a request in a file; nil for standard input.
  func route(_ request: String? = "question.txt", to url: String? = nil, _ more: String...) -> [String] {
    ["route"] + (request.map { [$0] } ?? [])
      + [
        "--profile", "table.csv", "--pricing", BatchFixture.pricing, "--no-bundled", "--no-starting",
        "--max-output-tokens", "200",
      ] + (url.map { ["--base-url", $0] } ?? []) + more
  }
}

/// What the tests read of a decision's JSON report.
struct DecisionDocument: Decodable {
  struct Choice: Decodable {
    let offer: String
    let score: Double
    let ceilingUsd: String
    let quality: Double
  }

  struct Refusal: Decodable {
    let offer: String
    let reason: String
  }

  let offer: String
  let reservedUsd: String
  let unit: String
  let choices: [Choice]
  let fallbacks: [String]
  let rejected: [Refusal]
  let notices: [String]
}

/// What the tests read of an answer's JSON report.
struct AnswerDocument: Decodable {
  struct Line: Decodable {
    let meter: String
    let quantity: Int
    let amountUsd: String
  }

  struct Attempt: Decodable {
    let offer: String
    let end: String
    let failure: String?
    let chargedUsd: String
  }

  let offer: String
  let text: String
  let finish: String
  let bill: [Line]?
  let spentUsd: String
  let attempts: [Attempt]
}
