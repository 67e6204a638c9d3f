public import DrayageCore

/// A model's answer, whichever provider gave it.
public struct ChatAnswer: Hashable, Sendable {
  private struct Parts: Hashable, Sendable {
    var id: String?
    var model: String?
    var text: String
    var reasoning: String
    var refusal: String?
    var toolCalls: [ToolCall]
    var finish: FinishReason
    var usage: MeteredUsage?
  }

  private var parts: Boxed<Parts>

  /// The provider's name for it.
  public var id: String? {
    get { parts.value.id }
    set { parts.value.id = newValue }
  }
  /// The model as the provider names it.
  public var model: String? {
    get { parts.value.model }
    set { parts.value.model = newValue }
  }
  /// What was said; empty if only tools were called.
  public var text: String {
    get { parts.value.text }
    _modify { yield &parts.value.text }
  }
  /// What the provider shows of the model's reasoning; empty if nothing.
  public var reasoning: String {
    get { parts.value.reasoning }
    _modify { yield &parts.value.reasoning }
  }
  /// Why the model declined, if it said so apart from its text.
  public var refusal: String? {
    get { parts.value.refusal }
    _modify { yield &parts.value.refusal }
  }
  /// The tools to be called.
  public var toolCalls: [ToolCall] {
    get { parts.value.toolCalls }
    _modify { yield &parts.value.toolCalls }
  }
  /// Why the answer ended.
  public var finish: FinishReason {
    get { parts.value.finish }
    set { parts.value.finish = newValue }
  }
  /// What the provider metered; nil if it did not say.
  public var usage: MeteredUsage? {
    get { parts.value.usage }
    set { parts.value.usage = newValue }
  }

  /// An answer of these parts.
  public init(
    id: String? = nil, model: String? = nil, text: String = "", reasoning: String = "",
    refusal: String? = nil, toolCalls: [ToolCall] = [], finish: FinishReason = .stop,
    usage: MeteredUsage? = nil
  ) {
    parts = Boxed(
      Parts(
        id: id, model: model, text: text, reasoning: reasoning, refusal: refusal, toolCalls: toolCalls,
        finish: finish, usage: usage))
  }
}

/// Why an answer ended.
public enum FinishReason: Hashable, Sendable {
  /// It was complete, or a stop text came.
  case stop
  /// The limit on output, or the model's context, cut it off.
  case length
  /// Tools are to be called.
  case toolCalls
  /// The provider's filter cut it off or withheld it.
  case contentFilter
  /// Something else, in the provider's own word.
  case other(String)

  /// The word in OpenAI's format.
  public var name: String {
    switch self {
    case .stop: "stop"
    case .length: "length"
    case .toolCalls: "tool_calls"
    case .contentFilter: "content_filter"
    case .other(let word): word
    }
  }
}
