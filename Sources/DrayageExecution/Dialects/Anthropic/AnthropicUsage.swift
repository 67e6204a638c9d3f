import Drayage
import DrayageCore

/// What Anthropic meters, gathered from one or several statements of it: later ones replace earlier ones.
///
/// `input_tokens` is fresh input only; `output_tokens` includes thinking
/// (https://platform.claude.com/docs/en/api/messages, `usage`).
struct AnthropicUsage {
  private var counts: [String: Int] = [:]
  private var isBelievable = true

  private static let written = "cache_creation_input_tokens"
  private static let minutes = "ephemeral_5m_input_tokens"
  private static let hour = "ephemeral_1h_input_tokens"
  private static let thinking = "thinking_tokens"
  private static let searches = "web_search_requests"

  /// Takes a `usage`; nothing if there is none.
  mutating func take(_ usage: JSONNode?) {
    guard let usage else { return }
    if usage.isNull { return }
    guard usage.isObject else {
      isBelievable = false
      return
    }
    for key in ["input_tokens", "output_tokens", "cache_read_input_tokens", Self.written] {
      take(key, of: usage)
    }
    for key in [Self.minutes, Self.hour] { take(key, of: usage["cache_creation"]) }
    take(Self.thinking, of: usage["output_tokens_details"])
    take(Self.searches, of: usage["server_tool_use"])
  }

  private mutating func take(_ key: String, of node: JSONNode?) {
    switch node?.statedCount(key) ?? .absent {
    case .absent: break
    case .count(let count): counts[key] = count
    case .absurd: isBelievable = false
    }
  }

  /// The usage; nil if it is missing or makes no sense.
  var metered: MeteredUsage? {
    guard isBelievable, let input = counts["input_tokens"], let output = counts["output_tokens"] else {
      return nil
    }
    let reasoning = counts[Self.thinking] ?? 0
    guard reasoning <= output else { return nil }
    var besides: [Meter: Int] = [:]
    var standard = counts[Self.written] ?? 0
    // Without the split all of it is of the standard lifetime, 5 minutes; a split must account for all.
    if counts[Self.minutes] != nil || counts[Self.hour] != nil {
      let hour = counts[Self.hour] ?? 0
      let minutes = counts[Self.minutes] ?? 0
      guard counts[Self.written].map({ $0 == minutes + hour }) ?? true else { return nil }
      standard = minutes
      if hour > 0, let meter = Meter.cacheWrite(hours: 1) { besides[meter] = hour }
    }
    if let searches = counts[Self.searches], searches > 0 { besides[.webSearch] = searches }
    return MeteredUsage(
      TokenUsage(
        input: input, output: output, cachedInput: counts["cache_read_input_tokens"] ?? 0,
        cacheWrite: standard),
      reasoning: reasoning, besides: besides)
  }
}
