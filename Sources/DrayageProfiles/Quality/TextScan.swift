/// Counts over the characters of a text, one at a time.
struct TextScan {
  private var scalars = 0
  private var words = 0
  private var lettersInWords = 0
  private var longest = 0
  private var digits = 0
  private var letters = 0
  private var capitals = 0
  private var spaces = 0
  private var punctuation = 0
  private var operators = 0
  private var mathematics = 0
  private var questions = 0
  private var beyondASCII = 0
  private var ideographs = 0
  private var otherScripts = 0
  private var lines = 1
  private var codeLines = 0

  private var wordLength = 0
  private var wordHash: UInt64 = 0
  private var lastOnLine: UInt32 = 0
  private var indentation = 0

  /// Takes in a character; returns the hash of the word that ended with it, if one did.
  mutating func step(_ scalar: Unicode.Scalar) -> UInt64? {
    scalars += 1
    let value = scalar.value
    let inWord = count(value)
    if value == 10 {
      endLine()
      lines += 1
    } else if value == 32 || value == 9 {
      if lastOnLine == 0 { indentation += value == 9 ? 4 : 1 }
    } else {
      lastOnLine = value
    }
    guard inWord else { return endWord() }
    if wordLength == 0 { wordHash = 0xCBF2_9CE4_8422_2325 }
    wordLength += 1
    let lower = value >= 65 && value <= 90 ? value + 32 : value
    // Fowler, Noll and Vo's hash (FNV-1a), a character at a time.
    wordHash = (wordHash ^ UInt64(lower)) &* 0x100_0000_01B3
    return nil
  }

  /// Ends the text; returns the hash of its last word if that was still open.
  mutating func finish() -> UInt64? {
    endLine()
    return endWord()
  }

  /// Counts a character by its kind; whether it belongs into a word.
  private mutating func count(_ value: UInt32) -> Bool {
    switch value {
    case 48...57:
      digits += 1
      return true
    case 65...90:
      capitals += 1
      letters += 1
      return true
    case 97...122:
      letters += 1
      return true
    case 95: return true
    case 9, 10, 13, 32:
      spaces += 1
      return false
    case 0..<128:
      punctuation += 1
      switch UInt8(value) {
      case UInt8(ascii: "?"): questions += 1
      case UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "^"), UInt8(ascii: "\\"),
        UInt8(ascii: "$"), UInt8(ascii: "%"):
        mathematics += 1
      case UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: ">"):
        mathematics += 1
        operators += 1
      case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
        UInt8(ascii: "}"), UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "|"):
        operators += 1
      default: break
      }
      return false
    default:
      beyondASCII += 1
      switch value {
      case 0x2200...0x22FF, 0x2A00...0x2AFF: mathematics += 1
      case 0x1100...0x11FF, 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7AF,
        0xF900...0xFAFF,
        0x20000...0x3FFFF:
        ideographs += 1
        letters += 1
      case 0x370...0x10FF, 0x1200...0x1DFF, 0xA4D0...0xABFF:
        otherScripts += 1
        letters += 1
      case 0xC0...0x24F: letters += 1
      default: return false
      }
      return true
    }
  }

  private mutating func endWord() -> UInt64? {
    guard wordLength > 0 else { return nil }
    words += 1
    lettersInWords += wordLength
    longest = max(longest, wordLength)
    wordLength = 0
    return wordHash
  }

  private mutating func endLine() {
    let ends: [UInt32] = [59, 123, 125, 41, 58, 44]  // ; { } ) : ,
    if lastOnLine != 0, ends.contains(lastOnLine), indentation >= 2 || lastOnLine != 44 && lastOnLine != 58 {
      codeLines += 1
    }
    lastOnLine = 0
    indentation = 0
  }

  /// Writes the features named by ``TextFeatures/names``.
  func write(bytes: Int, into features: UnsafeMutableBufferPointer<Float>) {
    func share(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
    let values = (
      ElementaryFunctions.logarithm(1 + Double(bytes)), ElementaryFunctions.logarithm(1 + Double(words)),
      ElementaryFunctions.logarithm(Double(lines)),
      ElementaryFunctions.logarithm(1 + share(lettersInWords, words)),
      ElementaryFunctions.logarithm(1 + Double(longest)),
      share(digits, scalars), share(capitals, letters), share(spaces, scalars), share(punctuation, scalars),
      share(operators, scalars), share(mathematics, scalars),
      ElementaryFunctions.logarithm(1 + Double(questions)),
      share(codeLines, lines), share(beyondASCII, scalars), share(ideographs, scalars),
      share(otherScripts, scalars)
    )
    withUnsafeBytes(of: values) { raw in
      for (position, value) in raw.bindMemory(to: Double.self).enumerated() {
        features[position] = Float(value)
      }
    }
  }
}
