import CGLPK

/// A model in the arrays that the C function takes.
struct GLPKProblem {
  var settings: glpk_shim_settings
  var rowLower: [Double]
  var rowUpper: [Double]
  var columnLower: [Double]
  var columnUpper: [Double]
  var costs: [Double]
  var isInteger: [UInt8]
  var starts: [Int32]
  /// From index 1, and counting rows from 1.
  var entryRows: [Int32]
  /// From index 1.
  var entryValues: [Double]

  /// The arrays of a valid model.
  init(_ model: LinearModel) {
    let matrix = model.matrixByColumn()
    settings = glpk_shim_settings()
    settings.rows = Int32(model.rowCount)
    settings.columns = Int32(model.columnCount)
    settings.maximize = model.sense == .maximize ? 1 : 0
    settings.has_integers = model.hasIntegers ? 1 : 0
    rowLower = model.rows.map(\.bounds.lower)
    rowUpper = model.rows.map(\.bounds.upper)
    let bounds = model.columns.map(\.solverBounds)
    columnLower = bounds.map(\.lower)
    columnUpper = bounds.map(\.upper)
    costs = model.columns.map(\.objective)
    isInteger = model.columns.map { $0.kind == .integer ? 1 : 0 }
    starts = matrix.starts.map { Int32($0) }
    entryRows = [0] + matrix.indices.map { $0 + 1 }
    entryValues = [0] + matrix.values
  }

  /// Whether an integer column has no whole number between its bounds.
  var hasEmptyDomain: Bool { zip(columnLower, columnUpper).contains { $0 > $1 } }

  /// What GLPK answered.
  struct Answer {
    var result: glpk_shim_result
    var values: [Double]
    var rowDuals: [Double]
    var basis: Basis
  }

  /// Runs GLPK in the calling thread.
  func run(from basis: Basis?) -> Answer {
    var settings = settings
    settings.has_basis = basis == nil ? 0 : 1
    var rowStatus = basis?.rows.map(\.glpk) ?? Array(repeating: 0, count: rowLower.count)
    var columnStatus = basis?.columns.map(\.glpk) ?? Array(repeating: 0, count: costs.count)
    var values = Array(repeating: Double.nan, count: costs.count)
    var rowDuals = Array(repeating: Double.nan, count: rowLower.count)
    var result = glpk_shim_result()
    glpk_shim_solve(
      &settings, rowLower, rowUpper, columnLower, columnUpper, costs, isInteger, starts, entryRows,
      entryValues,
      &rowStatus, &columnStatus, &values, &rowDuals, &result)
    return Answer(
      result: result, values: values, rowDuals: rowDuals,
      basis: Basis(rows: rowStatus.map(Basis.Status.init), columns: columnStatus.map(Basis.Status.init)))
  }
}

extension LinearModel.Column {
  /// The bounds with those of an integer rounded inwards, forgiving an error of 10⁻⁹, since GLPK accepts no
  /// others.
  fileprivate var solverBounds: Bounds {
    guard kind == .integer else { return bounds }
    return Bounds(lower: (bounds.lower - 1e-9).rounded(.up), upper: (bounds.upper + 1e-9).rounded(.down))
  }
}

extension Basis.Status {
  fileprivate var glpk: UInt8 {
    switch self {
    case .basic: UInt8(GLP_BS)
    case .atLower: UInt8(GLP_NL)
    case .atUpper: UInt8(GLP_NU)
    case .free: UInt8(GLP_NF)
    }
  }

  fileprivate init(_ status: UInt8) {
    switch Int32(status) {
    case GLP_BS: self = .basic
    case GLP_NU: self = .atUpper
    case GLP_NF: self = .free
    default: self = .atLower
    }
  }
}
