/// Finds the end of each piece of a text, one after the other, as a ``PreTokenizer`` says.
///
/// The alternatives are tried in the order of the pattern. Where the pattern would backtrack, the comment
/// says to what.
struct PieceScanner {
  private let text: UnsafeBufferPointer<UInt8>
  private let rule: PreTokenizer

  /// - Parameter text: well-formed UTF-8.
  init(_ text: UnsafeBufferPointer<UInt8>, _ rule: PreTokenizer) {
    self.text = text
    self.rule = rule
  }

  private typealias Scalar = (kind: CharacterClass, end: Int)

  /// The end of the piece that starts at a position below the length of the text.
  @inline(__always)
  func end(from start: Int) -> Int {
    let first = scalar(start)
    if let end = contraction(start) { return end }
    if let end = word(start, first) { return end }
    if let end = number(start, first) { return end }
    if let end = marks(start, first) { return end }
    return spaces(start, first)
  }

  @inline(__always)
  private func scalar(_ at: Int) -> Scalar {
    guard at < text.count else { return ([], at) }
    let lead = UInt32(text[at])
    if lead < 0x80 { return (CharacterClass.of(lead), at + 1) }
    let width = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    // A text of type String never ends within a character.
    var code = lead & (0x7F >> UInt32(width))
    for offset in 1..<width { code = code << 6 | UInt32(text[at + offset]) & 0x3F }
    return (CharacterClass.of(code), at + width)
  }

  private func run(_ kinds: CharacterClass, from start: Int, limit: Int = .max) -> Int {
    var position = start
    var left = limit
    while left > 0, position < text.count {
      let next = scalar(position)
      if next.kind.isDisjoint(with: kinds) { break }
      position = next.end
      left -= 1
    }
    return position
  }

  /// `'s`, `'t`, `'m`, `'d`, `'ll`, `'ve`, `'re` as a piece, where the pattern has them first.
  @inline(__always)
  private func contraction(_ start: Int) -> Int? {
    switch rule.contractions {
    case .none, .suffix: nil
    case .pieces: text[start] == 0x27 ? contractionEnd(start, anyCase: true) : nil
    case .lowerPieces: text[start] == 0x27 ? contractionEnd(start, anyCase: false) : nil
    }
  }

  private func contractionEnd(_ start: Int, anyCase: Bool) -> Int? {
    guard start + 1 < text.count, text[start] == 0x27 else { return nil }
    let fold: UInt8 = anyCase ? 0x20 : 0
    let first = text[start + 1] | fold
    let second = start + 2 < text.count ? text[start + 2] : 0
    switch first {
    case UInt8(ascii: "s"), UInt8(ascii: "d"), UInt8(ascii: "m"), UInt8(ascii: "t"): return start + 2
    case UInt8(ascii: "l") where second | fold == UInt8(ascii: "l"): return start + 3
    case UInt8(ascii: "v") where second | fold == UInt8(ascii: "e"): return start + 3
    case UInt8(ascii: "r") where second | fold == UInt8(ascii: "e"): return start + 3
    default:
      // The long s, U+017F, is an s when case is ignored.
      return anyCase && text[start + 1] == 0xC5 && second == 0xBF ? start + 3 : nil
    }
  }

  @inline(__always)
  private func word(_ start: Int, _ first: Scalar) -> Int? {
    switch rule.letters {
    case .run:
      let prefixed = first.kind.isDisjoint(with: [.upper, .lower, .otherLetter, .number, .newline])
      let from = prefixed ? first.end : start
      let end = run(.letter, from: from)
      return end > from ? end : nil
    case .spaced:
      let from = text[start] == 0x20 ? first.end : start
      let end = run(.letter, from: from)
      return end > from ? end : nil
    case .cased:
      if first.kind.isDisjoint(with: [.upper, .lower, .otherLetter, .number, .newline]) {
        if let end = endingLower(first.end) { return end }
        // Without the optional prefix only a mark can start the word.
        if first.kind.contains(.mark) { return endingLower(start) }
        return endingUpper(first.end)
      }
      return endingLower(start) ?? endingUpper(start)
    }
  }

  /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+` and a contraction.
  private func endingLower(_ start: Int) -> Int? {
    var position = start
    var lastShared: Int?
    while position < text.count {
      let next = scalar(position)
      if next.kind.isDisjoint(with: [.upper, .otherLetter, .mark]) { break }
      position = next.end
      if !next.kind.contains(.upper) { lastShared = position }
    }
    let end = run([.lower, .otherLetter, .mark], from: position)
    if end > position { return withSuffix(end) }
    // Backtracks to the last character that both sets have.
    return lastShared.map { withSuffix($0) }
  }

  /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*` where the form above has failed.
  private func endingUpper(_ start: Int) -> Int? {
    let end = run([.upper, .otherLetter, .mark], from: start)
    return end > start ? withSuffix(run([.lower, .otherLetter, .mark], from: end)) : nil
  }

  private func withSuffix(_ end: Int) -> Int {
    guard case .suffix = rule.contractions, end < text.count, text[end] == 0x27 else { return end }
    return contractionEnd(end, anyCase: true) ?? end
  }

  @inline(__always)
  private func number(_ start: Int, _ first: Scalar) -> Int? {
    if first.kind.contains(.number) { return run(.number, from: start, limit: rule.digits) }
    guard case .spaced = rule.letters, text[start] == 0x20 else { return nil }
    let end = run(.number, from: first.end)
    return end > first.end ? end : nil
  }

  /// Punctuation and whatever is no letter, number or space.
  @inline(__always)
  private func marks(_ start: Int, _ first: Scalar) -> Int? {
    var position = text[start] == 0x20 ? first.end : start
    let from = position
    while position < text.count {
      let next = scalar(position)
      if !next.kind.isDisjoint(with: [.upper, .lower, .otherLetter, .number, .space]) { break }
      position = next.end
    }
    if position == from { return nil }
    while rule.newlinesAfterMarks, position < text.count {
      let byte = text[position]
      guard byte == 0x0A || byte == 0x0D || byte == 0x2F && rule.slashesAfterMarks else { break }
      position += 1
    }
    return position
  }

  /// White space: up to its last line end; else all of it at the end of the text; else all but the last
  /// character, which belongs to what follows; else that character.
  private func spaces(_ start: Int, _ first: Scalar) -> Int {
    var position = start
    var last = start
    var newlineEnd: Int?
    while position < text.count {
      let next = scalar(position)
      if !next.kind.contains(.space) { break }
      last = position
      position = next.end
      if next.kind.contains(.newline) { newlineEnd = position }
    }
    if position == text.count && rule.trailingSpaceWhole { return position }
    if rule.newlinesAfterMarks, let newlineEnd { return newlineEnd }
    return position == text.count || last == start ? position : last
  }
}
