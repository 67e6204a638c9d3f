import Foundation

/// A text to measure on, and the name of its folder as its kind.
struct TextFile {
  let path: String
  let kind: String
  let text: String

  /// Reads a file; bytes that are no UTF-8 become the replacement character.
  init(path: String) throws {
    let url = URL(fileURLWithPath: path)
    self.path = path
    kind = url.deletingLastPathComponent().lastPathComponent
    text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
  }

  /// Parts of about so many bytes, cut between characters.
  func parts(of size: Int) -> [String] {
    var parts: [String] = []
    var start = text.startIndex
    while start < text.endIndex {
      let target = text.utf8.index(start, offsetBy: size, limitedBy: text.endIndex) ?? text.endIndex
      var end = text.unicodeScalars.index(after: start)
      // Rounds down to the start of a scalar.
      end = max(end, String.Index(target, within: text.unicodeScalars) ?? roundedDown(target))
      parts.append(String(text[start..<end]))
      start = end
    }
    return parts
  }

  private func roundedDown(_ index: String.Index) -> String.Index {
    var index = index
    while String.Index(index, within: text.unicodeScalars) == nil { index = text.utf8.index(before: index) }
    return index
  }
}
