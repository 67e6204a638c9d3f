package import Drayage

/// A passage of JSON that is carried as it is written, such as a schema or a tool's arguments.
public struct JSONFragment: Hashable, Sendable, CustomStringConvertible {
  /// The text: one JSON value.
  public let text: String

  /// Takes `text` if it is one well-formed JSON value (RFC 8259), nested at most 128 deep; nil otherwise.
  public init?(_ text: String) {
    guard (try? JSONNode.parse(Array(text.utf8), file: "")) != nil else { return nil }
    self.text = text
  }

  /// The passage that `node` was parsed from.
  package init(_ node: JSONNode, in bytes: [UInt8]) {
    text = String(decoding: bytes[node.range], as: UTF8.self)
  }

  /// A text that is known to be one JSON value.
  package init(unchecked text: String) {
    self.text = text
  }

  /// The text.
  public var description: String { text }
}
