import Drayage
import DrayageCore
import Testing

@testable import DrayageExecution

struct AzureOpenAITests {
  @Test(arguments: [
    "https://acme.openai.azure.com", "https://acme.openai.azure.com/openai", "https://h/openai/?a=/v1", "",
  ])
  func `a base of neither API is refused`(base: String) {
    #expect(throws: Rejection.self) { try AzureOpenAI.url(base, model: "m") }
  }

  @Test func `a deployment is one segment of the path`() throws {
    let base = "https://h/openai/deployments/"
    #expect(
      try AzureOpenAI.url(base, model: "a/b ?ü")
        == "https://h/openai/deployments/a%2Fb%20%3F%C3%BC/chat/completions?api-version=2024-10-21")
    #expect(
      try AzureOpenAI.url(base + "?x=1", model: "m")
        == "https://h/openai/deployments/m/chat/completions?x=1&api-version=2024-10-21")
  }

  @Test func `the secret is no bearer token`() throws {
    let target = Target(
      offer: try anOffer("azure/m"), dialect: AzureOpenAI(), baseURL: "https://h/openai/v1", key: "k-1")
    let request = try AzureOpenAI().request(
      Call(try aBody(#"{"messages":[{}]}"#), idempotencyKey: "i"), to: target)
    #expect(request.fields["api-key"] == "k-1" && request.fields["authorization"] == nil)
  }
}

struct OpenAIResponsesTests {
  private func json(_ request: ChatRequest) throws -> String {
    try OpenAIResponsesBody(request).json(
      Call(try aBody(#"{"messages":[{}]}"#), idempotencyKey: "i"), for: try anOffer("openai/m"))
  }

  @Test func `images are parts of the input`() throws {
    var request = ChatRequest("look")
    request.messages[0].content += [
      .image(ChatImage(.data(mediaType: "image/png", base64: "AAAA"), detail: "low")),
      .image(ChatImage(.url("https://h/x.png"))),
    ]
    #expect(
      try json(request)
        == #"{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"look"},{"type":"input_image","detail":"low","image_url":"data:image/png;base64,AAAA"},{"type":"input_image","detail":"auto","image_url":"https://h/x.png"}]}],"store":false}"#
    )
    request.messages[0].role = .assistant
    #expect(throws: Rejection.inexpressible("images of the assistant")) { try json(request) }
  }

  @Test func `a result that answers no call is refused`() {
    let request = ChatRequest([ChatMessage(.tool, content: [.text("x")])])
    #expect(throws: Rejection.inexpressible("messages without tool_call_id")) { try json(request) }
  }

  @Test func `a body that was not checked is inexpressible`() throws {
    let target = Target(
      offer: try anOffer("openai/m"), dialect: OpenAIResponses(), baseURL: "http://h", key: nil)
    let call = Call(try aBody(#"{"messages":[{"role":"king"}]}"#), idempotencyKey: "i")
    #expect(throws: Rejection.self) { try OpenAIResponses().request(call, to: target) }
  }

  private func fail(_ texts: [String]) -> AttemptFailure? {
    var stream = OpenAIResponses().stream()
    do {
      for text in texts { _ = try stream.take(WireEvent(data: Array(text.utf8))) }
      return nil
    } catch { return error }
  }

  @Test func `absurd events do no harm`() {
    for text in [
      "{}", #"{"type":7}"#, #"{"type":"response.created"}"#,
      #"{"type":"response.output_text.delta","delta":7}"#,
      #"{"type":"response.output_item.added","item":{"type":"message"}}"#,
      #"{"type":"response.function_call_arguments.delta","output_index":9223372036854775807,"delta":"x"}"#,
      #"{"type":"response.made_up"}"#, "[DONE]",
    ] { #expect(fail([text]) == nil, "\(text)") }
    for text in [
      "", "[]", "{", #"{"type":"response.completed"}"#, #"{"type":"response.completed","response":{}}"#,
      #"{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call"}}"#,
      String(repeating: "[", count: 200),
    ] { #expect(fail([text])?.kind == .malformed, "\(text.prefix(60))") }
  }

  @Test func `calls beyond the most end the stream`() {
    let call = { (index: Int) in
      #"{"type":"response.output_item.added","output_index":\#(index),"item":{"type":"function_call","call_id":"c","name":"f"}}"#
    }
    #expect(fail((0..<1_024).map(call)) == nil)
    #expect(fail((0..<1_025).map(call))?.kind == .malformed)
    #expect(fail([call(0), call(0)])?.kind == .malformed)
  }
}
