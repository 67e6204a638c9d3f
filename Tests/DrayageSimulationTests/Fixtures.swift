import Drayage
import DrayageCore
import Foundation

@testable import DrayageSimulation

/// Small tables and requests for the tests.
enum Fixtures {
  /// Three queries, two models with token counts and costs; `fast` has latencies, and was not scored on q3.
  static func table() throws -> ScoredTable {
    try table(
      """
      query_id,dataset,input_tokens,org/fast|score,org/fast|in_tok,org/fast|out_tok,\
      org/fast|cost_usd,org/fast|latency_s,slow:1|score,slow:1|out_tok,slow:1|cost_usd
      q1,math,12,0.25,14,100,0.000014,0.5,1,400,0.004
      q2,math,13,1,15,10,0.000011,2,0.75,300,0.003
      q3,code,5,,6,20,0.00002,1,0.5,,0.001

      """)
  }

  static func table(_ text: String) throws -> ScoredTable {
    try ScoredTable(bytes: Array(text.utf8), file: "t.csv")
  }

  /// A table of `queries` queries by `models` models with costs and tokens that differ from cell to cell.
  static func table(queries: Int, models: Int) throws -> ScoredTable {
    var header = ["query_id", "dataset", "input_tokens"]
    for model in 0..<models { header += ["m\(model)|score", "m\(model)|out_tok", "m\(model)|cost_usd"] }
    var bytes = CSVWriter.record(header)
    for query in 0..<queries {
      var record = ["q\(query)", "w\(query % 3)", String(query + 1)]
      for model in 0..<models {
        let cost = Money(nanodollars: Int64(1 + query * 1009 + model * 31))
        record += ["0.5", String(1 + query * 7 % 50 + model), cost.decimal]
      }
      bytes += CSVWriter.record(record)
    }
    return try ScoredTable(bytes: bytes, file: "t.csv")
  }

  static func body(_ query: String?, _ model: String?, extra: [String: Any] = [:]) throws -> Data {
    var body: [String: Any] = ["messages": [["role": "user", "content": "hello"]]]
    body["model"] = model
    body["metadata"] = query.map { ["query_id": $0] }
    return try JSONSerialization.data(withJSONObject: body.merging(extra) { $1 }, options: .sortedKeys)
  }

  /// A provider that answers at once unless `change` says otherwise, shut down after `body`.
  static func withProvider(
    table: ScoredTable? = nil, _ change: (inout SimulationOptions) throws -> Void = { _ in },
    _ body: (SimulatedProvider) async throws -> Void
  ) async throws {
    var options = SimulationOptions()
    options.speed = .infinity
    try change(&options)
    let provider = try await SimulatedProvider.start(table: table ?? Fixtures.table(), options: options)
    do {
      try await body(provider)
    } catch {
      await provider.shutdown()
      throw error
    }
    await provider.shutdown()
  }

  static func service(
    _ table: ScoredTable, _ change: (inout SimulationOptions) throws -> Void = { _ in }
  ) throws -> SimulatedService {
    var options = SimulationOptions()
    options.speed = .infinity
    try change(&options)
    return try SimulatedService(table: table, options: options, startedAt: 1_700_000_000)
  }
}

extension SimulatedService {
  /// Answers a chat completion request that arrived at `now`, in seconds since the start.
  mutating func complete(_ body: Data, idempotencyKey: String?, at now: Double) -> Reply {
    post(body, to: "/v1/chat/completions", idempotencyKey: idempotencyKey, at: now)
  }

  mutating func post(
    _ body: Data, to target: String, query: String? = nil, idempotencyKey: String? = nil, at now: Double = 0
  ) -> Reply {
    let request = IncomingRequest(
      method: "POST", target: target, idempotencyKey: idempotencyKey, queryID: query, body: Array(body))
    return perform(Route(request), idempotencyKey: idempotencyKey, at: now)
  }
}

extension Reply {
  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  func json() throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: body) as? [String: Any] ?? [:]
  }

  var errorCode: String? {
    get throws { (try json()["error"] as? [String: Any])?["code"] as? String }
  }

  var usage: [String: Int] {
    get throws { try json()["usage"] as? [String: Int] ?? [:] }
  }

  var finishReason: String? {
    get throws { (try json()["choices"] as? [[String: Any]])?.first?["finish_reason"] as? String }
  }
}
