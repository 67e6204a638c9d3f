import Drayage
import DrayageCore
import Testing

@testable import DrayageExecution

struct CohereChatTests {
  static let base = "https://api.cohere.com"

  @Test(arguments: GoldenCase.all("cohere-chat"))
  func `golden cases`(_ test: GoldenCase) throws {
    let check = GoldenCheck(dialect: CohereChat(), baseURL: Self.base) { chat, limit, streams, offer in
      try CohereBody(chat, limit: limit, streams: streams, offer: offer).json()
    }
    try check.check(test)
  }

  @Test func `there are golden cases`() {
    #expect(GoldenCase.all("cohere-chat").count > 20)
  }

  private func request(_ base: String, key: String? = "k", model: String = "m") throws -> HTTPRequest {
    let target = try Target.offering(CohereChat(), model: model, baseURL: base, key: key)
    return try CohereChat().request(Call(try RequestBody(ChatRequest("Hi")), idempotencyKey: "i"), to: target)
  }

  @Test(arguments: [
    "https://api.cohere.com", "https://api.cohere.com/", "https://api.cohere.com/v2",
    "https://api.cohere.com/v2/",
  ])
  func `the base may end in the version`(base: String) throws {
    #expect(try request(base).url == "https://api.cohere.com/v2/chat")
  }

  @Test func `the key is a bearer's`() throws {
    #expect(try request(Self.base).fields["authorization"] == "Bearer k")
    #expect(try request(Self.base, key: nil).fields["authorization"] == nil)
    #expect(try request(Self.base).limits.bodyBytes == ReplyLimits.bytes)
  }

  @Test func `what was said in stopping does not count as a piece`() throws {
    var stream = CohereStream()
    let start = WireEvent(data: Array("{\"type\":\"message-start\",\"id\":\"x\"}".utf8))
    #expect(try stream.take(start) == [.begin(id: "x", model: nil)])
    let end = WireEvent(
      data: Array("{\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"COMPLETE\"}}".utf8))
    #expect(try stream.take(end) == [.finish(.stop)])
    #expect(stream.isComplete)
  }

  @Test func `an end without a word is malformed, and no end`() throws {
    var stream = CohereStream()
    let end = WireEvent(data: Array("{\"type\":\"message-end\",\"delta\":{}}".utf8))
    let failure = #expect(throws: AttemptFailure.self) { try stream.take(end) }
    #expect(failure?.kind == .malformed)
    #expect(!stream.isComplete)
  }

  @Test func `indices far apart take no more room than calls`() throws {
    var stream = CohereStream()
    var answer = ChatAnswer()
    for index in [0, Int.max, -7, 1_000_000_000] {
      let event = """
        {"type":"tool-call-start","index":\(index),"delta":{"message":{"tool_calls":{"id":"\(index)",
        "function":{"name":"f","arguments":""}}}}}
        """
      for piece in try stream.take(WireEvent(data: Array(event.utf8))) { answer.take(piece) }
    }
    #expect(answer.toolCalls.map(\.id) == ["0", "\(Int.max)", "-7", "1000000000"])
  }

  @Test func `more calls than any answer has are malformed`() throws {
    var stream = CohereStream()
    let failure = #expect(throws: AttemptFailure.self) {
      for index in 0...1_024 {
        let event = """
          {"type":"tool-call-start","index":\(index),"delta":{"message":{"tool_calls":{
          "id":"c","function":{"name":"f"}}}}}
          """
        _ = try stream.take(WireEvent(data: Array(event.utf8)))
      }
    }
    #expect(failure?.kind == .malformed)
  }

  @Test(arguments: 0..<400)
  func `damaged replies are answers or failures, never worse`(seed: Int) throws {
    try HostileReplies.damage(GoldenCase.all("cohere-chat"), by: CohereChat(), seed: seed)
  }

  @Test func `what is too deep or too large is malformed`() {
    HostileReplies.checkDepth(CohereChat())
  }

  @Test func `a body that is not as documented is refused by its key`() throws {
    let text = Array("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"temperature\":\"hot\"}".utf8)
    let body = try RequestBody(try JSONNode.parse(text, file: "b"), in: text) {
      InputError($0, file: "b", key: $1, message: $2)
    }
    let target = try Target.offering(CohereChat(), model: "m", baseURL: Self.base)
    let error = #expect(throws: Rejection.self) {
      try CohereChat().request(Call(body, idempotencyKey: "k"), to: target)
    }
    #expect(error == .inexpressible("temperature, which is not a number"))
  }
}
