/// A basis of the simplex method: for every row and column, whether it is basic, or at which of its bounds it
/// stands.
public struct Basis: Hashable, Sendable {
  /// Where a row's activity or a column's value stands.
  public enum Status: Hashable, Sendable {
    /// Between its bounds, determined by the others.
    case basic
    /// At its lower bound, which may also be its upper one.
    case atLower
    /// At its upper bound.
    case atUpper
    /// At zero, without bounds.
    case free
  }

  /// One for each row.
  public var rows: [Status]
  /// One for each column.
  public var columns: [Status]

  /// A basis.
  public init(rows: [Status], columns: [Status]) {
    self.rows = rows
    self.columns = columns
  }

  /// The basis for `model`, which may have gained rows, now basic, and columns, now at their bounds. As many
  /// are basic as there are rows.
  func extended(to model: LinearModel) -> Basis {
    var result = self
    result.rows += Array(repeating: .basic, count: model.rowCount - rows.count)
    result.columns += model.columns[columns.count...].map { column in
      if column.bounds.lower.isFinite { return .atLower }
      return column.bounds.upper.isFinite ? .atUpper : .free
    }
    return result
  }
}
