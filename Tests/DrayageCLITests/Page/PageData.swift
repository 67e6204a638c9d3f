@testable import DrayageCLI

extension BatchPageData {
  /// Every string is `text`, every number comes from `number`, and every list has some entries.
  static func filled(_ text: String, number: () -> Double, count: () -> Int) -> BatchPageData {
    func point() -> Point { Point(name: text, cost: number(), quality: number()) }
    return BatchPageData(
      name: text, finishedAt: text, requests: count(), answered: count(), failed: count(), resumed: count(),
      replanned: count(), wasStopped: true, budget: number(), spent: number(),
      timeline: (0..<5).map { _ in Moment(seconds: number(), spent: number(), answered: count()) },
      frontier: (0..<4).map { _ in point() }, reached: point(), plan: point(),
      alternatives: (0..<3).map { _ in point() }, bestOfferOnly: 1,
      offers: (0..<3).map { _ in
        Offer(name: text, answers: count(), billed: number(), latency: (number(), number(), number()))
      },
      failures: [(text, count()), (text, count())], failedAttempts: [(text, count())],
      firstFailures: [
        Failure(line: count(), id: text, code: text, message: text),
        Failure(line: count(), id: nil, code: text, message: text),
      ])
  }

  /// A small batch that went well.
  static let plain: BatchPageData = {
    var seconds = 0.0
    return filled("ordinary") {
      seconds += 1
      return seconds
    } count: {
      7
    }
  }()

  static let nothing = BatchPageData(
    name: "", finishedAt: "", requests: 0, answered: 0, failed: 0, resumed: 0, replanned: 0,
    wasStopped: false,
    budget: 0, spent: 0, timeline: [], frontier: [], reached: nil, plan: Point(name: "", cost: 0, quality: 0),
    alternatives: [], bestOfferOnly: nil, offers: [], failures: [], failedAttempts: [], firstFailures: [])
}
