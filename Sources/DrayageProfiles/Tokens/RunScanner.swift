/// One pass over UTF-8 bytes that fills the counters of ``RunFeature``.
///
/// The only place of the estimator that uses unsafe pointers. Every read is below `end`; every write is at an
/// index below `RunFeature.count`, which is what `counts` must have room for.
struct RunScanner {
  // The loops below copy these into local variables: the compiler cannot tell that a store to `index` leaves
  // the bytes alone, and would go through memory for every byte.
  private let bytes: UnsafePointer<UInt8>
  private let end: Int
  private let counts: UnsafeMutablePointer<Int>
  private let windows = LetterTable.windows.utf8Start
  private let ideographs = LetterTable.ideographs.utf8Start
  private var index = 0
  /// 0 after a space, 1 after something else that is no letter or digit (and at the start), 2 after a letter
  /// or digit.
  private var context = 1
  private var afterMark = false
  private var wordsNearAccent = 0
  /// Bytes of Han, Hangul and kana characters.
  private(set) var stableBytes = 0
  /// Well-formed bytes outside ASCII of all other scripts.
  private(set) var otherBytes = 0

  init(bytes: UnsafePointer<UInt8>, count: Int, counts: UnsafeMutablePointer<Int>) {
    self.bytes = bytes
    self.end = count
    self.counts = counts
  }

  mutating func scan() {
    var lineStart = true
    while index < end {
      let byte = bytes[index]
      let wasAfterMark = afterMark
      afterMark = false
      if byte >= 0x80 {
        scanBeyondASCII()
      } else if RunScanner.isLetter(byte) {
        scanWord()
      } else if byte == 0x20 {
        scanSpaces(lineStart)
      } else if byte == 0x0A || byte == 0x0D {
        scanNewlines(wasAfterMark)
        lineStart = true
        continue
      } else if RunScanner.isDigit(byte) {
        scanDigits()
      } else if byte == 0x09 {
        scanTabs()
      } else if byte < 0x20 || byte == 0x7F {
        counts[RunFeature.control] += 1
        context = 1
        index += 1
      } else {
        scanPunctuation()
      }
      lineStart = false
    }
  }

  @inline(__always) private static func isLower(_ byte: UInt8) -> Bool { byte &- 97 < 26 }
  @inline(__always) private static func isUpper(_ byte: UInt8) -> Bool { byte &- 65 < 26 }
  @inline(__always) private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 97 < 26 }
  @inline(__always) private static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

  /// Letters up to a change from lower to upper case; of several capitals before lower-case letters the last
  /// belongs to them.
  @inline(__always)
  private mutating func scanWord() {
    let (bytes, end, start) = (bytes, end, index)
    var position = start
    while position < end && RunScanner.isUpper(bytes[position]) { position += 1 }
    let capitals = position - start
    while position < end && RunScanner.isLower(bytes[position]) { position += 1 }
    index = position
    if position < end && RunScanner.mayBeLatin(bytes[position]) {
      return scanAccented(from: start)
    }
    let lower = position - start - capitals
    if lower == 0 {
      addCapitals(capitals)
    } else if capitals <= 1 {
      addWord(from: start)
    } else {
      addCapitals(capitals - 1)
      context = 2
      addWord(from: start + capitals - 1)
    }
    context = 2
  }

  /// Whether a byte can begin a Latin letter outside ASCII.
  @inline(__always)
  private static func mayBeLatin(_ byte: UInt8) -> Bool { byte >= 0xC3 && byte <= 0xC9 || byte == 0xE1 }

  /// A word of ASCII letters that ends at `index`.
  @inline(__always)
  private mutating func addWord(from start: Int) {
    addLetters(from: start)
    let length = index - start
    let capped = min(length, RunFeature.longestWord)
    counts[RunFeature.word + context * RunFeature.longestWord + capped - 1] += 1
    counts[RunFeature.wordExcess + context] += length - capped
    if wordsNearAccent > 0 {
      wordsNearAccent -= 1
      counts[RunFeature.nearAccent] += 1
      counts[RunFeature.nearAccent + 1] += length
    }
  }

  /// The classes of the ASCII letters up to `index`.
  @inline(__always)
  private func addLetters(from start: Int) {
    let (bytes, counts, windows, end) = (bytes, counts + RunFeature.letter, windows, index)
    var window = LetterClass.window(LetterClass.start(context), adding: UInt32(bytes[start] | 0x20))
    for position in (start + 1)..<max(start + 1, end) {
      window = LetterClass.window(window, adding: UInt32(bytes[position] | 0x20))
      counts[LetterClass.ofWindow(window, windows)] += 1
    }
    counts[LetterClass.ofWindow(LetterClass.window(window, adding: 0), windows)] += 1
  }

  @inline(__always)
  private mutating func addCapitals(_ length: Int) {
    let capped = min(length, RunFeature.longestCapitals)
    counts[RunFeature.capitals + context * RunFeature.longestCapitals + capped - 1] += 1
    counts[RunFeature.capitalsExcess + context] += length - capped
  }

  /// A word that goes on with Latin letters outside ASCII.
  private mutating func scanAccented(from start: Int) {
    index = start
    var letters = 0
    var accents = 0
    while index < end {
      if RunScanner.isLetter(bytes[index]) {
        index += 1
      } else {
        let (code, width) = decode(at: index)
        guard width > 0, code >= 0x80, Script.of(code) == Script.latin else { break }
        accents += 1
        if code >= 0x100 { counts[RunFeature.accented + (code < 0x1E00 ? 4 : 5)] += 1 }
        otherBytes += width
        index += width
      }
      letters += 1
    }
    if accents == 0 {
      addWord(from: start)
    } else {
      addFoldedLetters(from: start)
      counts[RunFeature.accented] += 1
      counts[RunFeature.accented + 1] += letters
      counts[RunFeature.accented + 2] += max(0, letters - 6)
      counts[RunFeature.accented + 3] += accents
      wordsNearAccent = RunFeature.nearness
    }
    context = 2
  }

  /// The classes of the letters up to `index`, which are well-formed.
  private func addFoldedLetters(from start: Int) {
    let (counts, windows, end) = (counts + RunFeature.letter, windows, index)
    var (code, width) = decode(at: start)
    var window = LetterClass.window(LetterClass.start(context), adding: LetterClass.folded(code))
    var position = start + width
    while position < end {
      (code, width) = decode(at: position)
      window = LetterClass.window(window, adding: LetterClass.folded(code))
      counts[LetterClass.ofWindow(window, windows)] += 1
      position += width
    }
    counts[LetterClass.ofWindow(LetterClass.window(window, adding: 0), windows)] += 1
  }

  @inline(__always)
  private mutating func scanDigits() {
    let (bytes, end, start) = (bytes, end, index)
    var position = start
    while position < end && RunScanner.isDigit(bytes[position]) { position += 1 }
    index = position
    let length = position - start
    if length <= 3 {
      counts[RunFeature.digits + length - 1] += 1
    } else {
      counts[RunFeature.digits + 3] += (length + 2) / 3
      counts[RunFeature.digits + 4] += length
    }
    context = 2
  }

  @inline(__always)
  private mutating func scanSpaces(_ lineStart: Bool) {
    let (bytes, end, start) = (bytes, end, index)
    var position = start
    while position < end && bytes[position] == 0x20 { position += 1 }
    index = position
    let length = position - start
    context = 0
    if lineStart {
      counts[RunFeature.indent + RunScanner.bucket(length)] += 1
      if length >= 16 { counts[RunFeature.indent + 5] += length }
    } else if length == 1 {
      counts[RunFeature.space + (position < end && RunScanner.isDigit(bytes[position]) ? 0 : 1)] += 1
    } else {
      counts[RunFeature.gap + RunScanner.bucket(length) - 1] += 1
      if length >= 16 { counts[RunFeature.gap + 4] += length }
    }
  }

  /// 0 for 1, 1 for 2 and 3, and so on to 4 for 16 and more.
  @inline(__always)
  private static func bucket(_ length: Int) -> Int {
    min(4, Int.bitWidth - 1 - length.leadingZeroBitCount)
  }

  private mutating func scanTabs() {
    counts[RunFeature.tab] += 1
    while index < end && bytes[index] == 0x09 {
      counts[RunFeature.tab + 1] += 1
      index += 1
    }
    context = 1
  }

  @inline(__always)
  private mutating func scanNewlines(_ wasAfterMark: Bool) {
    let start = index
    while index < end && (bytes[index] == 0x0A || bytes[index] == 0x0D) { index += 1 }
    counts[RunFeature.newline + (wasAfterMark ? 0 : 1)] += 1
    counts[RunFeature.newline + 2] += index - start - 1
    context = 1
  }

  @inline(__always)
  private static func isMark(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && !isLetter(byte) && !isDigit(byte)
  }

  @inline(__always)
  private mutating func scanPunctuation() {
    let (bytes, end, start) = (bytes, end, index)
    var changes = 0
    var repeats = 0
    var previous = bytes[start]
    var position = start + 1
    while position < end && RunScanner.isMark(bytes[position]) {
      if bytes[position] == previous { repeats += 1 } else { changes += 1 }
      previous = bytes[position]
      position += 1
    }
    index = position
    let length = position - start
    if length == 1 {
      let beforeLetter = position < end && RunScanner.isLetter(bytes[position])
      counts[RunFeature.mark + 2 * RunScanner.kind(of: previous) + (beforeLetter ? 1 : 0)] += 1
    } else {
      counts[RunFeature.punctuation + min(length, 4) - 2] += 1
      counts[RunFeature.punctuation + 3] += changes
      counts[RunFeature.punctuation + 4] += min(repeats, 3)
      if repeats > 3 { counts[RunFeature.punctuation + 5] += Int.bitWidth - repeats.leadingZeroBitCount }
    }
    context = 1
    afterMark = true
  }

  @inline(__always)
  private static func kind(of mark: UInt8) -> Int {
    switch mark {
    case UInt8(ascii: "_"): 0
    case UInt8(ascii: "."): 1
    case UInt8(ascii: ","): 2
    case UInt8(ascii: "("): 3
    case UInt8(ascii: "\""): 4
    case UInt8(ascii: "/"): 5
    case UInt8(ascii: "-"): 6
    case UInt8(ascii: "'"): 7
    default: 8
    }
  }

  /// A run of one script, or one malformed byte.
  private mutating func scanBeyondASCII() {
    var (code, width) = decode(at: index)
    guard width > 0 else {
      counts[RunFeature.malformed] += 1
      context = 1
      index += 1
      return
    }
    let script = Script.of(code)
    if script == Script.latin { return scanAccented(from: index) }
    let start = index
    let isStable = script == Script.han || script == Script.hangul || script == Script.kana
    var position = start
    var length = 0
    var beyondRussian = 0
    var capitals = 0
    repeat {
      length += 1
      if isStable { counts[RunFeature.ideograph + LetterClass.ofIdeograph(code, ideographs)] += 1 }
      if script == Script.cyrillic {
        if (code < 0x0410 || code > 0x0451) && code != 0x0401 { beyondRussian += 1 }
        if code < 0x0430 && length > 1 { capitals += 1 }
      }
      position += width
      guard position < end, bytes[position] >= 0x80 else { break }
      (code, width) = decode(at: position)
    } while width > 0 && Script.of(code) == script
    index = position
    counts[RunFeature.cyrillicBeyondRussian] += beyondRussian
    counts[RunFeature.cyrillicCapitals] += capitals
    let slot = RunFeature.script + script * RunFeature.perScript
    counts[slot] += 1
    counts[slot + 1] += length
    counts[slot + 2] += max(0, length - 4)
    counts[slot + 3] += max(0, length - 8)
    if script == Script.cyrillic || script == Script.greek { addFoldedLetters(from: start) }
    if isStable {
      stableBytes += index - start
    } else {
      otherBytes += index - start
    }
    context = script <= Script.han ? 2 : 1
  }

  /// The code point at a position and its width in bytes; width 0 when the bytes are no well-formed UTF-8
  /// (Unicode 16, table 3-7).
  @inline(__always)
  private func decode(at position: Int) -> (code: UInt32, width: Int) {
    let lead = UInt32(bytes[position])
    if lead < 0x80 { return (lead, 1) }
    let left = end - position
    if lead >= 0xC2 && lead < 0xE0 && left >= 2 {
      let second = UInt32(bytes[position + 1])
      return second & 0xC0 == 0x80 ? ((lead & 0x1F) << 6 | second & 0x3F, 2) : (0, 0)
    }
    if lead >= 0xE0 && lead < 0xF0 && left >= 3 {
      let second = UInt32(bytes[position + 1])
      let third = UInt32(bytes[position + 2])
      let code = (lead & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F
      let fits = second & 0xC0 == 0x80 && third & 0xC0 == 0x80 && code >= 0x800 && code & 0xF800 != 0xD800
      return fits ? (code, 3) : (0, 0)
    }
    if lead >= 0xF0 && lead < 0xF5 && left >= 4 {
      let second = UInt32(bytes[position + 1])
      let third = UInt32(bytes[position + 2])
      let fourth = UInt32(bytes[position + 3])
      let code = (lead & 0x07) << 18 | (second & 0x3F) << 12 | (third & 0x3F) << 6 | fourth & 0x3F
      let fits =
        second & 0xC0 == 0x80 && third & 0xC0 == 0x80 && fourth & 0xC0 == 0x80 && code >= 0x10000
        && code < 0x110000
      return fits ? (code, 4) : (0, 0)
    }
    return (0, 0)
  }
}
