/// The tables of a ledger in PostgreSQL.
///
/// Money is a bigint of nano-dollars; instants are seconds since 1970.
enum PostgresSchema {
  static let version: Int64 = 2

  /// What keeps two workers from making the tables at the same time; a number of no meaning.
  static let lock: Int64 = 0x4452_5947

  /// What a database can turn out to be.
  enum Fault: Error {
    case newer(Int64)
  }

  /// Sees to it that the tables are there, in this version.
  static func prepare(
    _ connection: PostgresConnection, until deadline: ContinuousClock.Instant
  ) throws {
    var found = try self.found(connection, until: deadline)
    if found.map({ $0 < version }) ?? true {
      try connection.send(sql: "BEGIN")
      try connection.send(sql: "SELECT pg_advisory_xact_lock(\(lock))")
      for table in tables { try connection.send(sql: table) }
      try connection.send(sql: "COMMIT")
      _ = try connection.receive(until: deadline)
      found = try self.found(connection, until: deadline)
    }
    guard let found else { throw BrokenTables.value(table: "drayage_meta", column: "value") }
    guard found <= version else { throw Fault.newer(found) }
  }

  /// The version of the tables; nil if there are none.
  private static func found(
    _ connection: PostgresConnection, until deadline: ContinuousClock.Instant
  ) throws -> Int64? {
    try connection.send(sql: "SELECT to_regclass('drayage_meta') IS NOT NULL")
    guard try connection.receive(until: deadline).first?.text(0, 0) == "t" else { return nil }
    try connection.send(sql: "SELECT value FROM drayage_meta WHERE name = 'schema'")
    guard let rows = try connection.receive(until: deadline).first, rows.count == 1 else {
      throw BrokenTables.value(table: "drayage_meta", column: "value")
    }
    return try rows.integer(0, 0)
  }

  private static let tables = [
    """
    CREATE TABLE IF NOT EXISTS drayage_meta (name text PRIMARY KEY, value bigint NOT NULL)
    """,
    """
    CREATE TABLE IF NOT EXISTS drayage_budget (
      name text PRIMARY KEY,
      scope text NOT NULL,
      scope_name text NOT NULL,
      period text NOT NULL,
      zone text NOT NULL,
      nanodollars bigint NOT NULL
    )
    """,
    // Updated in place, over and over: room for that in each page.
    """
    CREATE TABLE IF NOT EXISTS drayage_account (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      budget text NOT NULL,
      period text NOT NULL,
      spent bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
      held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
      UNIQUE (budget, period)
    ) WITH (fillfactor = 25)
    """,
    """
    CREATE TABLE IF NOT EXISTS drayage_attempt (
      run text NOT NULL,
      request text NOT NULL,
      ordinal bigint NOT NULL,
      ceiling bigint NOT NULL CHECK (ceiling >= 0),
      accounts text NOT NULL,
      payload bytea NOT NULL,
      reserved_at bigint NOT NULL,
      charge bigint CHECK (charge >= 0),
      settled_at bigint,
      token bigint,
      PRIMARY KEY (run, request, ordinal)
    )
    """,
    "CREATE INDEX IF NOT EXISTS drayage_attempt_open ON drayage_attempt (run) WHERE charge IS NULL",
    """
    CREATE TABLE IF NOT EXISTS drayage_batch (
      name text PRIMARY KEY,
      run text NOT NULL,
      reading bigint NOT NULL,
      cancelled bigint NOT NULL DEFAULT 0,
      payload bytea NOT NULL,
      created_at bigint NOT NULL,
      token bigint NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS drayage_job (
      batch text NOT NULL,
      id text NOT NULL,
      ordinal bigint NOT NULL,
      reading bigint NOT NULL,
      digest bigint NOT NULL,
      payload bytea NOT NULL,
      state bigint NOT NULL DEFAULT 0,
      worker text,
      leased_until bigint NOT NULL DEFAULT 0,
      claim_token bigint,
      ended_at bigint,
      end_token bigint,
      source text,
      code text,
      charge bigint NOT NULL DEFAULT 0,
      attempts bigint NOT NULL DEFAULT 0,
      score double precision,
      expected double precision,
      seconds double precision,
      result bigint,
      PRIMARY KEY (batch, id)
    )
    """,
    "CREATE INDEX IF NOT EXISTS drayage_job_order ON drayage_job (batch, ordinal)",
    "CREATE INDEX IF NOT EXISTS drayage_job_open ON drayage_job (batch, ordinal) WHERE state = 0",
    "CREATE INDEX IF NOT EXISTS drayage_job_held ON drayage_job (worker) WHERE worker IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS drayage_job_claim ON drayage_job (claim_token) WHERE state = 0",
    """
    CREATE TABLE IF NOT EXISTS drayage_result (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      content bytea NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS drayage_memo (
      batch text NOT NULL,
      name text NOT NULL,
      content bytea NOT NULL,
      PRIMARY KEY (batch, name)
    )
    """,
    """
    INSERT INTO drayage_meta VALUES ('budgets', 0), ('schema', \(version)) ON CONFLICT DO NOTHING
    """,
    "UPDATE drayage_meta SET value = \(version) WHERE name = 'schema' AND value < \(version)",
  ]
}
