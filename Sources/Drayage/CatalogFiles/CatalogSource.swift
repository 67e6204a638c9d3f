/// The bytes of a price file with the name to call it by.
public struct CatalogSource: Hashable, Sendable {
  /// The name, for messages: a path, or whatever tells it from the others.
  public let name: String
  /// The content: JSON in UTF-8.
  public let bytes: [UInt8]

  /// A file of `bytes` called `name`.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// A file of `text` called `name`.
  public init(name: String, text: String) {
    self.init(name: name, bytes: Array(text.utf8))
  }
}
