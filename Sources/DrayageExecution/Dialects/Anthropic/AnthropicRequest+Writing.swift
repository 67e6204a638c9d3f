internal import Drayage
internal import DrayageCore

extension AnthropicRequest {
  /// The body.
  var json: String {
    JSONText.object([
      "model": JSONText.quoted(offer.wireModel),
      "max_tokens": String(outputLimit),
      "system": turns.system.isEmpty ? nil : JSONText.array(turns.system.map(Self.block)),
      "messages": JSONText.array(
        turns.turns.map {
          JSONText.object([
            "role": $0.isUser ? "\"user\"" : "\"assistant\"",
            "content": JSONText.array($0.blocks.map(Self.block)),
          ])
        }),
      "tools": chat.tools.isEmpty ? nil : JSONText.array(chat.tools.map(Self.tool)),
      "tool_choice": toolChoice,
      "output_config": outputConfig,
      "thinking": offer.effort != nil && claude?.thinksAdaptively == true ? "{\"type\":\"adaptive\"}" : nil,
      "stop_sequences": chat.stop.isEmpty ? nil : JSONText.array(chat.stop.map { JSONText.quoted($0) }),
      "temperature": claude?.refusesSampling == true ? nil : chat.temperature.map(JSONText.number),
      "top_p": chat.topP.map(JSONText.number),
      "top_k": chat.topK.map { String($0) },
      "metadata": chat.user.map { JSONText.object(["user_id": JSONText.quoted($0)]) },
      // "auto" would take capacity that was bought beforehand, at another price than this offer's.
      "service_tier": offer.service == "priority" ? "\"auto\"" : "\"standard_only\"",
      "speed": offer.service == "fast" ? "\"fast\"" : nil,
      "inference_geo": offer.region.map { JSONText.quoted($0) },
      "stream": streams ? "true" : nil,
    ])
  }

  private var outputConfig: String? {
    var format: String?
    if case .jsonSchema(_, let schema, _) = chat.responseFormat {
      format = JSONText.object(["type": "\"json_schema\"", "schema": schema.text])
    }
    guard offer.effort != nil || format != nil else { return nil }
    return JSONText.object(["effort": offer.effort.map { JSONText.quoted($0) }, "format": format])
  }

  private var toolChoice: String? {
    guard !chat.tools.isEmpty else { return nil }
    // Several calls in one turn are allowed unless it is said otherwise.
    let single = chat.parallelToolCalls == false ? "true" : nil
    switch chat.toolChoice {
    case nil, .auto:
      guard chat.toolChoice != nil || single != nil else { return nil }
      return JSONText.object(["type": "\"auto\"", "disable_parallel_tool_use": single])
    case ToolChoice.none?: return JSONText.object(["type": "\"none\""])
    case .required: return JSONText.object(["type": "\"any\"", "disable_parallel_tool_use": single])
    case .tool(let name):
      return JSONText.object([
        "type": "\"tool\"", "name": JSONText.quoted(name), "disable_parallel_tool_use": single,
      ])
    }
  }

  private static func block(_ block: ChatTurns.Block) -> String {
    let cache = block.cache.map {
      JSONText.object(["type": "\"ephemeral\"", "ttl": JSONText.quoted($0.rawValue)])
    }
    switch block.content {
    case .text(let text): return self.text(text, cache: cache)
    case .image(let image): return picture(image, cache: cache)
    case .call(let id, let name, let input):
      return JSONText.object([
        "type": "\"tool_use\"", "id": JSONText.quoted(id), "name": JSONText.quoted(name), "input": input,
        "cache_control": cache,
      ])
    case .result(let id, let content):
      let parts = content.map { part in
        switch part {
        case .text(let text): self.text(text, cache: nil)
        case .image(let image): picture(image, cache: nil)
        }
      }
      return JSONText.object([
        "type": "\"tool_result\"", "tool_use_id": JSONText.quoted(id),
        "content": parts.isEmpty ? nil : JSONText.array(parts), "cache_control": cache,
      ])
    }
  }

  private static func text(_ text: String, cache: String?) -> String {
    JSONText.object(["type": "\"text\"", "text": JSONText.quoted(text), "cache_control": cache])
  }

  private static func picture(_ image: ChatImage, cache: String?) -> String {
    let source =
      switch image.source {
      case .data(let mediaType, let base64):
        JSONText.object([
          "type": "\"base64\"", "media_type": JSONText.quoted(mediaType), "data": JSONText.quoted(base64),
        ])
      case .url(let address): JSONText.object(["type": "\"url\"", "url": JSONText.quoted(address)])
      }
    return JSONText.object(["type": "\"image\"", "source": source, "cache_control": cache])
  }

  private static func tool(_ tool: ChatTool) -> String {
    JSONText.object([
      "name": JSONText.quoted(tool.name),
      "description": tool.description.map { JSONText.quoted($0) },
      // Checked before.
      "input_schema": try? inputSchema(tool),
      "strict": tool.strict == true ? "true" : nil,
    ])
  }

  /// The schema of a tool's arguments, which must say that it is of an object, and not be a choice of several.
  static func inputSchema(_ tool: ChatTool) throws(Rejection) -> String {
    guard let schema = tool.parameters else { return "{\"type\":\"object\",\"properties\":{}}" }
    guard let node = try? JSONNode.parse(Array(schema.text.utf8), file: ""),
      case .object(let members) = node.value
    else { throw .inexpressible("tools.function.parameters that are no object") }
    for choice in ["anyOf", "oneOf", "allOf"] where node[named: choice] != nil {
      throw .inexpressible("tools.function.parameters with \(choice) at the top")
    }
    guard let type = node["type"] else {
      let rest = schema.text.drop { $0 != "{" }.dropFirst()
      return "{\"type\":\"object\"" + (members.isEmpty ? "" : ",") + rest
    }
    guard type.string == "object" else {
      throw .inexpressible("tools.function.parameters not of type object")
    }
    return schema.text
  }
}
