package import Drayage

extension ChatRequest {
  /// Reads the body of OpenAI's chat completions. What has no place of its own here is kept in ``others``.
  ///
  /// - Parameter text: what `body` was parsed from.
  /// - Throws: ``InputError`` with the key of the first part that is not of its documented type.
  package init(_ body: JSONNode, in text: [UInt8], file: String) throws(InputError) {
    var reader = ChatRequestReader(text: text, file: file)
    self.init(try reader.messages(body["messages"]))
    try reader.read(body, into: &self)
    others = reader.others
  }
}

/// Reads a request member by member.
private struct ChatRequestReader {
  let text: [UInt8]
  let file: String
  var others: [ChatRequest.Other] = []

  func fault(_ node: JSONNode, _ key: String, _ message: String) -> InputError {
    InputError(.value, file: file, line: node.line, key: key, message: message)
  }

  /// Keeps a member that has no place of its own.
  mutating func keep(_ node: JSONNode, as key: String) {
    others.append(.init(key: key, value: JSONFragment(node, in: text)))
  }

  mutating func read(_ body: JSONNode, into request: inout ChatRequest) throws(InputError) {
    guard case .object(let members) = body.value else { throw fault(body, "body", "is not an object") }
    for member in members {
      let (key, node) = (member.key, member.node)
      if node.isNull { continue }
      switch key {
      // The offer, the way of asking and what was read before.
      case "messages", "model", "stream", "stream_options", "n", "service_tier", "reasoning_effort": continue
      case "max_tokens", "max_completion_tokens":
        request.maxOutputTokens = max(request.maxOutputTokens ?? 0, try integer(node, key))
      case "tools": request.tools = try tools(node)
      case "tool_choice": request.toolChoice = try toolChoice(node)
      case "parallel_tool_calls": request.parallelToolCalls = try flag(node, key)
      case "response_format": request.responseFormat = try responseFormat(node)
      case "stop": request.stop = try texts(node, key)
      case "temperature": request.temperature = try number(node, key)
      case "top_p": request.topP = try number(node, key)
      case "top_k": request.topK = try integer(node, key)
      case "frequency_penalty": request.frequencyPenalty = try number(node, key)
      case "presence_penalty": request.presencePenalty = try number(node, key)
      case "seed": request.seed = try integer(node, key)
      case "user": request.user = try string(node, key)
      case "metadata":
        guard case .object(let entries) = node.value else { throw fault(node, key, "is not an object") }
        for entry in entries { request.metadata[entry.key] = try string(entry.node, "metadata.\(entry.key)") }
      default: keep(node, as: key)
      }
    }
  }

  // MARK: Messages

  mutating func messages(_ node: JSONNode?) throws(InputError) -> [ChatMessage] {
    guard let node, case .array(let items) = node.value, !items.isEmpty else {
      throw InputError(
        .missing, file: file, line: node?.line ?? 1, key: "messages",
        message: "is not a list of at least one message")
    }
    var messages: [ChatMessage] = []
    for item in items { messages.append(try message(item)) }
    return messages
  }

  private mutating func message(_ node: JSONNode) throws(InputError) -> ChatMessage {
    guard case .object(let members) = node.value else { throw fault(node, "messages", "holds no object") }
    guard let name = node["role"]?.string, let role = ChatMessage.Role(rawValue: name) else {
      throw fault(
        node, "messages.role",
        "is none of \(ChatMessage.Role.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    var message = ChatMessage(role, content: [])
    for member in members {
      if member.node.isNull { continue }
      switch member.key {
      case "role": continue
      case "content": message.content = try content(member.node, controls: &message.cacheControls)
      case "name": message.name = try string(member.node, "messages.name")
      case "tool_call_id": message.toolCallID = try string(member.node, "messages.tool_call_id")
      case "tool_calls": message.toolCalls = try toolCalls(member.node)
      case let key:
        keep(member.node, as: "messages.\(key)")
        if key == "cache_control" {
          message.cacheControls.append(.init(part: nil, value: JSONFragment(member.node, in: text)))
        }
      }
    }
    return message
  }

  private mutating func content(
    _ node: JSONNode, controls: inout [ChatMessage.CacheControl]
  ) throws(InputError) -> [ChatMessage.Part] {
    if let text = node.string { return [.text(text)] }
    guard case .array(let items) = node.value else {
      throw fault(node, "messages.content", "is neither a text nor a list of parts")
    }
    var parts: [ChatMessage.Part] = []
    for item in items {
      switch item["type"]?.string {
      case "text":
        guard let text = item["text"]?.string else {
          throw fault(item, "messages.content.text", "is not a text")
        }
        parts.append(.text(text))
      case "image_url": parts.append(.image(try image(item)))
      case let type:
        keep(item, as: "messages.content.\(type ?? "untyped")")
        continue
      }
      guard case .object(let members) = item.value else { continue }
      for member in members where !["type", "text", "image_url"].contains(member.key) {
        if member.node.isNull { continue }
        keep(member.node, as: "messages.content.\(member.key)")
        if member.key == "cache_control" {
          controls.append(.init(part: parts.count - 1, value: JSONFragment(member.node, in: text)))
        }
      }
    }
    return parts
  }

  private func image(_ node: JSONNode) throws(InputError) -> ChatImage {
    let key = "messages.content.image_url"
    guard let address = node["image_url"]?["url"]?.string else {
      throw fault(node, key, "has no url; give an address, or a data URL")
    }
    let detail = node["image_url"]?["detail"]?.string
    guard address.hasPrefix("data:") else { return ChatImage(.url(address), detail: detail) }
    let rest = address.dropFirst(5)
    guard let comma = rest.firstIndex(of: ","), rest[..<comma].hasSuffix(";base64") else {
      throw fault(node, key, "is a data URL without base64; encode the picture in base64")
    }
    let mediaType = String(rest[..<comma].dropLast(7))
    guard !mediaType.isEmpty else { throw fault(node, key, "names no media type, such as image/png") }
    return ChatImage(
      .data(mediaType: mediaType, base64: String(rest[rest.index(after: comma)...])), detail: detail)
  }

  private mutating func toolCalls(_ node: JSONNode) throws(InputError) -> [ToolCall] {
    guard case .array(let items) = node.value else {
      throw fault(node, "messages.tool_calls", "is not a list")
    }
    var calls: [ToolCall] = []
    for item in items {
      guard let id = item["id"]?.string, let function = item["function"],
        let name = function["name"]?.string, let arguments = function["arguments"]?.string
      else {
        throw fault(item, "messages.tool_calls", "is not a call of a function with id, name and arguments")
      }
      let signature = item["extra_content"]?["google"]?["thought_signature"]?.string
      calls.append(ToolCall(id: id, name: name, arguments: arguments, signature: signature))
    }
    return calls
  }

  // MARK: Tools and form

  private mutating func tools(_ node: JSONNode) throws(InputError) -> [ChatTool] {
    guard case .array(let items) = node.value else { throw fault(node, "tools", "is not a list") }
    var tools: [ChatTool] = []
    for item in items {
      guard item["type"]?.string == "function", let function = item["function"] else {
        // Such as OpenAI's custom tools: no other format has them.
        keep(item, as: "tools.\(item["type"]?.string ?? "untyped")")
        continue
      }
      if case .object(let members) = item.value {
        for member in members where !["type", "function"].contains(member.key) {
          if member.node.isNull { continue }
          keep(member.node, as: "tools.\(member.key)")
        }
      }
      guard let name = function["name"]?.string else {
        throw fault(item, "tools.function.name", "is missing")
      }
      var parameters: JSONFragment?
      if let schema = function["parameters"] {
        guard schema.isObject else {
          throw fault(schema, "tools.function.parameters", "is no schema")
        }
        parameters = JSONFragment(schema, in: text)
      }
      tools.append(
        ChatTool(
          name: name, description: function["description"]?.string, parameters: parameters,
          strict: try optionalFlag(function["strict"], "tools.function.strict")))
    }
    return tools
  }

  private mutating func toolChoice(_ node: JSONNode) throws(InputError) -> ToolChoice? {
    switch node.string {
    case "auto": return .auto
    case "none": return ToolChoice.none
    case "required": return .required
    default: break
    }
    if node["type"]?.string == "function", let name = node["function"]?["name"]?.string { return .tool(name) }
    guard node.isObject else {
      throw fault(node, "tool_choice", "is none of auto, none, required, or a function by name")
    }
    keep(node, as: "tool_choice")
    return nil
  }

  private func responseFormat(_ node: JSONNode) throws(InputError) -> ResponseFormat {
    switch node["type"]?.string {
    case "text": return .text
    case "json_object": return .jsonObject
    case "json_schema":
      guard let description = node["json_schema"], let schema = description["schema"],
        schema.isObject
      else { throw fault(node, "response_format.json_schema.schema", "is missing") }
      return .jsonSchema(
        name: description["name"]?.string ?? "answer", schema: JSONFragment(schema, in: text),
        strict: try optionalFlag(description["strict"], "response_format.json_schema.strict"))
    default: throw fault(node, "response_format.type", "is none of text, json_object, json_schema")
    }
  }

  // MARK: Plain values

  private func string(_ node: JSONNode, _ key: String) throws(InputError) -> String {
    guard let text = node.string else { throw fault(node, key, "is not a text") }
    return text
  }

  private func integer(_ node: JSONNode, _ key: String) throws(InputError) -> Int {
    guard let number = node.integer else { throw fault(node, key, "is not a whole number") }
    return number
  }

  private func number(_ node: JSONNode, _ key: String) throws(InputError) -> Double {
    guard let number = node.double else { throw fault(node, key, "is not a number") }
    return number
  }

  private func flag(_ node: JSONNode, _ key: String) throws(InputError) -> Bool {
    guard case .bool(let flag) = node.value else { throw fault(node, key, "is neither true nor false") }
    return flag
  }

  private func optionalFlag(_ node: JSONNode?, _ key: String) throws(InputError) -> Bool? {
    guard let node else { return nil }
    if node.isNull { return nil }
    return try flag(node, key)
  }

  private func texts(_ node: JSONNode, _ key: String) throws(InputError) -> [String] {
    if let text = node.string { return [text] }
    guard case .array(let items) = node.value else { throw fault(node, key, "is neither a text nor a list") }
    var texts: [String] = []
    for item in items { texts.append(try string(item, key)) }
    return texts
  }
}
