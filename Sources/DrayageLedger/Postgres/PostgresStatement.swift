/// Every statement of a ledger in PostgreSQL, prepared once per connection. Rows are locked in one order
/// everywhere: attempts by key, then accounts by id.
enum PostgresStatement: String, CaseIterable {
  case begin, commit, rollback
  case budgetsVersion, lockBudgets, raiseBudgets, budgets, saveBudget, removeBudget
  case attempts, insertAttempts, settleAttempts, openOfRun, openOfAll, forget
  case makeAccounts, accounts, lookAtAccounts, writeAccounts
  case addJobs, conflictingJobs, claimedJobs, claimJobs, extendJobs, finishJob, job, releaseJobs, countJobs

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

    case .addJobs:
      """
      INSERT INTO drayage_job (batch, ordinal, id, digest, payload)
      SELECT $1::text, * FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bytea[])
      ON CONFLICT DO NOTHING
      """
    case .conflictingJobs:
      """
      SELECT j.ordinal FROM unnest($2::bigint[], $3::text[], $4::bigint[]) AS k (ordinal, id, digest)
      JOIN drayage_job j ON j.batch = $1 AND j.ordinal = k.ordinal
      WHERE j.id <> k.id OR j.digest <> k.digest
      """
    case .claimedJobs:
      """
      SELECT ordinal, id, digest, payload FROM drayage_job
      WHERE claim_token = $1 AND batch = $2 AND worker = $3 AND finished_at IS NULL
      """
    case .claimJobs:
      """
      WITH free AS MATERIALIZED (
        SELECT ordinal FROM drayage_job
        WHERE batch = $1 AND finished_at IS NULL AND leased_until <= $2::bigint
        ORDER BY ordinal LIMIT $3::bigint FOR UPDATE SKIP LOCKED)
      UPDATE drayage_job j SET worker = $4, leased_until = $5, claim_token = $6 FROM free
      WHERE j.batch = $1 AND j.ordinal = free.ordinal
      RETURNING j.ordinal, j.id, j.digest, j.payload
      """
    case .extendJobs:
      """
      UPDATE drayage_job SET leased_until = $4
      WHERE batch = $1 AND ordinal = ANY ($2::bigint[]) AND worker = $3 AND finished_at IS NULL
      RETURNING ordinal
      """
    case .finishJob:
      """
      UPDATE drayage_job SET finished_at = $3, finish_token = $4, worker = NULL
      WHERE batch = $1 AND ordinal = $2 AND finished_at IS NULL
      """
    case .job: "SELECT finish_token FROM drayage_job WHERE batch = $1 AND ordinal = $2"
    case .releaseJobs:
      """
      UPDATE drayage_job SET worker = NULL, leased_until = 0 WHERE worker = $1 AND finished_at IS NULL
      """
    case .countJobs:
      """
      SELECT count(*) FILTER (WHERE finished_at IS NULL AND leased_until <= $2::bigint),
        count(*) FILTER (WHERE finished_at IS NULL AND leased_until > $2::bigint),
        count(*) FILTER (WHERE finished_at IS NOT NULL)
      FROM drayage_job WHERE batch = $1
      """
    }
  }

  private static let open = """
    SELECT run, request, ordinal, ceiling, payload, reserved_at FROM drayage_attempt WHERE charge IS NULL
    """
}
