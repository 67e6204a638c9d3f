/// Why a vocabulary file cannot be used.
public struct VocabularyError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of mistake it is. More kinds may be added.
  public struct Code: Sendable, Hashable {
    let name: String

    /// A line is not `base64 rank`.
    public static let malformedLine = Code(name: "malformedLine")
    /// Two lines have the same token or the same rank.
    public static let duplicate = Code(name: "duplicate")
    /// One of the 256 single bytes is no token, so some text could not be encoded.
    public static let incomplete = Code(name: "incomplete")
    /// The file, a token or the number of tokens is beyond the limits of ``Vocabulary``.
    public static let tooLarge = Code(name: "tooLarge")
  }

  /// What kind of mistake it is.
  public let code: Code
  /// The line it is on, the first being 1; nil when it concerns the whole file.
  public let line: Int?
  /// What is wrong and what to do.
  public let message: String

  /// The line, if any, and the message.
  public var description: String { line.map { "line \($0): \(message)" } ?? message }
}
