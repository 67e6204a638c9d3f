internal import DrayageCore

/// A transaction in PostgreSQL, begun with its first statement. What is written is sent together with the
/// commit.
final class PostgresTables: LedgerTables {
  /// The budgets as they were at a version of theirs, so that they are read again only when they have
  /// changed.
  struct KnownBudgets {
    let version: Int64
    let budgets: [Budget]
  }

  let store: String
  let connection: PostgresConnection
  let deadline: ContinuousClock.Instant
  /// The budgets last read, in this transaction or an earlier one.
  private(set) var known: KnownBudgets?
  /// The version of the budgets that this transaction sees.
  private var version: Int64?
  private(set) var raisesBudgets = false

  init(
    _ connection: PostgresConnection, store: String, known: KnownBudgets?, deadline: ContinuousClock.Instant
  ) throws {
    self.connection = connection
    self.store = store
    self.known = known
    self.deadline = deadline
    try connection.send(.begin)
  }

  /// Carries out what was sent, and returns the rows of the last statement.
  func rows(_ statement: PostgresStatement, _ values: [PostgresValue] = []) throws -> PostgresRows {
    try connection.send(statement, values)
    guard let rows = try connection.receive(until: deadline).last else {
      throw PostgresFailure(kind: .lost, message: "the server has left out an answer")
    }
    return rows
  }

  func budgets(toChange: Bool) throws -> [Budget] {
    let version: Int64
    if toChange {
      version = try rows(.lockBudgets).integer(0, 0)
    } else if let seen = self.version {
      version = seen
    } else {
      version = try rows(.budgetsVersion).integer(0, 0)
    }
    if let known, known.version == version, !raisesBudgets { return known.budgets }
    let rows = try rows(.budgets)
    let budgets = try (0..<rows.count).map { row in
      try BudgetRow(
        name: rows.text(row, 0), scope: rows.text(row, 1), scopeName: rows.text(row, 2),
        window: rows.text(row, 3), zone: rows.text(row, 4), nanodollars: rows.integer(row, 5)
      ).budget()
    }
    // A change may have been committed between the two statements: then the next one reads them once more.
    known = raisesBudgets ? nil : KnownBudgets(version: version, budgets: budgets)
    return budgets
  }

  private func raiseBudgets() throws {
    if !raisesBudgets { try connection.send(.raiseBudgets) }
    raisesBudgets = true
    known = nil
  }

  func save(_ budget: Budget) throws {
    let row = BudgetRow(budget)
    try connection.send(
      .saveBudget,
      [
        .text(row.name), .text(row.scope), .text(row.scopeName), .text(row.window), .text(row.zone),
        .integer(row.nanodollars),
      ])
    try raiseBudgets()
  }

  func removeBudget(named name: String) throws {
    try connection.send(.removeBudget, [.text(name)])
    try raiseBudgets()
  }

  func attempts(_ keys: [ReservationKey]) throws -> [(ReservationKey, AttemptRow)] {
    // With the version of the budgets, for both are needed and one way to the server and back is enough.
    try connection.send(.budgetsVersion)
    try connection.send(.attempts, Self.columns(keys))
    let results = try connection.receive(until: deadline)
    guard results.count >= 2, let rows = results.last else {
      throw PostgresFailure(kind: .lost, message: "the server has left out an answer")
    }
    version = try results[results.count - 2].integer(0, 0)
    return try (0..<rows.count).map { row in
      let place = Int(try rows.integer(row, 0)) - 1
      guard keys.indices.contains(place) else {
        throw BrokenTables.value(table: "drayage_attempt", column: "place")
      }
      return (keys[place], try attempt(rows, row))
    }
  }

  private func attempt(_ rows: PostgresRows, _ row: Int) throws -> AttemptRow {
    var settlement: AttemptRow.Settlement?
    if !rows.isNull(row, 5) {
      settlement = try AttemptRow.Settlement(
        charge: rows.integer(row, 5), at: rows.integer(row, 6), token: rows.integer(row, 7))
    }
    return try AttemptRow(
      ceiling: rows.integer(row, 1), accounts: AttemptRow.accounts(in: rows.text(row, 2)),
      payload: rows.bytes(row, 3), reservedAt: rows.integer(row, 4), settlement: settlement)
  }

  static func columns(_ keys: [ReservationKey]) -> [PostgresValue] {
    [
      .texts(keys.map(\.run)), .texts(keys.map(\.attempt.request)),
      .integers(keys.map { Int64($0.attempt.ordinal) }),
    ]
  }
}
