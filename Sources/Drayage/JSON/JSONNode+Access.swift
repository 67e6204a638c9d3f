extension JSONNode {
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
    try JSONParser.parse(
      bytes, file: file, firstLine: firstLine, mostDepth: min(mostDepth, JSONParser.mostDepth))
  }

  /// The value of a key; `nil` if this is no object or has no such key.
  package subscript(key: String) -> JSONNode? {
    guard case .object(let members) = value else { return nil }
    // Most keys differ in their length already.
    let length = key.utf8.count
    return members.first { $0.key.utf8.count == length && $0.key == key }?.node
  }

  /// The text; `nil` if this is none.
  package var string: String? {
    guard case .string(let text) = value else { return nil }
    return text
  }

  /// The whole number; `nil` if this is none, or too large.
  package var integer: Int? {
    guard case .number(let text) = value else { return nil }
    return Int(text)
  }

  /// The finite number; `nil` if this is none.
  package var double: Double? {
    guard case .number(let text) = value, let number = Double(text), number.isFinite else { return nil }
    return number
  }
}
