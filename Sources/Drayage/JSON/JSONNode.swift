/// A value of a JSON text that remembers the line it begins on, so that a complaint can name it.
///
/// It keeps the whole text that it is a part of.
package struct JSONNode: Sendable {
  /// The kinds of value. Numbers keep their text: a price never passes through a binary number.
  package enum Value: Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array(Elements)
    case object(Members)
  }

  /// A place in a list or an object: no number of its values or members.
  package struct Index: Comparable, Sendable {
    fileprivate let place: Int

    package static func < (a: Index, b: Index) -> Bool { a.place < b.place }
  }

  /// The values of a list, in the order in which they are written. Counting them takes time in proportion to their
  /// number.
  package struct Elements: Collection, Sendable {
    fileprivate let tape: JSONTape
    package let startIndex: Index
    package let endIndex: Index

    package func index(after index: Index) -> Index { Index(place: Int(tape[index.place].next)) }
    package subscript(index: Index) -> JSONNode { JSONNode(tape: tape, place: index.place) }
  }

  /// The members of an object, in the order in which they are written. No two have the same key. Counting them takes time
  /// in proportion to their number.
  package struct Members: Collection, Sendable {
    fileprivate let tape: JSONTape
    package let startIndex: Index
    package let endIndex: Index

    package func index(after index: Index) -> Index { Index(place: Int(tape[index.place + 1].next)) }
    package subscript(index: Index) -> Member { Member(tape: tape, place: index.place) }
  }

  /// A member of an object.
  package struct Member: Sendable {
    fileprivate let tape: JSONTape
    fileprivate let place: Int

    package var key: String { tape.text(place) }
    package var node: JSONNode { JSONNode(tape: tape, place: place + 1) }
  }

  let tape: JSONTape
  /// Its entry.
  let place: Int

  private var entry: JSONTape.Entry { tape[place] }
  private var first: Index { Index(place: place + 1) }
  private var end: Index { Index(place: Int(entry.next)) }

  /// The line on which the value begins, 1 or more.
  package var line: Int { tape.firstLine + Int(entry.line) }
  /// Where the value stands in the bytes that were parsed.
  package var range: Range<Int> { entry.range }

  package var value: Value {
    switch entry.kind {
    case .null: .null
    case .yes: .bool(true)
    case .no: .bool(false)
    case .number: .number(tape.written(entry.range))
    case .string: .string(tape.text(place))
    case .array: .array(Elements(tape: tape, startIndex: first, endIndex: end))
    case .object: .object(Members(tape: tape, startIndex: first, endIndex: end))
    }
  }

  /// What the value is, for messages.
  var kind: String {
    switch entry.kind {
    case .null: "null"
    case .yes, .no: "true or false"
    case .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }

  // MARK: Reading

  /// Parses one JSON text.
  ///
  /// - Parameters:
  ///   - file: the file's name, for messages.
  ///   - firstLine: the line of the file that the text begins on.
  ///   - mostDepth: how deep lists and objects may nest, 128 at most: the stack is bounded.
  /// - Throws: ``InputError`` with the line of the first fault.
  package static func parse(
    _ bytes: [UInt8], file: String, firstLine: Int = 1, mostDepth: Int = 128
  ) throws(InputError) -> JSONNode {
    let tape = try JSONParser.parse(
      bytes, file: file, firstLine: firstLine, mostDepth: min(mostDepth, JSONParser.mostDepth))
    return JSONNode(tape: tape, place: 0)
  }

  /// The value of a key; `nil` if this is no object or has no such key.
  package subscript(key: StaticString) -> JSONNode? {
    value(of: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
  }

  /// The same for a key that is no literal.
  package subscript(named key: String) -> JSONNode? {
    var key = key
    return key.withUTF8 { value(of: $0) }
  }

  private func value(of key: UnsafeBufferPointer<UInt8>) -> JSONNode? {
    guard entry.kind == .object, let value = tape.value(of: key, in: place) else { return nil }
    return JSONNode(tape: tape, place: value)
  }

  package var isNull: Bool { entry.kind == .null }
  package var isObject: Bool { entry.kind == .object }

  /// The values of the list; `nil` if this is none.
  package var elements: Elements? {
    guard case .array(let elements) = value else { return nil }
    return elements
  }

  /// The text; `nil` if this is none.
  package var string: String? { entry.kind == .string ? tape.text(place) : nil }

  /// The whole number; `nil` if this is none, or too large.
  package var integer: Int? {
    guard entry.kind == .number else { return nil }
    return tape.bytes.withUnsafeBufferPointer { Self.integer(UnsafeBufferPointer(rebasing: $0[entry.range])) }
  }

  /// The whole number that is written in the bytes of a number; nil if it is none, or too large.
  private static func integer(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    let isNegative = bytes.first == UInt8(ascii: "-")
    var number = 0
    for byte in bytes.dropFirst(isNegative ? 1 : 0) {
      let digit = Int(byte) - Int(UInt8(ascii: "0"))
      let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
      // Counted downwards for the sake of the least number.
      let (sum, isBeyond) = tens.subtractingReportingOverflow(digit)
      guard (0...9).contains(digit), !isTooLarge, !isBeyond else { return nil }
      number = sum
    }
    return isNegative ? number : number == .min ? nil : -number
  }

  /// The finite number; `nil` if this is none.
  package var double: Double? {
    guard entry.kind == .number, let number = Double(tape.written(entry.range)), number.isFinite else {
      return nil
    }
    return number
  }
}
