import Drayage
import DrayageCore
import DrayageExecution
import DrayageLedger

/// How far a batch has come.
struct BatchStatusReport {
  let batch: BatchRecord
  private let counts: JobCounts
  private let tallies: [JobTally]
  private let budgets: [BudgetAccount]
  let jobs: [OpenProviderJob]

  /// - Throws: ``InputError`` if the ledger has no such batch.
  init(_ name: String, in ledger: DurableLedger) async throws {
    guard let batch = try await ledger.batch(named: name) else {
      let known = try await ledger.batches().map(\.name)
      throw InputError(
        .value, file: name, message: "is no batch of this ledger; \(Spelling.advice(for: name, among: known))"
      )
    }
    self.batch = batch
    counts = try await ledger.counts(of: name, at: .now)
    tallies = try await ledger.tallies(of: name)
    budgets = try await ledger.accounts(at: .now)
    jobs = try await OpenProviderJob.all(of: name, in: ledger)
  }

  private var answered: Int { tallies.filter { $0.code == nil }.reduce(0) { $0 + $1.count } }

  private var failed: Int { counts.finished + counts.parked - answered }

  var text: String {
    var lines = [
      "\(batch.name): \(answered) of \(counts.total) answered, \(failed) failed, \(counts.leased) being worked on, "
        + "\(counts.waiting) waiting" + (batch.isCancelled ? "; cancelled" : "")
    ]
    lines += budgets.map {
      "\($0.budget.name), \($0.window): \($0.spent) spent, \($0.held) held, of \($0.budget.limit)"
    }
    lines += jobs.map { "with its provider: " + OpenJobText.line($0) }
    if !tallies.isEmpty {
      var table = TextTable(["ended", "requests", "billed"])
      for tally in tallies.sorted(by: { ($1.count, $0.source ?? "") < ($0.count, $1.source ?? "") }) {
        table.add([
          tally.source ?? tally.code ?? "-", "\(tally.count)", NumberText.dollars(tally.charge.dollars),
        ])
      }
      lines += [""] + table.lines
    }
    return lines.joined(separator: "\n")
  }

  private struct Document: Encodable {
    struct Budget: Encodable {
      let name: String
      let window: String
      let limitUsd: String
      let spentUsd: String
      let heldUsd: String
    }

    struct Part: Encodable {
      let offer: String?
      let code: String?
      let requests: Int
      let billedUsd: String
    }

    let batch: String
    let requests: Int
    let answered: Int
    let failed: Int
    let underWay: Int
    let waiting: Int
    let cancelled: Bool
    let budgets: [Budget]
    let jobs: [OpenJobText.Document]
    let ended: [Part]
  }

  var json: String {
    get throws {
      try JSONReport.text(
        Document(
          batch: batch.name, requests: counts.total, answered: answered, failed: failed,
          underWay: counts.leased, waiting: counts.waiting, cancelled: batch.isCancelled,
          budgets: budgets.map {
            .init(
              name: $0.budget.name, window: $0.window, limitUsd: $0.budget.limit.decimal,
              spentUsd: $0.spent.decimal, heldUsd: $0.held.decimal)
          },
          jobs: jobs.map { .init($0) },
          ended: tallies.map {
            .init(offer: $0.source, code: $0.code, requests: $0.count, billedUsd: $0.charge.decimal)
          }))
    }
  }
}
