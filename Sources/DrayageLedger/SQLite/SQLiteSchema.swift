internal import GRDB

/// The tables of a ledger in SQLite.
///
/// Money is an INTEGER of nano-dollars; instants are seconds since 1970. The tables are STRICT: a value of
/// another type cannot be in them.
enum SQLiteSchema {
  /// In the file's header: that this is a ledger of Drayage.
  static let applicationID: Int64 = 0x4452_5947
  /// In the file's header as `user_version`.
  static let version: Int64 = 2

  /// What a file can turn out to be.
  enum Fault: Error {
    case somethingElse
    case newer(Int64)
    case notDurable
  }

  /// Makes the tables in an empty file; of any other, sees to it that it is a ledger of this version.
  static func prepare(_ db: Database) throws {
    // Group commit makes this affordable: without it, what was acknowledged is lost with the power.
    try db.execute(sql: "PRAGMA synchronous = FULL")
    guard try Int64.fetchOne(db, sql: "PRAGMA synchronous") == 2,
      try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal"
    else { throw Fault.notDurable }
    // Of one moment: another process may make the tables meanwhile.
    var isDone = false
    try db.inTransaction(.deferred) {
      isDone = try isReady(db)
      return .commit
    }
    if isDone { return }
    try db.inTransaction(.immediate) {
      // Another process may have been first.
      if try !isReady(db) { try db.execute(sql: try isEmpty(db) ? tables + memos : memos) }
      return .commit
    }
  }

  private static func isEmpty(_ db: Database) throws -> Bool {
    try Int64.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
  }

  /// Whether the tables are there as they are to be; false for an empty file, and for a ledger of an earlier version.
  private static func isReady(_ db: Database) throws -> Bool {
    let application = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let version = try Int64.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    if application == applicationID {
      guard version <= Self.version else { throw Fault.newer(version) }
      return version == Self.version
    }
    guard try isEmpty(db), application == 0, version == 0 else { throw Fault.somethingElse }
    return false
  }

  private static let tables = """
    CREATE TABLE budget (
      name TEXT NOT NULL PRIMARY KEY,
      scope TEXT NOT NULL,
      scope_name TEXT NOT NULL,
      period TEXT NOT NULL,
      zone TEXT NOT NULL,
      nanodollars INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE account (
      id INTEGER NOT NULL PRIMARY KEY,
      budget TEXT NOT NULL,
      period TEXT NOT NULL,
      spent INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
      held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
      UNIQUE (budget, period)
    ) STRICT;
    CREATE TABLE attempt (
      run TEXT NOT NULL,
      request TEXT NOT NULL,
      ordinal INTEGER NOT NULL,
      ceiling INTEGER NOT NULL CHECK (ceiling >= 0),
      accounts TEXT NOT NULL,
      payload BLOB NOT NULL,
      reserved_at INTEGER NOT NULL,
      charge INTEGER CHECK (charge >= 0),
      settled_at INTEGER,
      token INTEGER,
      PRIMARY KEY (run, request, ordinal)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX attempt_open ON attempt (run) WHERE charge IS NULL;
    CREATE TABLE batch (
      name TEXT NOT NULL PRIMARY KEY,
      run TEXT NOT NULL,
      reading INTEGER NOT NULL,
      cancelled INTEGER NOT NULL DEFAULT 0,
      payload BLOB NOT NULL,
      created_at INTEGER NOT NULL,
      token INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE job (
      batch TEXT NOT NULL,
      id TEXT NOT NULL,
      ordinal INTEGER NOT NULL,
      reading INTEGER NOT NULL,
      digest INTEGER NOT NULL,
      payload BLOB NOT NULL,
      state INTEGER NOT NULL DEFAULT 0,
      worker TEXT,
      leased_until INTEGER NOT NULL DEFAULT 0,
      claim_token INTEGER,
      ended_at INTEGER,
      end_token INTEGER,
      source TEXT,
      code TEXT,
      charge INTEGER NOT NULL DEFAULT 0,
      attempts INTEGER NOT NULL DEFAULT 0,
      score REAL,
      expected REAL,
      seconds REAL,
      result INTEGER,
      PRIMARY KEY (batch, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX job_order ON job (batch, ordinal);
    CREATE INDEX job_open ON job (batch, ordinal) WHERE state = 0;
    CREATE INDEX job_held ON job (worker) WHERE worker IS NOT NULL;
    CREATE TABLE result (
      id INTEGER NOT NULL PRIMARY KEY,
      content BLOB NOT NULL
    ) STRICT;
    PRAGMA application_id = \(applicationID);
    """

  /// What came with version 2.
  private static let memos = """
    CREATE TABLE memo (
      batch TEXT NOT NULL,
      name TEXT NOT NULL,
      content BLOB NOT NULL,
      PRIMARY KEY (batch, name)
    ) STRICT, WITHOUT ROWID;
    PRAGMA user_version = \(version);
    """
}
