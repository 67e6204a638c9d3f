/// How a tokenizer cuts a text into the pieces within which tokens are merged.
///
/// Each is the regular expression that its publisher gives, written out as a scanner: exact, and linear in
/// the length of the text.
public struct PreTokenizer: Sendable, Hashable {
  enum Letters {
    /// `[^\r\n\p{L}\p{N}]?\p{L}+`
    case run
    /// `[^\r\n\p{L}\p{N}]?` with upper-case letters before lower-case ones.
    case cased
    /// ` ?\p{L}+`
    case spaced
  }

  enum Contractions {
    case none
    /// Pieces of their own, tried first; in any case or in lower case only.
    case pieces, lowerPieces
    /// The end of a word.
    case suffix
  }

  let name: String
  let letters: Letters
  let contractions: Contractions
  /// The most digits of a piece.
  let digits: Int
  /// Whether line ends, and slashes, belong to the punctuation before them.
  let newlinesAfterMarks: Bool
  let slashesAfterMarks: Bool
  /// Whether white space at the very end is one piece whatever it holds (`\s++$`).
  let trailingSpaceWhole: Bool

  /// GPT-3.5 and GPT-4 (`cl100k_base`), as in github.com/openai/tiktoken, `tiktoken_ext/openai_public.py`.
  public static let cl100k = PreTokenizer(
    name: "cl100k", letters: .run, contractions: .pieces, digits: 3, newlinesAfterMarks: true,
    slashesAfterMarks: false, trailingSpaceWhole: true)
  /// GPT-4o and later (`o200k_base`, `o200k_harmony`), as in the same file; also Llama 4.
  public static let o200k = PreTokenizer(
    name: "o200k", letters: .cased, contractions: .suffix, digits: 3, newlinesAfterMarks: true,
    slashesAfterMarks: true, trailingSpaceWhole: false)
  /// Llama 3, as in github.com/meta-llama/llama-models, `models/llama3/tokenizer.py`.
  public static let llama3 = PreTokenizer(
    name: "llama3", letters: .run, contractions: .pieces, digits: 3, newlinesAfterMarks: true,
    slashesAfterMarks: false, trailingSpaceWhole: false)
  /// Qwen to Qwen 3: as Llama 3 with every digit alone; github.com/QwenLM/Qwen, `tokenization_qwen.py`.
  public static let qwen = PreTokenizer(
    name: "qwen", letters: .run, contractions: .pieces, digits: 1, newlinesAfterMarks: true,
    slashesAfterMarks: false, trailingSpaceWhole: false)
  /// Mistral's Tekken, as in the `pattern` of `tekken.json` in github.com/mistralai/mistral-common.
  public static let tekken = PreTokenizer(
    name: "tekken", letters: .cased, contractions: .none, digits: 1, newlinesAfterMarks: true,
    slashesAfterMarks: true, trailingSpaceWhole: false)
  /// GPT-2, and the generic choice for vocabularies of unknown origin (`r50k_base`, as in tiktoken).
  public static let gpt2 = PreTokenizer(
    name: "gpt2", letters: .spaced, contractions: .lowerPieces, digits: .max, newlinesAfterMarks: false,
    slashesAfterMarks: false, trailingSpaceWhole: true)

  /// All patterns.
  public static let all = [cl100k, o200k, llama3, qwen, tekken, gpt2]

  /// The pattern of a name as in `--pattern o200k`, with or without `_base`; nil for an unknown name.
  public init?(named name: String) {
    let plain = name.hasSuffix("_base") ? String(name.dropLast(5)) : name
    guard
      let known = PreTokenizer.all.first(where: { $0.name == plain || plain == "r50k" && $0.name == "gpt2" })
    else { return nil }
    self = known
  }

  private init(
    name: String, letters: Letters, contractions: Contractions, digits: Int, newlinesAfterMarks: Bool,
    slashesAfterMarks: Bool, trailingSpaceWhole: Bool
  ) {
    self.name = name
    self.letters = letters
    self.contractions = contractions
    self.digits = digits
    self.newlinesAfterMarks = newlinesAfterMarks
    self.slashesAfterMarks = slashesAfterMarks
    self.trailingSpaceWhole = trailingSpaceWhole
  }
}
