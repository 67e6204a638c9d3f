internal import Drayage
internal import DrayageCore

/// Reads a whole chat completion.
struct OpenAIChatReply {
  /// See ``OpenAIFlavor/countsReasoningApart``.
  let countsReasoningApart: Bool

  /// The answer that `body` holds.
  ///
  /// - Throws: the failure that the reply tells of, with what was metered all the same.
  func answer(_ body: [UInt8]) throws(AttemptFailure) -> ChatAnswer {
    guard let node = JSONNode.reply(body) else {
      throw AttemptFailure(.malformed, "the answer is not JSON, or nests too deep")
    }
    let usage = OpenAIUsage.chat(node["usage"], reasoningApart: countsReasoningApart)
    // OpenRouter answers 200 and then fails (https://openrouter.ai/docs/api/reference/errors-and-debugging).
    if let error = OpenAIError(within: node) { throw error.failure(usage: usage) }
    guard case .array(let choices)? = node["choices"]?.value, let choice = choices.first,
      let message = choice["message"], message.isObject
    else { throw AttemptFailure(.malformed, "the answer is not a chat completion", usage: usage) }
    if let error = OpenAIError(within: choice) { throw error.failure(usage: usage) }
    if let kind = OpenAIMessage.failure(choice["finish_reason"]) {
      throw AttemptFailure(kind, "the provider broke the answer off", usage: usage)
    }
    let said = OpenAIMessage(message)
    let calls = try calls(message, in: body, usage)
    let finish = OpenAIMessage.finish(choice["finish_reason"]) ?? (calls.isEmpty ? .stop : .toolCalls)
    if finish == .contentFilter, said.text.isEmpty, said.refusal == nil, calls.isEmpty {
      throw AttemptFailure(.contentFilter, "the provider's filter withheld the answer", usage: usage)
    }
    return ChatAnswer(
      id: node["id"]?.string, model: node["model"]?.string, text: said.text, reasoning: said.reasoning,
      refusal: said.refusal, toolCalls: calls, finish: finish, usage: usage)
  }

  private func calls(
    _ message: JSONNode, in body: [UInt8], _ usage: MeteredUsage?
  ) throws(AttemptFailure) -> [ToolCall] {
    if case .array(let items)? = message["tool_calls"]?.value {
      var calls: [ToolCall] = []
      for item in items {
        guard let function = item["function"], let name = function["name"]?.string, !name.isEmpty else {
          throw AttemptFailure(.malformed, "the answer calls a tool without a name", usage: usage)
        }
        calls.append(
          ToolCall(
            id: item["id"]?.string ?? "", name: name,
            arguments: OpenAIMessage.arguments(function["arguments"], in: body)))
      }
      return calls
    }
    // The form before tools.
    guard let function = message["function_call"], let name = function["name"]?.string else { return [] }
    return [
      ToolCall(id: "", name: name, arguments: OpenAIMessage.arguments(function["arguments"], in: body))
    ]
  }
}
