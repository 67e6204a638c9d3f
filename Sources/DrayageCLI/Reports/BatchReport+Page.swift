import Drayage
import DrayageCore
import DrayageExecution
import DrayageLedger
import Foundation

extension BatchReport {
  /// Writes the report as one page with plots.
  ///
  /// - Throws: ``InputError`` if the file cannot be written.
  func writePage(to path: String) throws {
    var file = try AtomicFile(path)
    try file.append(BatchPage.html(page).utf8)
    try file.commit()
  }

  private var page: BatchPageData {
    let (progress, course) = (result.progress, result.course)
    let reached = (result.measuredQuality ?? result.expectedQuality).map { quality in
      BatchPageData.Point(
        name: result.measuredQuality == nil ? "this batch (expected)" : "this batch",
        cost: progress.spent.dollars,
        quality: quality)
    }
    return BatchPageData(
      name: output, finishedAt: "\(UTCInstant.now)", requests: progress.total, answered: progress.answered,
      failed: progress.failed, resumed: course.resumed, replanned: course.replanned,
      wasStopped: course.wasStopped,
      budget: progress.budget.dollars, spent: progress.spent.dollars, timeline: moments, frontier: frontier,
      reached: reached, plan: point("its plan", result.plan.totals),
      alternatives: alternatives.map { point($0.name, $0.totals) },
      bestOfferOnly: best.flatMap { best in alternatives.firstIndex { $0.name == best.name } },
      offers: result.answers.map { part in
        BatchPageData.Offer(
          name: part.source ?? "-", answers: part.count, billed: part.charge.dollars,
          latency: latency(of: part.source ?? ""))
      },
      failures: result.tallies.compactMap { part in part.code.map { ($0, part.count) } },
      failedAttempts: course.failedAttempts.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 },
      firstFailures: result.failures.prefix(100).map {
        .init(line: $0.line, id: $0.id, code: $0.code, message: $0.message)
      }, remarks: remarks)
  }

  private var remarks: [String] {
    let course = result.course
    var remarks = [isRecorded ? "The alternatives are those recorded." : "The alternatives are estimates."]
    if course.overrun > .zero {
      remarks.append("\(course.overrun) was billed beyond what providers said was possible.")
    }
    if course.wasLate {
      remarks.append("The time was over before the end; run the same command again to go on.")
    }
    if result.copies > 0 { remarks.append("Copies of answers to equal requests: \(result.copies).") }
    if !course.openJobs.isEmpty {
      let requests = course.openJobs.reduce(0) { $0 + $1.count }
      remarks.append(
        "Still with providers: \(FigureText.count(requests, "request", "requests")) in "
          + "\(FigureText.count(course.openJobs.count, "job", "jobs")); run the same command again to collect them."
      )
    }
    return remarks + notices.map { $0 + "." }
  }

  private func point(_ name: String, _ totals: Plan.Totals) -> BatchPageData.Point {
    .init(name: name, cost: totals.cost.dollars, quality: totals.meanQuality)
  }

  private func latency(of offer: String) -> (median: Double, p90: Double, p99: Double)? {
    guard let id = OfferID(offer) else { return nil }
    func seconds(_ share: Double) -> Double? {
      result.course.observations.seconds(of: id, share: share, at: .now)
    }
    guard let median = seconds(0.5), let p90 = seconds(0.9), let p99 = seconds(0.99) else { return nil }
    return (median, p90, p99)
  }

  /// What was spent and answered by when, at some hundreds of times.
  private var moments: [BatchPageData.Moment] {
    guard let first = result.timeline.first else { return [] }
    var moments: [BatchPageData.Moment] = [.init(seconds: 0, spent: 0, answered: 0)]
    let stride = max(1, result.timeline.count / 400)
    var (spent, answered) = (0.0, 0)
    for (number, moment) in result.timeline.enumerated() {
      spent += moment.charge.dollars
      answered += moment.answered
      guard (number + 1) % stride == 0 || number + 1 == result.timeline.count else { continue }
      let seconds = Double(moment.at.secondsSince1970 - first.at.secondsSince1970 + 1)
      moments.append(.init(seconds: seconds, spent: spent, answered: answered))
    }
    return moments
  }

  /// The best quality that each of some budgets buys, by the estimates.
  private var frontier: [BatchPageData.Point] {
    let plan = result.plan
    let (least, most) = (plan.cheapest.cost.dollars, plan.best.cost.dollars)
    guard least > 0, most > least else { return [] }
    let steps = 16
    return (0...steps).compactMap { step in
      let share = Double(step) / Double(steps)
      let budget = Money(nanodollars: Int64(least * 1e9 * pow(most / least, share)) + 1)
      let specification = PlanSpecification(
        objective: .quality, budget: budget, timeLimit: 2, relativeGap: 1e-3)
      guard case .plan(let next)? = try? Planner().plan(plan.table, specification) else { return nil }
      return point("\(budget)", next.totals)
    }
  }
}
