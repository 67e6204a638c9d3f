public import DrayageCore

/// A piece of an answer as it comes in.
public enum ChatEvent: Hashable, Sendable {
  /// The provider's names for the answer and the model; comes first, if at all.
  case begin(id: String?, model: String?)
  /// More text.
  case text(String)
  /// More of the reasoning that the provider shows.
  case reasoning(String)
  /// More of a refusal.
  case refusal(String)
  /// More of a tool call.
  ///
  /// - index: which call it is, from 0, in the order in which they began.
  /// - id, name: given once, with the first piece.
  /// - arguments: to be appended; may be empty.
  case toolCall(index: Int, id: String?, name: String?, arguments: String)
  /// What the provider wants back with a tool call that has begun; see ``ToolCall/signature``.
  case toolCallSignature(index: Int, signature: String)
  /// What was metered so far; a later one replaces an earlier one.
  case usage(MeteredUsage)
  /// Why the answer ended. Usage may follow.
  case finish(FinishReason)

  /// Whether this is a part of the answer itself: from the first one on, the stream has begun to reach the
  /// caller.
  public var isContent: Bool {
    switch self {
    case .begin, .usage, .finish: false
    case .text(let piece), .reasoning(let piece), .refusal(let piece): !piece.isEmpty
    case .toolCall, .toolCallSignature: true
    }
  }
}

extension ChatAnswer {
  /// Takes the next piece. Tool calls beyond the 1,024th are not kept.
  public mutating func take(_ event: ChatEvent) {
    switch event {
    case .begin(let id, let model): (self.id, self.model) = (id ?? self.id, model ?? self.model)
    case .text(let piece): text += piece
    case .reasoning(let piece): reasoning += piece
    case .refusal(let piece): refusal = (refusal ?? "") + piece
    case .toolCall(let index, let id, let name, let arguments):
      guard (0..<1_024).contains(index) else { return }
      while toolCalls.count <= index { toolCalls.append(ToolCall(id: "", name: "", arguments: "")) }
      if let id { toolCalls[index].id = id }
      if let name { toolCalls[index].name = name }
      toolCalls[index].arguments += arguments
    case .toolCallSignature(let index, let signature):
      guard toolCalls.indices.contains(index) else { return }
      toolCalls[index].signature = signature
    case .usage(let usage): self.usage = usage
    case .finish(let reason): finish = reason
    }
  }
}
