import Drayage
import DrayageCore
package import DrayageLedger

/// A ledger and a queue in one: what a batch keeps its books in.
package typealias LedgerAndQueue = LedgerStore & JobQueue

/// One batch in a ledger: its rows, its results and its money.
struct BatchStore: Sendable {
  let ledger: any LedgerAndQueue
  let batch: BatchRecord
  /// The name of this worker.
  let worker: String

  /// Seconds for which a row is this worker's without a sign of life.
  static let lease = 60

  /// What the budgets of batches begin with.
  private static let prefix = "batch "

  /// Whether a budget of this name is some batch's own.
  static func isOwnedByBatch(_ name: String) -> Bool { name.hasPrefix(prefix) }

  /// What the batch's own budgets are counted under.
  private var tag: String { Self.prefix + batch.name }

  /// The name of the budget of the whole batch.
  var budgetName: String { tag }

  private func tag(_ scope: PlanSpecification.Scope) -> String { "\(tag), \(scope)" }

  /// The name of the budget of a part of the batch.
  func budgetName(of scope: PlanSpecification.Scope) -> String { tag(scope) }

  /// Declares the batch's budgets.
  func declare(_ options: BatchOptions) async throws {
    var budgets = [Budget(name: budgetName, scope: .tag(tag), limit: options.budget)]
    budgets += options.budgets.map {
      Budget(name: tag($0.scope), scope: .tag(tag($0.scope)), limit: $0.limit)
    }
    _ = try await ledger.setBudgets(budgets)
    // Those of earlier runs that are not asked for any more.
    let names = Set(budgets.map(\.name))
    let dropped = try await ledger.accounts(at: .now).map(\.budget.name).filter {
      owns($0) && !names.contains($0)
    }
    if !dropped.isEmpty { try await ledger.removeBudgets(named: dropped) }
  }

  /// Whether a budget is this batch's own.
  func owns(_ budget: String) -> Bool { budget == tag || budget.hasPrefix(tag + ", ") }

  /// What the budget of the whole batch has come to; nil before it is declared.
  func account() async throws -> BudgetAccount? {
    try await ledger.accounts(at: .now).first { $0.budget.name == budgetName }
  }

  /// What an attempt for `row` at `offer` is counted under.
  func spending(_ row: BatchRow, _ offer: Offer) -> Spending {
    Spending(
      workload: row.workload,
      tags: [tag, tag(.workload(row.workload)), tag(.provider(offer.provider))], provider: offer.provider)
  }

  func key(_ row: BatchRow, _ ordinal: Int) -> ReservationKey {
    ReservationKey(run: batch.run, attempt: AttemptID(request: row.jobID, ordinal: ordinal))
  }

  func reserve(
    _ ceiling: Money, _ row: BatchRow, _ ordinal: Int, at offer: Offer, note: AttemptNote
  ) async throws -> ReservationAnswer {
    try await ledger.reserve(
      ReservationRequest(
        key: key(row, ordinal), ceiling: ceiling, spending: spending(row, offer), payload: note.encoded),
      at: .now)
  }

  func settle(_ row: BatchRow, _ ordinal: Int, as charge: Ledger.Charge) async throws -> Ledger.Settlement {
    try await ledger.settle(key(row, ordinal), as: charge, at: .now)
  }

  /// Writes down how a job of a provider stands.
  func keep(_ job: ProviderJob) async throws {
    try await ledger.keep(job.encoded, as: job.memo, of: batch.name)
  }

  /// Every job that was handed to a provider.
  func jobs() async throws -> [ProviderJob] {
    try await ledger.memos(of: batch.name).compactMap { ProviderJob(memo: $0.key, $0.value) }
  }

  /// Claims rows.
  ///
  /// - Returns: at most `count` of them, with the attempts that were made for each.
  func claim(_ count: Int) async throws -> [(job: Job, attempts: [RecordedAttempt])] {
    let jobs = try await ledger.claim(
      from: batch.name, worker: worker, count: count, lease: Self.lease, at: .now)
    guard !jobs.isEmpty else { return [] }
    let attempts = Dictionary(
      grouping: try await ledger.attempts(of: batch.run, requests: jobs.map(\.id)), by: \.key.attempt.request)
    return jobs.map { ($0, attempts[$0.id] ?? []) }
  }
}

/// What a later run needs to know of an attempt that has no end.
struct AttemptNote: Equatable {
  let offer: String
  /// The idempotency key that it was sent under.
  let key: String
  /// Of the row as it was.
  let digest: UInt64
  /// The worker that made it: no other takes the reservation for its own.
  let worker: String
  /// The job that it was put into, by its mark, and what it is called there; nil if it was sent by itself.
  var job: Place?

  struct Place: Equatable {
    let mark: String
    let name: String
  }
}

extension AttemptNote {
  var encoded: [UInt8] {
    Array(
      JSONText.object([
        "offer": JSONText.quoted(offer), "key": JSONText.quoted(key),
        "digest": JSONText.quoted(String(digest, radix: 16)), "worker": JSONText.quoted(worker),
        "job": job.map { JSONText.quoted($0.mark) }, "name": job.map { JSONText.quoted($0.name) },
      ]).utf8)
  }

  init?(_ payload: [UInt8]) {
    guard let node = try? JSONNode.parse(payload, file: "note"), let offer = node["offer"]?.string,
      let key = node["key"]?.string, let digest = node["digest"]?.string.flatMap({ UInt64($0, radix: 16) })
    else { return nil }
    self.init(offer: offer, key: key, digest: digest, worker: node["worker"]?.string ?? "")
    if let mark = node["job"]?.string, let name = node["name"]?.string {
      job = Place(mark: mark, name: name)
    }
  }
}
