extension ProfileFile {
  /// Reads the file at `path`.
  ///
  /// - Throws: ``InputError`` with the line and the key of the first fault.
  public init(contentsOf path: String) throws(InputError) {
    try self.init(reading: try InputFile.bytes(at: path, limit: JSONParser.mostBytes), file: path)
  }

  /// Writes the file at `path`, whole or not at all.
  ///
  /// - Throws: ``InputError`` if it cannot be written.
  public func write(to path: String) throws(InputError) {
    var file = try AtomicFile(path)
    try file.append(text.utf8)
    try file.commit()
  }
}
