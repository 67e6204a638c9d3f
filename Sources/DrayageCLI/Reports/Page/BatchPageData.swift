/// What the page of a batch shows. Nothing in it is trusted: strings come from providers and files, and
/// numbers may be anything. Money is in dollars, time in seconds, quality on the scale of the profiles,
/// commonly 0 to 1.
struct BatchPageData: Sendable {
  var name: String
  var finishedAt: String
  var requests: Int
  var answered: Int
  /// Rows that ended without an answer.
  var failed: Int
  /// Rows that earlier runs had finished.
  var resumed: Int
  /// How often the plan was revised on the way.
  var replanned: Int
  /// Whether the batch was stopped before its end.
  var wasStopped: Bool
  var budget: Double
  var spent: Double

  /// The state of the batch at one time: everything so far, not the difference to the moment before.
  struct Moment: Sendable {
    var seconds: Double
    var spent: Double
    var answered: Int
  }

  /// In the order of time, at most some hundreds.
  var timeline: [Moment]

  /// A way to work off the whole batch: what it costs, and the mean quality of its answers.
  struct Point: Sendable {
    var name: String
    var cost: Double
    var quality: Double
  }

  /// The best quality that each budget buys, by the estimates, in the order of cost.
  var frontier: [Point]
  /// What this run cost and reached, if its quality is known.
  var reached: Point?
  var plan: Point
  /// One offer for all requests, chosen in several ways.
  var alternatives: [Point]
  /// The index in `alternatives` of the best offer for every request, which the headline compares with.
  var bestOfferOnly: Int?

  /// What one offer did in this batch. Latency is in seconds, of answers.
  struct Offer: Sendable {
    var name: String
    var answers: Int
    var billed: Double
    var latency: (median: Double, p90: Double, p99: Double)?
  }

  var offers: [Offer]
  /// Rows without an answer, by reason.
  var failures: [(code: String, count: Int)]
  /// Attempts that failed, by reason; a row may have been answered by a later attempt.
  var failedAttempts: [(reason: String, count: Int)]

  /// A row without an answer. Lines count from one.
  struct Failure: Sendable {
    var line: Int
    var id: String?
    var code: String
    var message: String
  }

  /// At most 100 of them, in the order of lines.
  var firstFailures: [Failure]
  /// What else there is to say, a sentence each.
  var remarks: [String] = []
}
