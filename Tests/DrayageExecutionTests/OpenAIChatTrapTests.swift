import Drayage
import DrayageCore
import Testing

@testable import DrayageExecution

struct OpenAIChatTrapTests {
  private func send(_ text: String, to offer: String, key: String? = nil, header: String? = nil) throws
    -> HTTPRequest
  {
    try OpenAIChat().request(
      Call(try aBody(text), idempotencyKey: "run-1-1"),
      to: Target(
        offer: try anOffer(offer, idempotencyHeader: header), dialect: OpenAIChat(), baseURL: "http://h/v1/",
        key: key))
  }

  @Test func `a body that needs no change keeps its bytes`() throws {
    let text =
      #"{ "model":"x", "messages":[ {"role":"user","content":"é \u00e9"} ],"x":1.50 ,"max_completion_tokens":7}"#
    let sent = try send(text, to: "openai/m").body
    #expect(
      String(decoding: sent, as: UTF8.self) == text.replacing("\"x\",", with: "\"m\",", maxReplacements: 1))
  }

  @Test func `roles are renamed where they stand`() throws {
    let text =
      #"{"messages":[{"content":"developer","role": "developer"},{"role":"\u0064eveloper","content":""}]}"#
    let sent = String(decoding: try send(text, to: "groq/m").body, as: UTF8.self)
    #expect(sent.contains(#"[{"content":"developer","role": "system"},{"role":"system","content":""}]"#))
  }

  @Test func `the secret and the idempotency key stand in fields only`() throws {
    let request = try send(#"{"messages":[{}]}"#, to: "acme/m", key: "k-1", header: "X-Once")
    #expect(request.fields["authorization"] == "Bearer k-1" && request.fields["x-once"] == "run-1-1")
    #expect(!String(decoding: request.body, as: UTF8.self).contains("k-1"))
    #expect(try send(#"{"messages":[{}]}"#, to: "acme/m").fields.entries.count == 2)
  }

  @Test func `streams may be longer than whole replies`() throws {
    let target = Target(offer: try anOffer("acme/m"), dialect: OpenAIChat(), baseURL: "http://h", key: nil)
    for dialect in [OpenAIChat(), OpenAIResponses()] as [any Dialect] {
      let body = try aBody(#"{"messages":[{"role":"user","content":"x"}]}"#)
      let whole = try dialect.request(Call(body, idempotencyKey: "i"), to: target)
      let stream = try dialect.request(Call(body, streams: true, idempotencyKey: "i"), to: target)
      #expect(whole.limits.bodyBytes == ReplyLimits.bytes && stream.limits.bodyBytes == 256 << 20)
    }
  }

  @Test(arguments: ["null", "false", "{}", "[]", "0", "\"user\""])
  func `messages of any shape pass`(item: String) throws {
    for offer in ["mistral/m", "zai/m", "acme/m"] {
      _ = try send("{\"messages\":[\(item)],\"tool_choice\":null}", to: offer)
    }
  }

  @Test(arguments: [
    (400, FailureClass.badRequest), (401, .unauthorized), (402, .quotaExhausted), (403, .unauthorized),
    (404, .notFound), (408, .timeout), (409, .overloaded), (413, .contextTooLong), (422, .badRequest),
    (424, .serverError), (425, .overloaded), (429, .rateLimited), (498, .overloaded), (499, .timeout),
    (500, .serverError), (502, .connectionLost), (503, .overloaded), (504, .timeout), (520, .connectionLost),
    (524, .timeout), (529, .overloaded), (599, .serverError), (999, .serverError), (302, .malformed),
  ])
  func `statuses mean`(status: Int, expected: FailureClass) {
    let dialects: [any Dialect] = [OpenAIChat(), AzureOpenAI(), OpenAIResponses()]
    for body in [
      "", "null", "[]", "{}", #"{"error":null}"#, #"{"error":[]}"#, #"{"message":7}"#, "<html>", "[[[[",
    ] {
      for dialect in dialects {
        let failure = dialect.failure(status: status, fields: [:], body: Array(body.utf8))
        #expect(failure.kind == expected, "\(body)")
        #expect(failure.message.hasPrefix("status \(status)") && failure.retryAfter == nil, "\(body)")
      }
    }
  }

  private func usage(_ text: String, apart: Bool = false) throws -> MeteredUsage? {
    OpenAIUsage.chat(try JSONNode.parse(Array(text.utf8), file: ""), reasoningApart: apart)
  }

  @Test func `usage that makes no sense is none`() throws {
    for absurd in [
      "null", "[]", "{}", #"{"prompt_tokens":10}"#, #"{"completion_tokens":10}"#,
      #"{"prompt_tokens":-1,"completion_tokens":3}"#, #"{"prompt_tokens":1,"completion_tokens":-3}"#,
      #"{"prompt_tokens":"10","completion_tokens":3}"#, #"{"prompt_tokens":1.5,"completion_tokens":3}"#,
      #"{"prompt_tokens":10,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":11}}"#,
      #"{"prompt_tokens":10,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":-1}}"#,
      #"{"prompt_tokens":10,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":6,"cache_write_tokens":5}}"#,
      #"{"prompt_tokens":10,"completion_tokens":3,"prompt_tokens_details":{"cache_write_tokens":"x"}}"#,
      #"{"prompt_tokens":10,"completion_tokens":3,"completion_tokens_details":{"reasoning_tokens":-2}}"#,
      #"{"prompt_tokens":10,"completion_tokens":3,"total_tokens":-13}"#,
      #"{"prompt_tokens":10,"completion_tokens":3,"total_tokens":100000001}"#,
      #"{"prompt_tokens":10,"completion_tokens":3,"num_search_queries":-1}"#,
      #"{"prompt_tokens":9223372036854775807,"completion_tokens":3}"#,
      #"{"prompt_tokens":3,"completion_tokens":100000001}"#,
      #"{"prompt_tokens":99999999999999999999,"completion_tokens":3}"#,
      #"{"prompt_tokens":3,"completion_tokens":60000000,"completion_tokens_details":{"reasoning_tokens":70000000}}"#,
    ] {
      #expect(try usage(absurd) == nil, "\(absurd)")
    }
  }

  @Test(arguments: 0..<200) func `usage is never less than what is stated`(seed: Int) throws {
    var random = SplitMix(state: UInt64(seed))
    func count() -> Int { Int(random.next() % 1_000) }
    let (prompt, completion, total, cached, reasoning) = (count(), count(), count() * 2, count(), count())
    let text = """
      {"prompt_tokens":\(prompt),"completion_tokens":\(completion),"total_tokens":\(total),
       "prompt_tokens_details":{"cached_tokens":\(cached)},"completion_tokens_details":{"reasoning_tokens":\(reasoning)}}
      """
    guard let usage = try usage(text, apart: seed.isMultiple(of: 2)) else {
      #expect(cached > prompt, "seed \(seed)")
      return
    }
    #expect(usage.tokens.totalInput == prompt && usage.tokens.cachedInput == cached, "seed \(seed)")
    #expect(usage.tokens.output >= max(completion, total - prompt, reasoning), "seed \(seed)")
    #expect(usage.reasoning == reasoning, "seed \(seed)")
  }

  @Test func `what is no completion is malformed`() {
    let deep =
      #"{"choices":[{"message":{}}],"x":"# + String(repeating: "[", count: 120)
      + String(repeating: "]", count: 120) + "}"
    for body in [
      "", "{", "null", "[]", "{}", #"{"choices":null}"#, #"{"choices":[]}"#, #"{"choices":{}}"#, deep,
      #"{"choices":[{}]}"#, #"{"choices":[{"message":null}]}"#, #"{"choices":[{"message":"x"}]}"#,
      #"{"choices":[{"message":{}}],"choices":[]}"#, #"data: {"choices":[{}]}"#,
      #"{"choices":[{"message":{"tool_calls":[{}]}}]}"#,
      #"{"choices":[{"message":{"tool_calls":[{"function":{"name":""}}]}}]}"#,
    ] {
      let failure = #expect(throws: AttemptFailure.self, "\(body.prefix(80))") {
        try OpenAIChat().answer(in: aReply(body))
      }
      #expect(failure?.kind == .malformed, "\(body.prefix(80))")
    }
  }

  @Test func `arguments given as an object keep their text`() throws {
    let body =
      #"{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":{"a": 1.50}}}]}}]}"#
    let answer = try OpenAIChat().answer(in: aReply(body))
    #expect(answer.toolCalls == [ToolCall(id: "", name: "f", arguments: #"{"a": 1.50}"#)])
    #expect(answer.finish == .toolCalls)
  }

  @Test(arguments: [
    ("stop", FinishReason.stop), ("eos", .stop), ("length", .length), ("model_length", .length),
    ("tool_calls", .toolCalls), ("function_call", .toolCalls), ("sensitive", .contentFilter),
    ("abort", .other("abort")), ("", .stop),
  ])
  func `words for the end mean`(word: String, expected: FinishReason) throws {
    let body = #"{"choices":[{"message":{"content":"x"},"finish_reason":"\#(word)"}]}"#
    #expect(try OpenAIChat().answer(in: aReply(body)).finish == expected)
  }

  private func take(_ texts: [String]) throws(AttemptFailure) -> [ChatEvent] {
    var stream = OpenAIChat().stream()
    var events: [ChatEvent] = []
    for text in texts { events += try stream.take(WireEvent(data: Array(text.utf8))) }
    return events
  }

  @Test func `absurd indices, counts and shapes in a stream do no harm`() throws {
    for text in [
      "{}", #"{"choices":null}"#, #"{"choices":[null]}"#, #"{"choices":[{}]}"#,
      #"{"choices":[{"delta":null}]}"#,
      #"{"choices":[{"delta":[]}]}"#, #"{"choices":[{"delta":{"tool_calls":[null,7]}}]}"#,
      #"{"choices":[{"index":9223372036854775807,"delta":{"content":"x"}}]}"#,
      #"{"choices":[{"delta":{"tool_calls":[{"index":-9223372036854775808,"function":{"name":"f"}}]}}]}"#,
      #"{"choices":[{"delta":{"tool_calls":[{"index":9223372036854775807,"id":7,"function":{"arguments":7}}]}}]}"#,
      #"{"choices":[],"usage":{"prompt_tokens":-1}}"#, #"{"error":null,"choices":[]}"#,
    ] {
      for event in try take([text]) {
        if case .toolCall(let index, _, _, _) = event { #expect((0..<2).contains(index)) }
      }
    }
    for text in ["", "null", "[]", "7", "{", "[DONE", String(repeating: "[", count: 500)] {
      #expect(throws: AttemptFailure.self, "\(text.prefix(20))") { try take([text]) }
    }
  }

  @Test func `calls beyond the most end the stream`() throws {
    let call = { (index: Int) in
      #"{"choices":[{"delta":{"tool_calls":[{"index":\#(index),"id":"c\#(index)","function":{"name":"f"}}]}}]}"#
    }
    #expect(try take((0..<1_024).map(call)).count == 1_025)
    #expect(throws: AttemptFailure(.malformed, "the answer calls more than 1024 tools")) {
      try take((0..<1_025).map(call))
    }
  }

  @Test func `nothing counts after the end mark`() throws {
    let chunk = #"{"id":"i","model":"m","choices":[{"delta":{"content":"x"}}]}"#
    #expect(try take([chunk, "[DONE]", chunk, "{"]) == [.begin(id: "i", model: "m"), .text("x")])
  }

  @Test(arguments: 0..<300) func `no reply and no chunk breaks a reader`(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    let seeds = [
      #"{"id":"i","choices":[{"index":0,"delta":{"content":"x","tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"#,
      #"{"type":"response.completed","response":{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"x"}]}],"usage":{"input_tokens":1,"output_tokens":2}}}"#,
      #"{"error":{"message":"m","type":"t","code":429,"details":[{"retryDelay":"3s"}],"metadata":{"reasons":[]}}}"#,
      #"{"type":"response.function_call_arguments.delta","output_index":1,"delta":"x","item":{"type":"function_call"}}"#,
    ]
    var bytes = Array(seeds[Int(random.next() % UInt64(seeds.count))].utf8)
    for _ in 0..<(1 + Int(random.next() % 6)) {
      let place = Int(random.next() % UInt64(bytes.count))
      switch random.next() % 4 {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(contentsOf: Array("9999999999999999999".utf8), at: place)
      default: bytes.replaceSubrange(place..<min(bytes.count, place + 5), with: Array("null".utf8))
      }
    }
    let dialects: [any Dialect] = [OpenAIChat(provider: "xai"), AzureOpenAI(), OpenAIResponses()]
    for dialect in dialects {
      let answer = try? dialect.answer(in: aReply(String(decoding: bytes, as: UTF8.self)))
      #expect((answer?.usage?.tokens.output ?? 0) <= ReplyLimits.tokens, "seed \(seed)")
      let failure = dialect.failure(status: 400, fields: [:], body: bytes)
      #expect(failure.message.unicodeScalars.count <= 320, "seed \(seed)")
      var stream = dialect.stream()
      for event in [bytes, bytes] { _ = try? stream.take(WireEvent(data: event)) }
    }
  }
}
