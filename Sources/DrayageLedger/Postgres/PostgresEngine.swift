internal import Foundation

/// Transactions in a PostgreSQL database, on a connection that is made anew whenever it is lost.
///
/// A transaction whose commit was not acknowledged is run again: every operation knows what it has done
/// already.
final class PostgresEngine: LedgerEngine {
  let store: String
  private let address: String
  private let patience: Int
  private var connection: PostgresConnection?
  private var known: PostgresTables.KnownBudgets?
  /// Whether the server was ever reached. A wrong address or password is told at once, without patience.
  private var reached = false

  /// Nothing is sent before the first transaction.
  init(address: String, patience: Int) {
    self.address = address
    self.patience = patience
    store = PostgresConnection.name(of: address) ?? "postgresql"
  }

  func transaction<Answer>(
    _ body: (any LedgerTables) throws -> Answer
  ) throws(LedgerStoreError) -> Answer {
    guard PostgresConnection.name(of: address) != nil else {
      throw LedgerStoreError(
        .unusable, store,
        "the address is none that libpq can read; write postgresql://user@host:5432/database")
    }
    let deadline = ContinuousClock.now + .seconds(patience)
    var pause = Duration.milliseconds(5)
    while true {
      do {
        return try attempt(body, until: deadline)
      } catch let failure as PostgresFailure {
        // With the deadline over there is no knowing what state the connection is in.
        if failure.endsConnection || ContinuousClock.now >= deadline { connection = nil }
        guard failure.isTransient, reached || failure.kind != .lost, ContinuousClock.now + pause < deadline
        else {
          throw explained(failure)
        }
        Thread.sleep(forTimeInterval: pause / .seconds(1))
        pause = min(pause * 2, .milliseconds(500))
      } catch {
        throw explained(error)
      }
    }
  }

  func close() { connection = nil }

  private func attempt<Answer>(
    _ body: (any LedgerTables) throws -> Answer, until deadline: ContinuousClock.Instant
  ) throws -> Answer {
    let connection = try self.connection ?? connect(until: deadline)
    self.connection = connection
    do {
      let tables = try PostgresTables(connection, store: store, known: known, deadline: deadline)
      let answer = try body(tables)
      try connection.send(.commit)
      _ = try connection.receive(until: deadline)
      known = tables.known
      return answer
    } catch {
      known = nil
      if let failure = error as? PostgresFailure, failure.endsConnection { throw error }
      // Should this fail as well, the connection is of no use.
      do {
        try connection.send(.rollback)
        _ = try connection.receive(until: deadline)
      } catch {
        self.connection = nil
      }
      throw error
    }
  }

  private func connect(until deadline: ContinuousClock.Instant) throws -> PostgresConnection {
    let connection = try PostgresConnection(address, until: deadline)
    // A worker that stands still must not keep the others from the accounts; every statement finds its rows
    // by their keys, whatever the planner believes of tables that were empty a moment ago; and what is
    // acknowledged is durable.
    let milliseconds = String(patience * 1_000)
    try connection.send(
      sql: """
        SELECT set_config('idle_in_transaction_session_timeout', $1, false),
          set_config('lock_timeout', $1, false), set_config('statement_timeout', $1, false),
          set_config('default_transaction_isolation', 'read committed', false),
          set_config('enable_seqscan', 'off', false), set_config('enable_hashjoin', 'off', false),
          set_config('enable_mergejoin', 'off', false),
          set_config('plan_cache_mode', 'force_generic_plan', false)
        """, [.text(milliseconds)])
    try connection.send(
      sql: """
        SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') IN ('off', 'local')
        """)
    try PostgresSchema.prepare(connection, until: deadline)
    for statement in PostgresStatement.allCases { try connection.prepare(statement) }
    _ = try connection.receive(until: deadline)
    reached = true
    return connection
  }

  private func explained(_ error: any Error) -> LedgerStoreError {
    switch error {
    case let error as LedgerStoreError: return error
    case let failure as PostgresFailure: return explained(failure)
    case PostgresSchema.Fault.newer(let version):
      return LedgerStoreError(
        .unusable, store,
        "holds a ledger of format \(version), and this version reads format \(PostgresSchema.version); "
          + "use the newer version of Drayage that has made it")
    case let error as BrokenTables:
      return LedgerStoreError(.unusable, store, "its tables are damaged (\(error)); restore a copy")
    default: return LedgerStoreError(.failed, store, "failed: \(error)")
    }
  }

  private func explained(_ failure: PostgresFailure) -> LedgerStoreError {
    switch failure.kind {
    case .lost:
      return LedgerStoreError(
        .unavailable, store,
        "cannot be reached (\(failure.message)); check that the server runs, and the address, the user and "
          + "the password")
    case .state(let state):
      if failure.isTransient {
        return LedgerStoreError(
          .unavailable, store,
          "is not ready after \(patience) s (\(failure.message), SQLSTATE \(state)); try again later")
      }
      if state.hasPrefix("53") {
        return LedgerStoreError(
          .full, store, "has no room (\(failure.message), SQLSTATE \(state)); make room on the server")
      }
      if state == "42501" {
        return LedgerStoreError(
          .unusable, store,
          "does not allow this (\(failure.message)); let the user create tables in the schema, or make "
            + "them its own")
      }
      return LedgerStoreError(.failed, store, "failed (\(failure.message), SQLSTATE \(state))")
    }
  }
}
