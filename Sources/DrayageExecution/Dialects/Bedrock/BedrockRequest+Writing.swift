internal import Drayage
internal import DrayageCore

extension BedrockRequest {
  /// The body.
  var json: String {
    JSONText.object([
      "messages": JSONText.array(
        turns.turns.map {
          JSONText.object([
            "role": $0.isUser ? "\"user\"" : "\"assistant\"",
            "content": JSONText.array($0.blocks.flatMap(Self.blocks)),
          ])
        }),
      "system": turns.system.isEmpty ? nil : JSONText.array(turns.system.flatMap(Self.blocks)),
      "inferenceConfig": inferenceConfig,
      "toolConfig": toolConfig,
      "outputConfig": outputConfig,
      "additionalModelRequestFields": offer.effort.map {
        JSONText.object([
          "thinking": "{\"type\":\"adaptive\"}",
          "output_config": JSONText.object(["effort": JSONText.quoted($0)]),
        ])
      },
      "serviceTier": offer.service == PriceConditions.standardService
        ? nil : JSONText.object(["type": JSONText.quoted(offer.service)]),
    ])
  }

  private var inferenceConfig: String? {
    let temperature = claude?.refusesSampling == true ? nil : chat.temperature
    guard outputLimit != nil || temperature != nil || chat.topP != nil || !chat.stop.isEmpty else {
      return nil
    }
    return JSONText.object([
      "maxTokens": outputLimit.map { String($0) }, "temperature": temperature.map(JSONText.number),
      "topP": chat.topP.map(JSONText.number),
      "stopSequences": chat.stop.isEmpty ? nil : JSONText.array(chat.stop.map { JSONText.quoted($0) }),
    ])
  }

  private var toolConfig: String? {
    guard !chat.tools.isEmpty else { return nil }
    let choice: String? =
      switch chat.toolChoice {
      // The default, which not every model can be told.
      case nil, .auto, ToolChoice.none?: nil
      case .required: "{\"any\":{}}"
      case .tool(let name): JSONText.object(["tool": JSONText.object(["name": JSONText.quoted(name)])])
      }
    return JSONText.object(["tools": JSONText.array(chat.tools.map(Self.tool)), "toolChoice": choice])
  }

  private static func tool(_ tool: ChatTool) -> String {
    let isDescribed = tool.description.map { !$0.isEmpty } ?? false
    return JSONText.object([
      "toolSpec": JSONText.object([
        "name": JSONText.quoted(tool.name),
        "description": isDescribed ? tool.description.map { JSONText.quoted($0) } : nil,
        "inputSchema": JSONText.object([
          "json": tool.parameters?.text ?? "{\"type\":\"object\",\"properties\":{}}"
        ]),
        "strict": tool.strict == true ? "true" : nil,
      ])
    ])
  }

  private var outputConfig: String? {
    guard case .jsonSchema(let name, let schema, _) = chat.responseFormat else { return nil }
    return JSONText.object([
      "textFormat": JSONText.object([
        "type": "\"json_schema\"",
        "structure": JSONText.object([
          // As a text that holds JSON, unlike the schemas of tools.
          "jsonSchema": JSONText.object([
            "name": JSONText.quoted(name), "schema": JSONText.quoted(schema.text),
          ])
        ]),
      ])
    ])
  }

  /// A block, and the point behind it up to which the prompt is cached.
  private static func blocks(_ block: ChatTurns.Block) -> [String] {
    let content: String =
      switch block.content {
      case .text(let text): part(.text(text))
      case .image(let image): part(.image(image))
      case .call(let id, let name, let input):
        JSONText.object([
          "toolUse": JSONText.object([
            "toolUseId": JSONText.quoted(id), "name": JSONText.quoted(name), "input": input,
          ])
        ])
      case .result(let id, let parts):
        JSONText.object([
          "toolResult": JSONText.object([
            "toolUseId": JSONText.quoted(id), "content": JSONText.array(parts.map(part)),
          ])
        ])
      }
    guard let cache = block.cache else { return [content] }
    let point = JSONText.object(["type": "\"default\"", "ttl": JSONText.quoted(cache.rawValue)])
    return [content, JSONText.object(["cachePoint": point])]
  }

  private static func part(_ part: ChatMessage.Part) -> String {
    switch part {
    case .text(let text): return JSONText.object(["text": JSONText.quoted(text)])
    case .image(let image):
      // Only data comes here, of a type with a format: see `checkPictures`.
      guard case .data(let mediaType, let base64) = image.source else { return "{}" }
      return JSONText.object([
        "image": JSONText.object([
          "format": format(mediaType).map { JSONText.quoted($0) },
          "source": JSONText.object(["bytes": JSONText.quoted(base64)]),
        ])
      ])
    }
  }
}
