/// A conversation to be continued: what every provider's API asks for, in one form.
///
/// It names no model, provider or effort: those belong to the offer it is sent to. What an offer's wire format
/// cannot express makes that offer ineligible; nothing is left out silently.
public struct ChatRequest: Hashable, Sendable {
  /// The turns so far, at least one.
  public var messages: [ChatMessage]
  /// The most output tokens, reasoning included, 1 or more; nil for no limit of the request's own.
  public var maxOutputTokens: Int?
  /// The tools that the model may call.
  public var tools: [ChatTool]
  /// Whether tools may or must be called; nil leaves it to the provider.
  public var toolChoice: ToolChoice?
  /// Whether several tools may be called in one turn; nil leaves it to the provider.
  public var parallelToolCalls: Bool?
  /// The form of the answer; nil for plain text.
  public var responseFormat: ResponseFormat?
  /// Texts at which the answer ends.
  public var stop: [String]
  /// Randomness, 0 or more; nil leaves it to the provider.
  public var temperature: Double?
  /// The probability mass to draw from, above 0 to 1; nil leaves it to the provider.
  public var topP: Double?
  /// The number of candidates to draw from, 1 or more; nil leaves it to the provider.
  public var topK: Int?
  /// How much less likely words become that occurred often, -2 to 2.
  public var frequencyPenalty: Double?
  /// How much less likely words become that occurred at all, -2 to 2.
  public var presencePenalty: Double?
  /// A seed for draws that should be reproducible.
  public var seed: Int?
  /// A name for the end user, for the provider's abuse detection.
  public var user: String?
  /// The caller's own notes on the request.
  public var metadata: [String: String]
  /// Members of OpenAI's request that have no place above, as written, in their order. Only providers that
  /// speak that format can be given them.
  public var others: [Other]

  /// A member of OpenAI's request by name.
  public struct Other: Hashable, Sendable {
    /// Its name, dotted where it lies deeper, such as `messages.audio`.
    public var key: String
    /// What it is.
    public var value: JSONFragment

    /// A member.
    public init(key: String, value: JSONFragment) {
      self.key = key
      self.value = value
    }
  }

  /// A request of these messages that leaves everything else to the provider.
  public init(_ messages: [ChatMessage], maxOutputTokens: Int? = nil) {
    self.messages = messages
    self.maxOutputTokens = maxOutputTokens
    tools = []
    stop = []
    metadata = [:]
    others = []
  }

  /// A request of one question.
  public init(_ question: String, maxOutputTokens: Int? = nil) {
    self.init([.user(question)], maxOutputTokens: maxOutputTokens)
  }
}

extension ChatRequest {
  /// Whether it has nothing but messages and perhaps a limit on output.
  var isOnlyMessages: Bool {
    tools.isEmpty && toolChoice == nil && parallelToolCalls == nil && responseFormat == nil && stop.isEmpty
      && temperature == nil && topP == nil && topK == nil && frequencyPenalty == nil && presencePenalty == nil
      && seed == nil && user == nil && metadata.isEmpty && others.isEmpty
  }
}

/// A function that a model may ask to have called.
public struct ChatTool: Hashable, Sendable {
  /// Its name: letters, digits, `_` and `-`, at most 64.
  public var name: String
  /// What it does, for the model to read.
  public var description: String?
  /// The JSON schema of its arguments; nil for none.
  public var parameters: JSONFragment?
  /// Whether the arguments must keep to the schema; nil leaves it to the provider.
  public var strict: Bool?

  /// A tool of these parts.
  public init(name: String, description: String? = nil, parameters: JSONFragment? = nil, strict: Bool? = nil)
  {
    self.name = name
    self.description = description
    self.parameters = parameters
    self.strict = strict
  }
}

/// Whether tools may or must be called.
public enum ToolChoice: Hashable, Sendable {
  /// The model chooses.
  case auto
  /// No tool may be called.
  case none
  /// Some tool must be called.
  case required
  /// This one must be called.
  case tool(String)
}

/// The form of an answer.
public enum ResponseFormat: Hashable, Sendable {
  /// Plain text.
  case text
  /// Some JSON object.
  case jsonObject
  /// JSON that keeps to a schema.
  ///
  /// - name: of the schema, for the model to read.
  /// - strict: whether the provider must guarantee it; nil leaves that to the provider.
  case jsonSchema(name: String, schema: JSONFragment, strict: Bool?)
}
