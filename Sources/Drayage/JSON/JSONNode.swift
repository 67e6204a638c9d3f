/// A value of a JSON text that remembers the line it begins on, so that a complaint can name it.
package struct JSONNode: Sendable {
  /// The kinds of value. Numbers keep their text: a price never passes through a binary number.
  package enum Value: Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONNode])
    case object([Member])
  }

  /// A member of an object. No two of one object have the same key.
  package struct Member: Sendable {
    package let key: String
    /// The line of the key, 1 or more.
    package let line: Int
    package let node: JSONNode
  }

  /// The line on which the value begins, 1 or more.
  package let line: Int
  /// Where the value stands in the bytes that were parsed.
  package let range: Range<Int>
  package let value: Value

  /// What the value is, for messages.
  var kind: String {
    switch value {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}
