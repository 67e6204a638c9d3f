/// Why a ``ChoiceProblem`` was refused.
public struct ChoiceProblemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of refusal; more may come.
  public struct Code: Hashable, Sendable {
    private let name: String
    private init(_ name: String) { self.name = name }

    /// No groups, no options or no objective.
    public static let empty = Code("empty")
    /// An array whose length does not fit.
    public static let shape = Code("shape")
    /// NaN or infinity.
    public static let notFinite = Code("notFinite")
    /// An attribute or option that does not exist.
    public static let index = Code("index")
    /// Two constraints of one name.
    public static let duplicateName = Code("duplicateName")
    /// A group with nothing to choose from.
    public static let noOption = Code("noOption")
  }

  /// The kind of refusal.
  public let code: Code
  /// What is wrong and where.
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
