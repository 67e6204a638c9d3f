/// A file, or something in it, that cannot be used: which file, which line, which column or key, what is
/// wrong and what to do.
public struct InputError: Error, Hashable, Sendable {
  /// What kind of thing is wrong. More kinds may be added.
  public struct Code: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable {
      case unreadable, unwritable, encoding, syntax, empty, missing, unknown, duplicate, value, tooLarge
    }

    let kind: Kind

    /// The file does not exist, is a directory, or may not be read.
    public static let unreadable = Code(kind: .unreadable)
    /// The file cannot be written.
    public static let unwritable = Code(kind: .unwritable)
    /// The file is not UTF-8 text.
    public static let encoding = Code(kind: .encoding)
    /// The file breaks the rules of its format.
    public static let syntax = Code(kind: .syntax)
    /// The file holds nothing to work on.
    public static let empty = Code(kind: .empty)
    /// A column, key or value that is needed is not there.
    public static let missing = Code(kind: .missing)
    /// A name that nothing here goes by.
    public static let unknown = Code(kind: .unknown)
    /// Something that may appear once appears again.
    public static let duplicate = Code(kind: .duplicate)
    /// A value outside its range or not of its type.
    public static let value = Code(kind: .value)
    /// More than this library is willing to hold.
    public static let tooLarge = Code(kind: .tooLarge)
  }

  /// What kind of thing is wrong.
  public let code: Code
  /// The file's path as it was given.
  public let file: String
  /// The line in the file, from 1; nil when the whole file is meant.
  public let line: Int?
  /// The column of a table, as its header names it.
  public let column: String?
  /// The key of a configuration, as a path such as `workloads.support.quality`.
  public let key: String?
  /// What is wrong, then what to do about it.
  public let message: String

  /// An error about `file`, narrowed to a line, a column or a key where known.
  public init(
    _ code: Code, file: String, line: Int? = nil, column: String? = nil, key: String? = nil, message: String
  ) {
    self.code = code
    self.file = file
    self.line = line
    self.column = column
    self.key = key
    self.message = message
  }
}

extension InputError.Code: CustomStringConvertible {
  /// The name of the code, such as `missing`.
  public var description: String { kind.rawValue }
}

extension InputError: CustomStringConvertible {
  /// One line such as `scores.csv:12: column 'gpt-4|score': 'NaN' is not a score; …`.
  public var description: String {
    var text = Self.printable(file)
    if let line { text += ":\(line)" }
    text += ": "
    if let column { text += "column '\(Self.printable(column))': " }
    if let key { text += "'\(Self.printable(key))': " }
    return text + message
  }

  /// `text` in quotes for a message: at most 60 characters, control characters replaced.
  package static func quoted(_ text: String) -> String {
    let cut = text.unicodeScalars.prefix(61)
    let shown = printable(String(String.UnicodeScalarView(cut.prefix(60))))
    return "'" + shown + (cut.count > 60 ? "…" : "") + "'"
  }

  /// `text` without control characters, which a terminal would obey.
  private static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return text
    }
    return String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }
}
