/// Parses a price list within bounds on its size, so that no list, however made, takes much memory.
enum ImportText {
  /// The most bytes of a list; the largest known one has 3 MiB.
  static let mostBytes = 16 << 20
  /// The most values in a list; the largest known one has 120,000.
  static let mostValues = 500_000
  /// The most entries in a list; the largest known one has 5,000.
  static let mostEntries = 100_000

  /// The list that `source` holds.
  ///
  /// - Throws: ``InputError`` with the line of the first fault; with `tooLarge` beyond a bound.
  static func parse(_ source: CatalogSource) throws(InputError) -> JSONField {
    guard source.bytes.count <= mostBytes else {
      throw InputError(
        .tooLarge, file: source.name,
        message: "a price list of more than \(mostBytes >> 20) MiB is not read; import a part of it")
    }
    // Counted before anything is built: a value takes a hundred times the memory of its two bytes.
    guard values(in: source.bytes) <= mostValues else {
      throw InputError(
        .tooLarge, file: source.name,
        message: "a price list of more than \(mostValues) values is not read; import a part of it")
    }
    return JSONField(node: try JSONNode.parse(source.bytes, file: source.name), file: source.name, path: "")
  }

  /// At least as many as there are values in the text: brackets and separators outside of strings.
  private static func values(in bytes: [UInt8]) -> Int {
    var count = 1
    var inString = false
    var escaped = false
    for byte in bytes {
      if inString {
        if escaped {
          escaped = false
        } else if byte == UInt8(ascii: "\\") {
          escaped = true
        } else if byte == UInt8(ascii: "\"") {
          inString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): inString = true
      case UInt8(ascii: ","), UInt8(ascii: "{"), UInt8(ascii: "["): count += 1
      default: break
      }
    }
    return count
  }
}
