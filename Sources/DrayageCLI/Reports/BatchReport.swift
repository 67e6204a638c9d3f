import Drayage
import DrayageCore
import DrayageExecution

/// What a batch reached and cost, beside what else could have been done with the money.
struct BatchReport {
  let result: BatchResult
  let setup: BatchSetup
  let record: ScoredTable?
  let output: String

  /// One way to answer all requests.
  private struct Alternative {
    let name: String
    let cost: Money
    let quality: Double
  }

  // MARK: Text

  var text: String {
    let progress = result.progress
    var lines = [
      "\(progress.answered) of \(progress.total) requests answered, \(progress.failed) failed"
        + (result.tally.resumed > 0 ? ", \(result.tally.resumed) of them in earlier runs" : "")
        + ": \(output)",
      "\(progress.spent) spent of \(progress.budget)"
        + (result.tally.overrun > .zero
          ? ", \(result.tally.overrun) of it beyond what providers said was possible" : ""),
      "",
    ]
    var table = TextTable(["", "cost", "mean quality"])
    table.add(["this batch", NumberText.dollars(progress.spent.dollars), reachedText])
    let plan = result.plan
    table.add([
      "its plan", NumberText.dollars(plan.totals.cost.dollars), NumberText.fixed(plan.totals.meanQuality, 4),
    ])
    for alternative in alternatives {
      table.add([
        alternative.name, NumberText.dollars(alternative.cost.dollars),
        NumberText.fixed(alternative.quality, 4),
      ])
    }
    lines += table.lines
    lines.append(
      record == nil
        ? "  (the alternatives by the estimates)" : "  (the alternatives by the recorded outcomes)")
    if let comparison { lines += ["", comparison] }
    let parts = result.tally.parts.filter { $0.answers > 0 }
    if !parts.isEmpty {
      var offers = TextTable(["offer", "answers", "billed"])
      for part in parts.sorted(by: { ($1.answers, $0.offer) < ($0.answers, $1.offer) }) {
        offers.add([part.offer, "\(part.answers)", NumberText.dollars(part.charge.dollars)])
      }
      lines += [""] + offers.lines
    }
    if !result.tally.failedAttempts.isEmpty {
      let attempts = result.tally.failedAttempts.sorted {
        ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue)
      }
      lines += [
        "", "failed attempts: " + attempts.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", "),
      ]
    }
    if !result.failures.isEmpty {
      lines += ["", "not answered:"]
      lines += result.failures.prefix(10).map { "  line \($0.line), \($0.id): \($0.code): \($0.message)" }
      if result.failures.count > 10 {
        lines.append("  and \(result.failures.count - 10) more, in the output")
      }
    }
    if result.wasStopped { lines += ["", "stopped before the end; run the same command again to go on"] }
    return lines.joined(separator: "\n")
  }

  private var reachedText: String {
    if let measured = result.measuredQuality { return NumberText.fixed(measured, 4) }
    return result.expectedQuality.map { NumberText.fixed($0, 4) + " expected" } ?? "-"
  }

  /// What was gained, in a sentence; only against recorded outcomes and a whole batch.
  private var comparison: String? {
    guard record != nil, let reached = result.measuredQuality,
      result.progress.answered == result.progress.total,
      let best = alternatives.first(where: { $0.name.hasPrefix(Self.bestName) }), best.quality > 0,
      best.cost > .zero
    else { return nil }
    return "\(NumberText.percent(reached / best.quality)) of the best offer's quality at "
      + "\(NumberText.percent(result.progress.spent.dollars / best.cost.dollars)) of its cost"
  }

  private static let bestName = "best offer only"

  /// What one offer for all requests would cost and reach, chosen by the estimates as a person would choose
  /// it.
  private var alternatives: [Alternative] {
    let estimates = setup.estimates
    let n = estimates.requests.count
    let all = estimates.offers.indices.filter { j in (0..<n).allSatisfy { estimates.eligible[j * n + $0] } }
    func totals(_ j: Int) -> Plan.Totals { estimates.totals(of: Array(repeating: j, count: n)) }
    let cheapest = all.min { totals($0).cost < totals($1).cost }
    let best = all.max {
      (totals($0).meanQuality, totals($1).cost) < (totals($1).meanQuality, totals($0).cost)
    }
    let within = estimates.bestSingleOffer(within: setup.options.budget)?.offer
    return [
      ("cheapest offer only", cheapest), (Self.bestName, best),
      ("best single offer within the budget", within),
    ]
    .compactMap { name, offer in
      guard let offer, let outcome = outcome(of: offer) else { return nil }
      return Alternative(
        name: "\(name), \(estimates.offers[offer])", cost: outcome.cost, quality: outcome.meanQuality)
    }
  }

  /// What an offer for all requests really cost and reached, if that was recorded; else by the estimates.
  private func outcome(of offer: Int) -> Plan.Totals? {
    let estimates = setup.estimates
    guard let record else {
      return estimates.totals(of: Array(repeating: offer, count: estimates.requests.count))
    }
    guard let model = (try? TableProfile(record))?.model(of: setup.targets[offer].offer) else { return nil }
    let rowOf = Dictionary(
      record.queryIDs.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var totals = Plan.Totals(cost: .zero, meanQuality: 0)
    for request in estimates.requests {
      guard let row = rowOf[request], let score = record.score(query: row, model: model),
        let cost = record.cost(query: row, model: model)
      else { return nil }
      totals.cost += cost
      totals.meanQuality += score / Double(estimates.requests.count)
    }
    return totals
  }

  // MARK: JSON

  private struct Document: Encodable {
    struct Way: Encodable {
      let name: String
      let costUsd: Double
      let meanQuality: Double
    }

    struct Part: Encodable {
      let offer: String
      let answers: Int
      let billedUsd: Double
    }

    struct Failure: Encodable {
      let line: Int
      let customId: String
      let code: String
      let message: String
    }

    let requests: Int
    let answered: Int
    let failed: Int
    let resumed: Int
    let replanned: Int
    let stopped: Bool
    let budgetUsd: String
    let spentUsd: String
    let overrunUsd: String
    let measuredQuality: Double?
    let expectedQuality: Double?
    let plan: Way
    let alternatives: [Way]
    let alternativesAre: String
    let offers: [Part]
    let failedAttempts: [String: Int]
    let failures: [Failure]
  }

  var json: String {
    get throws {
      let progress = result.progress
      return try JSONReport.text(
        Document(
          requests: progress.total, answered: progress.answered, failed: progress.failed,
          resumed: result.tally.resumed, replanned: result.replanned, stopped: result.wasStopped,
          budgetUsd: progress.budget.decimal, spentUsd: progress.spent.decimal,
          overrunUsd: result.tally.overrun.decimal, measuredQuality: result.measuredQuality,
          expectedQuality: result.expectedQuality,
          plan: .init(
            name: "plan", costUsd: result.plan.totals.cost.dollars,
            meanQuality: result.plan.totals.meanQuality),
          alternatives: alternatives.map {
            .init(name: $0.name, costUsd: $0.cost.dollars, meanQuality: $0.quality)
          },
          alternativesAre: record == nil ? "estimated" : "recorded",
          offers: result.tally.parts.filter { $0.answers > 0 }
            .map { .init(offer: $0.offer, answers: $0.answers, billedUsd: $0.charge.dollars) },
          failedAttempts: Dictionary(
            uniqueKeysWithValues: result.tally.failedAttempts.map { ($0.key.rawValue, $0.value) }),
          failures: result.failures.map {
            .init(line: $0.line, customId: $0.id, code: $0.code, message: $0.message)
          }))
    }
  }
}
