import Drayage

/// What OpenAI's chat completions and those formed after them share on the side of the request.
enum OpenAIRequest {
  static func chat(_ body: RequestReader, at place: WirePlace) throws(APIError) -> SimulatedRequest {
    var request = SimulatedRequest(model: try place.model(in: body))
    var endsWithTool = false
    for message in try body.required("messages").someElements() {
      let role = try message.required("role").string()
      request.add(try texts(message["content"]), isUser: role == "user")
      endsWithTool = role == "tool" || role == "function"
    }
    request.queryID = try queryID(body)
    request.streams = try body["stream"]?.bool() ?? false
    request.includesUsage = try body["stream_options"]?["include_usage"]?.bool() ?? false
    guard try body["n"]?.integer() ?? 1 == 1 else {
      throw APIError(
        400, code: "unsupported_value", param: "n", "This simulated provider gives one choice; set 'n' to 1.")
    }
    request.outputLimit = try limit(body, "max_completion_tokens", "max_tokens")
    if let format = body["response_format"] {
      switch try format.required("type").string() {
      case "json_schema":
        request.output = .json(schema: try format.required("json_schema").required("schema").node)
      case "json_object": request.output = .json(schema: nil)
      default: break
      }
    }
    var tools: [(name: String, parameters: JSONNode?)] = []
    for tool in try body["tools"]?.elements() ?? [] {
      guard let function = tool["function"] else { continue }
      tools.append((try function.required("name").string(), function["parameters"]?.node))
    }
    try choose(tools, body["tool_choice"], endsWithTool: endsWithTool, for: &request)
    return request
  }

  /// Decides whether a tool is called: where one must be, and else unless its result was just brought.
  static func choose(
    _ tools: [(name: String, parameters: JSONNode?)], _ choice: RequestReader?, endsWithTool: Bool,
    for request: inout SimulatedRequest
  ) throws(APIError) {
    guard !tools.isEmpty else { return }
    let word = choice?.node.string
    let named = choice?["function"]?["name"]?.node.string ?? choice?["name"]?.node.string
    if word == "none" { return }
    if named == nil, word != "required", word != "any", endsWithTool { return }
    try request.call(tools, wanted: named)
  }

  /// The recorded query that a request names in its metadata.
  static func queryID(_ body: RequestReader) throws(APIError) -> String? {
    try body["metadata"]?["query_id"]?.string()
  }

  /// The first bound that is set, at least 1.
  static func limit(_ body: RequestReader, _ keys: String...) throws(APIError) -> Int? {
    var limit: Int?
    for key in keys.reversed() { limit = try body[key]?.integer(atLeast: 1) ?? limit }
    return limit
  }

  /// The text of a message: a text, or a list of parts of which some are.
  static func texts(_ content: RequestReader?) throws(APIError) -> [String] {
    guard let content else { return [] }
    if let text = content.node.string { return [text] }
    var texts: [String] = []
    for part in try content.elements() {
      if let text = part["text"]?.node.string ?? part.node.string { texts.append(text) }
    }
    return texts
  }
}
