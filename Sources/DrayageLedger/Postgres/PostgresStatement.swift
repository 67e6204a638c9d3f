/// Every statement of a ledger in PostgreSQL, prepared once per connection. Rows are locked in one order
/// everywhere: attempts by key, then accounts by id.
enum PostgresStatement: String, CaseIterable {
  case begin, commit, rollback
  case budgetsVersion, lockBudgets, raiseBudgets, budgets, saveBudget, removeBudget
  case attempts, insertAttempts, settleAttempts, openOfRun, openOfAll, forget
  case makeAccounts, accounts, lookAtAccounts, writeAccounts
  case attemptsOfRequests
  case begunBatch, beginBatch, freeJobs, unparkJobs, batchNamed, batches, cancelBatch
  case keepMemo, memos
  case addJobs, knownJobs, keepResult, dropResult, dropResults, removeUnread, hideUnread
  case claimedJobs, claimJobs, extendJobs, jobState, endJob, releaseJobs
  case countJobs, tallyJobs, timeline, results, failures

  var sql: String {
    switch self {
    case .begin: "BEGIN"
    case .commit: "COMMIT"
    case .rollback: "ROLLBACK"
    case .budgetsVersion: "SELECT value FROM drayage_meta WHERE name = 'budgets'"
    case .lockBudgets: "SELECT value FROM drayage_meta WHERE name = 'budgets' FOR UPDATE"
    case .raiseBudgets: "UPDATE drayage_meta SET value = value + 1 WHERE name = 'budgets'"
    case .budgets:
      """
      SELECT name, scope, scope_name, period, zone, nanodollars FROM drayage_budget ORDER BY name COLLATE "C"
      """
    case .saveBudget:
      """
      INSERT INTO drayage_budget VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE
      SET scope = $2, scope_name = $3, period = $4, zone = $5, nanodollars = $6
      """
    case .removeBudget: "DELETE FROM drayage_budget WHERE name = $1"

    case .attempts:
      """
      SELECT k.place, a.ceiling, a.accounts, a.payload, a.reserved_at, a.charge, a.settled_at, a.token
      FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS k (run, request, ordinal, place)
      JOIN drayage_attempt a USING (run, request, ordinal)
      ORDER BY k.place FOR UPDATE OF a
      """
    case .insertAttempts:
      """
      INSERT INTO drayage_attempt
      SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bytea[],
        $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])
      """
    case .settleAttempts:
      """
      UPDATE drayage_attempt a SET payload = '', charge = k.charge, settled_at = k.at, token = k.token
      FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
        AS k (run, request, ordinal, charge, at, token)
      WHERE a.run = k.run AND a.request = k.request AND a.ordinal = k.ordinal
      """
    case .openOfRun: Self.open + " AND run = $1"
    case .openOfAll: Self.open
    case .forget:
      """
      WITH old AS MATERIALIZED (
        SELECT run, request, ordinal FROM drayage_attempt
        WHERE charge IS NOT NULL AND settled_at < $1::bigint LIMIT 10000 FOR UPDATE SKIP LOCKED)
      DELETE FROM drayage_attempt a USING old
      WHERE a.run = old.run AND a.request = old.request AND a.ordinal = old.ordinal
      """

    case .makeAccounts:
      """
      INSERT INTO drayage_account (budget, period) SELECT * FROM unnest($1::text[], $2::text[])
      ON CONFLICT DO NOTHING
      """
    case .accounts:
      """
      SELECT id, budget, period, spent, held FROM drayage_account
      WHERE id = ANY (ARRAY (
        SELECT unnest($1::bigint[]) UNION
        SELECT a.id FROM unnest($2::text[], $3::text[]) AS k (budget, period)
        JOIN drayage_account a USING (budget, period)))
      ORDER BY id FOR UPDATE
      """
    case .lookAtAccounts:
      """
      SELECT id, budget, period, spent, held FROM drayage_account
      JOIN unnest($1::text[], $2::text[]) AS k (budget, period) USING (budget, period)
      """
    case .writeAccounts:
      """
      UPDATE drayage_account a SET spent = k.spent, held = k.held
      FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS k (id, spent, held) WHERE a.id = k.id
      """

    case .attemptsOfRequests:
      """
      SELECT a.request, a.ordinal, a.ceiling, a.charge, a.payload FROM unnest($2::text[]) AS k (request)
      JOIN drayage_attempt a ON a.run = $1 AND a.request = k.request
      """

    case .begunBatch: Self.batch + " WHERE name = $1 AND token = $2::bigint"
    case .beginBatch:
      """
      INSERT INTO drayage_batch (name, run, reading, payload, created_at, token)
      VALUES ($1, $2, 1, $3::bytea, $4::bigint, $5::bigint)
      ON CONFLICT (name) DO UPDATE SET reading = drayage_batch.reading + 1, cancelled = 0, payload = $3::bytea,
        token = $5::bigint
      """
    case .freeJobs:
      """
      UPDATE drayage_job SET worker = NULL, leased_until = 0
      WHERE worker IS NOT NULL AND batch = $1 AND state = 0
      """
    case .unparkJobs:
      """
      UPDATE drayage_job SET state = 0, worker = NULL, leased_until = 0
      WHERE batch = $1 AND state = \(JobState.parked) AND NOT EXISTS (
        SELECT 1 FROM drayage_job held WHERE held.worker IS NOT NULL AND held.batch = $1 AND held.state = 0
          AND held.leased_until > $2::bigint)
      """
    case .batchNamed: Self.batch + " WHERE name = $1"
    case .batches: Self.batch
    case .cancelBatch: "UPDATE drayage_batch SET cancelled = 1 WHERE name = $1"
    case .keepMemo:
      "INSERT INTO drayage_memo VALUES ($1, $2, $3) ON CONFLICT (batch, name) DO UPDATE SET content = $3"
    case .memos: "SELECT name, content FROM drayage_memo WHERE batch = $1"

    case .addJobs:
      """
      INSERT INTO drayage_job AS j
        (batch, reading, id, ordinal, digest, payload, state, code, ended_at, result)
      SELECT $1::text, $2::bigint, k.id, k.ordinal, k.digest, k.payload, k.state, nullif(k.code, ''),
        CASE WHEN k.state > 0 THEN $3::bigint END, k.result
      FROM unnest($4::text[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bigint[], $9::text[], $10::bigint[])
        AS k (id, ordinal, digest, payload, state, code, result)
      ON CONFLICT (batch, id) DO UPDATE SET ordinal = excluded.ordinal, reading = excluded.reading,
        digest = excluded.digest, payload = excluded.payload,
        state = CASE WHEN j.state >= \(JobState.finished) THEN \(JobState.finished) ELSE excluded.state END,
        code = CASE WHEN j.state >= \(JobState.finished) THEN j.code ELSE excluded.code END,
        result = CASE WHEN j.state >= \(JobState.finished) THEN j.result
          ELSE coalesce(excluded.result, j.result) END
      WHERE j.reading < excluded.reading
        AND (j.state < \(JobState.finished) OR j.digest = excluded.digest)
      RETURNING id
      """
    case .knownJobs:
      """
      SELECT k.place, j.reading, j.ordinal FROM unnest($2::text[]) WITH ORDINALITY AS k (id, place)
      JOIN drayage_job j ON j.batch = $1 AND j.id = k.id
      """
    case .keepResult: "INSERT INTO drayage_result (content) VALUES ($1::bytea) RETURNING id"
    case .dropResult:
      """
      DELETE FROM drayage_result
      WHERE id = (SELECT result FROM drayage_job
        WHERE batch = $1 AND id = $2 AND state < \(JobState.finished))
      """
    case .dropResults: "DELETE FROM drayage_result WHERE id = ANY ($1::bigint[])"
    case .removeUnread:
      """
      DELETE FROM drayage_job
      WHERE batch = $1 AND reading < $2::bigint AND state IN (\(JobState.open), \(JobState.parked))
      """
    case .hideUnread:
      """
      UPDATE drayage_job SET state = \(JobState.goneFinished)
      WHERE batch = $1 AND reading < $2::bigint AND state = \(JobState.finished)
      """

    case .claimedJobs:
      """
      SELECT ordinal, id, digest, payload FROM drayage_job
      WHERE claim_token = $1 AND batch = $2 AND worker = $3 AND state = 0
      """
    case .claimJobs:
      """
      WITH free AS MATERIALIZED (
        SELECT id FROM drayage_job WHERE batch = $1 AND state = 0 AND leased_until <= $2::bigint
          AND worker IS DISTINCT FROM $4
        ORDER BY ordinal LIMIT $3::bigint FOR UPDATE SKIP LOCKED)
      UPDATE drayage_job j SET worker = $4, leased_until = $5, claim_token = $6 FROM free
      WHERE j.batch = $1 AND j.id = free.id
      RETURNING j.ordinal, j.id, j.digest, j.payload
      """
    case .extendJobs:
      """
      UPDATE drayage_job SET leased_until = $3 WHERE worker = $2 AND batch = $1 AND state = 0
      """
    case .jobState: "SELECT state, end_token FROM drayage_job WHERE batch = $1 AND id = $2 FOR UPDATE"
    case .endJob:
      """
      UPDATE drayage_job SET state = $3::bigint, worker = NULL, ended_at = $4::bigint, end_token = $5::bigint,
        source = $6, code = $7, charge = $8::bigint, attempts = $9::bigint, score = $10::double precision,
        expected = $11::double precision, seconds = $12::double precision, result = $13::bigint
      WHERE batch = $1 AND id = $2
      """
    case .releaseJobs:
      "UPDATE drayage_job SET worker = NULL, leased_until = 0 WHERE worker = $1 AND state = 0"

    case .countJobs:
      """
      SELECT count(*) FILTER (WHERE state = 0 AND leased_until <= $2::bigint),
        count(*) FILTER (WHERE state = 0 AND leased_until > $2::bigint),
        count(*) FILTER (WHERE state = \(JobState.parked)),
        count(*) FILTER (WHERE state = \(JobState.finished))
      FROM drayage_job WHERE batch = $1
      """
    case .tallyJobs:
      """
      SELECT source, code, count(*), count(score), coalesce(sum(score), 0), coalesce(sum(expected), 0),
        least(sum(charge), \(Int64.max))::bigint
      FROM drayage_job WHERE batch = $1 AND state IN (\(JobState.parked), \(JobState.finished))
      GROUP BY source, code ORDER BY source, code
      """
    case .timeline:
      """
      SELECT ended_at, count(*) FILTER (WHERE code IS NULL), count(code),
        least(sum(charge), \(Int64.max))::bigint
      FROM drayage_job
      WHERE batch = $1 AND state IN (\(JobState.parked), \(JobState.finished)) AND ended_at IS NOT NULL
      GROUP BY ended_at ORDER BY ended_at
      """
    case .results: Self.results(failed: false)
    case .failures: Self.results(failed: true)
    }
  }

  private static let batch = """
    SELECT name, run, reading, cancelled, payload, created_at FROM drayage_batch
    """

  private static func results(failed: Bool) -> String {
    """
    SELECT j.ordinal, j.id, CASE j.state WHEN 0 THEN NULL ELSE j.code END, r.content
    FROM drayage_job j LEFT JOIN drayage_result r ON r.id = j.result AND j.state <> 0
    WHERE j.batch = $1 AND j.ordinal >= $2::bigint AND j.state <> \(JobState.goneFinished)
      \(failed ? "AND j.state <> 0 AND j.code IS NOT NULL" : "")
    ORDER BY j.ordinal LIMIT $3::bigint
    """
  }

  private static let open = """
    SELECT run, request, ordinal, ceiling, payload, reserved_at FROM drayage_attempt WHERE charge IS NULL
    """
}
