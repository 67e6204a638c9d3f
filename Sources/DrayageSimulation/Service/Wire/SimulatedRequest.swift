import Drayage

/// What a simulated provider reads of a request, whatever its wire format.
struct SimulatedRequest: Sendable {
  /// What the answer is to be.
  enum Output: Sendable {
    case text
    /// JSON text by a schema; any object if there is none.
    case json(schema: JSONNode?)
    /// A call of a tool, its arguments by a schema.
    case toolCall(name: String, parameters: JSONNode?)
    /// One vector of so many numbers for each text.
    case embeddings(texts: [String], dimensions: Int)
  }

  let model: String
  /// The recorded query that the request names.
  var queryID: String?
  /// The text of the last message of the user.
  var lastUserText = ""
  /// The bytes of all text of the request.
  var textBytes = 0
  /// The most output tokens the client accepts, 1 or more; nil for no bound.
  var outputLimit: Int?
  var streams = false
  /// Whether a stream is to state the usage, in formats where that is a choice.
  var includesUsage = false
  /// Details that only the format itself understands, such as how vectors are encoded.
  var variant = ""
  var output = Output.text

  init(model: String) {
    self.model = model
  }

  /// Takes in one message: its text, who speaks, and whether it brings the result of a tool.
  mutating func add(_ texts: [String], isUser: Bool) {
    for text in texts { textBytes += text.utf8.count }
    if isUser { lastUserText = texts.joined(separator: "\n") }
  }

  /// Asks for a call of the tool named `wanted`, else of the first of `tools`.
  ///
  /// - Throws: ``APIError`` of status 400 if no tool is called `wanted`.
  mutating func call(
    _ tools: [(name: String, parameters: JSONNode?)], wanted: String?
  ) throws(APIError) {
    guard let tool = wanted.map({ name in tools.first { $0.name == name } }) ?? tools.first else {
      throw APIError(
        400, code: "invalid_value", param: "tool_choice",
        "No tool is called '\((wanted ?? "").prefix(80))'.")
    }
    output = .toolCall(name: tool.name, parameters: tool.parameters)
  }
}
