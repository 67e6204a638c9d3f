/// A linear program, continuous or with integers: columns (variables), rows (constraints), an objective.
///
///     minimize  Σ c_j x_j   subject to   L_i <= Σ_j a_ij x_j <= U_i,   l_j <= x_j <= u_j,   some x_j integer
///
/// It is written like the mathematics, or filled in bulk:
///
///     var model = LinearModel()
///     let x = model.variables("x", over: foods, in: 0...)
///     model.minimize(sum(over: foods) { cost($0) * x[$0] })
///     for n in nutrients {
///       model.constrain("need[\(n)]", sum(over: foods) { content($0, n) * x[$0] } >= need(n))
///     }
///
/// Nothing is checked while it is filled; ``validate()`` does so, and a solver calls it. Infinite bounds mean
/// none.
public struct LinearModel: Sendable {
  /// Whether the objective is to be small or large.
  public enum Sense: Hashable, Sendable {
    /// The objective is to be as small as possible.
    case minimize
    /// The objective is to be as large as possible.
    case maximize
  }

  /// The values a variable may take between its bounds.
  public enum Kind: Hashable, Sendable {
    /// Any number.
    case continuous
    /// Whole numbers only.
    case integer
  }

  /// A variable.
  public struct Column: Hashable, Sendable {
    /// Its name, unlike that of any other column.
    public var name: String
    /// Its least and greatest value.
    public var bounds: Bounds
    /// Its coefficient in the objective.
    public var objective: Double
    /// Whether it is integer.
    public var kind: Kind
  }

  /// A constraint.
  public struct Row: Hashable, Sendable {
    /// Its name, unlike that of any other row.
    public var name: String
    /// Between what the sum of its terms must lie.
    public var bounds: Bounds
  }

  /// The variables, by index.
  public internal(set) var columns: [Column] = []
  /// The constraints, by index.
  public internal(set) var rows: [Row] = []
  /// Whether the objective is to be small or large.
  public var sense = Sense.minimize
  /// What is added to the objective.
  public var objectiveConstant = 0.0
  /// Whether rows without a coefficient, and columns without one and without an objective, are accepted. They
  /// are errors otherwise, because a formulation that has them usually forgot something; a generated model
  /// may have them by nature.
  public var allowsEmpty = false

  var entries = Entries()

  /// An empty model.
  public init() {}

  /// The number of columns.
  public var columnCount: Int { columns.count }
  /// The number of rows.
  public var rowCount: Int { rows.count }
  /// The number of coefficients given, zeros included.
  public var entryCount: Int { entries.values.count }
  /// Whether a column is integer.
  public var hasIntegers: Bool { columns.contains { $0.kind == .integer } }

  /// The objective with +1 for minimizing and -1 for maximizing in front: what is to be small.
  var sign: Double { sense == .minimize ? 1 : -1 }
}

extension LinearModel {
  /// The coefficients of the rows as triplets, in the order in which they were given.
  struct Entries: Sendable {
    var rows: [Int32] = []
    var columns: [Int32] = []
    var values: [Double] = []

    mutating func add(row: Int, column: Int, value: Double) {
      // An index that does not fit is out of range for any model: clamping keeps it so, for validation to
      // report.
      rows.append(Int32(clamping: row))
      columns.append(Int32(clamping: column))
      values.append(value)
    }
  }

  /// The coefficients by column. Takes time and memory linear in the entries, rows and columns.
  public func matrixByColumn() -> CompressedMatrix {
    CompressedMatrix(
      major: entries.columns, minor: entries.rows, values: entries.values, majorCount: columnCount,
      minorCount: rowCount)
  }

  /// The coefficients by row. Takes time and memory linear in the entries, rows and columns.
  public func matrixByRow() -> CompressedMatrix {
    CompressedMatrix(
      major: entries.rows, minor: entries.columns, values: entries.values, majorCount: rowCount,
      minorCount: columnCount)
  }
}
