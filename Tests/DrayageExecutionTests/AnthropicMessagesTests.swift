import Drayage
import Testing

@testable import DrayageCore
@testable import DrayageExecution

struct AnthropicMessagesTests {
  static let folder = GoldenFolder("anthropic-messages")
  private let dialect = AnthropicMessages()

  @Test func `there are cases`() {
    #expect(Self.folder.names(".request.json").count >= 100)
    #expect(Self.folder.names(".reply.json").count >= 20)
    #expect(Self.folder.names(".stream.json").count >= 10)
  }

  @Test(arguments: folder.names(".request.json"))
  func `a request is said as it should be, or refused`(name: String) throws {
    let file = try Self.folder.json(name + ".request.json")
    let request = try #require(file["request"])
    let offer = try Offer(golden: file.node["offer"])
    let chat = try ChatRequest(request.node, in: request.bytes, file: name)
    var streams = false
    if case .bool(true)? = file.node["offer"]?["stream"]?.value { streams = true }
    let limit = chat.maxOutputTokens ?? file.node["offer"]?["limit"]?.integer
    do throws(Rejection) {
      let json = try AnthropicRequest(chat, outputLimit: limit, streams: streams, to: offer).json
      let expected = try? file["expected"].map { try JSONNode.canonical($0.text) }
      #expect((try? JSONNode.canonical(json.utf8)) == expected, "\(name): \(json)")
    } catch {
      let what = file.node["inexpressible"]?.string ?? "nothing"
      #expect(error == .inexpressible(what), "\(name)")
    }
  }

  @Test(arguments: folder.names(".reply.json"))
  func `a reply means what it should`(name: String) throws {
    let file = try Self.folder.json(name + ".reply.json")
    let reply = HTTPReply(
      status: 200, fields: [:], body: try #require(file["reply"]).text,
      timing: .init(connect: .zero, firstByte: .zero, total: .zero))
    do throws(AttemptFailure) {
      let answer = try dialect.answer(in: reply)
      #expect(GoldenOutcome.text(answer) == file.node["answer"].map(GoldenOutcome.expected), "\(name)")
    } catch {
      #expect(GoldenOutcome.matches(error, file.node["failure"]), "\(name): \(error)")
    }
  }

  @Test(arguments: folder.names(".stream.json"))
  func `a stream means what it should, however it is split`(name: String) throws {
    let expected = try Self.folder.json(name + ".stream.json").node
    let bytes = try Self.folder.bytes(name + ".sse")
    let whole = GoldenOutcome.stream(dialect, [bytes[...]])
    #expect(GoldenOutcome.matchesStream(whole, expected), "\(name): \(whole)")
    for place in bytes.indices {
      let split = GoldenOutcome.stream(dialect, [bytes[..<place], bytes[place...]])
      #expect(split == whole, "\(name) split at \(place)")
    }
    #expect(
      GoldenOutcome.stream(dialect, bytes.indices.map { bytes[$0...$0] }) == whole, "\(name) in single bytes")
  }

  @Test(arguments: folder.names(".stream.json"))
  func `a stream that is cut off anywhere is not complete`(name: String) throws {
    let bytes = try Self.folder.bytes(name + ".sse")
    let end = Array("event: message_stop\ndata: {\"type\": \"message_stop\"}\n\n".utf8)
    let stop = bytes.indices.first { bytes[$0...].starts(with: end) } ?? bytes.count
    for place in 0..<min(bytes.count, stop + end.count - 1) {
      #expect(
        !GoldenOutcome.stream(dialect, [bytes[..<place]]).hasPrefix("complete true"), "\(name) at \(place)")
    }
  }

  // MARK: Requests as a whole

  private func target(_ model: String = "claude-haiku-4-5", service: String = "standard") throws -> Target {
    let json = #"{"model":"\#(model)","service":"\#(service)","output":64000}"#
    let offer = try Offer(golden: try JSONNode.parse(Array(json.utf8), file: "offer"))
    return Target(
      offer: offer, dialect: dialect, baseURL: "https://api.anthropic.com/v1/", key: "sk-ant-secret")
  }

  private func call(_ body: String, streams: Bool = false) throws -> Call {
    let text = Array(body.utf8)
    let node = try JSONNode.parse(text, file: "body")
    return Call(
      try RequestBody(node, in: text) { InputError($0, file: "body", key: $1, message: $2) },
      streams: streams,
      idempotencyKey: "key-1")
  }

  @Test func `a request goes to the right place, and its key in a field only`() throws {
    let call = try call(#"{"messages":[{"role":"user","content":"Hi"}]}"#)
    let request = try dialect.request(call, to: try target())
    #expect(request.url == "https://api.anthropic.com/v1/messages")
    #expect(request.method == "POST")
    #expect(request.fields["x-api-key"] == "sk-ant-secret")
    #expect(request.fields["anthropic-version"] == "2023-06-01")
    #expect(request.fields["accept"] == "application/json")
    #expect(request.fields["anthropic-beta"] == nil)
    #expect(request.fields["authorization"] == nil)
    #expect(!String(decoding: request.body, as: UTF8.self).contains("secret"))
    #expect(request.limits.bodyBytes == ReplyLimits.bytes)
  }

  @Test func `a streamed and a fast request say so`() throws {
    let call = try call(#"{"messages":[{"role":"user","content":"Hi"}]}"#, streams: true)
    let request = try dialect.request(call, to: try target("claude-opus-5", service: "fast"))
    #expect(request.fields["accept"] == "text/event-stream")
    #expect(request.fields["anthropic-beta"] == "fast-mode-2026-02-01")
    let body = try JSONNode.parse(request.body, file: "body")
    #expect(body["stream"]?.canonical == "true")
    #expect(body["speed"]?.string == "fast")
    #expect(body["max_tokens"]?.integer == 64_000)
  }

  @Test func `what a body says wrongly makes the offer ineligible`() throws {
    let call = try call(#"{"messages":[{"role":"user","content":"Hi"}],"temperature":"hot"}"#)
    #expect(throws: Rejection.inexpressible("is not a number")) {
      try dialect.request(call, to: try target())
    }
  }

  // MARK: Failures

  private func failure(_ status: Int, _ type: String, _ message: String = "m", code: String? = nil)
    -> AttemptFailure
  {
    let details = code.map { #","details":{"error_code":"\#($0)"}"# } ?? ""
    let body = #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"\#(details)}}"#
    return dialect.failure(status: status, fields: [:], body: Array(body.utf8))
  }

  @Test(arguments: [
    (400, "invalid_request_error", "max_tokens: too large", FailureClass.badRequest),
    (400, "invalid_request_error", "prompt is too long: 210266 tokens > 200000 maximum", .contextTooLong),
    (
      400, "invalid_request_error", "input length and `max_tokens` exceed context limit: 1 + 2 > 3",
      .contextTooLong
    ),
    (
      400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API.",
      .quotaExhausted
    ),
    (400, "invalid_request_error", "You have reached your specified API usage limits.", .quotaExhausted),
    (400, "invalid_request_error", "Output blocked by content filtering policy", .contentFilter),
    (401, "authentication_error", "invalid x-api-key", .unauthorized),
    (402, "billing_error", "m", .quotaExhausted), (403, "permission_error", "m", .unauthorized),
    (404, "not_found_error", "model: claude-x", .notFound),
    (409, "conflict_error", "m", .overloaded), (413, "request_too_large", "m", .contextTooLong),
    (413, "", "", .contextTooLong),
    (429, "rate_limit_error", "m", .rateLimited), (500, "api_error", "m", .serverError),
    (504, "timeout_error", "m", .timeout), (529, "overloaded_error", "Overloaded", .overloaded),
    (529, "", "", .overloaded), (503, "", "", .overloaded), (502, "", "", .connectionLost),
    (524, "", "", .timeout),
    (408, "", "", .timeout), (418, "", "", .badRequest), (302, "", "", .malformed),
    (599, "new_error", "m", .serverError), (422, "new_error", "m", .badRequest),
  ])
  func `an error is of its class`(status: Int, type: String, message: String, kind: FailureClass) {
    #expect(failure(status, type, message).kind == kind)
    #expect(failure(status, type, message).message.hasPrefix("status \(status)"))
  }

  @Test func `spending limits are told from rate limits by their codes`() {
    for code in ["contract_spend_limit_reached", "enforced_spend_limit_reached"] {
      #expect(failure(429, "rate_limit_error", code: code).kind == .quotaExhausted)
    }
    #expect(failure(429, "rate_limit_error", code: "ramp_limit_exceeded").kind == .rateLimited)
    #expect(failure(400, "invalid_request_error", code: "organization_on_hold").kind == .unauthorized)
  }

  @Test func `the time to wait is read, and secrets in messages are not repeated`() {
    let body =
      #"{"error":{"type":"rate_limit_error","message":"key sk-ant-api03-AbCdEf12 of\nyou: slow down"}}"#
    let failure = dialect.failure(status: 429, fields: ["Retry-After": "12"], body: Array(body.utf8))
    #expect(failure.retryAfter == 12)
    #expect(failure.message == "status 429: key [hidden] of you: slow down")
  }

  @Test(arguments: [
    "", "{", "[]", "null", #"{"error":7}"#, #"{"error":{"message":{}}}"#, "<html>502</html>", "\u{0}",
  ])
  func `an error without a readable body is of the class of its status`(body: String) {
    let failure = dialect.failure(status: 500, fields: [:], body: Array(body.utf8))
    #expect(failure == AttemptFailure(.serverError, "status 500"))
  }

  // MARK: Hostile replies

  @Test func `no reply that is cut off or nests too deep is an answer`() throws {
    let body = try #require(try Self.folder.json("all-of-usage.reply.json")["reply"]).text
    func answer(_ body: [UInt8]) throws(AttemptFailure) -> ChatAnswer {
      try dialect.answer(
        in: HTTPReply(
          status: 200, fields: [:], body: body, timing: .init(connect: .zero, firstByte: .zero, total: .zero))
      )
    }
    _ = try answer(body)
    for place in 0..<body.count {
      #expect(throws: AttemptFailure.self) { try answer(Array(body[..<place])) }
    }
    for depth in [98, 100, 127, 5_000, 200_000] {
      let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      let text = #"{"content":[{"type":"text","text":"A"}],"x":\#(nested)}"#
      let isRead = (try? answer(Array(text.utf8))) != nil
      #expect(isRead == (depth < 100), "depth \(depth)")
    }
  }

  @Test func `a stream of endless blocks, or with absurd indices, ends as malformed or harmless`() throws {
    var stream = AnthropicStream()
    var failure: AttemptFailure?
    var events = 0
    for index in 0..<10_000 {
      let text =
        #"{"type":"content_block_start","index":\#(index),"content_block":{"type":"tool_use","id":"a","name":"f"}}"#
      do throws(AttemptFailure) {
        events += try stream.take(WireEvent(data: Array(text.utf8))).count
      } catch {
        failure = error
        break
      }
    }
    #expect(failure?.kind == .malformed)
    #expect(events == 4_096)
    for index in ["-1", "9223372036854775807", "1e30", "\"0\"", "null"] {
      var stream = AnthropicStream()
      let begin =
        #"{"type":"content_block_start","index":\#(index),"content_block":{"type":"text","text":""}}"#
      let piece = #"{"type":"content_block_delta","index":\#(index),"delta":{"type":"text_delta","text":7}}"#
      _ = try? stream.take(WireEvent(data: Array(begin.utf8)))
      #expect(throws: AttemptFailure.self) { try stream.take(WireEvent(data: Array(piece.utf8))) }
    }
  }

  @Test func `any byte of a stream may be wrong without a crash`() throws {
    let bytes = try Self.folder.bytes("tools.sse")
    for place in bytes.indices {
      for change: UInt8 in [0x22, 0xFF] {
        var broken = bytes
        broken[place] = change
        _ = GoldenOutcome.stream(dialect, [broken[...]])
      }
    }
  }
}
