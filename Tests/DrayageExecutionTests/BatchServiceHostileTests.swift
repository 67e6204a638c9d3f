import Drayage
import DrayageCore
import DrayageSimulation
import Foundation
import Testing

@testable import DrayageExecution

/// Providers, or those in between, that send what no interface promises.
@Suite(.timeLimit(.minutes(3))) struct BatchServiceHostileTests {
  private static let mark = BatchMark("run 7, part 1")!
  private static let job = BatchJobID("job-1")!

  /// A service whose provider has ended the job, and writes its results by `write`.
  private func service(
    _ kind: BatchKind, _ write: @escaping @Sendable (ServerConnection) -> Void
  ) throws -> (any BatchService, ScriptedServer) {
    let server = try ScriptedServer { connection in
      while let request = connection.readRequest() {
        if request.head.contains("/content") || request.head.contains("/results") {
          write(connection)
        } else {
          connection.reply("200 OK", Array(Self.ended.utf8))
        }
      }
    }
    let target = try BatchServiceRig.target(kind, at: "http://127.0.0.1:\(server.port)/v1")
    return (try #require(BatchServices.service(for: target, over: directTransport())), server)
  }

  /// A job that has ended, for either interface.
  private static let ended = """
    {"id": "job-1", "status": "completed", "output_file_id": "file-1", "error_file_id": null,
     "processing_status": "ended", "request_counts": {"total": 3, "completed": 3, "failed": 0, "succeeded": 3,
     "processing": 0, "errored": 0, "canceled": 0, "expired": 0}, "results_url": "http://127.0.0.1:9/steal"}
    """

  private func answer(_ kind: BatchKind, _ id: String, mark: BatchMark = mark, text: String = "yes") -> String
  {
    switch kind {
    case .anthropic:
      """
      {"custom_id":"\(mark.wireID(id))","result":{"type":"succeeded","message":{"id":"m","type":"message",\
      "model":"large-9","content":[{"type":"text","text":"\(text)"}],"stop_reason":"end_turn",\
      "usage":{"input_tokens":3,"output_tokens":2}}}}
      """
    default:
      """
      {"id":"r","custom_id":"\(mark.wireID(id))","error":null,"response":{"status_code":200,"request_id":"x",\
      "body":{"id":"c","object":"chat.completion","model":"large-9","choices":[{"index":0,"finish_reason":"stop",\
      "message":{"role":"assistant","content":"\(text)"}}],\
      "usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}}}
      """
    }
  }

  private func results(
    _ service: any BatchService, ids: Set<String>
  ) async throws -> (outcomes: [String: BatchOutcome], report: BatchJobResults.Report) {
    try await BatchServiceRig.drain(
      try await service.results(of: Self.job, mark: Self.mark, ids: ids))
  }

  @Test(arguments: [BatchKind.openAI, .anthropic])
  func `strange lines are counted and passed over`(kind: BatchKind) async throws {
    let lines = [
      answer(kind, "c"),
      answer(kind, "nobody"),
      answer(kind, "a", mark: BatchMark("another")!),
      answer(kind, "c", text: "no"),
      "", " \r",
      "not json", "[]", "{}", "{\"custom_id\":7}", "null",
      String(answer(kind, "d").dropLast(40)),
      "{\"a\":" + String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000) + "}",
      answer(kind, "a") + "\r",
      "{\"custom_id\":\"\(Self.mark.wireID("e"))\",\"response\":{\"status_code\":\"200\"},\"result\":{\"type\":1}}",
      "{\"custom_id\":\"\(Self.mark.wireID("f"))\"}",
      // The last one without a line end.
      answer(kind, "b"),
    ]
    let text = lines.joined(separator: "\n")
    let (service, server) = try service(kind) { $0.reply("200 OK", Array(text.utf8)) }
    let (outcomes, report) = try await results(service, ids: ["a", "b", "c", "d", "e", "f"])
    #expect(Set(outcomes.keys) == ["a", "b", "c", "e", "f"])
    for id in ["a", "b", "c"] {
      #expect(outcomes[id]?.reply?.answer.text == "yes", "\(id)")
      #expect(outcomes[id]?.reply?.answer.usage == MeteredUsage(TokenUsage(input: 3, output: 2)), "\(id)")
    }
    for id in ["e", "f"] {
      #expect(outcomes[id]?.failure?.kind == .malformed && outcomes[id]?.mayBeBilled == true, "\(id)")
    }
    #expect(report.answered == 3 && report.errored == 2)
    #expect(report.unknown == 2 && report.repeated == 1 && report.malformed == 7 && report.tooLong == 0)
    #expect(report.missing == ["d"] && !report.isClean)
    withExtendedLifetime(server) {}
  }

  @Test(arguments: [BatchKind.openAI, .anthropic])
  func `a line of a hundred megabytes is passed over, and the next one is read`(
    kind: BatchKind
  ) async throws {
    let last = answer(kind, "a")
    let (service, server) = try service(kind) { connection in
      let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
      connection.write(
        "HTTP/1.1 200 OK\r\ncontent-length: \(100 * piece.count + 1 + last.utf8.count)\r\n\r\n")
      for _ in 0..<100 { connection.write(piece) }
      connection.write("\n" + last)
    }
    let (outcomes, report) = try await results(service, ids: ["a"])
    #expect(report.tooLong == 1 && report.answered == 1 && report.missing.isEmpty)
    #expect(outcomes["a"]?.reply?.answer.text == "yes")
    withExtendedLifetime(server) {}
  }

  @Test(arguments: [BatchKind.openAI, .anthropic])
  func `results that break off are an error after what had come`(kind: BatchKind) async throws {
    let line = answer(kind, "a") + "\n"
    let (service, server) = try service(kind) { connection in
      connection.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + line)
      connection.endStream()
    }
    var results = try await service.results(of: Self.job, mark: Self.mark, ids: ["a", "b"])
    #expect(try await results.next()?.id == "a")
    do {
      let entry = try await results.next()
      Issue.record("there was no error but \(String(describing: entry))")
    } catch {
      #expect(error.code == .unreachable && error.failure == .truncated, "\(error)")
    }
    #expect(results.report.missing == ["b"])
    withExtendedLifetime(server) {}
  }

  @Test(arguments: [BatchKind.openAI, .anthropic])
  func `a reply full of strange lines is given up`(kind: BatchKind) async throws {
    let line = answer(kind, "nobody") + "\n"
    let text = String(repeating: line, count: 2_000) + answer(kind, "a")
    let (service, server) = try service(kind) { $0.reply("200 OK", Array(text.utf8)) }
    let error = await BatchServiceRig.failure { () async throws(BatchServiceError) in
      var results = try await service.results(of: Self.job, mark: Self.mark, ids: ["a"])
      while try await results.next() != nil {}
      return results.report
    }
    #expect(error?.code == .unreadable)
    withExtendedLifetime(server) {}
  }

  @Test(arguments: [
    ("401 Unauthorized", FailureClass.unauthorized, BatchServiceError.Code.refused),
    ("429 Too Many", .rateLimited, .refused), ("500 Oops", .serverError, .inDoubt),
    ("529 Overloaded", .overloaded, .refused), ("301 Moved", .notFound, .refused),
    ("200 OK", .malformed, .inDoubt),
  ])
  func `a refused submission says whether the job may have been taken`(
    status: String, failure: FailureClass, code: BatchServiceError.Code
  ) async throws {
    let server = try ScriptedServer { connection in
      while let request = connection.readRequest() {
        if request.head.hasPrefix("POST /v1/files ") {
          connection.reply("200 OK", Array("{\"id\":\"file-1\"}".utf8))
        } else {
          let fields = ["retry-after: 7", "location: http://127.0.0.1:9/\(secret)"]
          connection.reply(
            status, Array("{\"error\":{\"message\":\"the key \(secret)-1234 is \(secret)\"}}".utf8),
            fields: fields)
        }
      }
    }
    for kind in [BatchKind.openAI, .anthropic] {
      let target = try BatchServiceRig.target(kind, at: "http://127.0.0.1:\(server.port)/v1")
      let service = try #require(BatchServices.service(for: target, over: directTransport()))
      let error = await BatchServiceRig.failure { () async throws(BatchServiceError) in
        try await service.submit([BatchItem(id: "a", body: Array("{}".utf8))], mark: Self.mark)
      }
      #expect(
        error?.code == code && error?.failure == failure, "\(kind) \(status): \(String(describing: error))")
      if status.hasPrefix("429") { #expect(error?.retryAfter == 7) }
    }
  }

  @Test func `names that a provider gives never lead elsewhere`() async throws {
    let paths = Locked<[String]>([])
    let server = try ScriptedServer { connection in
      while let request = connection.readRequest() {
        paths.withLock { $0.append(request.lines[0]) }
        connection.reply(
          "200 OK", Array("{\"id\":\"../../evil\",\"status\":\"completed\",\"output_file_id\":\"../x\"}".utf8)
        )
      }
    }
    let target = try BatchServiceRig.target(.openAI, at: "http://127.0.0.1:\(server.port)/v1")
    let service = try #require(BatchServices.service(for: target, over: directTransport()))
    let error = await BatchServiceRig.failure { () async throws(BatchServiceError) in
      try await service.submit([BatchItem(id: "a", body: Array("{}".utf8))], mark: Self.mark)
    }
    #expect(error?.code == .unreadable)
    let unreadable = await BatchServiceRig.failure { () async throws(BatchServiceError) in
      try await service.results(of: Self.job, mark: Self.mark, ids: ["a"])
    }
    #expect(unreadable?.code == .unreadable)
    #expect(paths.withLock { $0 } == ["POST /v1/files HTTP/1.1", "GET /v1/batches/job-1 HTTP/1.1"])
  }
}
