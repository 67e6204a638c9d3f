/// What is wrong with a model or with the options of a solve. That a sound model has no solution is an
/// answer, never this error.
public struct ModelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of error it is; more may be added.
  public struct Code: Hashable, Sendable {
    /// The name of the code.
    public let name: String

    /// A number is not a number.
    public static let notANumber = Code(name: "notANumber")
    /// A number is infinite where it may not be.
    public static let infinite = Code(name: "infinite")
    /// A lower bound is above the upper one.
    public static let reversedBounds = Code(name: "reversedBounds")
    /// A row has no coefficient.
    public static let emptyRow = Code(name: "emptyRow")
    /// A column has neither a coefficient nor an objective.
    public static let emptyColumn = Code(name: "emptyColumn")
    /// Two rows, or two columns, have the same name.
    public static let duplicateName = Code(name: "duplicateName")
    /// A coefficient is given for a row or column that does not exist.
    public static let indexOutOfRange = Code(name: "indexOutOfRange")
    /// Two coefficients are given for the same row and column.
    public static let duplicateEntry = Code(name: "duplicateEntry")
    /// A number is larger than ``LinearModel/greatestMagnitude``.
    public static let tooLarge = Code(name: "tooLarge")
    /// A coefficient is negligible beside the others of its row and of its column.
    public static let coefficientRange = Code(name: "coefficientRange")
    /// There are more rows, columns or coefficients than 2³¹ - 1.
    public static let tooManyEntries = Code(name: "tooManyEntries")
    /// An option of the solve is out of its range.
    public static let badOption = Code(name: "badOption")
    /// A starting basis has more rows or columns than the model.
    public static let badBasis = Code(name: "badBasis")
  }

  /// What kind of error it is.
  public let code: Code
  /// The name of the row concerned, if it is one.
  public let row: String?
  /// The name of the column concerned, if it is one.
  public let column: String?
  /// What is wrong and what to do, without the names.
  public let message: String

  init(_ code: Code, row: String? = nil, column: String? = nil, _ message: String) {
    self.code = code
    self.row = row
    self.column = column
    self.message = message
  }

  /// A sentence for people, beginning with the row and column.
  public var description: String {
    let place = [row.map { "row '\($0)'" }, column.map { "column '\($0)'" }].compactMap { $0 }
    return (place.isEmpty ? "" : place.joined(separator: ", ") + ": ") + message
  }
}
