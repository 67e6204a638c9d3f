/// A ledger and a job queue on disk: in a SQLite file, or in a PostgreSQL database that several machines
/// share.
///
/// Calls of many tasks are gathered and committed together; each returns once its own change is durable. If
/// the store is down, calls fail after a stated time, and work again as soon as it is back.
public final class DurableLedger: LedgerStore, JobQueue {
  /// How long a call waits for a store that is held or down, by default: seconds.
  public static let defaultPatience = 5

  let commits: GroupCommit

  init(_ engine: any LedgerEngine) async throws {
    commits = GroupCommit(engine)
    // Whatever is wrong with the store is better said now than at the first request.
    _ = try await other { try $0.budgets(toChange: false).count }
  }

  /// The ledger in the SQLite file at `path`, made if there is none. Several processes may use the file, on
  /// one machine and a local disk.
  ///
  /// - Parameter patience: seconds to wait for another process that is writing; 1 or more.
  /// - Throws: ``LedgerStoreError`` if the file is something else, or may not be written.
  public static func sqlite(
    at path: String, patience: Int = defaultPatience
  ) async throws -> DurableLedger {
    try await DurableLedger(SQLiteEngine(path: path, patience: max(1, patience)))
  }

  /// The ledger in a PostgreSQL database, version 14 or newer; its tables, named `drayage_…`, are made in the
  /// first schema of the search path if there are none.
  ///
  /// - Parameters:
  ///   - address: a connection URI or string as libpq reads it. What it leaves out comes from `PGHOST`,
  ///     `PGPASSWORD` and so on.
  ///   - patience: seconds to go on trying when the server is down or the connection is lost; 1 or more.
  /// - Throws: ``LedgerStoreError`` if the server cannot be reached or refuses.
  public static func postgres(
    _ address: String, patience: Int = defaultPatience
  ) async throws -> DurableLedger {
    try await DurableLedger(PostgresEngine(address: address, patience: max(1, patience)))
  }

  /// Waits for what is under way, then lets go of the store. Later calls throw.
  public func close() async { await commits.close() }

  /// Does `body` in a transaction that it shares with other calls.
  func other<Answer: Sendable>(
    _ body: @escaping @Sendable (any LedgerTables) throws -> Answer
  ) async throws -> Answer {
    guard case .other(let value) = try await commits.submit(.other { try body($0) }),
      let answer = value as? Answer
    else { preconditionFailure("an operation is answered by its own answer") }
    return answer
  }

  /// Tells one call from all others, so that a call whose acknowledgement was lost is known again.
  static func token() -> Int64 { Int64.random(in: .min ... .max) }
}
