import Drayage
import DrayageCore
import Testing

@testable import DrayageExecution

struct GeminiGenerateTests {
  static let base = "https://generativelanguage.googleapis.com/v1"

  @Test(arguments: GoldenCase.all("gemini-generate"))
  func `golden cases`(_ test: GoldenCase) throws {
    let check = GoldenCheck(
      dialect: GeminiGenerate(), baseURL: Self.base, camel: test.name.hasPrefix("official-")
    ) { chat, limit, _, offer in try GeminiBody(chat, limit: limit, offer: offer).json() }
    try check.check(test)
  }

  @Test func `there are golden cases`() {
    #expect(GoldenCase.all("gemini-generate").count > 30)
  }

  private func body(_ chat: ChatRequest, model: String = "gemini-3.8-flash") throws -> JSONNode {
    let target = try Target.offering(GeminiGenerate(), model: model, baseURL: Self.base)
    let call = Call(try RequestBody(chat), idempotencyKey: "k")
    return try JSONNode.parse(try GeminiGenerate().request(call, to: target).body, file: "body")
  }

  @Test(arguments: [
    (base, "AIzaKey", "x-goog-api-key", "AIzaKey", base + "/models/m:generateContent"),
    (base + "/", "ya29.token", "authorization", "Bearer ya29.token", base + "/models/m:generateContent"),
    (
      "https://aiplatform.googleapis.com/v1/projects/p/locations/global", "token", "authorization",
      "Bearer token",
      "https://aiplatform.googleapis.com/v1/projects/p/locations/global"
        + "/publishers/google/models/m:generateContent"
    ),
    (
      "https://proxy.example/v1/projects/p/locations/l/publishers/google", "token", "authorization",
      "Bearer token",
      "https://proxy.example/v1/projects/p/locations/l/publishers/google/models/m:generateContent"
    ),
  ])
  func `the key goes where the address asks for it`(
    base: String, key: String, field: String, value: String, url: String
  ) throws {
    let target = try Target.offering(GeminiGenerate(), model: "google/m", baseURL: base, key: key)
    let call = Call(try RequestBody(ChatRequest("Hi")), idempotencyKey: "k")
    let request = try GeminiGenerate().request(call, to: target)
    #expect(request.url == url)
    #expect(request.fields[field] == value)
    #expect(["authorization", "x-goog-api-key"].count { request.fields[$0] != nil } == 1)
  }

  @Test func `no key, no field`() throws {
    let target = try Target.offering(GeminiGenerate(), model: "m", baseURL: Self.base, key: nil)
    let request = try GeminiGenerate().request(
      Call(try RequestBody(ChatRequest("Hi")), idempotencyKey: "k"), to: target)
    #expect(request.fields["authorization"] == nil && request.fields["x-goog-api-key"] == nil)
    #expect(request.limits.bodyBytes == ReplyLimits.bytes)
  }

  @Test func `at Vertex AI the tier is a header field`() throws {
    let base = "https://aiplatform.googleapis.com/v1/projects/p/locations/global"
    let target = try Target.offering(
      GeminiGenerate(), model: "gemini-3.8-flash", service: "flex", baseURL: base)
    let request = try GeminiGenerate().request(
      Call(try RequestBody(ChatRequest("Hi")), idempotencyKey: "k"), to: target)
    #expect(request.fields["x-vertex-ai-llm-shared-request-type"] == "flex")
    #expect(try JSONNode.parse(request.body, file: "body")["serviceTier"] == nil)
  }

  @Test func `a model's name cannot change the address`() throws {
    let target = try Target.offering(GeminiGenerate(), model: "m?key=1#/../é", baseURL: Self.base)
    let request = try GeminiGenerate().request(
      Call(try RequestBody(ChatRequest("Hi")), idempotencyKey: "k"), to: target)
    #expect(request.url == Self.base + "/models/m%3Fkey%3D1%23/../%C3%A9:generateContent")
  }

  @Test(
    arguments: [
      ("gemini-2.5-flash", 25, false), ("gemini-3-flash-preview", 30, true),
      ("gemini-3.1-pro-preview", 31, true),
      ("gemini-4-argon", 40, true), ("gemini-flash-latest", nil, true), ("gemini-2.0-flash", 20, false),
      ("gemma-3-27b-it", nil, false), ("publishers/google/models/gemini-2.5-pro", 25, false),
      ("", nil, false),
      ("gemini-", nil, true), ("gemini-99999999999999999999-x", nil, true), ("gemini-3.-x", 30, true),
    ] as [(String, Int?, Bool)])
  func `a name tells the version`(name: String, version: Int?, third: Bool) {
    let model = GeminiModel(name)
    #expect(model.version == version)
    #expect(model.isThirdGeneration == third)
  }

  @Test func `a signature comes back as it went, through OpenAI's format`() throws {
    let reply = """
      {"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"c","name":"f","args":{"a":1}},
      "thoughtSignature":"AbC+/9=="},{"functionCall":{"id":"d","name":"g","args":{}}}]},
      "finishReason":"STOP"}]}
      """
    let answer = try GeminiGenerate().answer(in: .ok(Array(reply.utf8)))
    let completion = Array(answer.completion(model: "m", created: 0).utf8)
    let node = try JSONNode.parse(completion, file: "completion")
    guard case .array(let choices)? = node["choices"]?.value, let message = choices.first?["message"] else {
      Issue.record("no message in \(String(decoding: completion, as: UTF8.self))")
      return
    }
    let said = String(decoding: completion[message.range], as: UTF8.self)
    let text = """
      {"messages":[{"role":"user","content":"Hi"},\(said),{"role":"tool","tool_call_id":"c","content":"1"},
      {"role":"tool","tool_call_id":"d","content":"2"}]}
      """
    let bytes = Array(text.utf8)
    let chat = try ChatRequest(try JSONNode.parse(bytes, file: "again"), in: bytes, file: "again")
    #expect(chat.messages[1].toolCalls == answer.toolCalls)
    let contents = Array(try #require(try body(chat)["contents"]?.elements))
    let parts = Array(try #require(contents[1]["parts"]?.elements))
    #expect(parts[0]["thoughtSignature"]?.string == "AbC+/9==")
    #expect(parts[1]["thoughtSignature"] == nil)
    // And once more as a request of the library's own.
    #expect(try RequestBody(chat).chat().messages == chat.messages)
  }

  @Test func `pieces of calls arrive with names, and as content`() throws {
    var stream = GeminiStream()
    let event = """
      {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"},"thoughtSignature":"x"}]}}],
      "responseId":"a-b/c"}
      """
    let events = try stream.take(WireEvent(data: Array(event.utf8)))
    #expect(
      events == [
        .begin(id: "a-b/c", model: nil), .toolCall(index: 0, id: "call_abc_0", name: "f", arguments: "{}"),
        .toolCallSignature(index: 0, signature: "x"),
      ])
    #expect(events.map(\.isContent) == [false, true, true])
    #expect(!stream.isComplete)
    var answer = ChatAnswer()
    answer.take(.toolCallSignature(index: 5, signature: "nowhere"))
    #expect(answer == ChatAnswer())
  }

  @Test func `more calls than any answer has are malformed`() throws {
    let part = "{\"functionCall\":{\"name\":\"f\"}}"
    let event =
      "{\"candidates\":[{\"content\":{\"parts\":["
      + Array(repeating: part, count: 1_025).joined(separator: ",") + "]}}]}"
    var stream = GeminiStream()
    let failure = #expect(throws: AttemptFailure.self) { try stream.take(WireEvent(data: Array(event.utf8))) }
    #expect(failure?.kind == .malformed)
  }

  @Test func `a day's quota at other services is known by its subject`() {
    let body = """
      {"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[
      {"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"subject":"x/RequestsPerDay"}]}]}}
      """
    #expect(
      GeminiGenerate().failure(status: 429, fields: [:], body: Array(body.utf8)).kind == .quotaExhausted)
  }

  @Test(arguments: 0..<400)
  func `damaged replies are answers or failures, never worse`(seed: Int) throws {
    try HostileReplies.damage(GoldenCase.all("gemini-generate"), by: GeminiGenerate(), seed: seed)
  }

  @Test func `what is too deep or too large is malformed`() {
    HostileReplies.checkDepth(GeminiGenerate())
  }

  @Test func `a body that is not as documented is refused by its key`() throws {
    let text = Array("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"temperature\":\"hot\"}".utf8)
    let body = try RequestBody(try JSONNode.parse(text, file: "b"), in: text) {
      InputError($0, file: "b", key: $1, message: $2)
    }
    let target = try Target.offering(GeminiGenerate(), model: "m", baseURL: Self.base)
    let error = #expect(throws: Rejection.self) {
      try GeminiGenerate().request(Call(body, idempotencyKey: "k"), to: target)
    }
    #expect(error == .inexpressible("temperature, which is not a number"))
  }

  @Test func `words of the provider are cut and cleaned in answers too`() throws {
    let word = String(repeating: "X\u{1b}", count: 1_000)
    for text in [
      "{\"candidates\":[{\"finishReason\":\"SAFETY\",\"finishMessage\":\(JSONText.quoted(word))}]}",
      "{\"promptFeedback\":{\"blockReason\":\(JSONText.quoted(word))}}",
      "{\"candidates\":[{\"finishReason\":\(JSONText.quoted(word))}]}",
    ] {
      let failure = #expect(throws: AttemptFailure.self) {
        try GeminiGenerate().answer(in: .ok(Array(text.utf8)))
      }
      let message = try #require(failure?.message)
      #expect(message.unicodeScalars.count < 330 && !message.contains("\u{1b}"))
    }
  }

  @Test(arguments: ["1e300s", "1e7001s", "-1s", "nans", "infs"])
  func `a delay that makes no sense is none`(delay: String) {
    let text =
      "{\"error\":{\"code\":429,\"message\":\"m\",\"details\":[{\"@type\":\"google.rpc.RetryInfo\","
      + "\"retryDelay\":\"\(delay)\"}]}}"
    let failure = GeminiGenerate().failure(status: 429, fields: [:], body: Array(text.utf8))
    #expect(failure.kind == .rateLimited && failure.retryAfter == nil)
  }
}
