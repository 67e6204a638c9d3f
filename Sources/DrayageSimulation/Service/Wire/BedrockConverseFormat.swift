import Drayage

/// Amazon Bedrock's Converse and ConverseStream.
///
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and .../ConverseStream
struct BedrockConverseFormat: WireFormat {
  func request(_ body: RequestReader, at place: WirePlace) throws(APIError) -> SimulatedRequest {
    var request = SimulatedRequest(model: place.model ?? "")
    var endsWithTool = false
    for message in try body.required("messages").someElements() {
      let role = try message.required("role").string()
      let parts = try message["content"]?.elements() ?? []
      request.add(parts.compactMap { $0["text"]?.node.string }, isUser: role == "user")
      endsWithTool = parts.contains { $0["toolResult"] != nil }
    }
    request.add(
      try body["system"]?.elements().compactMap { $0["text"]?.node.string } ?? [], isUser: false)
    request.queryID = try body["requestMetadata"]?["query_id"]?.string()
    request.streams = place.streams
    request.includesUsage = true
    request.outputLimit = try body["inferenceConfig"]?["maxTokens"]?.integer(atLeast: 1)
    if let definition = body["outputConfig"]?["textFormat"]?["structure"]?["jsonSchema"] {
      let schema = try definition.required("schema")
      guard let node = try? JSONNode.parse(Array(try schema.string().utf8), file: "schema") else {
        throw APIError(400, code: "invalid_value", param: schema.path, "The JSON schema is not valid JSON.")
      }
      request.output = .json(schema: node)
    }
    var tools: [(name: String, parameters: JSONNode?)] = []
    for tool in try body["toolConfig"]?["tools"]?.elements() ?? [] {
      guard let tool = tool["toolSpec"] else { continue }
      tools.append((try tool.required("name").string(), tool["inputSchema"]?["json"]?.node))
    }
    let choice = body["toolConfig"]?["toolChoice"]
    let mustCall = choice?["any"] != nil || choice?["tool"] != nil
    if !tools.isEmpty, mustCall || !endsWithTool {
      try request.call(tools, wanted: choice?["tool"]?["name"]?.node.string)
    }
    return request
  }

  func whole(_ answer: WireAnswer) -> JSONValue {
    var block: JSONValue = ["text": .string(answer.text.brief)]
    if case .toolCall(let name, let parameters) = answer.request.output {
      let input = answer.isCut ? [:] : parameters.map { SchemaInstance.of($0) } ?? [:]
      block = ["toolUse": ["toolUseId": callID(answer), "name": .string(name), "input": input]]
    }
    return [
      "output": ["message": ["role": "assistant", "content": [block]]],
      "stopReason": .string(finish(answer)), "usage": usage(answer), "metrics": metrics(answer),
    ]
  }

  func streamType(_ request: SimulatedRequest) -> String { "application/vnd.amazon.eventstream" }

  func opening(_ answer: WireAnswer) -> [UInt8] {
    let start = event("messageStart", ["role": "assistant"])
    guard let name = answer.toolName else { return start }
    return start
      + event(
        "contentBlockStart",
        [
          "contentBlockIndex": 0,
          "start": ["toolUse": ["toolUseId": callID(answer), "name": .string(name)]],
        ])
  }

  func piece(_ text: String, number: Int, of answer: WireAnswer) -> [UInt8] {
    event(
      "contentBlockDelta",
      [
        "contentBlockIndex": 0,
        "delta": answer.toolName == nil
          ? ["text": .string(text)] : ["toolUse": ["input": .string(text)]],
      ])
  }

  func closing(pieces: Int, of answer: WireAnswer) -> [UInt8] {
    event("contentBlockStop", ["contentBlockIndex": 0])
      + event("messageStop", ["stopReason": .string(finish(answer))])
      + event("metadata", ["usage": usage(answer), "metrics": metrics(answer)])
  }

  func failure(_ error: APIError, pieces: Int, of answer: WireAnswer) -> [UInt8] {
    let name = exception(error.reason)
    let refusal = refusal(error, serial: answer.serial)
    return EventStreamFrame.bytes(
      [
        (":exception-type", name.prefix(1).lowercased() + name.dropFirst()),
        (":content-type", "application/json"), (":message-type", "exception"),
      ], payload: refusal.body.bytes)
  }

  func refusal(_ error: APIError, serial: UInt64) -> WireRefusal {
    let status =
      switch error.reason {
      case .unauthorized: 403
      case .unpaid: 400
      default: error.status
      }
    var message = error.message
    switch error.reason {
    case .unauthorized: message = "The security token included in the request is invalid."
    case .unpaid: message = "Your request exceeds the service quota for your account."
    case .contextLength: message = "Input is too long for requested model."
    case .contentFilter: message = "Output blocked by content filtering policy"
    case .rateLimited: message = "Too many requests, please wait before trying again."
    default: break
    }
    return WireRefusal(
      status: status, headers: [("x-amzn-errortype", exception(error.reason))],
      body: ["message": .string(message)])
  }

  var retryHeaders: [String] { [] }

  func headers(serial: UInt64, latency: Double) -> [(name: String, value: String)] {
    [("x-amzn-requestid", "sim-\(serial)")]
  }

  private func exception(_ reason: APIError.Reason) -> String {
    switch reason {
    case .invalid, .contextLength, .contentFilter, .notAllowed, .tooLarge: "ValidationException"
    case .unauthorized: "UnrecognizedClientException"
    case .unpaid: "ServiceQuotaExceededException"
    case .forbidden: "AccessDeniedException"
    case .notFound: "ResourceNotFoundException"
    case .rateLimited: "ThrottlingException"
    case .server: "InternalServerException"
    case .unavailable, .overloaded: "ServiceUnavailableException"
    }
  }

  private func event(_ type: String, _ payload: JSONValue) -> [UInt8] {
    EventStreamFrame.bytes(
      [(":event-type", type), (":content-type", "application/json"), (":message-type", "event")],
      payload: payload.bytes)
  }

  private func callID(_ answer: WireAnswer) -> JSONValue { .string("tooluse_sim\(answer.serial)") }

  private func finish(_ answer: WireAnswer) -> String {
    answer.isCut ? "max_tokens" : answer.toolName == nil ? "end_turn" : "tool_use"
  }

  /// Input tokens are the fresh ones only; those of the cache are stated apart.
  private func usage(_ answer: WireAnswer) -> JSONValue {
    let usage = answer.usage
    return [
      "inputTokens": .int(usage.fresh), "outputTokens": .int(usage.output), "totalTokens": .int(usage.total),
      "cacheReadInputTokens": usage.cached > 0 ? .int(usage.cached) : .absent,
    ]
  }

  private func metrics(_ answer: WireAnswer) -> JSONValue {
    ["latencyMs": .int(Milliseconds.of(answer.latency))]
  }
}
