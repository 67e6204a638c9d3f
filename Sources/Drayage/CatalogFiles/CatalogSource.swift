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

extension CatalogSource {
  /// The file at `path`.
  ///
  /// - Throws: ``InputError`` if it cannot be read, or has more than 32 MiB.
  public init(contentsOf path: String) throws(InputError) {
    self.init(name: path, bytes: try InputFile.bytes(at: path, limit: JSONParser.mostBytes))
  }

  /// Writes the file at `path`, whole or not at all.
  ///
  /// - Throws: ``InputError`` if it cannot be written.
  public func write(to path: String) throws(InputError) {
    var file = try AtomicFile(path)
    try file.append(bytes)
    try file.commit()
  }
}
