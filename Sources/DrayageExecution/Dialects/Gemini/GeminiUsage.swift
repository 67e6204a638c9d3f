import Drayage
import DrayageCore

/// `UsageMetadata` (https://ai.google.dev/api/generate-content#UsageMetadata).
///
/// The prompt includes what came from the cache; candidates exclude thoughts; results of tools that Google
/// runs come on top of the prompt. Zeros are left out on the wire. The total is the sum of all four: it tells
/// whether an absent count is zero, and whether an endpoint counts thoughts among the candidates, which some
/// have done (https://github.com/BerriAI/litellm/pull/10141).
struct GeminiUsage {
  private let prompt: Int
  private let cached: Int
  private let tools: Int
  private let thoughts: Int
  private let output: Int

  /// Nil if a count is missing, makes no sense, or contradicts the others.
  init?(_ node: JSONNode?) {
    guard let node, node.isObject, let prompt = ReplyCount.tokens(node["promptTokenCount"]),
      let cached = ReplyCount.tokens(node["cachedContentTokenCount"], absent: 0), cached <= prompt,
      let tools = ReplyCount.tokens(node["toolUsePromptTokenCount"], absent: 0),
      let thoughts = ReplyCount.tokens(node["thoughtsTokenCount"], absent: 0),
      let candidates = ReplyCount.tokens(node["candidatesTokenCount"], absent: -1),
      let total = ReplyCount.tokens(node["totalTokenCount"], absent: -1), candidates >= 0 || total >= 0
    else { return nil }
    // What the total leaves for output; what it cannot say is taken from the parts.
    let rest = total < 0 ? 0 : total - prompt - tools
    let output: Int
    if candidates < 0 {
      guard rest >= thoughts else { return nil }
      output = rest
    } else if rest == candidates, thoughts <= candidates {
      output = candidates
    } else {
      output = max(candidates + thoughts, rest)
    }
    guard output <= ReplyLimits.tokens else { return nil }
    (self.prompt, self.cached, self.tools) = (prompt, cached, tools)
    (self.thoughts, self.output) = (thoughts, output)
  }

  func metered(searches: Int) -> MeteredUsage {
    MeteredUsage(
      TokenUsage(input: prompt - cached + tools, output: output, cachedInput: cached), reasoning: thoughts,
      besides: searches > 0 ? [.webSearch: searches] : [:])
  }

  /// Searches of the web to be charged: each query from version 3 on, one for each answer before
  /// (https://ai.google.dev/gemini-api/docs/pricing).
  static func searches(_ candidate: JSONNode?, model: String?) -> Int {
    guard case .array(let queries)? = candidate?["groundingMetadata"]?["webSearchQueries"]?.value else {
      return 0
    }
    let distinct = Set(queries.compactMap(\.string).filter { !$0.isEmpty }).count
    return model.map { GeminiModel($0).isThirdGeneration } ?? true ? distinct : min(distinct, 1)
  }
}
