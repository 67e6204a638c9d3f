import ArgumentParser
import Drayage
import DrayageProfiles

/// `FAMILY=FILE`: a vocabulary to count tokens with.
struct TokenizerArgument: ExpressibleByArgument {
  let family: TokenFamily
  let path: String

  /// The families whose vocabularies come as `.tiktoken` files, and how each cuts texts.
  private static let patterns: [(family: TokenFamily, pattern: PreTokenizer)] = [
    (.cl100k, .cl100k), (.o200k, .o200k), (.llama3, .llama3), (.llama4, .o200k), (.qwen, .qwen),
    (.tekken, .tekken),
  ]

  static let names = patterns.map(\.family.name).joined(separator: ", ")

  init?(argument: String) {
    guard let mark = argument.firstIndex(of: "="),
      let family = Self.patterns.first(where: { $0.family.name == argument[..<mark] })?.family,
      argument.index(after: mark) < argument.endIndex
    else { return nil }
    self.family = family
    path = String(argument[argument.index(after: mark)...])
  }

  /// - Throws: ``InputError`` if the file cannot be read or is no vocabulary.
  func vocabulary() throws(InputError) -> Vocabulary {
    let bytes = try InputFile.bytes(at: path, limit: 256 << 20)
    let pattern = Self.patterns.first { $0.family == family }?.pattern ?? .o200k
    do throws(VocabularyError) { return try Vocabulary(tiktoken: bytes, pattern: pattern) } catch {
      throw InputError(.value, file: path, line: error.line, message: error.message)
    }
  }
}
