import DrayageCore

/// A row that is in a job.
struct JobRow: Sendable {
  let planned: PlannedRow
  /// A position among the targets.
  let target: Int
  /// Its name in the job.
  let name: String
  let ordinal: Int
  /// What is held for it.
  let ceiling: Money

  var row: BatchRow { planned.row }
}

/// What is known of jobs in this run.
struct JobDesk {
  /// Rows that wait to be put into a job, by target.
  var outbox: [Int: [PlannedRow]] = [:]
  /// The rows of jobs, by mark and name.
  var rows: [BatchMark: [String: JobRow]] = [:]
  /// Jobs of earlier runs, or of workers that are gone, which nobody looks after yet.
  var unwatched: [ProviderJob] = []
  /// Every job that the ledger knows of, as far as it was asked.
  var known: [BatchMark: ProviderJob] = [:]
  /// Jobs that the ledger was asked for.
  var missing: Set<BatchMark> = []
  /// Targets that take no further jobs in this run.
  var closed: Set<Int> = []
  /// Jobs that this run does not wait for.
  var left: [OpenProviderJob] = []
  /// How many jobs are being put together.
  var submitting = 0
  /// How many jobs this run has begun.
  var begun = 0
  /// When to look for money again.
  var nextLook = 0.0

  /// How many rows wait to be put into a job.
  var waiting: Int { outbox.values.reduce(0) { $0 + $1.count } }
  /// How many rows are here.
  var count: Int { rows.values.reduce(waiting) { $0 + $1.count } }
  /// Whether no row is here.
  var isEmpty: Bool { rows.isEmpty && outbox.values.allSatisfy(\.isEmpty) }
}
