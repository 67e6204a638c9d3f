internal import DrayageCore
internal import Foundation
internal import GRDB

/// A transaction on a SQLite file. It is the only writer from its beginning, so that nothing more is to be
/// locked.
final class SQLiteTables: LedgerTables {
  let store: String
  let db: Database

  init(_ db: Database, store: String) {
    self.db = db
    self.store = store
  }

  /// Runs a statement that is compiled once per connection.
  func run(_ sql: String, _ arguments: StatementArguments) throws {
    try db.cachedStatement(sql: sql).execute(arguments: arguments)
  }

  /// The rows of a statement that is compiled once per connection.
  func rows(_ sql: String, _ arguments: StatementArguments) throws -> RowCursor {
    try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
  }

  func budgets(toChange: Bool) throws -> [Budget] {
    var budgets: [Budget] = []
    let rows = try rows(
      "SELECT name, scope, scope_name, period, zone, nanodollars FROM budget ORDER BY name", [])
    while let row = try rows.next() {
      let budget = BudgetRow(
        name: row[0], scope: row[1], scopeName: row[2], window: row[3], zone: row[4], nanodollars: row[5])
      budgets.append(try budget.budget())
    }
    return budgets
  }

  func save(_ budget: Budget) throws {
    let row = BudgetRow(budget)
    try run(
      "INSERT OR REPLACE INTO budget (name, scope, scope_name, period, zone, nanodollars) "
        + "VALUES (?, ?, ?, ?, ?, ?)",
      [row.name, row.scope, row.scopeName, row.window, row.zone, row.nanodollars])
  }

  func removeBudget(named name: String) throws {
    try run("DELETE FROM budget WHERE name = ?", [name])
  }

  func attempts(_ keys: [ReservationKey]) throws -> [(ReservationKey, AttemptRow)] {
    var attempts: [(ReservationKey, AttemptRow)] = []
    for key in keys {
      let rows = try rows(
        "SELECT ceiling, accounts, payload, reserved_at, charge, settled_at, token FROM attempt "
          + "WHERE run = ? AND request = ? AND ordinal = ?",
        [key.run, key.attempt.request, key.attempt.ordinal])
      guard let row = try rows.next() else { continue }
      let charge: Int64? = row[4]
      attempts.append(
        (
          key,
          AttemptRow(
            ceiling: row[0], accounts: AttemptRow.accounts(in: row[1]), payload: Array(row[2] as Data),
            reservedAt: row[3],
            settlement: charge.map { AttemptRow.Settlement(charge: $0, at: row[5] ?? 0, token: row[6] ?? 0) })
        ))
    }
    return attempts
  }

  func accounts(ids: [Int64], windows: [AccountRow.Window]) throws -> [AccountRow] {
    var accounts: [AccountRow] = []
    for id in ids {
      let rows = try rows("SELECT id, budget, period, spent, held FROM account WHERE id = ?", [id])
      guard let row = try rows.next() else { throw BrokenTables.accountMissing(String(id)) }
      accounts.append(Self.account(row))
    }
    for window in windows {
      if let account = try account(of: window) {
        accounts.append(account)
        continue
      }
      try run("INSERT INTO account (budget, period) VALUES (?, ?)", [window.budget, window.window])
      accounts.append(AccountRow(id: db.lastInsertedRowID, window: window, spent: 0, held: 0))
    }
    return accounts
  }

  func look(at windows: [AccountRow.Window]) throws -> [AccountRow] {
    try windows.compactMap { try account(of: $0) }
  }

  private func account(of window: AccountRow.Window) throws -> AccountRow? {
    let rows = try rows(
      "SELECT id, budget, period, spent, held FROM account WHERE budget = ? AND period = ?",
      [window.budget, window.window])
    return try rows.next().map(Self.account)
  }

  private static func account(_ row: Row) -> AccountRow {
    AccountRow(
      id: row[0], window: AccountRow.Window(budget: row[1], window: row[2]), spent: row[3], held: row[4])
  }

  func write(_ group: LedgerGroup) throws {
    for id in group.changedAccounts {
      guard let account = group.accounts[id] else { continue }
      try run("UPDATE account SET spent = ?, held = ? WHERE id = ?", [account.spent, account.held, id])
    }
    for key in group.added {
      guard let attempt = group.attempts[key] else { continue }
      let settlement = attempt.settlement
      try run(
        "INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
          key.run, key.attempt.request, key.attempt.ordinal, attempt.ceiling,
          AttemptRow.text(of: attempt.accounts), settlement == nil ? attempt.payload.data : [UInt8]().data,
          attempt.reservedAt, settlement?.charge, settlement?.at, settlement?.token,
        ])
    }
    for key in group.settled {
      guard let settlement = group.attempts[key]?.settlement else { continue }
      try run(
        "UPDATE attempt SET payload = x'', charge = ?, settled_at = ?, token = ? "
          + "WHERE run = ? AND request = ? AND ordinal = ?",
        [
          settlement.charge, settlement.at, settlement.token, key.run, key.attempt.request,
          key.attempt.ordinal,
        ])
    }
  }

  func openReservations(run: String?) throws -> [OpenReservation] {
    var open: [OpenReservation] = []
    let sql =
      "SELECT run, request, ordinal, ceiling, payload, reserved_at FROM attempt WHERE charge IS NULL"
    let rows = try run.map { try self.rows(sql + " AND run = ?", [$0]) } ?? self.rows(sql, [])
    while let row = try rows.next() {
      open.append(
        OpenReservation(
          key: ReservationKey(run: row[0], attempt: AttemptID(request: row[1], ordinal: row[2])),
          ceiling: Money(nanodollars: row[3]), payload: Array(row[4] as Data),
          reservedAt: UTCInstant(secondsSince1970: row[5])))
    }
    return open
  }

  func attempts(of run: String, requests: [String]) throws -> [RecordedAttempt] {
    var attempts: [RecordedAttempt] = []
    for request in requests {
      let rows = try rows(
        "SELECT ordinal, ceiling, charge, payload FROM attempt WHERE run = ? AND request = ?",
        [run, request])
      while let row = try rows.next() {
        let charge: Int64? = row[2]
        attempts.append(
          RecordedAttempt(
            key: ReservationKey(run: run, attempt: AttemptID(request: request, ordinal: row[0])),
            ceiling: Money(nanodollars: row[1]), charge: charge.map { Money(nanodollars: $0) },
            payload: Array(row[3] as Data)))
      }
    }
    return attempts
  }

  func forgetSettled(before time: Int64) throws -> Int {
    try run(
      """
      DELETE FROM attempt WHERE (run, request, ordinal) IN (
        SELECT run, request, ordinal FROM attempt WHERE charge IS NOT NULL AND settled_at < ? LIMIT 10000)
      """, [time])
    return db.changesCount
  }
}
