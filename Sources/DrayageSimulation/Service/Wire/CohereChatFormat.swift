import Drayage

/// Cohere's chat, version 2.
///
/// https://docs.cohere.com/v2/reference/chat, .../chat-stream and https://docs.cohere.com/v2/reference/errors
struct CohereChatFormat: WireFormat {
  func request(_ body: RequestReader, at place: WirePlace) throws(APIError) -> SimulatedRequest {
    var request = SimulatedRequest(model: try body.required("model").string())
    var endsWithTool = false
    for message in try body.required("messages").someElements() {
      let role = try message.required("role").string()
      request.add(try OpenAIRequest.texts(message["content"]), isUser: role == "user")
      endsWithTool = role == "tool"
    }
    request.queryID = try OpenAIRequest.queryID(body)
    request.streams = try body["stream"]?.bool() ?? false
    request.includesUsage = true
    request.outputLimit = try OpenAIRequest.limit(body, "max_tokens")
    if let format = body["response_format"], try format.required("type").string() == "json_object" {
      let schema = format["json_schema"] ?? format["schema"]
      request.output = .json(schema: schema?.node)
    }
    var tools: [(name: String, parameters: JSONNode?)] = []
    for tool in try body["tools"]?.elements() ?? [] {
      guard let function = tool["function"] else { continue }
      tools.append((try function.required("name").string(), function["parameters"]?.node))
    }
    let choice = body["tool_choice"]?.node.string?.uppercased()
    if !tools.isEmpty, choice != "NONE", choice == "REQUIRED" || !endsWithTool {
      try request.call(tools, wanted: nil)
    }
    return request
  }

  func whole(_ answer: WireAnswer) -> JSONValue {
    var message: JSONValue = [
      "role": "assistant", "content": [["type": "text", "text": .string(answer.text.brief)]],
    ]
    if answer.toolName != nil {
      message = [
        "role": "assistant", "tool_plan": "A simulated plan.",
        "tool_calls": [call(answer, arguments: answer.text.whole)],
      ]
    }
    return [
      "id": id(answer), "finish_reason": .string(finish(answer)), "message": message, "usage": usage(answer),
    ]
  }

  func opening(_ answer: WireAnswer) -> [UInt8] {
    let start = event(
      "message-start",
      [
        "id": id(answer),
        "delta": [
          "message": [
            "role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": [],
          ]
        ],
      ])
    if answer.toolName != nil {
      return start
        + event(
          "tool-call-start",
          ["index": 0, "delta": ["message": ["tool_calls": call(answer, arguments: "")]]])
    }
    return start
      + event(
        "content-start", ["index": 0, "delta": ["message": ["content": ["type": "text", "text": ""]]]])
  }

  func piece(_ text: String, number: Int, of answer: WireAnswer) -> [UInt8] {
    if answer.toolName != nil {
      return event(
        "tool-call-delta",
        [
          "index": 0,
          "delta": ["message": ["tool_calls": ["function": ["arguments": .string(text)]]]],
        ])
    }
    return event(
      "content-delta", ["index": 0, "delta": ["message": ["content": ["text": .string(text)]]]])
  }

  func closing(pieces: Int, of answer: WireAnswer) -> [UInt8] {
    event(answer.toolName == nil ? "content-end" : "tool-call-end", ["index": 0])
      + event(
        "message-end", ["delta": ["finish_reason": .string(finish(answer)), "usage": usage(answer)]])
  }

  func failure(_ error: APIError, pieces: Int, of answer: WireAnswer) -> [UInt8] {
    event("message-end", ["delta": ["finish_reason": "ERROR", "error": .string(error.message)]])
  }

  func refusal(_ error: APIError, serial: UInt64) -> WireRefusal {
    var status = error.status
    var message = error.message
    switch error.reason {
    case .unauthorized: message = "invalid api token"
    case .unpaid:
      status = 402
      message = "Please add or update your payment method at https://dashboard.cohere.com/billing to continue"
    case .contextLength:
      message =
        "too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 128001."
    case .contentFilter:
      message =
        "invalid request: blocked output: this generation may be potentially unsafe, please try again with "
        + "different inputs or change models"
    default: break
    }
    return WireRefusal(
      status: status, body: ["id": .string("sim-\(serial)"), "message": .string(message)])
  }

  func headers(serial: UInt64, latency: Double) -> [(name: String, value: String)] {
    [("x-debug-trace-id", "sim\(serial)")]
  }

  private func event(_ type: String, _ members: JSONValue) -> [UInt8] {
    guard case .object(let members) = members else { return [] }
    return SSE.event(type, .object([("type", .string(type))] + members))
  }

  private func id(_ answer: WireAnswer) -> JSONValue { .string("sim-\(answer.serial)") }

  private func call(_ answer: WireAnswer, arguments: String) -> JSONValue {
    [
      "id": .string(answer.callID), "type": "function",
      "function": ["name": .string(answer.toolName ?? ""), "arguments": .string(arguments)],
    ]
  }

  private func finish(_ answer: WireAnswer) -> String {
    answer.isCut ? "MAX_TOKENS" : answer.toolName == nil ? "COMPLETE" : "TOOL_CALL"
  }

  private func usage(_ answer: WireAnswer) -> JSONValue {
    let usage = answer.usage
    let tokens: JSONValue = ["input_tokens": .int(usage.input), "output_tokens": .int(usage.output)]
    return [
      "billed_units": tokens, "tokens": tokens,
      "cached_tokens": usage.cached > 0 ? .int(usage.cached) : .absent,
    ]
  }
}
