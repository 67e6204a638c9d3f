import Drayage
import DrayageCore
import DrayageExecution
import DrayageLedger

/// What a batch reached and cost, beside what else could have been done with the money.
struct BatchReport {
  let result: BatchResult
  let output: String
  /// Whether the alternatives are what was recorded, and not estimates.
  let isRecorded: Bool
  private let cheapest: Alternative?
  let best: Alternative?
  private let withinBudget: Alternative?
  /// What to know of the offers that answered.
  let notices: [String]

  /// One offer for all requests, chosen by the estimates as a person would choose it.
  struct Alternative {
    let name: String
    let totals: Plan.Totals
  }

  /// - Parameter record: what each request really scored and cost at each model, if that is known.
  init(result: BatchResult, setup: BatchSetup, record: ScoredTable?, output: String) throws {
    self.result = result
    self.output = output
    isRecorded = record != nil
    notices = setup.retirementNotices(of: result.answers.compactMap(\.source))
    let estimates = result.plan.table
    let outcomes = try record.map { try RecordedOutcomes($0, of: estimates) }
    func alternative(_ name: String, _ offer: Int?) -> Alternative? {
      guard let offer else { return nil }
      let expected = estimates.totals(of: Array(repeating: offer, count: estimates.requests.count))
      let totals = outcomes.map { $0.totals(of: setup.targets[offer].offer) } ?? expected
      return totals.map { Alternative(name: "\(name), \(estimates.offers[offer])", totals: $0) }
    }
    cheapest = alternative("cheapest offer only", estimates.cheapestSingleOffer())
    best = alternative("best offer only", estimates.bestSingleOffer()?.offer)
    withinBudget = alternative(
      "best single offer within the budget", estimates.bestSingleOffer(within: setup.options.budget)?.offer)
  }

  var alternatives: [Alternative] { [cheapest, best, withinBudget].compactMap(\.self) }

  // MARK: Text

  var text: String {
    let progress = result.progress
    var lines = [
      "\(progress.answered) of \(progress.total) requests answered, \(progress.failed) failed"
        + (result.course.resumed > 0 ? ", \(result.course.resumed) of them in earlier runs" : "")
        + (result.copies > 0 ? ", \(result.copies) of them copies of others" : "") + ": \(output)",
      "\(progress.spent) spent of \(progress.budget)"
        + (result.course.overrun > .zero
          ? ", \(result.course.overrun) of it beyond what providers said was possible" : ""),
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
        alternative.name, NumberText.dollars(alternative.totals.cost.dollars),
        NumberText.fixed(alternative.totals.meanQuality, 4),
      ])
    }
    lines += table.lines
    lines.append(
      isRecorded
        ? "  (the alternatives by the recorded outcomes)" : "  (the alternatives by the estimates)")
    if let comparison { lines += ["", comparison] }
    if !result.answers.isEmpty {
      var offers = TextTable(["offer", "answers", "billed"])
      for part in result.answers.sorted(by: { ($1.count, $0.source ?? "") < ($0.count, $1.source ?? "") }) {
        offers.add([part.source ?? "-", "\(part.count)", NumberText.dollars(part.charge.dollars)])
      }
      lines += [""] + offers.lines + notices.map { "  " + $0 }
    }
    if !result.course.failedAttempts.isEmpty {
      let attempts = result.course.failedAttempts.sorted {
        ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue)
      }
      lines += [
        "", "failed attempts: " + attempts.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", "),
      ]
    }
    if !result.failures.isEmpty {
      lines += ["", "not answered:"]
      lines += result.failures.prefix(10).map {
        "  line \($0.line)\($0.id.map { ", \($0)" } ?? ""): \($0.code): \($0.message)"
      }
      if progress.failed > 10 { lines.append("  and \(progress.failed - 10) more, in the output") }
    }
    if !result.course.openJobs.isEmpty {
      lines += ["", "still with their providers; run the same command again to collect them:"]
      lines += result.course.openJobs.map { "  " + OpenJobText.line($0) }
    }
    if result.course.wasStopped {
      lines += ["", "stopped before the end; run the same command again to go on"]
    }
    if result.course.wasLate {
      lines += ["", "the time was over before the end; run the same command again to go on"]
    }
    return lines.joined(separator: "\n")
  }

  private var reachedText: String {
    if let measured = result.measuredQuality { return NumberText.fixed(measured, 4) }
    return result.expectedQuality.map { NumberText.fixed($0, 4) + " expected" } ?? "-"
  }

  /// What was gained, in a sentence; only against recorded outcomes and a whole batch.
  private var comparison: String? {
    guard isRecorded, let reached = result.measuredQuality, result.progress.answered == result.progress.total,
      let best, best.totals.meanQuality > 0, best.totals.cost > .zero
    else { return nil }
    return "\(NumberText.percent(reached / best.totals.meanQuality)) of the best offer's quality at "
      + "\(NumberText.percent(result.progress.spent.dollars / best.totals.cost.dollars)) of its cost"
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
      let customId: String?
      let code: String
      let message: String
    }

    let requests: Int
    let answered: Int
    let failed: Int
    let resumed: Int
    let copies: Int
    let replanned: Int
    let stopped: Bool
    let late: Bool
    let budgetUsd: String
    let spentUsd: String
    let overrunUsd: String
    let measuredQuality: Double?
    let expectedQuality: Double?
    let plan: Way
    let alternatives: [Way]
    let alternativesAre: String
    let offers: [Part]
    let notices: [String]
    let failedAttempts: [String: Int]
    let openJobs: [OpenJobText.Document]
    let failures: [Failure]
  }

  var json: String {
    get throws {
      let progress = result.progress
      return try JSONReport.text(
        Document(
          requests: progress.total, answered: progress.answered, failed: progress.failed,
          resumed: result.course.resumed, copies: result.copies, replanned: result.course.replanned,
          stopped: result.course.wasStopped, late: result.course.wasLate,
          budgetUsd: progress.budget.decimal, spentUsd: progress.spent.decimal,
          overrunUsd: result.course.overrun.decimal, measuredQuality: result.measuredQuality,
          expectedQuality: result.expectedQuality,
          plan: .init(
            name: "plan", costUsd: result.plan.totals.cost.dollars,
            meanQuality: result.plan.totals.meanQuality),
          alternatives: alternatives.map {
            .init(name: $0.name, costUsd: $0.totals.cost.dollars, meanQuality: $0.totals.meanQuality)
          },
          alternativesAre: isRecorded ? "recorded" : "estimated",
          offers: result.answers.map {
            .init(offer: $0.source ?? "", answers: $0.count, billedUsd: $0.charge.dollars)
          }, notices: notices,
          failedAttempts: Dictionary(
            uniqueKeysWithValues: result.course.failedAttempts.map { ($0.key.rawValue, $0.value) }),
          openJobs: result.course.openJobs.map { .init($0) },
          failures: result.failures.map {
            .init(line: $0.line, customId: $0.id, code: $0.code, message: $0.message)
          }))
    }
  }
}

extension BatchSetup {
  /// Which of the offers called `names` will soon no longer be sold.
  func retirementNotices(of names: [String], at instant: UTCInstant = .now) -> [String] {
    let names = Set(names)
    return targets.map(\.offer).filter { names.contains($0.id.description) }
      .compactMap { $0.retirementNotice(at: instant) }
  }
}
