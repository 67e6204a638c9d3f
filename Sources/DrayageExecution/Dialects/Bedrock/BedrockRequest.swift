internal import Drayage
internal import DrayageCore

/// A chat request as Bedrock's Converse says it.
///
/// `user`, which names the end user to OpenAI's abuse detection, has no place here and changes no answer: it is
/// left out. That several tools may be called in one turn is not said: it is so unless forbidden.
struct BedrockRequest {
  let chat: ChatRequest
  let turns: ChatTurns
  let offer: Offer
  let claude: ClaudeModel?
  let outputLimit: Int?

  /// - Parameter outputLimit: the most output tokens; nil leaves it to the model.
  /// - Throws: ``Rejection/inexpressible(_:)`` if the format, or this model by it, cannot carry a part of it.
  init(_ chat: ChatRequest, outputLimit: Int?, to offer: Offer) throws(Rejection) {
    let marks: Set<String> = ["messages.cache_control", "messages.content.cache_control"]
    try chat.refuseOthers(but: offer.capabilities.contains(.promptCache) ? marks : [])
    self.chat = chat
    self.offer = offer
    // Some models stop after few tokens unless told otherwise.
    self.outputLimit = outputLimit ?? offer.limits.output
    // A deployment may go by another name than the model in it.
    claude = ClaudeModel(offer.wireModel) ?? ClaudeModel(offer.model)
    // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html
    turns = try ChatTurns(
      chat.messages,
      names: .init(mostBytes: 64) { $0.isASCIILetterOrDigit || "_.:-".utf8.contains($0) })
    try check()
  }

  /// Refuses what has no place, so that writing cannot fail.
  private func check() throws(Rejection) {
    try checkPictures()
    try ChatSampling(chat, claude: claude, thinks: offer.effort != nil).check()
    guard chat.topK == nil else { throw .inexpressible("top_k") }
    guard chat.stop.allSatisfy({ !$0.allSatisfy(\.isWhitespace) }) else {
      throw .inexpressible("a blank stop")
    }
    guard chat.stop.count <= 2_500 else { throw .inexpressible("more than 2,500 of stop") }
    try checkTools()
    switch chat.responseFormat {
    case nil, .text: break
    case .jsonObject: throw .inexpressible("response_format json_object; give a schema")
    case .jsonSchema(_, let schema, _):
      guard keepsToSchemas else { throw .inexpressible("response_format json_schema, for this model") }
      if claude != nil { try ClaudeSchema.check(schema, key: "response_format.json_schema.schema") }
    }
    if let effort = offer.effort {
      guard ["low", "medium", "high", "xhigh", "max"].contains(effort), claude?.thinksAdaptively == true
      else {
        throw .inexpressible("the effort \(effort)")
      }
    }
    guard [PriceConditions.standardService, "flex", "priority"].contains(offer.service) else {
      throw .inexpressible("the service \(offer.service)")
    }
  }

  private func checkPictures() throws(Rejection) {
    for case .image(let image) in turns.turns.flatMap(\.blocks).flatMap(\.pictureParts) {
      guard image.detail == nil || image.detail == "auto" else {
        throw .inexpressible("messages.content.image_url.detail")
      }
      guard case .data(let mediaType, _) = image.source else {
        throw .inexpressible("pictures by address; give a data URL")
      }
      guard Self.format(mediaType) != nil else {
        throw .inexpressible("pictures of type \(InputError.quoted(mediaType))")
      }
    }
  }

  static func format(_ mediaType: String) -> String? {
    switch mediaType {
    case "image/png": "png"
    case "image/jpeg": "jpeg"
    case "image/gif": "gif"
    case "image/webp": "webp"
    default: nil
    }
  }

  private func checkTools() throws(Rejection) {
    guard !chat.tools.isEmpty else {
      guard !turns.callsTools else { throw .inexpressible("messages.tool_calls without tools") }
      switch chat.toolChoice {
      case .required, .tool: throw .inexpressible("tool_choice without tools")
      case nil, .auto, ToolChoice.none?: return
      }
    }
    switch chat.toolChoice {
    case nil, .auto: break
    case ToolChoice.none?: throw .inexpressible("tool_choice none")
    case .required:
      guard canBeForcedToCall else { throw .inexpressible("tool_choice required, for this model") }
    case .tool:
      guard canBeForcedToCall, claude != nil || isSold(by: "amazon", "mistral") else {
        throw .inexpressible("tool_choice of one tool, for this model")
      }
    }
    guard chat.parallelToolCalls != false else { throw .inexpressible("parallel_tool_calls false") }
    for tool in chat.tools {
      let nameFits = tool.name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_-".utf8.contains($0) }
      guard (1...64).contains(tool.name.utf8.count), nameFits else {
        throw .inexpressible("tools.function.name beyond 64 letters, digits, '_' and '-'")
      }
      guard tool.strict == true else { continue }
      // Newer Claude models refuse the member here.
      guard claude.map({ !$0.refusesSampling }) ?? keepsToSchemas else {
        throw .inexpressible("tools.function.strict, for this model")
      }
      if claude != nil, let schema = tool.parameters {
        try ClaudeSchema.check(schema, key: "tools.function.parameters")
      }
    }
  }

  /// Whether one of `makers` made the model, told by its name, such as `us.amazon.nova-2-lite-v1:0`.
  private func isSold(by makers: String...) -> Bool {
    offer.wireModel.split(separator: ".").prefix(2).contains { makers.contains(String($0)) }
  }

  private var canBeForcedToCall: Bool { claude?.canBeForcedToCall ?? !isSold(by: "meta") }

  /// Whether the model can be held to a schema: Claude models from 4.5 on, but not all, and many of open weights
  /// (https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html).
  private var keepsToSchemas: Bool {
    guard let claude else {
      return isSold(
        by: "deepseek", "google", "minimax", "mistral", "moonshot", "moonshotai", "nvidia", "openai", "qwen",
        "zai")
    }
    return switch (claude.line, claude.major, claude.minor) {
    case (.opus, 4, 5...6), (.opus, 4, 8...): true
    case (.sonnet, 4, 5...), (.sonnet, 5..., _), (.haiku, 4, 5...), (.haiku, 5..., _): true
    default: false
    }
  }
}
