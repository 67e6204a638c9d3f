import Drayage
import DrayageCore

/// What Cohere meters.
///
/// `billed_units` are what is charged; `tokens` count what Cohere's own prompt and marks add as well, which
/// is not (https://docs.cohere.com/docs/how-does-cohere-pricing-work), so that they stand in where nothing
/// else is stated: a bound from above. `cached_tokens` are no class of their own: there is one rate for
/// input, and billed input holds them.
enum CohereUsage {
  /// Nil if counts are missing or make no sense, or if searches were billed, which nothing here asks for.
  static func metered(_ usage: JSONNode?) -> MeteredUsage? {
    var units = usage?["tokens"]
    if let billed = usage?["billed_units"], billed.isObject { units = billed }
    guard let input = ReplyCount.tokens(units?["input_tokens"]),
      let output = ReplyCount.tokens(units?["output_tokens"]),
      ReplyCount.tokens(units?["search_units"], absent: 0) == 0
    else { return nil }
    return MeteredUsage(TokenUsage(input: input, output: output))
  }
}
