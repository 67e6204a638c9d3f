import Drayage
import Foundation
import Testing

@testable import DrayageSimulation

@Suite struct RequestFileTests {
  private func lines(_ table: ScoredTable, cap: Int) throws -> [[String: Any]] {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).jsonl").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try RequestFile.write(table, to: path, maxCompletionTokens: cap)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasSuffix("\n"))
    return try text.split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
    }
  }

  @Test func writesEveryQueryAsABatchRequest() throws {
    let table = try Fixtures.table(queries: 40, models: 1)
    let lines = try lines(table, cap: 77)
    #expect(lines.map { $0["custom_id"] as? String } == table.queryIDs)
    var contents: Set<String> = []
    for (index, line) in lines.enumerated() {
      #expect(Set(line.keys) == ["custom_id", "method", "url", "body"])
      #expect(line["method"] as? String == "POST")
      #expect(line["url"] as? String == "/v1/chat/completions")
      let body = try #require(line["body"] as? [String: Any])
      #expect(Set(body.keys) == ["model", "messages", "metadata", "max_completion_tokens"])
      #expect(body["model"] as? String == "auto")
      #expect(body["max_completion_tokens"] as? Int == 77)
      #expect(
        body["metadata"] as? [String: String] == ["query_id": "q\(index)", "workload": "w\(index % 3)"])
      let messages = try #require(body["messages"] as? [[String: String]])
      #expect(messages.count == 1)
      #expect(messages[0]["role"] == "user")
      let words = try #require(messages[0]["content"]).split(separator: " ")
      #expect(words.count == index + 1)
      #expect(words.allSatisfy { $0.count >= 4 && $0.allSatisfy(\.isLetter) })
      contents.insert(words.joined())
    }
    #expect(contents.count == lines.count)
  }

  @Test func aQueryOfNoTokensStillSaysAWord() throws {
    let table = try Fixtures.table("query_id,input_tokens,m|score,m|cost_usd\n\"q\"\"1\",0,1,1\n")
    let line = try #require(try lines(table, cap: 1).first)
    #expect(line["custom_id"] as? String == "q\"1")
    let body = try #require(line["body"] as? [String: Any])
    #expect(body["metadata"] as? [String: String] == ["query_id": "q\"1"])
    #expect((body["messages"] as? [[String: String]])?.first?["content"]?.isEmpty == false)
  }

  @Test func refusesWhatItCannotWrite() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).jsonl").path
    let cases: [(ScoredTable, Int, SimulationError.Code)] = [
      (try Fixtures.table("query_id,m|score,m|cost_usd\nq,1,1\n"), 1, .missingTokens),
      (try Fixtures.table(), 0, .invalidOption),
      (try Fixtures.table("query_id,input_tokens,m|score,m|cost_usd\nq,1000001,1,1\n"), 1, .tooLarge),
    ]
    for (table, cap, code) in cases {
      let error = #expect(throws: SimulationError.self) {
        try RequestFile.write(table, to: path, maxCompletionTokens: cap)
      }
      #expect(error?.code == code)
      #expect(!FileManager.default.fileExists(atPath: path))
    }
    #expect(throws: InputError.self) {
      try RequestFile.write(try Fixtures.table(), to: "/nonexistent/x.jsonl", maxCompletionTokens: 1)
    }
  }
}
