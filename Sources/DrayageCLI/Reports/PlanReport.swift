import Drayage
import DrayageCore
import Foundation

/// A plan as people and programs read it.
struct PlanReport {
  let plan: Plan
  let source: String

  // MARK: Text

  var text: String {
    let table = plan.table
    var lines = [
      "\(plan.requestCount) requests, \(table.offers.count) offers: \(source)",
      "\(goal) (\(proof), \(NumberText.fixed(plan.solveSeconds, 2)) s)",
      "",
    ]
    var totals = TextTable(["", "cost", "mean quality"])
    totals.add(["this plan"] + Self.columns(plan.totals))
    totals.add(["cheapest offer for each request"] + Self.columns(plan.cheapest))
    totals.add(["best offer for each request"] + Self.columns(plan.best))
    if let single = table.bestSingleOffer(within: budget) {
      totals.add(
        ["best single offer\(budget == nil ? "" : " within the budget"), \(table.offers[single.offer])"]
          + Self.columns(single.totals))
    }
    lines += totals.lines + [""]
    if !plan.rows.isEmpty {
      var rows = TextTable(
        ["constraint", "is", "", "limit", "what more of it would bring"], leading: [0, 2, 4])
      for row in plan.rows {
        rows.add([
          row.name, Self.amount(row.activity, row.kind), row.isMost ? "<=" : ">=",
          Self.amount(row.limit, row.kind), row.inWords ?? "nothing: it does not bind",
        ])
      }
      lines += rows.lines + [""]
    }
    lines += offers.lines
    return lines.joined(separator: "\n")
  }

  private var goal: String {
    switch plan.objectiveKind {
    case .cost: "least cost: \(NumberText.dollars(plan.objective))"
    case .quality:
      "most quality: \(NumberText.fixed(plan.objective, 1)) in all, \(NumberText.fixed(plan.totals.meanQuality, 4)) on average"
    }
  }

  private var proof: String {
    guard plan.status == .feasible else { return "optimal" }
    let relative = abs(plan.bound) > 1e-9 ? plan.gap / abs(plan.bound) : plan.gap
    return "at most \(NumberText.significant(relative * 100)) % from the best"
  }

  private var budget: Money? {
    plan.rows.first { $0.kind == .budget }.map { Money(nanodollars: Int64(($0.limit * 1e9).rounded())) }
  }

  private static func columns(_ totals: Plan.Totals) -> [String] {
    [NumberText.dollars(totals.cost.dollars), NumberText.fixed(totals.meanQuality, 4)]
  }

  /// Money for budgets, counts for quotas, shares and means for the rest.
  static func amount(_ value: Double, _ kind: Plan.RowKind) -> String {
    switch kind {
    case .budget: NumberText.dollars(value)
    case .quota: NumberText.fixed(value, 0)
    case .quality, .deadline, .share: NumberText.fixed(value, 4)
    }
  }

  private var offers: TextTable {
    let table = plan.table
    var rows = TextTable(["offer", "requests", "share", "cost", "mean quality"])
    let parts = plan.parts
    for j in parts.indices.sorted(by: { (parts[$1].count, $0) < (parts[$0].count, $1) })
    where parts[j].count > 0 {
      rows.add(
        [
          table.offers[j], "\(parts[j].count)",
          NumberText.percent(Double(parts[j].count) / Double(plan.requestCount)),
        ] + Self.columns(parts[j].totals))
    }
    return rows
  }

  // MARK: JSON

  private struct Document: Encodable {
    struct Row: Encodable {
      let name: String
      let activity: Double
      let limit: Double
      let relation: String
      let shadowPrice: Double
      let meaning: String?
    }

    struct Totals: Encodable {
      let costUsd: Double
      let meanQuality: Double

      init(_ totals: Plan.Totals) {
        costUsd = totals.cost.dollars
        meanQuality = totals.meanQuality
      }
    }

    let status: String
    let optimized: String
    let objective: Double
    let bound: Double
    let gap: Double
    let lpObjective: Double
    let requests: Int
    let offers: Int
    let costUsd: Double
    let meanQuality: Double
    let rows: [Row]
    let shares: [String: Double]
    let cheapest: Totals
    let best: Totals
    let passes: Int
    let solveSeconds: Double
  }

  var json: String {
    get throws {
      let n = Double(plan.requestCount)
      let shares = zip(plan.table.offers, plan.counts).filter { $1 > 0 }.map { ($0, Double($1) / n) }
      return try JSONReport.text(
        Document(
          status: plan.status.rawValue, optimized: plan.objectiveKind.rawValue, objective: plan.objective,
          bound: plan.bound, gap: plan.gap, lpObjective: plan.lpObjective,
          requests: plan.requestCount,
          offers: plan.table.offers.count, costUsd: plan.totals.cost.dollars,
          meanQuality: plan.totals.meanQuality,
          rows: plan.rows.map {
            .init(
              name: $0.name, activity: $0.activity, limit: $0.limit, relation: $0.isMost ? "<=" : ">=",
              shadowPrice: $0.shadowPrice, meaning: $0.inWords)
          }, shares: Dictionary(uniqueKeysWithValues: shares), cheapest: .init(plan.cheapest),
          best: .init(plan.best), passes: plan.passes, solveSeconds: plan.solveSeconds))
    }
  }
}

/// JSON for programs: keys in snake case and sorted.
enum JSONReport {
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
