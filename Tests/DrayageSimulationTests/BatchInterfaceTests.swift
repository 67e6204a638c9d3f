import DrayageTesting
import Drayage
import Foundation
import Testing

@testable import DrayageSimulation

/// The batch interfaces as they look on the wire.
@Suite(.timeLimit(.minutes(1))) struct BatchInterfaceTests {
  private func upload(
    _ client: WireClient, _ lines: [String], name: String = "a.jsonl", purpose: String = "batch"
  ) throws -> WireClient.Response {
    let body =
      "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n\(purpose)\r\n--b\r\n"
      + "Content-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n"
      + "Content-Type: application/octet-stream\r\n\r\n\(lines.joined(separator: "\n"))\r\n--b--\r\n"
    return try client.post(
      Data(body.utf8), headers: ["content-type: multipart/form-data; boundary=b"], path: "/v1/files")
  }

  private func line(
    _ id: String, query: String = "q1", model: String = "slow:1", url: String = "/v1/chat/completions",
    extra: String = ""
  ) -> String {
    """
    {"custom_id":"\(id)","method":"POST","url":"\(url)","body":{"model":"\(model)",\(extra)\
    "metadata":{"query_id":"\(query)"},"messages":[{"role":"user","content":"hello"}]}}
    """
  }

  private func create(
    _ client: WireClient, file: String, endpoint: String = "/v1/chat/completions", window: String = "24h"
  ) throws -> WireClient.Response {
    let body =
      "{\"input_file_id\":\"\(file)\",\"endpoint\":\"\(endpoint)\",\"completion_window\":\"\(window)\","
      + "\"metadata\":{\"a\":\"b\"}}"
    return try client.post(Data(body.utf8), path: "/v1/batches")
  }

  /// The object of a job made of `lines`, after it has ended.
  private func job(_ client: WireClient, _ lines: [String]) throws -> [String: Any] {
    let file = try #require(try upload(client, lines).json()["id"] as? String)
    let created = try create(client, file: file).json()
    #expect(created["status"] as? String == "validating")
    return try client.get("/v1/batches/\(try #require(created["id"] as? String))").json()
  }

  private func lines(_ client: WireClient, _ file: Any?) throws -> [[String: Any]] {
    let response = try client.get("/v1/files/\(try #require(file as? String))/content")
    return try response.text.split(separator: "\n").map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test func `a job of OpenAI's answers in one file and refuses in another`() async throws {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      let done = try job(
        client,
        [line("a"), line("b", query: "q2"), line("c", query: "none"), line("d", extra: "\"stream\":true,")])
      #expect(done["status"] as? String == "completed" && done["object"] as? String == "batch")
      #expect(done["request_counts"] as? [String: Int] == ["total": 4, "completed": 2, "failed": 2])
      #expect(done["metadata"] as? [String: String] == ["a": "b"] && done["model"] as? String == "slow:1")
      #expect((done["usage"] as? [String: Any])?["input_tokens"] as? Int == 25)
      #expect((done["usage"] as? [String: Any])?["output_tokens"] as? Int == 700)
      let answers = try lines(client, done["output_file_id"])
      #expect(Set(answers.compactMap { $0["custom_id"] as? String }) == ["a", "b"])
      for answer in answers {
        let response = try #require(answer["response"] as? [String: Any])
        #expect(response["status_code"] as? Int == 200 && answer["error"] is NSNull)
        #expect((response["body"] as? [String: Any])?["object"] as? String == "chat.completion")
      }
      let refusals = try lines(client, done["error_file_id"])
      #expect(Set(refusals.compactMap { $0["custom_id"] as? String }) == ["c", "d"])
      for refusal in refusals {
        let response = try #require(refusal["response"] as? [String: Any])
        #expect(response["status_code"] as? Int == 400)
        #expect((response["body"] as? [String: Any])?["error"] != nil)
      }
      // Recorded costs of 0.004 and 0.003, halved.
      let total = provider.ledger().total
      #expect(total.nanodollars == 3_500_000 && total.batched == 2 && total.answers == 2)
      #expect(provider.ledger().refused == 2)
    }
  }

  @Test func `files that are no jobs become jobs that fail, with the line and the reason`() async throws {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      let cases: [(lines: [String], code: String, line: Int?)] = [
        ([""], "empty_file", nil),
        ([line("a"), "{"], "invalid_json_line", 2),
        ([line("a"), line("b"), line("a")], "duplicate_custom_id", 3),
        ([line("a", url: "/v1/responses")], "url_mismatch", 1),
        ([line("a"), line("b", model: "org/fast")], "model_mismatch", 2),
        ([line("a", model: "none")], "model_not_found", 1),
        (["{\"custom_id\":\"a\"}"], "missing_required_parameter", 1),
        ([line("a").replacingOccurrences(of: "POST", with: "GET")], "invalid_method", 1),
      ]
      for (lines, code, number) in cases {
        let failed = try job(client, lines)
        #expect(failed["status"] as? String == "failed", "\(code)")
        let data = (failed["errors"] as? [String: Any])?["data"] as? [[String: Any]]
        #expect(data?.first?["code"] as? String == code)
        #expect(data?.first?["line"] as? Int == number, "\(code)")
        #expect(failed["output_file_id"] is NSNull && failed["failed_at"] is Int, "\(code)")
      }
      #expect(provider.ledger().total.attempts == 0)
    }
  }

  @Test func `more requests than a job takes fail it`() {
    let one = line("a").replacingOccurrences(of: "\"a\"", with: "\"%\"")
    let text = (0...OpenAIBatchInput.mostRequests).map { one.replacingOccurrences(of: "%", with: "\($0)") }
    let input = OpenAIBatchInput(
      Array(text.joined(separator: "\n").utf8), endpoint: "/v1/chat/completions", format: OpenAIChatFormat())
    #expect(input.faults.map(\.code) == ["too_many_tasks"])
    let fewer = OpenAIBatchInput(
      Array(text.dropLast().joined(separator: "\n").utf8), endpoint: "/v1/chat/completions",
      format: OpenAIChatFormat())
    #expect(fewer.faults.isEmpty && fewer.items.count == OpenAIBatchInput.mostRequests)
  }

  @Test func `files are listed, shown and deleted, and bad uploads refused`() async throws {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      let file = try upload(client, [line("a")]).json()
      let id = try #require(file["id"] as? String)
      #expect(file["object"] as? String == "file" && file["purpose"] as? String == "batch")
      #expect(file["bytes"] as? Int == line("a").utf8.count)
      #expect(try client.get("/v1/files/\(id)").json()["filename"] as? String == "a.jsonl")
      #expect(try client.get("/v1/files/\(id)/content").text == line("a"))
      let list = try client.get("/v1/files?purpose=batch&limit=1").json()
      #expect((list["data"] as? [[String: Any]])?.count == 1 && list["has_more"] as? Bool == false)
      client.send(WireClient.request("DELETE", "/v1/files/\(id)", Data()))
      #expect(try client.response().json()["deleted"] as? Bool == true)
      #expect(try client.get("/v1/files/\(id)").status == 404)
      #expect(try create(client, file: id).status == 404)
      #expect(try upload(client, [line("a")], name: "a.txt").status == 400)
      #expect(try upload(client, [line("a")], purpose: "vision").status == 400)
      let type = "content-type: multipart/form-data; boundary=b"
      for body in ["", "--b", "--b--", "--b\r\n\r\n\r\n--b--", "--b\r\nx: y\r\n\r\n1\r\n--b--", "--c\r\n"] {
        #expect(try client.post(Data(body.utf8), headers: [type], path: "/v1/files").status == 400, "\(body)")
        #expect(try client.post(Data(body.utf8), path: "/v1/files").status == 400, "\(body)")
      }
      let kept = try #require(try upload(client, [line("a")]).json()["id"] as? String)
      #expect(try create(client, file: kept, endpoint: "/v1/nothing").status == 400)
      #expect(try create(client, file: kept, window: "1h").status == 400)
      #expect(try client.get("/v1/batches/none").status == 404)
      #expect(try client.post(Data(), path: "/v1/batches/none/cancel").status == 404)
      client.send(WireClient.request("PUT", "/v1/batches", Data()))
      let refused = try client.response()
      #expect(refused.status == 405 && refused.headers["allow"] == "POST, GET")
    }
  }

  private func messages(_ ids: [String], extra: String = "") -> Data {
    let requests = ids.map {
      """
      {"custom_id":"\($0)","params":{"model":"org/fast","max_tokens":5,\(extra)\
      "metadata":{"query_id":"q1"},"messages":[{"role":"user","content":"hello"}]}}
      """
    }
    return Data("{\"requests\":[\(requests.joined(separator: ","))]}".utf8)
  }

  @Test func `a job of Anthropic's says where its results are, and only at its end`() async throws {
    try await Fixtures.withProvider({
      $0.speed = 1
      $0.batches.delay = 100
    }) { provider in
      let client = try WireClient(port: provider.port)
      let path = "/v1/messages/batches"
      let created = try client.post(messages(["a", "b"]), path: path).json()
      let id = try #require(created["id"] as? String)
      #expect(created["type"] as? String == "message_batch" && created["results_url"] is NSNull)
      #expect(created["processing_status"] as? String == "in_progress")
      #expect((created["request_counts"] as? [String: Int])?["processing"] == 2)
      #expect(try client.get("\(path)/\(id)/results").status == 404)
      client.send(WireClient.request("DELETE", "\(path)/\(id)", Data()))
      #expect(try client.response().status == 400)
      #expect(try client.post(Data("{\"advance\":60}".utf8), path: "/simulate/batches").status == 200)
      let cancelling = try client.post(Data(), path: "\(path)/\(id)/cancel").json()
      #expect(cancelling["processing_status"] as? String == "canceling")
      let ended = try client.get("\(path)/\(id)").json()
      #expect(ended["processing_status"] as? String == "ended")
      #expect(
        ended["request_counts"] as? [String: Int]
          == ["processing": 0, "succeeded": 1, "errored": 0, "canceled": 1, "expired": 0])
      #expect(ended["results_url"] as? String == "http://localhost\(path)/\(id)/results")
      let results = try client.get("\(path)/\(id)/results")
      #expect(results.text.split(separator: "\n").count == 2 && results.text.contains("\"canceled\""))
      #expect(try client.post(Data(), path: "\(path)/\(id)/cancel").status == 409)
      client.send(WireClient.request("DELETE", "\(path)/\(id)", Data()))
      #expect(try client.response().json()["type"] as? String == "message_batch_deleted")
      #expect(try client.get("\(path)/\(id)").status == 404)
      #expect(provider.ledger().total.answers == 1)
    }
  }

  @Test func `what is wrong with a job of Anthropic's comes at once, with a request at the end`() async throws
  {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      let path = "/v1/messages/batches"
      for body in [messages([]), messages(["a", "a"]), messages([""]), messages(["a b"]), Data("{}".utf8)] {
        let response = try client.post(body, path: path)
        #expect(response.status == 400)
        #expect(try response.json()["type"] as? String == "error")
      }
      let id = try #require(
        try client.post(messages(["a"], extra: "\"stream\":true,"), path: path).json()["id"] as? String)
      let results = try client.get("\(path)/\(id)/results")
      #expect(results.text.contains("\"errored\"") && results.text.contains("invalid_request_error"))
      let large = try WireClient(port: provider.port)
      large.send(Data("POST \(path) HTTP/1.1\r\nhost: a\r\ncontent-length: 40000000\r\n\r\n".utf8))
      let refused = try large.response()
      #expect(refused.status == 413 && refused.text.contains("request_too_large"))
      #expect(try client.post(Data("{\"advance\":-1}".utf8), path: "/simulate/batches").status == 400)
    }
  }

  @Test func `lists come in pages, latest first`() async throws {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      let path = "/v1/messages/batches"
      var ids: [String] = []
      for _ in 0..<5 {
        ids.insert(try #require(try client.post(messages(["a"]), path: path).json()["id"] as? String), at: 0)
      }
      func page(_ query: String) throws -> (ids: [String?], hasMore: Bool?) {
        let page = try client.get("\(path)?\(query)").json()
        let jobs = page["data"] as? [[String: Any]] ?? []
        #expect(page["first_id"] as? String == jobs.first?["id"] as? String)
        #expect(page["last_id"] as? String == jobs.last?["id"] as? String)
        return (jobs.map { $0["id"] as? String }, page["has_more"] as? Bool)
      }
      #expect(try page("limit=2") == (Array(ids[0..<2]), true))
      #expect(try page("limit=2&after_id=\(ids[1])") == (Array(ids[2..<4]), true))
      #expect(try page("limit=2&after_id=\(ids[3])") == ([ids[4]], false))
      #expect(try page("limit=2&before_id=\(ids[3])") == (Array(ids[1..<3]), true))
      #expect(try page("") == (ids, false))
      for query in ["limit=0", "limit=1001", "limit=x", "after_id=none"] {
        #expect(try client.get("\(path)?\(query)").status == 400, "\(query)")
      }
    }
  }

  @Test func `results come in another order than requests, the same for a seed`() async throws {
    var orders: Set<[String]> = []
    for seed in [UInt64(1), 1, 2] {
      try await Fixtures.withProvider({ $0.seed = seed }) { provider in
        let client = try WireClient(port: provider.port)
        let asked = (0..<20).map { "r\($0)" }
        let path = "/v1/messages/batches"
        let id = try #require(try client.post(messages(asked), path: path).json()["id"] as? String)
        let order = try client.get("\(path)/\(id)/results").text.split(separator: "\n").map {
          try #require(
            (JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])?["custom_id"] as? String)
        }
        #expect(order != asked && Set(order) == Set(asked))
        orders.insert(order)
      }
    }
    #expect(orders.count == 2)
  }

  @Test func `options out of range are refused`() throws {
    let changes: [(inout BatchBehaviour) throws -> Void] = [
      { $0.delay = -1 }, { $0.delay = .nan }, { $0.window = 0 }, { $0.failingJobs = 1.5 },
      { $0.expiringJobs = -0.1 },
      {
        $0.failingJobs = 0.6
        $0.expiringJobs = 0.6
      },
      { $0.faults = try FaultPlan(parsing: "hang=0.1") },
    ]
    for change in changes {
      #expect(throws: SimulationError.self) {
        _ = try Fixtures.service(Fixtures.table()) { try change(&$0.batches) }
      }
    }
  }
}
