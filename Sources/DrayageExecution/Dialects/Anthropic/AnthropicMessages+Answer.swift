internal import Drayage
internal import DrayageCore

extension AnthropicMessages {
  package func answer(in reply: HTTPReply) throws(AttemptFailure) -> ChatAnswer {
    guard let node = JSONNode.reply(reply.body) else {
      throw AttemptFailure(.malformed, "the answer is not JSON")
    }
    if node["type"]?.string == "error" { throw Self.failure(node["error"], status: nil) }
    var usage = AnthropicUsage()
    usage.take(node["usage"])
    guard let blocks = node["content"]?.elements else {
      throw AttemptFailure(.malformed, "the answer is no message", usage: usage.metered)
    }
    let word = node["stop_reason"]?.string
    var answer = ChatAnswer(
      id: node["id"]?.string, model: node["model"]?.string, finish: Self.finish(word), usage: usage.metered)
    for block in blocks {
      switch block["type"]?.string {
      case "text": answer.text += block["text"]?.string ?? ""
      case "thinking": answer.reasoning += block["thinking"]?.string ?? ""
      case "tool_use":
        guard let id = block["id"]?.string, let name = block["name"]?.string, let input = block["input"],
          input.isObject
        else { throw AttemptFailure(.malformed, "a tool call lacks id, name or input", usage: usage.metered) }
        answer.toolCalls.append(
          ToolCall(id: id, name: name, arguments: JSONFragment(input, in: reply.body).text))
      // What tools of the provider's own did, and thinking that is hidden.
      default: continue
      }
    }
    if word == "refusal" {
      let reason = node["stop_details"]?["explanation"]?.string ?? node["stop_details"]?["category"]?.string
      guard !answer.text.isEmpty || !answer.toolCalls.isEmpty else {
        throw Self.refusal(reason, usage: usage.metered)
      }
      answer.refusal = reason.map(ProviderText.shown)
    }
    return answer
  }

  /// The failure that a refusal without an answer is.
  static func refusal(_ reason: String?, usage: MeteredUsage?) -> AttemptFailure {
    let why = reason.map { ": " + ProviderText.shown($0) } ?? ""
    return AttemptFailure(.contentFilter, "the provider's filter withheld the answer\(why)", usage: usage)
  }

  static func finish(_ word: String?) -> FinishReason {
    switch word {
    case "end_turn", "stop_sequence", nil: .stop
    case "max_tokens", "model_context_window_exceeded": .length
    case "tool_use": .toolCalls
    case "refusal": .contentFilter
    case .some(let word): .other(ProviderText.word(word))
    }
  }
}
