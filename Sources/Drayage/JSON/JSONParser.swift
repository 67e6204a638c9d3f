/// Reads a JSON text strictly (RFC 8259): one value, UTF-8, no comments, no trailing commas, no key twice in
/// an object.
struct JSONParser: ~Copyable {
  /// The most bytes of a file.
  static let mostBytes = 32 << 20
  /// How deep lists and objects may nest; a bound on the stack.
  static let mostDepth = 128
  /// So many keys of an object are compared one by one: that is faster than hashing them.
  private static let fewKeys = 16

  private let file: String
  /// Valid for as long as ``parse(_:file:firstLine:mostDepth:)`` runs. Read only below its end: through ``next``, or where
  /// something was found before.
  private let bytes: UnsafeBufferPointer<UInt8>
  private let depthLimit: Int
  private let firstLine: Int
  private var position = 0
  /// The line ends so far.
  private var line: UInt32 = 0
  private var isASCII = false
  private var entries: JSONTape.Entries
  private var texts: [String] = []

  private init(_ bytes: UnsafeBufferPointer<UInt8>, file: String, firstLine: Int, mostDepth: Int) {
    self.file = file
    depthLimit = mostDepth
    self.bytes = bytes
    self.firstLine = firstLine
    // Enough for most replies; for what is larger the list grows.
    entries = JSONTape.Entries(capacity: min(bytes.count / 6, 64) + 1)
  }

  /// What the text holds: the first entry is the whole.
  ///
  /// - Parameters:
  ///   - file: the file's name, for messages.
  ///   - firstLine: the line of the file that the text begins on.
  ///   - mostDepth: how deep lists and objects may nest, at most ``mostDepth``.
  /// - Throws: ``InputError`` with the line of the first fault.
  static func parse(
    _ bytes: [UInt8], file: String, firstLine: Int = 1, mostDepth: Int = JSONParser.mostDepth
  ) throws(InputError) -> JSONTape {
    try bytes.withUnsafeBufferPointer { (buffer) throws(InputError) in
      var parser = JSONParser(buffer, file: file, firstLine: firstLine, mostDepth: mostDepth)
      try parser.whole()
      return JSONTape(bytes: bytes, entries: parser.entries, texts: parser.texts, firstLine: firstLine)
    }
  }

  private mutating func whole() throws(InputError) {
    guard bytes.count <= Self.mostBytes else {
      throw fault("the text has more than \(Self.mostBytes >> 20) MiB; split it", .tooLarge)
    }
    isASCII = bytes.reduce(0, |) < 0x80
    guard isASCII || String(validating: bytes, as: UTF8.self) != nil else {
      throw fault("the text is not UTF-8; save it as such", .encoding)
    }
    try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw fault("there is text after the end of the value") }
  }

  private func fault(_ message: String, _ code: InputError.Code = .syntax) -> InputError {
    InputError(code, file: file, line: firstLine + Int(line), message: message)
  }

  /// Notes what stands from `start` to where the parser is. All places are below ``mostBytes``.
  private mutating func add(_ kind: JSONTape.Entry.Kind, from start: Int) {
    entries.append(
      .init(
        kind: kind, start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: position),
        line: line, next: UInt32(truncatingIfNeeded: entries.count + 1)))
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\n"): line += 1
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
      default: return
      }
      position += 1
    }
  }

  /// Consumes `byte` after any space; says whether it was there.
  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(InputError) {
    skipSpace()
    guard let first = next else { throw fault("the file ends where a value is expected") }
    switch first {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard depth < depthLimit else { throw fault("lists and objects nest deeper than \(depthLimit)") }
      let place = entries.count
      add(first == UInt8(ascii: "{") ? .object : .array, from: position)
      position += 1
      if first == UInt8(ascii: "{") { try members(depth: depth) } else { try elements(depth: depth) }
      entries[place].end = UInt32(position)
      entries[place].next = UInt32(entries.count)
    case UInt8(ascii: "\""): try text()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): try word()
    default: throw fault("a value is expected here: a text in double quotes, a number, a list or an object")
    }
  }

  private mutating func members(depth: Int) throws(InputError) {
    if take("}") { return }
    let first = entries.count
    var count = 0
    // The keys, once there are many.
    var keys: Set<String> = []
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw fault("a key in double quotes is expected here") }
      let place = entries.count
      try text()
      let entry = entries[place]
      entries[place].isPlain =
        !entry.isEscaped && (isASCII || bytes[entry.content].allSatisfy { $0 < 0x80 })
      if count == Self.fewKeys { keys = self.keys(from: first, to: place) }
      let isNew = count < Self.fewKeys ? isNew(place, since: first) : keys.insert(text(place)).inserted
      guard isNew else {
        throw fault("the key \(InputError.quoted(text(place))) is there twice; remove one", .duplicate)
      }
      guard take(":") else {
        throw fault("a colon is expected after the key \(InputError.quoted(text(place)))")
      }
      try value(depth: depth + 1)
      count += 1
    } while take(",")
    guard take("}") else { throw fault("a comma or '}' is expected here") }
  }

  /// Whether no key from `first` on is the one at `place`.
  private func isNew(_ place: Int, since first: Int) -> Bool {
    let isPlain = entries[place].isPlain
    let key = entries[place].content(in: bytes)
    var other = first
    while other < place {
      let isSame =
        isPlain && entries[other].isPlain
        ? entries[other].isSame(as: key, in: bytes) : text(place) == text(other)
      if isSame { return false }
      other = Int(entries[other + 1].next)
    }
    return true
  }

  private func keys(from first: Int, to end: Int) -> Set<String> {
    var keys: Set<String> = []
    var place = first
    while place < end {
      keys.insert(text(place))
      place = Int(entries[place + 1].next)
    }
    return keys
  }

  private mutating func elements(depth: Int) throws(InputError) {
    if take("]") { return }
    repeat { try value(depth: depth + 1) } while take(",")
    guard take("]") else { throw fault("a comma or ']' is expected here") }
  }

  private mutating func word() throws(InputError) {
    let start = position
    if skip("true") {
      add(.yes, from: start)
    } else if skip("false") {
      add(.no, from: start)
    } else if skip("null") {
      add(.null, from: start)
    } else {
      throw fault("a value is expected here; texts stand in double quotes")
    }
  }

  /// Consumes `word`; says whether it was there.
  private mutating func skip(_ word: StaticString) -> Bool {
    let word = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard bytes[position...].starts(with: word) else { return false }
    position += word.count
    return true
  }

  private mutating func number() throws(InputError) {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let whole = digits()
    guard whole > 0, whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else {
      throw fault("this is not a number")
    }
    if next == UInt8(ascii: ".") {
      position += 1
      guard digits() > 0 else { throw fault("digits are expected after the point") }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      guard digits() > 0 else { throw fault("digits are expected in the exponent") }
    }
    add(.number, from: start)
  }

  /// Consumes digits; how many.
  private mutating func digits() -> Int {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position - start
  }

  private mutating func text() throws(InputError) {
    let start = position
    position += 1
    skipPlain()
    if next == UInt8(ascii: "\"") {
      // Without an escape, the text is what stands there.
      position += 1
      return add(.string, from: start)
    }
    let text = try escapedText(from: start + 1)
    add(.string, from: start)
    entries[entries.count - 1].isEscaped = true
    entries[entries.count - 1].text = UInt32(texts.count)
    texts.append(text)
  }

  /// What a text means whose first escape is next, or a fault.
  private mutating func escapedText(from start: Int) throws(InputError) -> String {
    var units = Array(bytes[start..<position])
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
      case UInt8(ascii: "\\"): units += String(try escaped()).utf8
      case 0..<0x20: throw fault("a text must end on the line it begins on, and hold no control characters")
      default:
        let start = position - 1
        skipPlain()
        units += bytes[start..<position]
      }
    }
    throw fault("the file ends within a text")
  }

  /// What the text at `place` means.
  private func text(_ place: Int) -> String {
    let entry = entries[place]
    return entry.isEscaped ? texts[Int(entry.text)] : String(decoding: bytes[entry.content], as: UTF8.self)
  }

  /// Passes over the bytes of a text that stand for themselves.
  private mutating func skipPlain() { position = EightBytes.firstSpecial(in: bytes, from: position) }

  private mutating func escaped() throws(InputError) -> Unicode.Scalar {
    guard let byte = next else { throw fault("the file ends within a text") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try escapedScalar()
    default: throw fault("an unknown escape follows the backslash")
    }
  }

  private mutating func escapedScalar() throws(InputError) -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    // The first half of a pair (RFC 8259, section 7) is nothing without the second.
    if first < 0xdc00, bytes[position...].starts(with: "\\u".utf8) {
      position += 2
      let second = try hexadecimal()
      if (0xdc00..<0xe000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
      {
        return scalar
      }
    }
    throw fault("half of a surrogate pair stands alone")
  }

  private mutating func hexadecimal() throws(InputError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("four hexadecimal digits are expected after \\u")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
