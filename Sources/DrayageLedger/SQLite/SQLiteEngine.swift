internal import Foundation
internal import GRDB

/// Transactions on a SQLite file.
final class SQLiteEngine: LedgerEngine {
  let store: String
  private let patience: Int
  private var connection: DatabaseQueue?

  /// Nothing is opened before the first transaction.
  init(path: String, patience: Int) {
    store = path
    self.patience = patience
  }

  func transaction<Answer>(
    _ body: (any LedgerTables) throws -> Answer
  ) throws(LedgerStoreError) -> Answer {
    do {
      let connection = try connection ?? open()
      self.connection = connection
      return try connection.writeWithoutTransaction { db in
        var answer: Answer?
        // At once the writer, so that two processes never both read before either writes.
        try db.inTransaction(.immediate) {
          answer = try body(SQLiteTables(db, store: store))
          return .commit
        }
        guard let answer else { preconditionFailure("a committed transaction has an answer") }
        return answer
      }
    } catch {
      throw explained(error)
    }
  }

  func close() {
    try? connection?.close()
    connection = nil
  }

  private func open() throws -> DatabaseQueue {
    guard !store.isEmpty, !store.utf8.contains(0) else {
      throw LedgerStoreError(.unusable, store, "a ledger needs a file; give its path")
    }
    // So that no path has a special meaning to SQLite, such as that of a database without a file.
    let path = store.hasPrefix("/") ? store : "./" + store
    if access(path, F_OK) != 0 { Self.makeFile(at: path) }
    var configuration = Configuration()
    configuration.journalMode = .wal
    configuration.busyMode = .timeout(TimeInterval(patience))
    configuration.label = "drayage.ledger.sqlite"
    let connection = try DatabaseQueue(path: path, configuration: configuration)
    do {
      try connection.writeWithoutTransaction { try SQLiteSchema.prepare($0) }
    } catch {
      try? connection.close()
      throw error
    }
    return connection
  }

  /// Makes an empty file that only its owner reads; SQLite would let others read it. Whatever goes wrong
  /// shows when SQLite opens it.
  ///
  /// The file gets its name once it is closed: closing a file drops the locks that any connection of this
  /// process has on it ("How To Corrupt An SQLite Database File", section 2.2).
  private static func makeFile(at path: String) {
    let draft = path + "-" + String(UInt64.random(in: 0 ... .max), radix: 16)
    let descriptor = Foundation.open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    Foundation.close(descriptor)
    link(draft, path)
    unlink(draft)
  }

  private func explained(_ error: any Error) -> LedgerStoreError {
    switch error {
    case let error as LedgerStoreError: return error
    case let fault as SQLiteSchema.Fault: return explained(fault)
    case let error as DatabaseError: return explained(error)
    case let error as BrokenTables:
      return LedgerStoreError(
        .unusable, store, "is damaged (\(error)); restore a copy, or name another file for the ledger")
    default: return LedgerStoreError(.failed, store, "failed: \(error)")
    }
  }

  private func explained(_ fault: SQLiteSchema.Fault) -> LedgerStoreError {
    switch fault {
    case .somethingElse:
      LedgerStoreError(
        .unusable, store, "is a database, but no ledger of Drayage; name another file for the ledger")
    case .newer(let version):
      LedgerStoreError(
        .unusable, store,
        "is a ledger of format \(version), and this version reads format \(SQLiteSchema.version); "
          + "use the newer version of Drayage that has written it")
    case .notDurable:
      LedgerStoreError(
        .unusable, store,
        "cannot be written through a write-ahead log here; put the ledger on a local disk")
    }
  }

  private func explained(_ error: DatabaseError) -> LedgerStoreError {
    let reason = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    return switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      LedgerStoreError(
        .unavailable, store,
        "another process was writing for longer than \(patience) s; wait for it, or end it")
    case .SQLITE_FULL:
      LedgerStoreError(.full, store, "there is no room to write (\(reason)); make room, then try again")
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
      LedgerStoreError(
        .unusable, store,
        "cannot be opened for writing (\(reason)); check that its folder exists and "
          + "that file and folder may be written")
    case .SQLITE_NOTADB:
      LedgerStoreError(.unusable, store, "is no database; name another file for the ledger")
    case .SQLITE_CORRUPT:
      LedgerStoreError(
        .unusable, store, "is damaged (\(reason)); restore a copy, or name another file for the ledger")
    case .SQLITE_IOERR:
      LedgerStoreError(.unavailable, store, "the disk reports an error (\(reason)); check the disk")
    default:
      LedgerStoreError(.failed, store, "failed: \(reason)")
    }
  }
}
