import Drayage

/// Anthropic's messages.
///
/// https://docs.anthropic.com/en/api/messages, .../messages-streaming, .../errors and .../rate-limits
struct AnthropicMessagesFormat: WireFormat {
  func request(_ body: RequestReader, at place: WirePlace) throws(APIError) -> SimulatedRequest {
    var request = SimulatedRequest(model: try body.required("model").string())
    request.outputLimit = try body.required("max_tokens").integer(atLeast: 1)
    var endsWithTool = false
    for message in try body.required("messages").someElements() {
      let role = try message.required("role").string()
      request.add(try OpenAIRequest.texts(message["content"]), isUser: role == "user")
      if case .array(let parts)? = message["content"]?.node.value {
        endsWithTool = parts.contains { $0["type"]?.string == "tool_result" }
      } else {
        endsWithTool = false
      }
    }
    request.add(try OpenAIRequest.texts(body["system"]), isUser: false)
    request.queryID = try OpenAIRequest.queryID(body)
    request.streams = try body["stream"]?.bool() ?? false
    if let format = body["output_config"]?["format"] ?? body["output_format"] {
      request.output = .json(schema: try format.required("schema").node)
    }
    var tools: [(name: String, parameters: JSONNode?)] = []
    for tool in try body["tools"]?.elements() ?? [] {
      tools.append((try tool.required("name").string(), tool["input_schema"]?.node))
    }
    let choice = body["tool_choice"]
    let kind = choice?["type"]?.node.string
    let mustCall = kind == "any" || kind == "tool"
    if !tools.isEmpty, kind != "none", mustCall || !endsWithTool {
      try request.call(tools, wanted: kind == "tool" ? choice?["name"]?.node.string : nil)
    }
    return request
  }

  func whole(_ answer: WireAnswer) -> JSONValue {
    var block: JSONValue = ["type": "text", "text": .string(answer.text.brief)]
    if case .toolCall(let name, let parameters) = answer.request.output {
      // Arguments that were cut short are no JSON; the provider then sends what it could read of them.
      let input = answer.isCut ? [:] : parameters.map { SchemaInstance.of($0) } ?? [:]
      block = ["type": "tool_use", "id": callID(answer), "name": .string(name), "input": input]
    }
    return message(answer, content: [block], finish: .string(finish(answer)), output: answer.usage.output)
  }

  func opening(_ answer: WireAnswer) -> [UInt8] {
    var block: JSONValue = ["type": "text", "text": ""]
    if let name = answer.toolName {
      block = ["type": "tool_use", "id": callID(answer), "name": .string(name), "input": [:]]
    }
    return SSE.event(
      "message_start",
      [
        "type": "message_start",
        "message": message(answer, content: [], finish: nil, output: min(1, answer.usage.output)),
      ])
      + SSE.event(
        "content_block_start", ["type": "content_block_start", "index": 0, "content_block": block])
      + SSE.event("ping", ["type": "ping"])
  }

  func piece(_ text: String, number: Int, of answer: WireAnswer) -> [UInt8] {
    SSE.event(
      "content_block_delta",
      [
        "type": "content_block_delta", "index": 0,
        "delta": answer.toolName == nil
          ? ["type": "text_delta", "text": .string(text)]
          : ["type": "input_json_delta", "partial_json": .string(text)],
      ])
  }

  func closing(pieces: Int, of answer: WireAnswer) -> [UInt8] {
    SSE.event("content_block_stop", ["type": "content_block_stop", "index": 0])
      + SSE.event(
        "message_delta",
        [
          "type": "message_delta",
          "delta": ["stop_reason": .string(finish(answer)), "stop_sequence": nil],
          "usage": usage(answer, output: answer.usage.output),
        ])
      + SSE.event("message_stop", ["type": "message_stop"])
  }

  func failure(_ error: APIError, pieces: Int, of answer: WireAnswer) -> [UInt8] {
    // In the middle of a stream, being overloaded is what Anthropic documents.
    let overloaded = APIError(529, code: "overloaded", error.message)
    return SSE.event("error", refusal(overloaded, serial: answer.serial).body)
  }

  func refusal(_ error: APIError, serial: UInt64) -> WireRefusal {
    let type =
      switch error.reason {
      case .invalid, .notAllowed, .contextLength, .contentFilter: "invalid_request_error"
      case .unauthorized: "authentication_error"
      case .unpaid: "billing_error"
      case .forbidden: "permission_error"
      case .notFound: "not_found_error"
      case .tooLarge: "request_too_large"
      case .rateLimited: "rate_limit_error"
      case .server, .unavailable: "api_error"
      case .overloaded: "overloaded_error"
      }
    return WireRefusal(
      status: error.reason == .unpaid ? 402 : error.status,
      body: [
        "type": "error", "error": ["type": .string(type), "message": .string(message(of: error))],
        "request_id": .string("req_sim\(serial)"),
      ])
  }

  private func message(of error: APIError) -> String {
    switch error.reason {
    case .unpaid:
      "Your credit balance is too low to access the Anthropic API. "
        + "Please go to Plans & Billing to upgrade or purchase credits."
    case .contextLength: "prompt is too long: 200001 tokens > 200000 maximum"
    case .contentFilter: "Output blocked by content filtering policy"
    case .unauthorized: "invalid x-api-key"
    case .overloaded: "Overloaded"
    default: error.message
    }
  }

  func limitHeaders(_ limits: LimitReport) -> [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = []
    for (name, status) in [("requests", limits.requests), ("tokens", limits.tokens)] {
      guard let status else { continue }
      headers.append(("anthropic-ratelimit-\(name)-limit", String(status.limit)))
      headers.append(("anthropic-ratelimit-\(name)-remaining", String(status.remaining)))
      headers.append(("anthropic-ratelimit-\(name)-reset", CalendarText.rfc3339(limits.time + status.reset)))
    }
    return headers
  }

  func headers(serial: UInt64, latency: Double) -> [(name: String, value: String)] {
    [("request-id", "req_sim\(serial)")]
  }

  private func callID(_ answer: WireAnswer) -> JSONValue { .string("toolu_sim\(answer.serial)") }

  private func finish(_ answer: WireAnswer) -> String {
    answer.isCut ? "max_tokens" : answer.toolName == nil ? "end_turn" : "tool_use"
  }

  private func message(
    _ answer: WireAnswer, content: JSONValue, finish: JSONValue, output: Int
  ) -> JSONValue {
    [
      "id": .string("msg_sim\(answer.serial)"), "type": "message", "role": "assistant",
      "model": .string(answer.model), "content": content, "stop_reason": finish, "stop_sequence": nil,
      "usage": usage(answer, output: output),
    ]
  }

  /// Input tokens are the fresh ones only; those of the cache are stated apart.
  private func usage(_ answer: WireAnswer, output: Int) -> JSONValue {
    [
      "input_tokens": .int(answer.usage.fresh), "cache_creation_input_tokens": 0,
      "cache_read_input_tokens": .int(answer.usage.cached), "output_tokens": .int(output),
    ]
  }
}
