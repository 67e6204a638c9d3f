import Drayage
import DrayageCore
import Foundation
import Testing

@testable import DrayageExecution

/// What an attempt looks like on the wire, and what an answer means.
struct OpenAIChatTests {
  private let dialect = OpenAIChat()

  // MARK: Requests

  private func target(base: String, key: String?, idempotency: String? = nil) throws -> Target {
    Target(
      offer: Offer(
        id: try #require(OfferID(provider: "acme", name: "m")),
        tariff: try Tariff(name: "m", origin: "test", sheets: [RateSheet(base: [:])]),
        endpoint: Endpoint(dialect: .openAIChat, idempotencyHeader: idempotency)),
      dialect: dialect, baseURL: base, key: key)
  }

  private func request(_ target: Target) throws -> HTTPRequest {
    let bytes = Array(#"{"messages":[{}]}"#.utf8)
    let body = try RequestBody(try JSONNode.parse(bytes, file: "body"), in: bytes) {
      InputError($0, file: "body", key: $1, message: $2)
    }
    return dialect.request(
      body, to: target, maxOutputTokens: 9, idempotencyKey: "run-1-1",
      timeouts: Timeouts(firstByte: .seconds(3)))
  }

  @Test func requestsCarryTheSecretAndShowIt() throws {
    let target = try target(base: "https://api.acme.test/v1", key: secret, idempotency: "X-Once")
    let request = try request(target)
    #expect(request.method == "POST" && request.url == "https://api.acme.test/v1/chat/completions")
    #expect(request.fields["Authorization"] == "Bearer \(secret)")
    #expect(request.fields["Content-Type"] == "application/json")
    #expect(request.fields["x-once"] == "run-1-1")
    #expect(request.timeouts.firstByte == .seconds(3))
    #expect(
      String(decoding: request.body, as: UTF8.self)
        == #"{"model":"m","max_completion_tokens":9,"messages":[{}]}"#)
    expectNoSecret(in: request)
    expectNoSecret(in: target)
    expectNoSecret(in: [target])
  }

  @Test func requestsWithoutSecretOrIdempotencyCarryNone() throws {
    let request = try request(try target(base: "http://127.0.0.1:9/v1", key: nil))
    #expect(request.fields["authorization"] == nil && request.fields["idempotency-key"] == nil)
    #expect(request.fields.entries.count == 2)
  }

  @Test func addressesJoinWithOneSlash() throws {
    for base in ["http://h/v1", "http://h/v1/", "http://h/v1//"] {
      #expect(try request(try target(base: base, key: nil)).url == "http://h/v1/chat/completions")
    }
    #expect(try request(try target(base: "http://h", key: nil)).url == "http://h/chat/completions")
  }

  // MARK: Replies

  private func failure(
    _ status: Int, _ body: String = "", fields: HTTPFields = [:]
  ) -> (FailureClass, message: String, retryAfter: Double?)? {
    guard
      case .failed(let failure, let message, let retryAfter) = dialect.interpret(
        ScriptedTransport.reply(status, body, fields: fields))
    else { return nil }
    return (failure, message, retryAfter)
  }

  private func answer(_ body: String, fields: HTTPFields = [:]) -> AttemptResult.Answer? {
    guard case .answered(let answer) = dialect.interpret(ScriptedTransport.reply(200, body, fields: fields))
    else {
      return nil
    }
    return answer
  }

  @Test(arguments: [
    (400, FailureClass.badRequest), (401, .unauthorized), (402, .quotaExhausted), (403, .unauthorized),
    (404, .notFound), (408, .timeout), (409, .overloaded), (413, .contextTooLong), (422, .badRequest),
    (429, .rateLimited), (500, .serverError), (502, .connectionLost), (503, .overloaded), (504, .timeout),
    (520, .connectionLost), (524, .timeout),
    (529, .overloaded), (599, .serverError), (999, .serverError), (201, .malformed), (204, .malformed),
    (302, .malformed),
  ])
  func statusesMean(status: Int, expected: FailureClass) {
    for body in ["", "null", "[]", #"{"error":null}"#, #"{"error":"x"}"#, #"{"choices":[{}]}"#, "<html>"] {
      let failure = failure(status, body)
      #expect(failure?.0 == expected && failure?.message == "status \(status)", "\(body)")
    }
  }

  @Test func codesRefineStatuses() {
    #expect(failure(429, #"{"error":{"code":"insufficient_quota"}}"#)?.0 == .quotaExhausted)
    #expect(failure(429, #"{"error":{"type":"insufficient_quota"}}"#)?.0 == .quotaExhausted)
    #expect(failure(429, #"{"error":{"code":"rate_limit_exceeded"}}"#)?.0 == .rateLimited)
    #expect(failure(400, #"{"error":{"code":"context_length_exceeded"}}"#)?.0 == .contextTooLong)
    #expect(failure(400, #"{"error":{"code":7}}"#)?.0 == .badRequest)
  }

  @Test func messagesAreToldInPart() {
    #expect(failure(400, #"{"error":{"message":"no such field"}}"#)?.message == "status 400: no such field")
    let long = failure(400, #"{"error":{"message":"e\#(String(repeating: "\u{301}", count: 5_000))"}}"#)
    #expect((long?.message.unicodeScalars.count ?? .max) < 400)
  }

  @Test func waitsAreRead() {
    #expect(failure(429, "", fields: ["Retry-After": "7"])?.retryAfter == 7)
    #expect(failure(503, "", fields: ["retry-after": "0.5"])?.retryAfter == 0.5)
    #expect(failure(429)?.retryAfter == nil)
    #expect(failure(429, "", fields: ["Retry-After": "soon"])?.retryAfter == nil)
  }

  @Test func answersKeepTheirBytes() {
    let body = #"{ "choices": [ {"message": {"content": "yes"}} ], "extra": 1.50 }"#
    let answer = answer(body, fields: ["X-Request-Id": "r1"])
    #expect(answer.map { String(decoding: $0.body, as: UTF8.self) } == body)
    #expect(
      answer?.status == 200 && answer?.requestID == "r1" && answer?.usage == nil && answer?.score == nil)
  }

  @Test func whatIsNoCompletionIsMalformed() {
    let deep =
      #"{"choices":[{}],"x":"# + String(repeating: "[", count: 120) + String(repeating: "]", count: 120) + "}"
    for body in [
      "", "{", "null", "[]", "{}", #"{"choices":null}"#, #"{"choices":[]}"#, #"{"choices":{}}"#, deep,
      #"{"choices":[{}],"choices":[{}]}"#, #"data: {"choices":[{}]}"#, "{\"choices\":[{}]}\u{0}",
    ] {
      #expect(failure(200, body)?.0 == .malformed, "\(body.prefix(80))")
    }
  }

  @Test func usageIsSplitByClass() {
    func usage(_ text: String) -> TokenUsage? { answer(#"{"choices":[{}],"usage":\#(text)}"#)?.usage }
    #expect(usage(#"{"prompt_tokens":10,"completion_tokens":3}"#) == TokenUsage(input: 10, output: 3))
    #expect(
      usage(#"{"prompt_tokens":10,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4}}"#)
        == TokenUsage(input: 6, output: 3, cachedInput: 4))
    #expect(
      usage(#"{"prompt_tokens":10,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":10}}"#)
        == TokenUsage(input: 0, output: 0, cachedInput: 10))
    #expect(
      usage(
        #"{"prompt_tokens":2600,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":2000,"cache_write_tokens":400}}"#
      ) == TokenUsage(input: 200, output: 3, cachedInput: 2000, cacheWrite: 400))
    #expect(
      usage(#"{"prompt_tokens":10,"completion_tokens":3,"prompt_tokens_details":null}"#)
        == TokenUsage(input: 10, output: 3))
    for absurd in [
      "null", "[]", "{}", #"{"prompt_tokens":10}"#, #"{"completion_tokens":10}"#,
      #"{"prompt_tokens":-1,"completion_tokens":3}"#, #"{"prompt_tokens":1,"completion_tokens":-3}"#,
      #"{"prompt_tokens":"10","completion_tokens":3}"#, #"{"prompt_tokens":1.5,"completion_tokens":3}"#,
      #"{"prompt_tokens":10,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":11}}"#,
      #"{"prompt_tokens":10,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":-1}}"#,
      #"{"prompt_tokens":10,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":6,"cache_write_tokens":5}}"#,
      #"{"prompt_tokens":10,"completion_tokens":3,"prompt_tokens_details":{"cache_write_tokens":-1}}"#,
      #"{"prompt_tokens":9223372036854775807,"completion_tokens":3}"#,
      #"{"prompt_tokens":3,"completion_tokens":100000001}"#,
      #"{"prompt_tokens":99999999999999999999,"completion_tokens":3}"#,
    ] {
      #expect(usage(absurd) == nil, "\(absurd)")
    }
  }

  @Test func scoresAreNumbersOfZeroOrMore() {
    func score(_ text: String) -> Double? {
      answer(#"{"choices":[{}]}"#, fields: ["x-drayage-score": text])?.score
    }
    #expect(score("0") == 0 && score("0.75") == 0.75 && score("1e2") == 100)
    for absurd in ["", "nan", "inf", "-inf", "-0.5", "1e400", "good", "1,0", " 1", "1 2"] {
      #expect(score(absurd) == nil, "\(absurd)")
    }
  }
}
