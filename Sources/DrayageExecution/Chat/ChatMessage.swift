/// One turn of a conversation.
public struct ChatMessage: Hashable, Sendable {
  /// Whose turn it is.
  public enum Role: String, Hashable, Sendable, CaseIterable {
    /// Instructions above all others.
    case system
    /// The same, as OpenAI's newer models call it.
    case developer
    /// The person, or the program that asks.
    case user
    /// The model.
    case assistant
    /// What a tool returned to a call of the model's.
    case tool
  }

  /// A piece of a turn.
  public enum Part: Hashable, Sendable {
    /// Plain text.
    case text(String)
    /// A picture.
    case image(ChatImage)
  }

  /// Whose turn it is.
  public var role: Role
  /// What is said, in order; may be empty for an assistant that only calls tools.
  public var content: [Part]
  /// The tools that the assistant called.
  public var toolCalls: [ToolCall]
  /// Which call a tool answers.
  public var toolCallID: String?
  /// The speaker's name, where several share a role.
  public var name: String?
  /// Where the prompt is to be cached up to. Only read from requests that were given as JSON.
  package var cacheControls: [CacheControl] = []

  /// A mark up to which a provider is to cache the prompt (Anthropic's `cache_control`).
  package struct CacheControl: Hashable, Sendable {
    /// The position in ``ChatMessage/content`` of the part that bears it; nil if the whole turn does.
    package var part: Int?
    /// The mark as written.
    package var value: JSONFragment
  }

  /// A turn of these parts.
  public init(
    _ role: Role, content: [Part], toolCalls: [ToolCall] = [], toolCallID: String? = nil, name: String? = nil
  ) {
    self.role = role
    self.content = content
    self.toolCalls = toolCalls
    self.toolCallID = toolCallID
    self.name = name
  }

  /// Instructions.
  public static func system(_ text: String) -> ChatMessage { ChatMessage(.system, content: [.text(text)]) }
  /// A question.
  public static func user(_ text: String) -> ChatMessage { ChatMessage(.user, content: [.text(text)]) }
  /// An earlier answer.
  public static func assistant(_ text: String) -> ChatMessage {
    ChatMessage(.assistant, content: [.text(text)])
  }
  /// What the call named `id` returned.
  public static func tool(_ text: String, answering id: String) -> ChatMessage {
    ChatMessage(.tool, content: [.text(text)], toolCallID: id)
  }

  /// Its texts, joined.
  public var text: String {
    content.reduce(into: "") { if case .text(let text) = $1 { $0 += text } }
  }
}

extension ChatMessage {
  /// Its text, if it is one text and nothing else.
  var onlyText: String? {
    guard case .text(let text)? = content.first, content.count == 1, toolCalls.isEmpty, toolCallID == nil,
      name == nil, cacheControls.isEmpty
    else { return nil }
    return text
  }

  /// The bytes of its texts and pictures.
  var bytes: Int {
    content.reduce(0) { sum, part in
      switch part {
      case .text(let text): sum + text.utf8.count
      case .image(let image): sum + image.source.address.utf8.count
      }
    }
  }
}

/// A picture in a request.
public struct ChatImage: Hashable, Sendable {
  /// Where the picture is.
  public enum Source: Hashable, Sendable {
    /// Here, in base64, with its media type such as `image/png`.
    case data(mediaType: String, base64: String)
    /// At an address that the provider fetches.
    case url(String)
  }

  /// Where the picture is.
  public var source: Source
  /// How closely to look: `low`, `high` or `auto`; nil leaves it to the provider.
  public var detail: String?

  /// A picture.
  public init(_ source: Source, detail: String? = nil) {
    self.source = source
    self.detail = detail
  }
}

/// A call of a tool by a model.
public struct ToolCall: Hashable, Sendable {
  /// The call's name, by which its result is returned.
  public var id: String
  /// The tool's name.
  public var name: String
  /// The arguments as the model wrote them: meant to be a JSON object, but a model may fail at that.
  public var arguments: String
  /// What the provider gave with the call and wants back with it, unread: Google's thought signature.
  ///
  /// OpenAI's format carries it as `extra_content.google.thought_signature`, as Google's own endpoint in that
  /// format does (https://ai.google.dev/gemini-api/docs/thought-signatures).
  public var signature: String?

  /// A call of these parts.
  public init(id: String, name: String, arguments: String, signature: String? = nil) {
    self.id = id
    self.name = name
    self.arguments = arguments
    self.signature = signature
  }
}
