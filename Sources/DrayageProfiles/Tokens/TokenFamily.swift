/// A group of models that cut text into tokens in the same way, with the coefficients to estimate how many.
public struct TokenFamily: Sendable, Hashable {
  /// How far the coefficients can be trusted.
  public enum Basis: Sendable, Hashable {
    /// Fitted to the family's own published tokenizer.
    case measured
    /// The tokenizer is not published: coefficients of a related one. The bound assumes that every token
    /// stands for at least one byte of the normalized text, as it does in every published tokenizer for such
    /// models.
    case assumed
  }

  /// A short name, as in reports.
  public let name: String
  /// How far to trust the estimates.
  public let basis: Basis
  /// What the tokenizer does to a text first.
  public let normalization: Normalization
  /// Tokens that stand for no byte of the text: 1 where a space is put in front of the text, else 0.
  public let prefixTokens: Int
  /// The estimates' factor over those of the coefficients; 1 when they are the family's own.
  let scale: Double
  /// See ``RequestOverhead/init(_:)``.
  let overhead: RequestOverhead
  /// One sum of counters per reference tokenizer; the estimate is the largest. One row but for `unknown`.
  let rows: [[Float]]

  init(
    _ name: String, basis: Basis = .measured, normalization: Normalization = .none, prefixTokens: Int = 0,
    scale: Double = 1, overhead: RequestOverhead = .template, rows: [[Float]]
  ) {
    self.name = name
    self.basis = basis
    self.normalization = normalization
    self.prefixTokens = prefixTokens
    self.scale = scale
    self.overhead = overhead
    self.rows = rows
  }

  /// Families are the same when their names are.
  public static func == (first: TokenFamily, second: TokenFamily) -> Bool { first.name == second.name }

  /// By name, as equality is.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }

  /// GPT-3.5 and GPT-4: byte-level, 100,000 tokens.
  public static let cl100k = TokenFamily("cl100k", overhead: .openAI, rows: [Coefficients.cl100k])
  /// GPT-4o and later: byte-level, 200,000 tokens.
  public static let o200k = TokenFamily("o200k", overhead: .openAI, rows: [Coefficients.o200k])
  /// Llama 3: byte-level, 128,000 tokens.
  public static let llama3 = TokenFamily("llama3", rows: [Coefficients.llama3])
  /// Llama 4: byte-level, 200,000 tokens.
  public static let llama4 = TokenFamily("llama4", rows: [Coefficients.llama4])
  /// Qwen to Qwen 3: byte-level after NFC, 152,000 tokens.
  public static let qwen = TokenFamily("qwen", normalization: .canonical, rows: [Coefficients.qwen])
  /// Qwen 3.5 and later: byte-level after NFC, 248,000 tokens.
  public static let qwen35 = TokenFamily("qwen3.5", normalization: .canonical, rows: [Coefficients.qwen35])
  /// Mistral's Tekken: byte-level, 131,000 tokens.
  public static let tekken = TokenFamily("tekken", rows: [Coefficients.tekken])
  /// Mistral's earlier models: SentencePiece with a token for every byte it has no piece for, so no character
  /// takes more tokens than bytes, and a space in front of the text.
  public static let mistral = TokenFamily("mistral", prefixTokens: 1, rows: [Coefficients.mistral])
  /// DeepSeek V3 and later: byte-level, 128,000 tokens.
  public static let deepseek = TokenFamily("deepseek", rows: [Coefficients.deepseek])
  /// Claude 2, whose tokenizer was published, and Claude 3 to Opus 4.6, assumed to be like it.
  public static let claude = TokenFamily(
    "claude", basis: .assumed, normalization: .compatible, overhead: .anthropic,
    rows: [Coefficients.claude2])
  /// Claude from Opus 4.7 on: 1.0 to 1.35 times the tokens of those before it, depending on the text
  /// (platform.claude.com/docs, "What's new in Claude Opus 4.7"); the middle of that range.
  public static let claude47 = TokenFamily(
    "claude4.7", basis: .assumed, normalization: .compatible, scale: 1.175, overhead: .anthropic,
    rows: [Coefficients.claude2])
  /// Gemini and Gemma: SentencePiece with byte fallback and single digits, assumed to be like Tekken.
  public static let gemini = TokenFamily(
    "gemini", basis: .assumed, overhead: .gemini, rows: [Coefficients.tekken])
  /// Any other model: the largest of the estimates of all measured tokenizers.
  public static let unknown = TokenFamily(
    "unknown", basis: .assumed, normalization: .compatible, prefixTokens: 1,
    rows: [
      Coefficients.cl100k, Coefficients.o200k, Coefficients.llama3, Coefficients.llama4, Coefficients.qwen,
      Coefficients.qwen35, Coefficients.tekken, Coefficients.mistral, Coefficients.deepseek,
      Coefficients.claude2,
    ])

  /// All families.
  public static let all = [
    cl100k, o200k, llama3, llama4, qwen, qwen35, tekken, mistral, deepseek, claude, claude47, gemini, unknown,
  ]
}
