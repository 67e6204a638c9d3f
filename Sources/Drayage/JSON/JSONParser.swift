/// Reads a JSON text strictly (RFC 8259): one value, UTF-8, no comments, no trailing commas, no key twice in
/// an object.
struct JSONParser {
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
  private var position = 0
  private var line: Int

  private init(_ bytes: UnsafeBufferPointer<UInt8>, file: String, firstLine: Int, mostDepth: Int) {
    self.file = file
    depthLimit = mostDepth
    self.bytes = bytes
    line = firstLine
  }

  /// The value that the text holds.
  ///
  /// - Parameters:
  ///   - file: the file's name, for messages.
  ///   - firstLine: the line of the file that the text begins on.
  ///   - mostDepth: how deep lists and objects may nest, at most ``mostDepth``.
  /// - Throws: ``InputError`` with the line of the first fault.
  static func parse(
    _ bytes: [UInt8], file: String, firstLine: Int = 1, mostDepth: Int = JSONParser.mostDepth
  ) throws(InputError) -> JSONNode {
    try bytes.withUnsafeBufferPointer { (bytes) throws(InputError) in
      var parser = JSONParser(bytes, file: file, firstLine: firstLine, mostDepth: mostDepth)
      return try parser.whole()
    }
  }

  private mutating func whole() throws(InputError) -> JSONNode {
    guard bytes.count <= Self.mostBytes else {
      throw fault("the text has more than \(Self.mostBytes >> 20) MiB; split it", .tooLarge)
    }
    let isASCII = bytes.reduce(0, |) < 0x80
    guard isASCII || String(validating: bytes, as: UTF8.self) != nil else {
      throw fault("the text is not UTF-8; save it as such", .encoding)
    }
    let node = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw fault("there is text after the end of the value") }
    return node
  }

  /// What stands from `start` to where the parser is.
  private func passed(from start: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: bytes[start..<position])
  }

  private func fault(_ message: String, _ code: InputError.Code = .syntax) -> InputError {
    InputError(code, file: file, line: line, message: message)
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

  private mutating func value(depth: Int) throws(InputError) -> JSONNode {
    skipSpace()
    let startLine = line
    let start = position
    guard let first = next else { throw fault("the file ends where a value is expected") }
    let value: JSONNode.Value
    switch first {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard depth < depthLimit else { throw fault("lists and objects nest deeper than \(depthLimit)") }
      value =
        first == UInt8(ascii: "{")
        ? .object(try members(depth: depth)) : .array(try elements(depth: depth))
    case UInt8(ascii: "\""): value = .string(try text())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): value = .number(try number())
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): value = try word()
    default: throw fault("a value is expected here: a text in double quotes, a number, a list or an object")
    }
    return JSONNode(line: startLine, range: start..<position, value: value)
  }

  private mutating func members(depth: Int) throws(InputError) -> [JSONNode.Member] {
    position += 1
    var members: [JSONNode.Member] = []
    // The keys, once there are many.
    var keys: Set<String> = []
    if take("}") { return members }
    members.reserveCapacity(4)
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw fault("a key in double quotes is expected here") }
      let keyLine = line
      let key = try text()
      if members.count == Self.fewKeys { keys = Set(members.map(\.key)) }
      let isNew =
        members.count < Self.fewKeys
        ? !members.contains { $0.key == key } : keys.insert(key).inserted
      guard isNew else {
        throw fault("the key \(InputError.quoted(key)) is there twice; remove one", .duplicate)
      }
      guard take(":") else { throw fault("a colon is expected after the key \(InputError.quoted(key))") }
      members.append(JSONNode.Member(key: key, line: keyLine, node: try value(depth: depth + 1)))
    } while take(",")
    guard take("}") else { throw fault("a comma or '}' is expected here") }
    return members
  }

  private mutating func elements(depth: Int) throws(InputError) -> [JSONNode] {
    position += 1
    var elements: [JSONNode] = []
    if take("]") { return elements }
    repeat { elements.append(try value(depth: depth + 1)) } while take(",")
    guard take("]") else { throw fault("a comma or ']' is expected here") }
    return elements
  }

  private mutating func word() throws(InputError) -> JSONNode.Value {
    if skip("true") { return .bool(true) }
    if skip("false") { return .bool(false) }
    if skip("null") { return .null }
    throw fault("a value is expected here; texts stand in double quotes")
  }

  /// Consumes `word`; says whether it was there.
  private mutating func skip(_ word: StaticString) -> Bool {
    let word = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard bytes[position...].starts(with: word) else { return false }
    position += word.count
    return true
  }

  private mutating func number() throws(InputError) -> String {
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
    return String(decoding: passed(from: start), as: UTF8.self)
  }

  /// Consumes digits; how many.
  private mutating func digits() -> Int {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position - start
  }

  private mutating func text() throws(InputError) -> String {
    position += 1
    let start = position
    skipPlain()
    if next == UInt8(ascii: "\"") {
      // Without an escape, the text is what stands there.
      defer { position += 1 }
      return String(decoding: passed(from: start), as: UTF8.self)
    }
    var units = Array(passed(from: start))
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
      case UInt8(ascii: "\\"): units += String(try escaped()).utf8
      case 0..<0x20: throw fault("a text must end on the line it begins on, and hold no control characters")
      default:
        let start = position - 1
        skipPlain()
        units += passed(from: start)
      }
    }
    throw fault("the file ends within a text")
  }

  /// Passes over the bytes of a text that stand for themselves.
  private mutating func skipPlain() {
    while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
      position += 1
    }
  }

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
