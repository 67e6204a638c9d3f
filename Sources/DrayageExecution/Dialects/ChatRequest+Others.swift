import DrayageCore

extension ChatRequest {
  /// Marks for prompt caches: of no use to providers that keep theirs by themselves.
  static let cacheMarks: Set<String> = [
    "messages.cache_control", "messages.content.cache_control", "tools.cache_control",
  ]

  /// Refuses what only OpenAI's format has a place for.
  ///
  /// Let pass is what asks nothing of another provider: keys for OpenAI's cache and abuse detection
  /// (`prompt_cache_key`, `prompt_cache_retention`, `safety_identifier`), reasoning that a client sends back as it was shown
  /// (`reasoning_content`, `reasoning`: no provider reads its own summaries), and members that only spell
  /// out a default (`store: false`, `logprobs: false`, `top_logprobs: 0`, `logit_bias: {}`,
  /// `modalities: ["text"]`, `verbosity: "medium"`, empty `annotations`).
  ///
  /// - Parameter carried: keys that the format does carry.
  /// - Throws: ``Rejection/inexpressible(_:)`` with the key of the first other one.
  func refuseOthers(but carried: Set<String> = []) throws(Rejection) {
    for other in others where !carried.contains(other.key) && !other.asksNothing {
      throw .inexpressible(ProviderText.word(other.key))
    }
  }
}

extension ChatRequest.Other {
  fileprivate var asksNothing: Bool {
    let text = value.text.filter { !$0.isWhitespace }
    return switch key {
    case "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "messages.reasoning_content",
      "messages.reasoning":
      true
    case "store", "logprobs": text == "false"
    case "top_logprobs": text == "0"
    case "logit_bias": text == "{}"
    case "modalities": text == "[\"text\"]"
    case "verbosity": text == "\"medium\""
    case "messages.annotations": text == "[]"
    default: false
    }
  }
}
