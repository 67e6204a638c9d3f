/// How a model counts the tokens of an image, by its size in pixels.
public struct ImageRule: Sendable, Hashable {
  /// How finely the model looks at an image.
  public enum Detail: Sendable, Hashable {
    /// The least that the provider offers.
    case low
    /// What the provider does when the request says nothing.
    case standard
    /// The most that the provider offers.
    case high
  }

  enum Kind: Hashable {
    case tiles(base: Int, tile: Int)
    case patches(multiplier: Double, standard: Int, high: Int)
    case area(longEdge: Double, tokens: Int)
    case crops
    case fixed(low: Int, standard: Int, high: Int)
    case largest
  }

  let kind: Kind

  /// OpenAI's tiles: the image is scaled into a square of 2048, then to a shorter side of at most 768; `base`
  /// tokens and `tile` for every tile of 512 (OpenAI, "Images and vision", Calculating costs). Low detail:
  /// `base`.
  public static func tiles(base: Int, tile: Int) -> ImageRule {
    ImageRule(kind: .tiles(base: max(0, base), tile: max(0, tile)))
  }

  /// OpenAI's patches of 32 pixels: the image is scaled down to at most so many, each `multiplier` tokens
  /// (same page).
  public static func patches(multiplier: Double, standard: Int = 1_536, high: Int = 1_536) -> ImageRule {
    ImageRule(
      kind: .patches(multiplier: max(0, multiplier), standard: max(1, standard), high: max(1, high)))
  }

  /// Anthropic: scaled down to a long edge of 1568 pixels and about 1600 tokens, then width x height / 750
  /// (platform.claude.com/docs/en/build-with-claude/vision).
  public static let claude = ImageRule(kind: .area(longEdge: 1_568, tokens: 1_600))
  /// Anthropic from Opus 4.7 on: a long edge of 2576 pixels and 4784 tokens (same page).
  public static let claude47 = ImageRule(kind: .area(longEdge: 2_576, tokens: 4_784))
  /// Gemini to 2.5: 258 tokens when both sides are at most 384 pixels; otherwise 258 for every crop, whose
  /// side is two thirds of the shorter side (ai.google.dev/gemini-api/docs/tokens and image-understanding).
  public static let gemini = ImageRule(kind: .crops)
  /// Gemini from 3 on: by resolution setting, whatever the size
  /// (ai.google.dev/gemini-api/docs/media-resolution).
  public static let gemini3 = ImageRule(kind: .fixed(low: 280, standard: 1_120, high: 2_240))
  /// The largest of all the rules here, for models whose rule is not known.
  public static let unknown = ImageRule(kind: .largest)

  private static let byPrefix: [(prefix: String, rule: ImageRule)] = [
    ("gpt-4o", .tiles(base: 85, tile: 170)), ("gpt-4-turbo", .tiles(base: 85, tile: 170)),
    ("gpt-4.1", .tiles(base: 85, tile: 170)), ("gpt-4.5", .tiles(base: 85, tile: 170)),
    ("gpt-4o-mini", .tiles(base: 2_833, tile: 5_667)),
    ("o1", .tiles(base: 75, tile: 150)), ("o3", .tiles(base: 75, tile: 150)),
    ("gpt-5", .tiles(base: 70, tile: 140)),
    ("gpt-4.1-mini", .patches(multiplier: 1.62)), ("gpt-4.1-nano", .patches(multiplier: 2.46)),
    ("gpt-5-mini", .patches(multiplier: 1.62)), ("gpt-5-nano", .patches(multiplier: 2.46)),
    ("o4-mini", .patches(multiplier: 1.72)),
    // As billed: huggingface.co/datasets/JOHNISKING/image-token-cost. Which of the models between 5 and 5.5
    // count by patches is not published; the dearer rule stands for them.
    ("gpt-5.", .patches(multiplier: 1.2, standard: 10_000, high: 10_000)),
    ("gpt-6", .patches(multiplier: 1.2, standard: 16_000, high: 16_000)),
    ("claude", .claude), ("claude-opus-4-7", .claude47), ("claude-opus-4-8", .claude47),
    ("claude-opus-5", .claude47), ("claude-sonnet-5", .claude47), ("claude-haiku-5", .claude47),
    ("claude-fable", .claude47),
    ("gemini-1", .gemini), ("gemini-2", .gemini), ("gemini-3", .gemini3), ("gemini-4", .gemini3),
  ]

  /// The rule of a model by its name; ``unknown`` when none is known.
  public init(model: String) {
    let name = model.lowercased()
    let short = name.split(separator: "/").last ?? ""
    let dotted = short.firstRange(of: "claude").map { short[$0.lowerBound...] } ?? short
    let fitting = ImageRule.byPrefix.filter { dotted.hasPrefix($0.prefix) }
    self = fitting.max { $0.prefix.utf8.count < $1.prefix.utf8.count }?.rule ?? .unknown
  }

  init(kind: Kind) {
    self.kind = kind
  }

  static var known: [ImageRule] { byPrefix.map(\.rule) }
}
