internal import Drayage

extension ChatRequest {
  /// The body of OpenAI's chat completions that says the same, without a model.
  ///
  /// Of ``others`` those of the top level are written; what lies deeper can be carried only in a body that was
  /// given as JSON.
  package var json: String {
    JSONText.object(
      [
        "messages": JSONText.array(messages.map(\.json)),
        "max_completion_tokens": maxOutputTokens.map { String($0) },
        "tools": tools.isEmpty ? nil : JSONText.array(tools.map(\.json)),
        "tool_choice": toolChoice?.json,
        "parallel_tool_calls": parallelToolCalls.map { String($0) },
        "response_format": responseFormat?.json,
        "stop": stop.isEmpty ? nil : JSONText.array(stop.map { JSONText.quoted($0) }),
        "temperature": temperature.map(JSONText.number),
        "top_p": topP.map(JSONText.number),
        "top_k": topK.map { String($0) },
        "frequency_penalty": frequencyPenalty.map(JSONText.number),
        "presence_penalty": presencePenalty.map(JSONText.number),
        "seed": seed.map { String($0) },
        "user": user.map { JSONText.quoted($0) },
        "metadata": metadata.isEmpty ? nil : JSONText.strings(metadata),
      ] as KeyValuePairs, and: others.filter { !$0.key.contains(".") }.map { ($0.key, $0.value.text) })
  }
}

extension JSONText {
  /// An object of texts, ordered by key.
  static func strings(_ members: [String: String]) -> String {
    "{"
      + members.sorted { $0.key < $1.key }.map { quoted($0.key) + ":" + quoted($0.value) }
      .joined(separator: ",") + "}"
  }
}

extension ChatMessage {
  fileprivate var json: String {
    let content: String? =
      if self.content.isEmpty {
        toolCalls.isEmpty ? "\"\"" : nil
      } else if self.content.allSatisfy(\.isText) {
        JSONText.quoted(text)
      } else {
        JSONText.array(self.content.map(\.json))
      }
    return JSONText.object([
      "role": JSONText.quoted(role.rawValue), "content": content, "name": name.map { JSONText.quoted($0) },
      "tool_calls": toolCalls.isEmpty ? nil : JSONText.array(toolCalls.map(\.json)),
      "tool_call_id": toolCallID.map { JSONText.quoted($0) },
    ])
  }
}

extension ChatMessage.Part {
  var isText: Bool { if case .text = self { true } else { false } }

  fileprivate var json: String {
    switch self {
    case .text(let text): return JSONText.object(["type": "\"text\"", "text": JSONText.quoted(text)])
    case .image(let image):
      return JSONText.object([
        "type": "\"image_url\"",
        "image_url": JSONText.object([
          "url": JSONText.quoted(image.source.address), "detail": image.detail.map { JSONText.quoted($0) },
        ]),
      ])
    }
  }
}

extension ChatImage.Source {
  /// As an address: a data URL for a picture that is here.
  var address: String {
    switch self {
    case .data(let mediaType, let base64): "data:\(mediaType);base64,\(base64)"
    case .url(let address): address
    }
  }
}

extension ToolCall {
  /// Where Google's endpoint in OpenAI's format has the signature of a call.
  static func extraContent(signature: String) -> String {
    JSONText.object(["google": JSONText.object(["thought_signature": JSONText.quoted(signature)])])
  }

  var json: String {
    JSONText.object([
      "id": JSONText.quoted(id), "type": "\"function\"",
      "function": JSONText.object([
        "name": JSONText.quoted(name), "arguments": JSONText.quoted(arguments),
      ]),
      "extra_content": signature.map(Self.extraContent),
    ])
  }
}

extension ChatTool {
  fileprivate var json: String {
    JSONText.object([
      "type": "\"function\"",
      "function": JSONText.object([
        "name": JSONText.quoted(name), "description": description.map { JSONText.quoted($0) },
        "parameters": parameters?.text, "strict": strict.map { String($0) },
      ]),
    ])
  }
}

extension ToolChoice {
  fileprivate var json: String {
    switch self {
    case .auto: "\"auto\""
    case .none: "\"none\""
    case .required: "\"required\""
    case .tool(let name):
      JSONText.object([
        "type": "\"function\"", "function": JSONText.object(["name": JSONText.quoted(name)]),
      ])
    }
  }
}

extension ResponseFormat {
  fileprivate var json: String {
    switch self {
    case .text: "{\"type\":\"text\"}"
    case .jsonObject: "{\"type\":\"json_object\"}"
    case .jsonSchema(let name, let schema, let strict):
      JSONText.object([
        "type": "\"json_schema\"",
        "json_schema": JSONText.object([
          "name": JSONText.quoted(name), "schema": schema.text, "strict": strict.map { String($0) },
        ]),
      ])
    }
  }
}
