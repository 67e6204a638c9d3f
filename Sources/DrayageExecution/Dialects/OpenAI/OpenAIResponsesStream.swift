internal import Drayage
internal import DrayageCore

/// Reads the events of a streamed response
/// (https://platform.openai.com/docs/api-reference/responses-streaming).
struct OpenAIResponsesStream: AnswerStream {
  private(set) var isComplete = false
  private var hasBegun = false
  /// What of the answer counts as given, for its end.
  private var given = ChatAnswer()
  private var hasReasoning = false
  /// The calls by the place of their item, and whether their arguments have begun.
  private var calls: [Int: (slot: Int, hasArguments: Bool)] = [:]

  mutating func take(_ event: WireEvent) throws(AttemptFailure) -> [ChatEvent] {
    guard !isComplete else { return [] }
    // Not documented here, but sent by gateways that end every stream so.
    if event.data.elementsEqual("[DONE]".utf8) { return [] }
    guard let node = JSONNode.reply(event.data),
      node.isObject
    else { throw AttemptFailure(.malformed, "an event of the answer is not a JSON object") }
    switch node["type"]?.string ?? event.name {
    case "response.created", "response.in_progress": return begin(node["response"])
    case "response.output_item.added": return try add(node)
    case "response.output_text.delta":
      guard let piece = node["delta"]?.string else { return [] }
      given.text += piece.isEmpty ? "" : "."
      return [.text(piece)]
    case "response.refusal.delta":
      guard let piece = node["delta"]?.string else { return [] }
      given.refusal = "."
      return [.refusal(piece)]
    case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
      guard let piece = node["delta"]?.string else { return [] }
      hasReasoning = true
      return [.reasoning(piece)]
    case "response.reasoning_summary_part.added", "response.content_part.added":
      // Passages are set apart as they are in a whole response.
      let isReasoning =
        node["part"]?["type"]?.string.map { ["summary_text", "reasoning_text"].contains($0) } ?? false
      return isReasoning && hasReasoning ? [.reasoning("\n\n")] : []
    case "response.function_call_arguments.delta":
      return arguments(node, node["delta"]?.string, isWhole: false)
    case "response.function_call_arguments.done":
      return arguments(node, node["arguments"]?.string, isWhole: true)
    case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
      return try end(node["response"])
    case "error": throw error(node)
    default: return []
    }
  }

  private mutating func begin(_ response: JSONNode?) -> [ChatEvent] {
    guard !hasBegun, let response else { return [] }
    hasBegun = true
    return [.begin(id: response["id"]?.string, model: response["model"]?.string)]
  }

  private mutating func add(_ node: JSONNode) throws(AttemptFailure) -> [ChatEvent] {
    guard let item = node["item"], item["type"]?.string == "function_call" else { return [] }
    guard let place = node["output_index"]?.integer, calls[place] == nil, let id = item["call_id"]?.string,
      let name = item["name"]?.string, calls.count < ToolCallSlots.most
    else { throw AttemptFailure(.malformed, "the answer calls a tool without a name, or too many") }
    let slot = calls.count
    let arguments = item["arguments"]?.string ?? ""
    calls[place] = (slot, !arguments.isEmpty)
    given.toolCalls = [ToolCall(id: id, name: name, arguments: "")]
    return [.toolCall(index: slot, id: id, name: name, arguments: arguments)]
  }

  /// The whole arguments count only where none of them came in pieces.
  private mutating func arguments(_ node: JSONNode, _ text: String?, isWhole: Bool) -> [ChatEvent] {
    guard let place = node["output_index"]?.integer, let call = calls[place], let text, !text.isEmpty,
      !(isWhole && call.hasArguments)
    else { return [] }
    calls[place]?.hasArguments = true
    return [.toolCall(index: call.slot, id: nil, name: nil, arguments: text)]
  }

  private mutating func end(_ response: JSONNode?) throws(AttemptFailure) -> [ChatEvent] {
    guard let response else { throw AttemptFailure(.malformed, "the end of the answer holds no response") }
    let reply = OpenAIResponsesReply(response)
    let finish = try reply.finish(given)
    isComplete = true
    return (reply.usage.map { [.usage($0)] } ?? []) + [.finish(finish)]
  }

  /// The documented event is the error itself; what is sent has it nested
  /// (https://github.com/openai/openai-dotnet/issues/881).
  private func error(_ node: JSONNode) -> AttemptFailure {
    (OpenAIError(within: node) ?? OpenAIError(event: node)).failure(usage: nil)
  }
}
