/// What is wrong with numbers that a quality profile or predictor was given.
public struct QualityError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of error; more may be added.
  public struct Code: Hashable, Sendable {
    private let name: String

    /// Arrays whose lengths do not fit together.
    public static let shape = Code(name: "shape")
    /// A number outside its range, or not a number where one is needed.
    public static let range = Code(name: "range")
    /// Nothing to learn from.
    public static let empty = Code(name: "empty")
    /// More than is held.
    public static let tooLarge = Code(name: "tooLarge")
    /// A name given twice.
    public static let duplicate = Code(name: "duplicate")
    /// Parts that were not made for each other.
    public static let mismatch = Code(name: "mismatch")
  }

  /// The kind of error.
  public let code: Code
  /// What is wrong, where, and what to do.
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
