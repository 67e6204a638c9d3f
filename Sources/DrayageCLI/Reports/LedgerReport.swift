import Drayage
import DrayageCore
import DrayageLedger

/// The budgets of a ledger, and the batches that are kept in it.
struct LedgerReport {
  private let accounts: [BudgetAccount]
  private let batches: [(record: BatchRecord, counts: JobCounts)]

  init(_ ledger: DurableLedger) async throws {
    accounts = try await ledger.accounts(at: .now)
    var batches: [(BatchRecord, JobCounts)] = []
    for batch in try await ledger.batches() {
      batches.append((batch, try await ledger.counts(of: batch.name, at: .now)))
    }
    self.batches = batches
  }

  var text: String {
    var lines: [String] = []
    if accounts.isEmpty {
      lines.append("no budgets")
    } else {
      var table = TextTable(
        ["budget", "covers", "window", "spent", "held", "left", "limit"], leading: [0, 1, 2])
      for account in accounts {
        table.add([
          account.budget.name, Self.text(account.budget.scope), Self.window(account), "\(account.spent)",
          "\(account.held)", "\(account.available)", "\(account.budget.limit)",
        ])
      }
      lines += table.lines
    }
    if !batches.isEmpty {
      var table = TextTable(["batch", "requests", "ended", "being worked on", "waiting"])
      for (record, counts) in batches {
        table.add([
          record.name + (record.isCancelled ? " (cancelled)" : ""), "\(counts.total)",
          "\(counts.finished + counts.parked)", "\(counts.leased)", "\(counts.waiting)",
        ])
      }
      lines += [""] + table.lines
    }
    return lines.joined(separator: "\n")
  }

  private static func text(_ scope: Budget.Scope) -> String {
    switch scope {
    case .all: "all"
    case .key(let name): "key:\(name)"
    case .workload(let name): "workload:\(name)"
    case .tag(let name): "tag:\(name)"
    case .provider(let name): "provider:\(name)"
    }
  }

  private static func zone(_ window: Budget.Window) -> String? {
    switch window {
    case .total: nil
    case .day(let zone), .month(let zone): zone
    }
  }

  private static func window(_ account: BudgetAccount) -> String {
    account.window + (zone(account.budget.window).map { " (\($0))" } ?? "")
  }

  private struct Document: Encodable {
    struct Budget: Encodable {
      let name: String
      let covers: String
      let window: String
      let zone: String?
      let limitUsd: String
      let spentUsd: String
      let heldUsd: String
      let leftUsd: String
    }

    struct Batch: Encodable {
      let name: String
      let requests: Int
      let ended: Int
      let underWay: Int
      let waiting: Int
      let cancelled: Bool
    }

    let budgets: [Budget]
    let batches: [Batch]
  }

  var json: String {
    get throws {
      try JSONReport.text(
        Document(
          budgets: accounts.map {
            .init(
              name: $0.budget.name, covers: Self.text($0.budget.scope), window: $0.window,
              zone: Self.zone($0.budget.window), limitUsd: $0.budget.limit.decimal,
              spentUsd: $0.spent.decimal,
              heldUsd: $0.held.decimal, leftUsd: $0.available.decimal)
          },
          batches: batches.map {
            .init(
              name: $0.record.name, requests: $0.counts.total, ended: $0.counts.finished + $0.counts.parked,
              underWay: $0.counts.leased, waiting: $0.counts.waiting, cancelled: $0.record.isCancelled)
          }))
    }
  }
}
