internal import Drayage
internal import DrayageCore

/// A chat request as Anthropic's messages say it.
///
/// The name of a JSON schema is a label only, and has no place here. Temperature 1 is what every model uses
/// anyway, and is not sent to those that refuse the setting.
struct AnthropicRequest {
  let chat: ChatRequest
  let turns: ChatTurns
  let offer: Offer
  let claude: ClaudeModel?
  let outputLimit: Int
  let streams: Bool

  /// - Parameters:
  ///   - outputLimit: the most output tokens; nil takes the most that the offer gives.
  /// - Throws: ``Rejection/inexpressible(_:)`` if the format, or this model by it, cannot carry a part of it.
  init(_ chat: ChatRequest, outputLimit: Int?, streams: Bool, to offer: Offer) throws(Rejection) {
    try chat.refuseOthers(but: ["messages.cache_control", "messages.content.cache_control"])
    guard let outputLimit = outputLimit ?? offer.limits.output else {
      throw .inexpressible("a request without max_completion_tokens")
    }
    self.chat = chat
    self.offer = offer
    self.outputLimit = outputLimit
    self.streams = streams
    // A deployment may go by another name than the model in it.
    claude = ClaudeModel(offer.wireModel) ?? ClaudeModel(offer.model)
    turns = try ChatTurns(
      chat.messages,
      // https://platform.claude.com/docs/en/api/messages: the pattern of `tool_use.id`.
      names: .init(mostBytes: 256) {
        $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
      })
    try check()
  }

  /// Refuses what has no place, so that writing cannot fail.
  private func check() throws(Rejection) {
    try checkPictures()
    try ChatSampling(chat, claude: claude, thinks: offer.effort != nil).check()
    guard chat.topK.map({ $0 >= 1 }) ?? true else { throw .inexpressible("top_k below 1") }
    guard chat.stop.allSatisfy({ !$0.allSatisfy(\.isWhitespace) }) else {
      throw .inexpressible("a blank stop")
    }
    try checkUser()
    try checkTools()
    switch chat.responseFormat {
    case nil, .text: break
    case .jsonObject: throw .inexpressible("response_format json_object; give a schema")
    case .jsonSchema(_, let schema, _):
      try ClaudeSchema.check(schema, key: "response_format.json_schema.schema")
    }
    if let effort = offer.effort {
      guard ["low", "medium", "high", "xhigh", "max"].contains(effort), claude?.takesEffort == true else {
        throw .inexpressible("the effort \(effort)")
      }
    }
    if let region = offer.region, claude?.takesRegion == false {
      throw .inexpressible("the region \(region), for this model")
    }
    guard [PriceConditions.standardService, "priority", "fast"].contains(offer.service) else {
      throw .inexpressible("the service \(offer.service)")
    }
  }

  private func checkPictures() throws(Rejection) {
    for case .image(let image) in turns.turns.flatMap(\.blocks).flatMap(\.pictureParts) {
      guard image.detail == nil || image.detail == "auto" else {
        throw .inexpressible("messages.content.image_url.detail")
      }
      switch image.source {
      case .data(let mediaType, _):
        guard ["image/jpeg", "image/png", "image/gif", "image/webp"].contains(mediaType) else {
          throw .inexpressible("pictures of type \(InputError.quoted(mediaType))")
        }
      case .url(let address):
        guard address.hasPrefix("https://") else {
          throw .inexpressible("pictures at addresses without https")
        }
      }
    }
  }

  /// An address of mail or a telephone number as `user_id` is refused with status 400.
  private func checkUser() throws(Rejection) {
    guard let user = chat.user else { return }
    let isNumber = user.count >= 7 && user.allSatisfy { $0.isNumber || " +()-".contains($0) }
    guard (1...256).contains(user.count), !user.contains("@"), !isNumber else {
      throw .inexpressible("a user that is blank, over 256 characters, or an address or telephone number")
    }
  }

  private func checkTools() throws(Rejection) {
    if chat.tools.isEmpty {
      // Status 400: tools must be defined where they were called.
      guard !turns.callsTools else { throw .inexpressible("messages.tool_calls without tools") }
      switch chat.toolChoice {
      case .required, .tool: throw .inexpressible("tool_choice without tools")
      case nil, .auto, ToolChoice.none?: break
      }
    }
    if claude?.canBeForcedToCall == false {
      switch chat.toolChoice {
      case .required, .tool: throw .inexpressible("tool_choice other than auto and none, for this model")
      case nil, .auto, ToolChoice.none?: break
      }
    }
    for tool in chat.tools {
      _ = try Self.inputSchema(tool)
      if tool.strict == true, let schema = tool.parameters {
        try ClaudeSchema.check(schema, key: "tools.function.parameters")
      }
    }
  }
}

extension ChatTurns.Block {
  /// The parts of a message that may be pictures.
  var pictureParts: [ChatMessage.Part] {
    switch content {
    case .image(let image): [.image(image)]
    case .result(_, let content): content
    case .text, .call: []
    }
  }
}
