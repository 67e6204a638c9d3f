/// How a simulated provider carries out jobs of many requests.
///
/// Everything is held in memory, and forgotten when the provider ends.
public struct BatchBehaviour: Sendable {
  /// How long a job takes, in simulated seconds; from 0 to 10⁷. Its requests are answered one after another,
  /// evenly over that time. At infinite speed a job has ended when it is first asked for.
  public var delay = 60.0
  /// After how many simulated seconds a job expires with what it has answered until then; more than 0, at most
  /// 10⁷. Default a day, as both providers have it.
  public var window = 86_400.0
  /// How often each fault happens to a request of a job. Only faults that are refusals, such as `400`, `500` or
  /// `filter`, can: what happens to connections does not concern a job, and in a schedule counts as `ok` there.
  public var faults = FaultPlan()
  /// The share of jobs that fail as a whole, from 0 to 1. OpenAI's fail before their first request; Anthropic
  /// knows no failed jobs, so there every request of such a job fails.
  public var failingJobs = 0.0
  /// The share of jobs that expire when they should end, half of their requests unanswered; from 0 to 1, and at
  /// most 1 with ``failingJobs``.
  public var expiringJobs = 0.0

  /// The defaults: a minute for every job, no faults.
  public init() {}

  func validate() throws(SimulationError) {
    func check(_ isValid: Bool, _ message: String) throws(SimulationError) {
      guard isValid else { throw SimulationError(.invalidOption, message) }
    }
    try check((0...1e7).contains(delay), "a batch delay of \(delay) s; choose from 0 to 10000000")
    try check(
      window > 0 && window <= 1e7, "a batch window of \(window) s; choose above 0, at most 10000000")
    try check(
      (0...1).contains(failingJobs) && (0...1).contains(expiringJobs) && failingJobs + expiringJobs <= 1,
      "shares of \(failingJobs) failing and \(expiringJobs) expiring jobs; choose from 0 to 1, at most 1 together"
    )
    for kind in FaultKind.allCases where faults.probability(of: kind) > 0 && kind.refusal(model: "") == nil {
      throw SimulationError(
        .invalidOption,
        "the fault \(kind.rawValue) does not happen to requests of a batch; choose one that is a refusal, such as "
          + "400 or 500")
    }
  }

  /// What becomes of the job numbered `serial` as a whole.
  func fate(ofJob serial: Int, seed: UInt64) -> BatchFate {
    var hash = StableHash()
    hash.combine(seed)
    hash.combine("batch job")
    hash.combine(UInt64(serial))
    let draw = hash.uniform
    if draw < failingJobs { return .fails }
    return draw < failingJobs + expiringJobs ? .expires : .ends
  }
}

/// What becomes of a job as a whole.
enum BatchFate {
  case ends, fails, expires
}
