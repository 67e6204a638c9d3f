internal import Drayage
internal import DrayageCore

/// A request as OpenAI's responses say it.
///
/// Left out, for they change nothing of the answer: `reasoning_content` and `reasoning` of earlier turns,
/// which other providers gave and OpenAI does not read; `store: false`, `logprobs: false`, `top_logprobs: 0`,
/// an empty `logit_bias`, and `modalities` of text only.
struct OpenAIResponsesBody {
  private let request: ChatRequest

  init(_ request: ChatRequest) {
    self.request = request
  }

  /// The least limit on output that is accepted.
  private static let leastOutput = 16

  /// The body to be sent.
  ///
  /// - Throws: ``Rejection/inexpressible(_:)`` with the name of a member that has no place here.
  func json(_ call: Call, for offer: Offer) throws(Rejection) -> String {
    if let absent = absent { throw .inexpressible(absent) }
    if let limit = call.outputLimit, limit < Self.leastOutput {
      throw .inexpressible("an output limit below \(Self.leastOutput) tokens")
    }
    var others: [(key: String, value: String)] = []
    var verbosity: String?
    for other in request.others {
      switch other.key {
      case "prompt_cache_key", "prompt_cache_retention", "safety_identifier":
        others.append((other.key, other.value.text))
      case "verbosity": verbosity = other.value.text
      default: if !Self.meansNothing(other) { throw .inexpressible(other.key) }
      }
    }
    let text = JSONText.object([
      "format": request.responseFormat.map(Self.format), "verbosity": verbosity,
    ])
    let (instructions, messages) = instructions
    return JSONText.object(
      [
        "model": JSONText.quoted(offer.wireModel),
        "instructions": instructions.map { JSONText.quoted($0) },
        "input": JSONText.array(try items(messages)),
        "max_output_tokens": call.outputLimit.map { String($0) },
        "reasoning": offer.effort.map { "{\"effort\":\(JSONText.quoted($0))}" },
        "text": text == "{}" ? nil : text,
        "tools": request.tools.isEmpty ? nil : JSONText.array(request.tools.map(Self.tool)),
        "tool_choice": request.toolChoice.map(Self.choice),
        "parallel_tool_calls": request.parallelToolCalls.map { String($0) },
        "temperature": request.temperature.map(JSONText.number),
        "top_p": request.topP.map(JSONText.number),
        "user": request.user.map { JSONText.quoted($0) },
        "metadata": request.metadata.isEmpty ? nil : JSONText.strings(request.metadata),
        "service_tier": offer.service == PriceConditions.standardService
          ? nil : JSONText.quoted(offer.service),
        "store": "false",
        "stream": call.streams ? "true" : nil,
      ], and: others)
  }

  /// A typed part of the request that has no place here.
  private var absent: String? {
    if !request.stop.isEmpty { return "stop" }
    if request.seed != nil { return "seed" }
    if request.topK != nil { return "top_k" }
    if let penalty = request.frequencyPenalty, penalty != 0 { return "frequency_penalty" }
    if let penalty = request.presencePenalty, penalty != 0 { return "presence_penalty" }
    return nil
  }

  private static func meansNothing(_ other: ChatRequest.Other) -> Bool {
    switch (other.key, other.value.text) {
    case ("messages.reasoning_content", _), ("messages.reasoning", _): true
    case ("store", "false"), ("logprobs", "false"), ("top_logprobs", "0"), ("logit_bias", "{}"): true
    case ("modalities", let text): text.filter { !$0.isWhitespace } == "[\"text\"]"
    default: false
    }
  }

  // MARK: Messages

  /// The first message, where it is instructions in plain text, and the others.
  private var instructions: (String?, ArraySlice<ChatMessage>) {
    guard let first = request.messages.first, first.role == .system || first.role == .developer,
      first.content.count == 1, first.content[0].isText, request.messages.count > 1, first.name == nil
    else { return (nil, request.messages[...]) }
    return (first.text, request.messages.dropFirst())
  }

  private func items(_ messages: ArraySlice<ChatMessage>) throws(Rejection) -> [String] {
    var items: [String] = []
    for message in messages {
      guard message.name == nil else { throw .inexpressible("messages.name") }
      switch message.role {
      case .tool:
        guard let id = message.toolCallID else { throw .inexpressible("messages without tool_call_id") }
        items.append(
          JSONText.object([
            "type": "\"function_call_output\"", "call_id": JSONText.quoted(id),
            "output": Self.content(message.content),
          ]))
      case .assistant:
        guard message.content.allSatisfy(\.isText) else { throw .inexpressible("images of the assistant") }
        if !message.content.isEmpty, !message.text.isEmpty || message.toolCalls.isEmpty {
          items.append(
            JSONText.object(["role": "\"assistant\"", "content": JSONText.quoted(message.text)]))
        }
        items += message.toolCalls.map { call in
          JSONText.object([
            "type": "\"function_call\"", "call_id": JSONText.quoted(call.id),
            "name": JSONText.quoted(call.name), "arguments": JSONText.quoted(call.arguments),
          ])
        }
      case .system, .developer, .user:
        items.append(
          JSONText.object([
            "role": JSONText.quoted(message.role.rawValue), "content": Self.content(message.content),
          ]))
      }
    }
    return items
  }

  /// A text where there is one, else a list of parts.
  private static func content(_ parts: [ChatMessage.Part]) -> String {
    if parts.isEmpty { return "\"\"" }
    if parts.count == 1, case .text(let text) = parts[0] { return JSONText.quoted(text) }
    return JSONText.array(
      parts.map { part in
        switch part {
        case .text(let text): JSONText.object(["type": "\"input_text\"", "text": JSONText.quoted(text)])
        case .image(let image):
          JSONText.object([
            "type": "\"input_image\"", "detail": JSONText.quoted(image.detail ?? "auto"),
            "image_url": JSONText.quoted(image.source.address),
          ])
        }
      })
  }

  // MARK: Tools and form

  /// Strict schemas are the default here, and the exception in chat completions.
  private static func tool(_ tool: ChatTool) -> String {
    JSONText.object([
      "type": "\"function\"", "name": JSONText.quoted(tool.name),
      "description": tool.description.map { JSONText.quoted($0) },
      "parameters": tool.parameters?.text ?? "null", "strict": String(tool.strict ?? false),
    ])
  }

  private static func choice(_ choice: ToolChoice) -> String {
    switch choice {
    case .auto: "\"auto\""
    case .none: "\"none\""
    case .required: "\"required\""
    case .tool(let name): JSONText.object(["type": "\"function\"", "name": JSONText.quoted(name)])
    }
  }

  private static func format(_ format: ResponseFormat) -> String {
    switch format {
    case .text: "{\"type\":\"text\"}"
    case .jsonObject: "{\"type\":\"json_object\"}"
    case .jsonSchema(let name, let schema, let strict):
      JSONText.object([
        "type": "\"json_schema\"", "name": JSONText.quoted(name), "schema": schema.text,
        "strict": strict.map { String($0) },
      ])
    }
  }
}
