import Drayage

/// OpenAI's chat completions, which Azure, Mistral and most others speak.
///
/// https://platform.openai.com/docs/api-reference/chat
struct OpenAIChatFormat: WireFormat {
  var isAzure = false

  func request(_ body: RequestReader, at place: WirePlace) throws(APIError) -> SimulatedRequest {
    try OpenAIRequest.chat(body, at: place)
  }

  func whole(_ answer: WireAnswer) -> JSONValue {
    var message: JSONValue = ["role": "assistant", "content": .string(answer.text.brief)]
    if let name = answer.toolName {
      message = [
        "role": "assistant", "content": nil,
        "tool_calls": [
          [
            "id": .string(answer.callID), "type": "function",
            "function": ["name": .string(name), "arguments": .string(answer.text.whole)],
          ]
        ],
      ]
    }
    return [
      "id": id(answer), "object": "chat.completion", "created": .int(answer.created),
      "model": .string(answer.model),
      "choices": [["index": 0, "message": message, "finish_reason": .string(finish(answer))]],
      "usage": usage(answer),
    ]
  }

  func opening(_ answer: WireAnswer) -> [UInt8] {
    var delta: JSONValue = ["role": "assistant", "content": ""]
    if let name = answer.toolName {
      delta = [
        "role": "assistant", "content": nil,
        "tool_calls": [
          [
            "index": 0, "id": .string(answer.callID), "type": "function",
            "function": ["name": .string(name), "arguments": ""],
          ]
        ],
      ]
    }
    return chunk(delta, answer)
  }

  func piece(_ text: String, number: Int, of answer: WireAnswer) -> [UInt8] {
    if answer.toolName == nil { return chunk(["content": .string(text)], answer) }
    return chunk(["tool_calls": [["index": 0, "function": ["arguments": .string(text)]]]], answer)
  }

  func closing(pieces: Int, of answer: WireAnswer) -> [UInt8] {
    var bytes = chunk([:], finish: .string(finish(answer)), answer)
    if answer.request.includesUsage { bytes += event([], usage: usage(answer), answer) }
    return bytes + Array("data: [DONE]\n\n".utf8)
  }

  func failure(_ error: APIError, pieces: Int, of answer: WireAnswer) -> [UInt8] {
    SSE.data(OpenAIRefusals.refusal(error, isAzure: isAzure).body)
  }

  func refusal(_ error: APIError, serial: UInt64) -> WireRefusal {
    OpenAIRefusals.refusal(error, isAzure: isAzure)
  }

  var retryHeaders: [String] { OpenAIRefusals.retryHeaders }

  func limitHeaders(_ limits: LimitReport) -> [(name: String, value: String)] {
    OpenAIRefusals.limitHeaders(limits)
  }

  func headers(serial: UInt64, latency: Double) -> [(name: String, value: String)] {
    OpenAIRefusals.headers(serial: serial, latency: latency)
  }

  private func id(_ answer: WireAnswer) -> JSONValue { .string("chatcmpl-sim\(answer.serial)") }

  private func finish(_ answer: WireAnswer) -> String {
    answer.isCut ? "length" : answer.toolName == nil ? "stop" : "tool_calls"
  }

  private func usage(_ answer: WireAnswer) -> JSONValue {
    let usage = answer.usage
    return [
      "prompt_tokens": .int(usage.input), "completion_tokens": .int(usage.output),
      "total_tokens": .int(usage.total),
      "prompt_tokens_details": usage.cached > 0 ? ["cached_tokens": .int(usage.cached)] : .absent,
    ]
  }

  private func chunk(_ delta: JSONValue, finish: JSONValue = nil, _ answer: WireAnswer) -> [UInt8] {
    event(
      [["index": 0, "delta": delta, "logprobs": nil, "finish_reason": finish]],
      usage: answer.request.includesUsage ? nil : .absent, answer)
  }

  private func event(_ choices: JSONValue, usage: JSONValue, _ answer: WireAnswer) -> [UInt8] {
    SSE.data([
      "id": id(answer), "object": "chat.completion.chunk", "created": .int(answer.created),
      "model": .string(answer.model), "choices": choices, "usage": usage,
    ])
  }
}
