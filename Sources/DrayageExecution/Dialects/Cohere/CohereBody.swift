import Drayage
import DrayageCore

/// Writes a request as Cohere's chat takes it.
///
/// `user` is not sent: it names the end user to OpenAI's abuse detection, and there is nothing of the kind
/// here. The name of an answer's schema has no place either; the schema says what it describes.
struct CohereBody {
  private let chat: ChatRequest
  private let limit: Int?
  private let streams: Bool
  private let offer: Offer

  /// - Parameter limit: on output tokens.
  init(_ chat: ChatRequest, limit: Int?, streams: Bool, offer: Offer) {
    self.chat = chat
    self.limit = limit
    self.streams = streams
    self.offer = offer
  }

  /// The body.
  ///
  /// - Throws: ``Rejection/inexpressible(_:)``.
  func json() throws(Rejection) -> String {
    try chat.refuseOthers(but: ChatRequest.cacheMarks)
    guard offer.service == PriceConditions.standardService else {
      throw .inexpressible("the service \(offer.service)")
    }
    if chat.parallelToolCalls == false, !chat.tools.isEmpty {
      throw .inexpressible("parallel_tool_calls: false")
    }
    if chat.stop.count > 5 { throw .inexpressible("more than 5 texts in stop") }
    if let seed = chat.seed, seed < 0 { throw .inexpressible("a seed below 0") }
    try check("top_p", chat.topP, 0.01...0.99)
    try check("temperature", chat.temperature, 0...1)
    try check("top_k", chat.topK.map(Double.init), 0...500)
    try check("frequency_penalty", chat.frequencyPenalty, 0...1)
    try check("presence_penalty", chat.presencePenalty, 0...1)
    if chat.frequencyPenalty ?? 0 > 0, chat.presencePenalty ?? 0 > 0 {
      throw .inexpressible("frequency_penalty and presence_penalty at once")
    }
    return JSONText.object([
      "model": JSONText.quoted(offer.wireModel), "stream": String(streams), "messages": try messages(),
      "tools": tools, "strict_tools": try strictTools(), "tool_choice": try toolChoice(),
      "response_format": try responseFormat(), "max_tokens": limit.map { String($0) },
      "stop_sequences": chat.stop.isEmpty ? nil : JSONText.array(chat.stop.map { JSONText.quoted($0) }),
      "temperature": chat.temperature.map(JSONText.number), "seed": chat.seed.map { String($0) },
      "frequency_penalty": positive(chat.frequencyPenalty),
      "presence_penalty": positive(chat.presencePenalty),
      "k": chat.topK.map { String($0) }, "p": chat.topP.map(JSONText.number), "thinking": try thinking(),
    ])
  }

  private func check(_ key: String, _ value: Double?, _ range: ClosedRange<Double>) throws(Rejection) {
    guard let value, !range.contains(value) else { return }
    throw .inexpressible(
      "a \(key) outside \(JSONText.number(range.lowerBound)) to \(JSONText.number(range.upperBound))")
  }

  /// Zero is the default, and some models take only one of the two penalties.
  private func positive(_ value: Double?) -> String? { value.flatMap { $0 > 0 ? JSONText.number($0) : nil } }

  // MARK: Messages

  private func messages() throws(Rejection) -> String {
    var messages: [String] = []
    for message in chat.messages {
      if message.name != nil { throw .inexpressible("messages.name") }
      messages.append(
        JSONText.object([
          "role": JSONText.quoted(message.role == .developer ? "system" : message.role.rawValue),
          "content": try content(message),
          "tool_calls": message.toolCalls.isEmpty ? nil : toolCalls(message.toolCalls),
          "tool_call_id": message.toolCallID.map { JSONText.quoted($0) },
        ]))
    }
    return JSONText.array(messages)
  }

  /// As one text, or as parts where there are pictures; nil for an assistant who only calls tools.
  private func content(_ message: ChatMessage) throws(Rejection) -> String? {
    if message.content.isEmpty, !message.toolCalls.isEmpty { return nil }
    if message.content.allSatisfy(\.isText) { return JSONText.quoted(message.text) }
    guard message.role == .user else {
      throw .inexpressible("a picture in a message of role \(message.role.rawValue)")
    }
    let parts = message.content.map { part in
      switch part {
      case .text(let text): JSONText.object(["type": "\"text\"", "text": JSONText.quoted(text)])
      case .image(let image):
        JSONText.object([
          "type": "\"image_url\"",
          "image_url": JSONText.object([
            "url": JSONText.quoted(image.source.address), "detail": image.detail.map { JSONText.quoted($0) },
          ]),
        ])
      }
    }
    return JSONText.array(parts)
  }

  private func toolCalls(_ calls: [ToolCall]) -> String {
    // A signature is another provider's, and nothing here.
    JSONText.array(calls.map { ToolCall(id: $0.id, name: $0.name, arguments: $0.arguments).json })
  }

  // MARK: Tools and form

  private var tools: String? {
    guard !chat.tools.isEmpty else { return nil }
    let tools = chat.tools.map { tool in
      JSONText.object([
        "type": "\"function\"",
        "function": JSONText.object([
          "name": JSONText.quoted(tool.name), "description": tool.description.map { JSONText.quoted($0) },
          "parameters": tool.parameters?.text ?? "{\"type\":\"object\",\"properties\":{}}",
        ]),
      ])
    }
    return JSONText.array(tools)
  }

  /// One for all tools: those that leave it to the provider may be held to their schemas too.
  private func strictTools() throws(Rejection) -> String? {
    guard chat.tools.contains(where: { $0.strict == true }) else { return nil }
    guard !chat.tools.contains(where: { $0.strict == false }) else {
      throw .inexpressible("tools.function.strict of some tools only")
    }
    return "true"
  }

  private func toolChoice() throws(Rejection) -> String? {
    switch chat.toolChoice {
    case .auto, nil: return nil
    case .some(.none): return chat.tools.isEmpty ? nil : "\"NONE\""
    case .required: return "\"REQUIRED\""
    case .tool(let name):
      guard chat.tools.map(\.name) == [name] else {
        throw .inexpressible("tool_choice of one tool among others")
      }
      return "\"REQUIRED\""
    }
  }

  private func responseFormat() throws(Rejection) -> String? {
    let format: String
    switch chat.responseFormat {
    case .text, nil: return nil
    case .jsonObject: format = "{\"type\":\"json_object\"}"
    case .jsonSchema(_, let schema, _):
      format = JSONText.object(["type": "\"json_object\"", "json_schema": schema.text])
    }
    guard chat.tools.isEmpty else { throw .inexpressible("response_format together with tools") }
    return format
  }

  /// The efforts that Cohere's endpoint in OpenAI's format knows
  /// (https://docs.cohere.com/docs/compatibility-api): reasoning is off, or on.
  private func thinking() throws(Rejection) -> String? {
    switch offer.effort {
    case nil: return nil
    case "none": return "{\"type\":\"disabled\"}"
    case "high": return "{\"type\":\"enabled\"}"
    case .some(let effort): throw .inexpressible("the effort \(effort)")
    }
  }
}
