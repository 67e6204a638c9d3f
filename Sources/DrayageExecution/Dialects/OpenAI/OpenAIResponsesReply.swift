internal import Drayage
internal import DrayageCore

/// Reads a response object, whole or as the last event of a stream carries it.
struct OpenAIResponsesReply {
  private let node: JSONNode
  private let output: [JSONNode]

  init(_ node: JSONNode) {
    self.node = node
    output = node["output"]?.elements.map(Array.init) ?? []
  }

  /// What was metered; nil if it is missing or makes no sense.
  ///
  /// Each search is charged, opening a page that it found is not
  /// (https://platform.openai.com/docs/guides/tools-web-search).
  var usage: MeteredUsage? {
    let searches = output.count {
      $0["type"]?.string == "web_search_call" && ($0["action"]?["type"]?.string ?? "search") == "search"
    }
    return OpenAIUsage.response(node["usage"], searches: searches)
  }

  /// The answer.
  ///
  /// - Throws: the failure that the response tells of, with what was metered.
  func answer() throws(AttemptFailure) -> ChatAnswer {
    let usage = usage
    guard node["object"]?.string == "response" || node["output"] != nil else {
      if let error = OpenAIError(within: node) { throw error.failure(usage: usage) }
      throw AttemptFailure(.malformed, "the answer is not a response", usage: usage)
    }
    var answer = ChatAnswer(id: node["id"]?.string, model: node["model"]?.string, usage: usage)
    for item in output { try read(item, into: &answer) }
    answer.finish = try finish(answer)
    return answer
  }

  /// Why the response ended.
  ///
  /// - Parameter answer: what it holds.
  /// - Throws: the failure that the status tells of, or a filter that withheld everything.
  func finish(_ answer: ChatAnswer) throws(AttemptFailure) -> FinishReason {
    switch node["status"]?.string {
    case "completed": return answer.toolCalls.isEmpty ? .stop : .toolCalls
    case "incomplete":
      switch node["incomplete_details"]?["reason"]?.string {
      case "max_output_tokens": return .length
      case "content_filter":
        guard !answer.text.isEmpty || answer.refusal != nil || !answer.toolCalls.isEmpty else {
          throw AttemptFailure(.contentFilter, "the provider's filter withheld the answer", usage: usage)
        }
        return .contentFilter
      case let reason: return .other(ProviderText.word(reason ?? "incomplete"))
      }
    case "failed":
      throw OpenAIError(within: node)?.failure(usage: usage)
        ?? AttemptFailure(.serverError, "the provider broke off", usage: usage)
    case "cancelled": throw AttemptFailure(.serverError, "the provider cancelled the response", usage: usage)
    case let status:
      throw AttemptFailure(
        .malformed, "the response has the status \(ProviderText.shown(status ?? "none"))", usage: usage)
    }
  }

  private func read(_ item: JSONNode, into answer: inout ChatAnswer) throws(AttemptFailure) {
    switch item["type"]?.string {
    case "message":
      let said = OpenAIMessage(item)
      answer.text += said.text
      if let refusal = said.refusal { answer.refusal = (answer.refusal ?? "") + refusal }
    case "reasoning":
      for key in ["summary", "content"] {
        guard case .array(let parts)? = item[named: key]?.value else { continue }
        for words in parts.compactMap({ $0["text"]?.string }) {
          answer.reasoning += (answer.reasoning.isEmpty ? "" : "\n\n") + words
        }
      }
    case "function_call":
      guard let name = item["name"]?.string, let id = item["call_id"]?.string,
        let arguments = item["arguments"]?.string
      else { throw AttemptFailure(.malformed, "the answer calls a tool without a name", usage: usage) }
      answer.toolCalls.append(ToolCall(id: id, name: name, arguments: arguments))
    default: break
    }
  }
}
