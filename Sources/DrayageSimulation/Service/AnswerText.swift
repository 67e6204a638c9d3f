/// What an answer says, one piece of text per output token: a sentence that it is simulated, then filler; or
/// JSON by a schema.
///
/// Nothing is held in memory but where it stands, so that ten thousand streams may be open.
struct AnswerText: Sendable {
  private enum Source: Sendable {
    /// A sentence, then plain words.
    case words([Substring])
    /// A text cut into pieces of about four bytes; the last holds what remains.
    case fixed([Character])
  }

  /// How many tokens there are; 0 or more.
  let tokens: Int
  private let source: Source
  private let isCut: Bool
  private let seed: UInt64

  /// `sentence` and as many words as there are tokens left.
  init(sentence: String, tokens: Int, seed: UInt64) {
    source = .words(sentence.split(separator: " ", omittingEmptySubsequences: true))
    self.tokens = tokens
    self.seed = seed
    isCut = false
  }

  /// `text` over `tokens` tokens; where it is cut short, only what they hold.
  init(fixed text: String, tokens: Int, isCut: Bool) {
    source = .fixed(Array(text))
    self.tokens = tokens
    self.isCut = isCut
    seed = 0
  }

  /// The text of the tokens in `range`, counted from 0.
  func text(_ range: Range<Int>) -> String {
    switch source {
    case .words(let sentence):
      var text = ""
      for index in range {
        if index > 0 { text += " " }
        text += index < sentence.count ? String(sentence[index]) : FillerText.word(index, seed: seed)
      }
      return text
    case .fixed(let characters):
      let last = range.upperBound == tokens && !isCut
      let start = min(characters.count, Self.product(range.lowerBound, 4))
      let end = last ? characters.count : min(characters.count, Self.product(range.upperBound, 4))
      return start < end ? String(characters[start..<end]) : ""
    }
  }

  /// All of it.
  var whole: String { text(0..<tokens) }

  /// What whole replies say: all of a text by a schema, but of filler the sentence only.
  var brief: String {
    switch source {
    case .words(let sentence): sentence.joined(separator: " ")
    case .fixed: whole
    }
  }

  private static func product(_ a: Int, _ b: Int) -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? .max : product
  }
}
