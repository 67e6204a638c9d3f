extension TokenFamily {
  /// Prefixes of model names; the longest that fits decides.
  ///
  /// OpenAI's are those of `tiktoken/model.py` in github.com/openai/tiktoken, continued for later models.
  private static let byPrefix: [(prefix: String, family: TokenFamily)] = [
    ("gpt-3.5", cl100k), ("gpt-35", cl100k), ("gpt-4", cl100k), ("text-embedding", cl100k),
    ("gpt-4o", o200k), ("gpt-4.1", o200k), ("gpt-4.5", o200k), ("gpt-5", o200k), ("gpt-6", o200k),
    ("gpt-oss", o200k), ("chatgpt-4o", o200k), ("o1", o200k), ("o3", o200k), ("o4", o200k),
    ("claude", claude), ("claude-opus-4-7", claude47), ("claude-opus-4-8", claude47),
    ("claude-opus-5", claude47), ("claude-sonnet-5", claude47), ("claude-haiku-5", claude47),
    ("claude-fable", claude47),
    ("gemini", gemini), ("gemma", gemini),
    ("llama-3", llama3), ("llama3", llama3), ("llama-4", llama4), ("llama4", llama4),
    ("qwen", qwen), ("qwq", qwen), ("qwen3.5", qwen35), ("qwen3.6", qwen35), ("qwen3.7", qwen35),
    ("qwen3.8", qwen35),
    ("mistral", tekken), ("ministral", tekken), ("magistral", tekken), ("codestral", tekken),
    ("devstral", tekken), ("pixtral", tekken), ("open-mistral-nemo", tekken),
    ("mistral-7b", mistral), ("mixtral", mistral), ("open-mistral-7b", mistral), ("open-mixtral", mistral),
    ("deepseek", deepseek),
  ]

  /// The family of a model by its name, such as `gpt-5-mini`, `openai/gpt-5-mini` or
  /// `us.anthropic.claude-opus-5-v1:0`; ``unknown`` when no known prefix fits. Case does not matter.
  public init(model: String) {
    let name = model.lowercased()
    var best: (length: Int, family: TokenFamily) = (0, .unknown)
    var rest = Substring(name)
    while true {
      for (prefix, family) in TokenFamily.byPrefix where prefix.utf8.count > best.length {
        if rest.hasPrefix(prefix) { best = (prefix.utf8.count, family) }
      }
      // A seller's name may stand in front of the model's.
      guard let separator = rest.firstIndex(where: { $0 == "/" || $0 == "." }) else { break }
      rest = rest[rest.index(after: separator)...]
    }
    self = best.family
  }
}
