internal import Drayage
internal import DrayageCore

extension BedrockConverse {
  package func answer(in reply: HTTPReply) throws(AttemptFailure) -> ChatAnswer {
    guard let node = JSONNode.reply(reply.body) else {
      throw AttemptFailure(.malformed, "the answer is not JSON")
    }
    let usage = Self.usage(node["usage"])
    guard let blocks = node["output"]?["message"]?["content"]?.elements else {
      throw AttemptFailure(.malformed, "the answer is no message", usage: usage)
    }
    let word = node["stopReason"]?.string
    var answer = ChatAnswer(
      id: reply.fields["x-amzn-requestid"], finish: Self.finish(word), usage: usage)
    for block in blocks {
      if let text = block["text"]?.string {
        answer.text += text
      } else if let reasoning = block["reasoningContent"]?["reasoningText"]?["text"]?.string {
        answer.reasoning += reasoning
      } else if let pieces = block["citationsContent"]?["content"]?.elements {
        answer.text += pieces.compactMap { $0["text"]?.string }.joined()
      } else if let call = block["toolUse"], call["type"]?.string != "server_tool_use" {
        guard let id = call["toolUseId"]?.string, let name = call["name"]?.string, let input = call["input"],
          input.isObject
        else { throw AttemptFailure(.malformed, "a tool call lacks id, name or input", usage: usage) }
        answer.toolCalls.append(
          ToolCall(id: id, name: name, arguments: JSONFragment(input, in: reply.body).text))
      }
    }
    guard answer.finish != .contentFilter || !answer.text.isEmpty || !answer.toolCalls.isEmpty else {
      throw Self.withheld(usage: usage)
    }
    return answer
  }

  /// The failure that an answer withheld by a filter or guardrail is.
  static func withheld(usage: MeteredUsage?) -> AttemptFailure {
    AttemptFailure(.contentFilter, "the provider's filter withheld the answer", usage: usage)
  }

  static func finish(_ word: String?) -> FinishReason {
    switch word {
    case "end_turn", "stop_sequence", nil: .stop
    case "max_tokens", "model_context_window_exceeded": .length
    case "tool_use": .toolCalls
    case "guardrail_intervened", "content_filtered": .contentFilter
    case .some(let word): .other(ProviderText.word(word))
    }
  }

  /// What was metered; nil if it is missing or makes no sense.
  ///
  /// `inputTokens` is fresh input only
  /// (https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html). Reasoning is part of
  /// `outputTokens` and not counted apart.
  static func usage(_ node: JSONNode?) -> MeteredUsage? {
    guard let node, case .count(let input) = node.statedCount("inputTokens"),
      case .count(let output) = node.statedCount("outputTokens")
    else { return nil }
    func optional(_ key: String) -> Int? {
      switch node.statedCount(key) {
      case .absent: 0
      case .count(let count): count
      case .absurd: nil
      }
    }
    guard let cached = optional("cacheReadInputTokens"), let written = optional("cacheWriteInputTokens")
    else {
      return nil
    }
    guard let hour = hourWrites(node["cacheDetails"], of: written) else { return nil }
    var besides: [Meter: Int] = [:]
    if hour > 0, let meter = Meter.cacheWrite(hours: 1) { besides[meter] = hour }
    return MeteredUsage(
      TokenUsage(input: input, output: output, cachedInput: cached, cacheWrite: written - hour),
      besides: besides)
  }

  /// How many of the tokens `written` to the cache are kept for an hour; nil if the split does not account for
  /// all of them. Without a split they are of the standard lifetime.
  private static func hourWrites(_ details: JSONNode?, of written: Int) -> Int? {
    guard let entries = details?.elements, !entries.isEmpty else { return 0 }
    var sums = ["5m": 0, "1h": 0]
    for entry in entries {
      guard let ttl = entry["ttl"]?.string, let sum = sums[ttl],
        case .count(let count) = entry.statedCount("inputTokens"), sum <= ReplyLimits.tokens
      else { return nil }
      sums[ttl] = sum + count
    }
    return sums.values.reduce(0, +) == written ? sums["1h"] : nil
  }
}
