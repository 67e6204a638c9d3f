import CGLPK

/// A linear program that stays in GLPK between solves, for one that grows by columns and starts each time
/// where it ended.
///
/// It is minimized as it is, without scaling or names: give it numbers of the order of one. What it answers
/// is not checked against the model as ``GLPKSolver`` does: its user must. Every number is checked for being
/// finite, and a stop of GLPK is survived.
///
/// GLPK keeps its memory by thread. A session is used and dropped in the thread that made it, and while it
/// lives that thread must not call ``GLPKSolver`` or make another session.
package struct GLPKSession: ~Copyable {
  /// Columns to add, with their entries by column.
  package struct Columns {
    package private(set) var count = 0
    fileprivate var lower: [Double] = []
    fileprivate var upper: [Double] = []
    fileprivate var costs: [Double] = []
    fileprivate var starts: [Int32] = [0]
    /// From index 1, counting rows from 1.
    fileprivate var rows: [Int32] = [0]
    fileprivate var entries: [Double] = [0]
    fileprivate var status: [UInt8] = []

    package init() {}

    /// Where a column stands in the basis to start from.
    package enum Start {
      case atLower
      case atUpper
      case basic

      fileprivate var glpk: UInt8 {
        switch self {
        case .atLower: UInt8(GLP_NL)
        case .atUpper: UInt8(GLP_NU)
        case .basic: UInt8(GLP_BS)
        }
      }
    }

    /// Adds a column; infinite bounds mean none. `entries` are pairs of a row and a coefficient, each row at
    /// most once.
    package mutating func append(
      lower: Double = 0, upper: Double = .infinity, cost: Double, entries: some Sequence<(Int, Double)>,
      start: Start = .atLower
    ) {
      self.lower.append(lower)
      self.upper.append(upper)
      costs.append(cost)
      status.append(start.glpk)
      for (row, value) in entries {
        // What does not fit is out of range for any program, and stays so.
        rows.append(row < 0 ? -1 : Int32(clamping: row &+ 1))
        self.entries.append(value)
      }
      starts.append(Int32(rows.count - 1))
      count += 1
    }
  }

  /// How a solve ended.
  package enum Status {
    /// At an optimum, as GLPK says.
    case optimal
    /// The time limit came first.
    case timeLimit
    /// In any other way.
    case failed
  }

  private var session = glpk_session()
  package let rowCount: Int
  package private(set) var columnCount = 0
  /// The duals of the rows after a solve.
  package private(set) var rowDuals: [Double]
  /// The values of the columns after a solve.
  package private(set) var values: [Double] = []
  private var costs: [Double] = []

  /// A program with rows between bounds, infinite for none; at least one row.
  package init(lower: [Double], upper: [Double]) throws(GLPKSessionError) {
    precondition(lower.count == upper.count && !lower.isEmpty)
    rowCount = lower.count
    rowDuals = Array(repeating: 0, count: lower.count)
    try Self.check(lower, upper)
    guard glpk_session_make(&session, Int32(rowCount), lower, upper) == 0 else {
      throw GLPKSessionError("GLPK could not make a program of \(rowCount) rows")
    }
  }

  deinit {
    var session = session
    glpk_session_delete(&session)
  }

  private static func check(_ lower: [Double], _ upper: [Double]) throws(GLPKSessionError) {
    for (low, high) in zip(lower, upper) where !(low <= high) || low == .infinity || high == -.infinity {
      throw GLPKSessionError("the bounds \(low) and \(high) admit nothing")
    }
  }

  private func guarding(_ code: Int32) throws(GLPKSessionError) {
    guard code == 0 else { throw GLPKSessionError("GLPK gave up") }
  }

  /// Adds columns; returns the index of the first.
  @discardableResult
  package mutating func add(_ columns: Columns) throws(GLPKSessionError) -> Int {
    let first = columnCount
    guard columns.count > 0 else { return first }
    try Self.check(columns.lower, columns.upper)
    guard columns.costs.allSatisfy(\.isFinite), columns.entries.allSatisfy(\.isFinite),
      columns.rows.dropFirst().allSatisfy({ $0 >= 1 && $0 <= rowCount })
    else { throw GLPKSessionError("a coefficient is not finite, or for a row that does not exist") }
    try guarding(
      glpk_session_add(
        &session, Int32(columns.count), columns.lower, columns.upper, columns.costs, columns.starts,
        columns.rows, columns.entries, columns.status))
    columnCount += columns.count
    costs += columns.costs
    return first
  }

  /// The cost of a column.
  package func cost(of column: Int) -> Double { costs[column] }

  /// Changes costs of columns.
  package mutating func setCosts(_ costs: [Double], of columns: Range<Int>) throws(GLPKSessionError) {
    precondition(costs.count == columns.count && columns.upperBound <= columnCount)
    guard costs.allSatisfy(\.isFinite) else { throw GLPKSessionError("a cost is not finite") }
    try guarding(
      glpk_session_set_costs(&session, Int32(costs.count), columns.map { Int32($0) }, costs))
    self.costs.replaceSubrange(columns, with: costs)
  }

  /// Bounds columns from zero: to zero, which takes them out of the next solves at no cost, or to infinity.
  package mutating func setUpper(_ upper: Double, of columns: [Int]) throws(GLPKSessionError) {
    precondition(upper >= 0 && columns.allSatisfy { $0 < columnCount })
    try guarding(
      glpk_session_set_columns(
        &session, Int32(columns.count), columns.map { Int32($0) },
        Array(repeating: 0, count: columns.count), Array(repeating: upper, count: columns.count)))
  }

  /// Changes the bounds of the first rows.
  package mutating func setRows(lower: [Double], upper: [Double]) throws(GLPKSessionError) {
    precondition(lower.count == upper.count && lower.count <= rowCount)
    try Self.check(lower, upper)
    try guarding(glpk_session_set_rows(&session, Int32(lower.count), lower, upper))
  }

  /// Says which of the first rows are basic at the start; the others stand at their upper bounds.
  package mutating func setBasic(rows: [Bool]) throws(GLPKSessionError) {
    precondition(rows.count <= rowCount)
    let status = rows.map { UInt8($0 ? GLP_BS : GLP_NU) }
    try guarding(glpk_session_set_row_status(&session, Int32(rows.count), status))
  }

  /// Solves from the last basis, or the one that was set.
  ///
  /// - Parameters:
  ///   - dual: whether by the dual simplex method.
  ///   - iterations: as many as ought to do; after them GLPK is taken to cycle, and starts again from scratch.
  ///   - seconds: the most seconds, or `nil` for no limit.
  package mutating func solve(
    dual: Bool, iterations: Int? = nil, seconds: Double? = nil
  ) throws(GLPKSessionError) -> Status {
    rowDuals = Array(repeating: 0, count: rowCount)
    values = Array(repeating: 0, count: columnCount)
    var settings = glpk_session_settings()
    let started = ContinuousClock.now
    // From the last basis; then by the other method from scratch, then from scratch by this one, then scaled by
    // the other one, for a basis can turn out singular. GLPK can cycle at a degenerate one, so each attempt has a
    // limit, the first a tight one.
    let first = iterations ?? 500 + 10 * rowCount
    for attempt in 0..<4 {
      settings.iteration_limit = Int32(
        clamping: attempt == 0 ? first : 50 * (1_000 + rowCount))
      let used = started.duration(to: .now) / .seconds(1)
      settings.time_limit = seconds.map { Int32(max(1, min(($0 - used) * 1_000, 2e9))) } ?? .max
      settings.method = dual != (attempt % 2 == 1) ? GLP_DUALP : GLP_PRIMAL
      settings.fresh_basis = attempt == 0 ? 0 : 1
      settings.scale = attempt == 3 ? 1 : 0
      settings.primal_tolerance = 1e-10
      settings.dual_tolerance = 1e-10
      var (code, status): (Int32, Int32) = (0, 0)
      try guarding(glpk_session_solve(&session, &settings, &rowDuals, &values, &code, &status))
      if code == GLP_ETMLIM { return .timeLimit }
      if code == 0, status == GLP_OPT, values.allSatisfy(\.isFinite), rowDuals.allSatisfy(\.isFinite) {
        return .optimal
      }
    }
    return .failed
  }

  /// After an optimal solve: between which right-hand sides of each of the first `count` rows the duals stay
  /// what they are; infinite for rows that do not bind. `nil` if GLPK cannot tell.
  package mutating func ranges(of count: Int) throws(GLPKSessionError) -> [(least: Double, most: Double)]? {
    var least = Array(repeating: 0.0, count: count)
    var most = least
    var known: Int32 = 0
    try guarding(glpk_session_ranges(&session, Int32(count), &least, &most, &known))
    return known == 0 ? nil : Array(zip(least, most).map { ($0, $1) })
  }
}

/// GLPK gave up, or was to be given what it cannot take; the message says which.
package struct GLPKSessionError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
