import Drayage
import DrayageCore

/// Writes a request as the Gemini API takes it.
///
/// `user` is not sent: it names the end user to OpenAI's abuse detection, and there is nothing of the kind
/// here. The name of an answer's schema has no place either; the schema says what it describes.
struct GeminiBody {
  private let chat: ChatRequest
  private let limit: Int?
  private let offer: Offer
  private let namesTier: Bool
  private let model: GeminiModel

  /// - Parameters:
  ///   - limit: on output tokens, thoughts included.
  ///   - namesTier: whether the service tier is named in the body.
  init(_ chat: ChatRequest, limit: Int?, offer: Offer, namesTier: Bool = true) {
    self.chat = chat
    self.limit = limit
    self.offer = offer
    self.namesTier = namesTier
    model = GeminiModel(offer.wireModel)
  }

  /// The body.
  ///
  /// - Throws: ``Rejection/inexpressible(_:)``.
  func json() throws(Rejection) -> String {
    try chat.refuseOthers(but: ChatRequest.cacheMarks)
    let contents = try GeminiContents(chat.messages, needsSignatures: model.isThirdGeneration)
    return JSONText.object([
      "systemInstruction": contents.system.isEmpty
        ? nil : JSONText.object(["parts": JSONText.array(contents.system)]),
      "contents": JSONText.array(contents.turns),
      "tools": tools, "toolConfig": try toolConfig(), "generationConfig": try generationConfig(),
      "serviceTier": try serviceTier(),
    ])
  }

  // MARK: Tools

  private var tools: String? {
    guard !chat.tools.isEmpty else { return nil }
    let declarations = chat.tools.map { tool in
      JSONText.object([
        "name": JSONText.quoted(tool.name), "description": tool.description.map { JSONText.quoted($0) },
        "parametersJsonSchema": tool.parameters?.text,
      ])
    }
    return JSONText.array([JSONText.object(["functionDeclarations": JSONText.array(declarations)])])
  }

  private func toolConfig() throws(Rejection) -> String? {
    if chat.parallelToolCalls == false, !chat.tools.isEmpty {
      throw .inexpressible("parallel_tool_calls: false")
    }
    var name: String?
    let mode: String
    switch chat.toolChoice {
    case .required: mode = "ANY"
    case .tool(let tool): (mode, name) = ("ANY", tool)
    case .some(.none): mode = "NONE"
    case .auto, nil:
      // Arguments keep to their schemas in ANY, and in VALIDATED, where the model may answer in words too.
      if chat.tools.contains(where: { $0.strict == true }) {
        mode = "VALIDATED"
      } else if chat.toolChoice == .auto {
        mode = "AUTO"
      } else {
        return nil
      }
    }
    guard !chat.tools.isEmpty || mode == "ANY" else { return nil }
    let config = JSONText.object([
      "mode": "\"\(mode)\"",
      "allowedFunctionNames": name.map { JSONText.array([JSONText.quoted($0)]) },
    ])
    return JSONText.object(["functionCallingConfig": config])
  }

  // MARK: Generation

  private func generationConfig() throws(Rejection) -> String? {
    if chat.stop.count > 5 { throw .inexpressible("more than 5 texts in stop") }
    if let seed = chat.seed, Int32(exactly: seed) == nil {
      throw .inexpressible("a seed of more than 32 bits")
    }
    var form: (type: String, schema: String?)?
    switch chat.responseFormat {
    case .jsonObject: form = ("\"application/json\"", nil)
    case .jsonSchema(_, let schema, _): form = ("\"application/json\"", schema.text)
    case .text, nil: break
    }
    if form != nil, !chat.tools.isEmpty, !model.isThirdGeneration {
      throw .inexpressible("response_format together with tools before version 3")
    }
    var thinking: String?
    if let effort = offer.effort { thinking = try model.thinking(effort: effort) }
    let config = JSONText.object([
      "maxOutputTokens": limit.map { String($0) },
      "temperature": chat.temperature.map(JSONText.number), "topP": chat.topP.map(JSONText.number),
      "topK": chat.topK.map { String($0) }, "seed": chat.seed.map { String($0) },
      "presencePenalty": chat.presencePenalty.map(JSONText.number),
      "frequencyPenalty": chat.frequencyPenalty.map(JSONText.number),
      "stopSequences": chat.stop.isEmpty ? nil : JSONText.array(chat.stop.map { JSONText.quoted($0) }),
      "responseMimeType": form?.type, "responseJsonSchema": form?.schema,
      "mediaResolution": try mediaResolution(), "thinkingConfig": thinking,
    ])
    return config == "{}" ? nil : config
  }

  /// One for all pictures: the format has none for each.
  private func mediaResolution() throws(Rejection) -> String? {
    var details: Set<String> = []
    for case .image(let image) in chat.messages.flatMap(\.content) { details.insert(image.detail ?? "auto") }
    guard details.count < 2 else { throw .inexpressible("pictures of different detail") }
    switch details.first {
    case nil, "auto": return nil
    case "low": return "\"MEDIA_RESOLUTION_LOW\""
    case "high": return "\"MEDIA_RESOLUTION_HIGH\""
    default: throw .inexpressible("messages.content.image_url.detail other than low, high and auto")
    }
  }

  private func serviceTier() throws(Rejection) -> String? {
    switch offer.service {
    case PriceConditions.standardService: return nil
    case "flex", "priority": return namesTier ? JSONText.quoted(offer.service) : nil
    default: throw .inexpressible("the service \(offer.service)")
    }
  }
}
