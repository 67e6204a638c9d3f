internal import Drayage
internal import DrayageCore

/// What a provider of this family metered.
///
/// Cached tokens are a part of the prompt (https://developers.openai.com/api/docs/guides/prompt-caching), and
/// so are those written to the cache. They stand in `prompt_tokens_details`; DeepSeek has
/// `prompt_cache_hit_tokens` (https://api-docs.deepseek.com/guides/kv_cache) and Moonshot `cached_tokens`
/// (https://platform.kimi.ai/docs/api/chat) beside the sums.
enum OpenAIUsage {
  /// The usage of a chat completion; nil if it is missing or makes no sense.
  ///
  /// Reasoning is billed as output, but some leave it out of `completion_tokens` (see
  /// ``OpenAIFlavor/countsReasoningApart``). The total tells: what it has beyond prompt and completion was
  /// generated too.
  static func chat(_ node: JSONNode?, reasoningApart: Bool = false) -> MeteredUsage? {
    guard let node, let prompt = count(node["prompt_tokens"]),
      let completion = count(node["completion_tokens"])
    else { return nil }
    let details = node["prompt_tokens_details"]
    guard
      let cached = optional(
        present(details?["cached_tokens"]) ?? present(node["prompt_cache_hit_tokens"])
          ?? node["cached_tokens"]),
      let written = optional(
        present(details?["cache_write_tokens"]) ?? details?["cache_creation_input_tokens"]),
      let reasoning = optional(
        present(node["completion_tokens_details"]?["reasoning_tokens"]) ?? node["reasoning_tokens"]),
      let searches = optional(
        present(node["num_search_queries"])
          ?? present(node["server_side_tool_usage_details"]?["web_search_calls"])
          ?? node["server_tool_use"]?["web_search_requests"])
    else { return nil }
    var output = completion
    if let stated = present(node["total_tokens"]) {
      guard let total = count(stated) else { return nil }
      output = max(output, total - prompt)
    } else if reasoningApart {
      output += reasoning
    }
    // More reasoning than output can only mean that it was left out.
    if reasoning > output { output += reasoning }
    return usage(
      input: prompt, output: output, cached: cached, written: written, reasoning: reasoning,
      searches: searches)
  }

  /// The usage of a response; nil if it is missing or makes no sense.
  static func response(_ node: JSONNode?, searches: Int) -> MeteredUsage? {
    guard let node, let input = count(node["input_tokens"]), let output = count(node["output_tokens"]),
      let cached = optional(node["input_tokens_details"]?["cached_tokens"]),
      let written = optional(node["input_tokens_details"]?["cache_write_tokens"]),
      let reasoning = optional(node["output_tokens_details"]?["reasoning_tokens"]), reasoning <= output
    else { return nil }
    return usage(
      input: input, output: output, cached: cached, written: written, reasoning: reasoning,
      searches: searches)
  }

  private static func usage(
    input: Int, output: Int, cached: Int, written: Int, reasoning: Int, searches: Int
  ) -> MeteredUsage? {
    guard output <= ReplyLimits.tokens, cached <= input, written <= input - cached else { return nil }
    return MeteredUsage(
      TokenUsage(
        input: input - cached - written, output: output, cachedInput: cached, cacheWrite: written),
      reasoning: reasoning, besides: searches > 0 ? [.webSearch: searches] : [:])
  }

  /// A count that must be there; nil if it is not, or is out of range.
  private static func count(_ node: JSONNode?) -> Int? {
    guard let value = node?.integer, (0...ReplyLimits.tokens).contains(value) else { return nil }
    return value
  }

  /// A count that may be missing, which is 0 then; nil if it is out of range.
  private static func optional(_ node: JSONNode?) -> Int? {
    guard let node = present(node) else { return 0 }
    return count(node)
  }

  private static func present(_ node: JSONNode?) -> JSONNode? {
    node?.isNull == true ? nil : node
  }
}
