public import DrayageCore

/// A model's answer, whichever provider gave it.
public struct ChatAnswer: Hashable, Sendable {
  /// The provider's name for it.
  public var id: String?
  /// The model as the provider names it.
  public var model: String?
  /// What was said; empty if only tools were called.
  public var text: String
  /// What the provider shows of the model's reasoning; empty if nothing.
  public var reasoning: String
  /// Why the model declined, if it said so apart from its text.
  public var refusal: String?
  /// The tools to be called.
  public var toolCalls: [ToolCall]
  /// Why the answer ended.
  public var finish: FinishReason
  /// What the provider metered; nil if it did not say.
  public var usage: MeteredUsage?

  /// An answer of these parts.
  public init(
    id: String? = nil, model: String? = nil, text: String = "", reasoning: String = "",
    refusal: String? = nil, toolCalls: [ToolCall] = [], finish: FinishReason = .stop,
    usage: MeteredUsage? = nil
  ) {
    self.id = id
    self.model = model
    self.text = text
    self.reasoning = reasoning
    self.refusal = refusal
    self.toolCalls = toolCalls
    self.finish = finish
    self.usage = usage
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
