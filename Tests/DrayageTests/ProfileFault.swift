import Testing

@testable import Drayage

/// A change to the text of a profile file with which it must be refused: what is replaced by what, and the
/// line, the key within the first profile and some words of the error.
struct ProfileFault {
  let change: (old: String, new: String, line: Int, key: String, words: String)

  init(_ change: (String, String, Int, String, String)) { self.change = change }

  func check(in good: String) throws {
    let (old, new, line, key, words) = change
    try #require(good.contains(old))
    #expect(throws: Never.self) { try ProfileFile(reading: Array(good.utf8), file: "p.json") }
    let text = good.replacing(old, with: new, maxReplacements: 1)
    let error = try #require(
      #expect(throws: InputError.self, "\(old) -> \(new)") {
        try ProfileFile(reading: Array(text.utf8), file: "p.json")
      })
    #expect(error.file == "p.json" && error.line == line, "\(old) -> \(new): \(error)")
    #expect(error.key == "profiles[0].\(key)", "\(old) -> \(new): \(error)")
    #expect(error.message.contains(words), "\(old) -> \(new): \(error)")
  }
}
