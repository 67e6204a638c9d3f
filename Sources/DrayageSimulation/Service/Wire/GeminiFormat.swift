import Drayage

/// Google's Gemini: `generateContent` and `streamGenerateContent`.
///
/// https://ai.google.dev/api/generate-content and https://ai.google.dev/gemini-api/docs/troubleshooting
struct GeminiFormat: WireFormat {
  func request(_ body: RequestReader, at place: WirePlace) throws(APIError) -> SimulatedRequest {
    var request = SimulatedRequest(model: place.model ?? "")
    var endsWithTool = false
    for content in try body.required("contents").someElements() {
      let role = content["role"]?.node.string ?? "user"
      let parts = try content["parts"]?.elements() ?? []
      request.add(parts.compactMap { $0["text"]?.node.string }, isUser: role == "user")
      endsWithTool = parts.contains { $0[either: "functionResponse"] != nil }
    }
    let system = body[either: "systemInstruction"]?["parts"]
    request.add(try system?.elements().compactMap { $0["text"]?.node.string } ?? [], isUser: false)
    request.queryID = try body["labels"]?["query_id"]?.string()
    request.streams = place.streams
    request.includesUsage = true
    request.variant = place.asksForEvents ? "events" : "list"
    if let settings = body[either: "generationConfig"] {
      request.outputLimit = try settings[either: "maxOutputTokens"]?.integer(atLeast: 1)
      if try settings[either: "candidateCount"]?.integer() ?? 1 != 1 {
        throw APIError(400, code: "unsupported_value", "This simulated provider gives one candidate.")
      }
      if settings[either: "responseMimeType"]?.node.string == "application/json" {
        let schema = settings[either: "responseSchema"] ?? settings[either: "responseJsonSchema"]
        request.output = .json(schema: schema?.node)
      }
    }
    var tools: [(name: String, parameters: JSONNode?)] = []
    for tool in try body["tools"]?.elements() ?? [] {
      for function in try tool[either: "functionDeclarations"]?.elements() ?? [] {
        let parameters = function["parameters"] ?? function[either: "parametersJsonSchema"]
        tools.append((try function.required("name").string(), parameters?.node))
      }
    }
    let choice = body[either: "toolConfig"]?[either: "functionCallingConfig"]
    let mode = choice?["mode"]?.node.string?.uppercased()
    if !tools.isEmpty, mode != "NONE", mode == "ANY" || !endsWithTool {
      let allowed = try choice?[either: "allowedFunctionNames"]?.elements().first
      try request.call(tools, wanted: allowed?.node.string)
    }
    return request
  }

  func whole(_ answer: WireAnswer) -> JSONValue {
    response(answer, part(answer, text: answer.text.brief), finish: finish(answer))
  }

  func streamType(_ request: SimulatedRequest) -> String {
    request.variant == "events" ? "text/event-stream" : "application/json; charset=UTF-8"
  }

  func opening(_ answer: WireAnswer) -> [UInt8] {
    answer.request.variant == "events" ? [] : Array("[".utf8)
  }

  func piece(_ text: String, number: Int, of answer: WireAnswer) -> [UInt8] {
    // A call comes whole, with the end.
    guard answer.toolName == nil else { return [] }
    return chunk(response(answer, ["text": .string(text)], finish: .absent), isFirst: number == 0, answer)
  }

  func closing(pieces: Int, of answer: WireAnswer) -> [UInt8] {
    let last = answer.toolName == nil ? ["text": ""] : part(answer, text: "")
    let isFirst = pieces == 0 || answer.toolName != nil
    let bytes = chunk(response(answer, last, finish: finish(answer)), isFirst: isFirst, answer)
    return answer.request.variant == "events" ? bytes : bytes + Array("]".utf8)
  }

  func failure(_ error: APIError, pieces: Int, of answer: WireAnswer) -> [UInt8] {
    let isFirst = pieces == 0 || answer.toolName != nil
    let bytes = chunk(refusal(error, serial: answer.serial).body, isFirst: isFirst, answer)
    return answer.request.variant == "events" ? bytes : bytes + Array("]".utf8)
  }

  func refusal(_ error: APIError, serial: UInt64) -> WireRefusal {
    GeminiRefusals.refusal(error)
  }

  var retryHeaders: [String] { [] }

  func headers(serial: UInt64, latency: Double) -> [(name: String, value: String)] {
    [("server-timing", "gfet4t7; dur=\(Milliseconds.of(latency))")]
  }

  private func chunk(_ value: JSONValue, isFirst: Bool, _ answer: WireAnswer) -> [UInt8] {
    guard answer.request.variant == "events" else {
      return (isFirst ? [] : Array(",\r\n".utf8)) + value.bytes
    }
    return Array("data: ".utf8) + value.bytes + Array("\r\n\r\n".utf8)
  }

  private func part(_ answer: WireAnswer, text: String) -> JSONValue {
    guard case .toolCall(let name, let parameters) = answer.request.output else {
      return ["text": .string(text)]
    }
    let arguments = answer.isCut ? [:] : parameters.map { SchemaInstance.of($0) } ?? [:]
    return ["functionCall": ["name": .string(name), "args": arguments]]
  }

  private func finish(_ answer: WireAnswer) -> JSONValue { answer.isCut ? "MAX_TOKENS" : "STOP" }

  private func response(_ answer: WireAnswer, _ part: JSONValue, finish: JSONValue) -> JSONValue {
    let usage = answer.usage
    return [
      "candidates": [
        ["content": ["parts": [part], "role": "model"], "finishReason": finish, "index": 0]
      ],
      "usageMetadata": [
        "promptTokenCount": .int(usage.input),
        "cachedContentTokenCount": usage.cached > 0 ? .int(usage.cached) : .absent,
        "candidatesTokenCount": .int(usage.output), "totalTokenCount": .int(usage.total),
      ],
      "modelVersion": .string(answer.model), "responseId": .string("sim\(answer.serial)"),
    ]
  }
}

/// Refusals as Google's APIs write them (https://google.aip.dev/193).
enum GeminiRefusals {
  static func refusal(_ error: APIError) -> WireRefusal {
    // A prompt that is blocked is an answer without candidates.
    if error.reason == .contentFilter {
      return WireRefusal(
        status: 200,
        body: [
          "promptFeedback": ["blockReason": "PROHIBITED_CONTENT"],
          "usageMetadata": ["promptTokenCount": 0, "totalTokenCount": 0],
        ])
    }
    let status = error.reason == .unpaid ? 429 : error.status
    var message = error.message
    var details: [JSONValue] = []
    switch error.reason {
    case .unpaid:
      message = "You exceeded your current quota, please check your plan and billing details."
      details.append([
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [
          [
            "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
            "quotaId": "GenerateRequestsPerDayPerProjectPerModel",
          ]
        ],
      ])
    case .contextLength:
      message = "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576)."
    case .unavailable, .overloaded: message = "The model is overloaded. Please try again later."
    default: break
    }
    if let wait = error.retryAfter {
      details.append([
        "@type": "type.googleapis.com/google.rpc.RetryInfo",
        "retryDelay": .string("\(JSONText.number(Double(Milliseconds.of(wait)) / 1000))s"),
      ])
    }
    return WireRefusal(
      status: status,
      body: [
        "error": [
          "code": .int(status), "message": .string(message), "status": .string(word(error.reason)),
          "details": details.isEmpty ? .absent : .array(details),
        ]
      ])
  }

  private static func word(_ reason: APIError.Reason) -> String {
    switch reason {
    case .invalid, .contextLength, .contentFilter, .notAllowed, .tooLarge: "INVALID_ARGUMENT"
    case .unauthorized: "UNAUTHENTICATED"
    case .unpaid, .rateLimited: "RESOURCE_EXHAUSTED"
    case .forbidden: "PERMISSION_DENIED"
    case .notFound: "NOT_FOUND"
    case .server: "INTERNAL"
    case .unavailable, .overloaded: "UNAVAILABLE"
    }
  }
}
