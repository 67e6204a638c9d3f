package import Drayage
package import DrayageCore

/// How a batch is to be run.
package struct BatchOptions: Sendable {
  /// How late answers may be.
  package struct Lateness: Sendable {
    /// Seconds after which an answer counts as missed.
    package var seconds: Double
    /// The largest share of requests that may be missed, by expectation; 0 to 1.
    package var share: Double

    package init(seconds: Double, share: Double) {
      self.seconds = seconds
      self.share = share
    }
  }

  /// The most that may be spent, over all runs of the batch.
  package var budget: Money
  /// The most that parts of it may spend.
  package var budgets: [PlanSpecification.ScopedBudget]
  /// What the plan makes best.
  package var objective: PlanSpecification.Objective
  /// The least mean quality, by expectation.
  package var quality: Double?
  /// The least mean quality of single workloads.
  package var workloadQuality: [String: Double]
  /// Seconds after which an answer counts as missed, and the largest share of requests that may be.
  package var lateness: Lateness?
  /// A limit on output tokens for requests that set none.
  package var maxOutputTokens: Int?
  /// The most requests under way at a time.
  package var inFlight: Int
  /// How hard to try each request.
  package var policy: AttemptMachine.Policy
  /// How long an attempt may take.
  package var timeouts: Timeouts
  /// Seconds from the beginning of a run in which all is to be done; `nil` for any time.
  package var within: Double?
  /// Whether to go on if that cannot be kept.
  package var isBestEffort = false
  /// With what probability what is planned is to stay within the budget, from 0.5 (by expectation), below 1. The budget
  /// itself is kept in any case; this is about how many of the last requests it suffices for.
  package var confidence = 0.95
  /// Whether not to begin if no plan can have that; else the cheapest is taken then.
  package var insistsOnConfidence = false
  /// Whether of requests with the same body only the first is sent, and the others get copies of its answer.
  package var dedupes = false
  /// Seconds, by which the time is measured.
  var clock: @Sendable () -> Double = { Course.now }
  /// The time of day, by which prices hold, and a job that cannot be found is known not to have been taken.
  var now: @Sendable () -> UTCInstant = { .now }
  /// Seconds after which the state of a job in a provider's batch interface is asked for, at first and at most; in
  /// between each wait is half as long again as the one before.
  var polling = 0.5...60.0
  /// The most requests of a job, and the most bytes of its lines: it is put together in memory.
  var jobSize = (rows: 10_000, bytes: 32 << 20)
  /// The most requests that are planned one by one; those that come later are planned by a sample.
  package var window = 4_096
  /// The most requests of the sample.
  package var sample = 8_192

  /// Within how many seconds the batch interfaces of providers answer, as they say.
  package static let jobWindow = 86_400.0

  /// Whether there is time for jobs in the batch interfaces of providers.
  package var allowsJobs: Bool { within.map { $0 >= Self.jobWindow } ?? false }

  package init(
    budget: Money, budgets: [PlanSpecification.ScopedBudget] = [],
    objective: PlanSpecification.Objective = .quality, quality: Double? = nil,
    workloadQuality: [String: Double] = [:], lateness: Lateness? = nil, maxOutputTokens: Int? = nil,
    inFlight: Int = 64,
    // Nobody waits for a single answer: better late from the offer that was planned than now from another, and
    // whatever there are more requests than places for waits for a place.
    policy: AttemptMachine.Policy = .init(patience: 30, longestWait: 600, postponements: .max),
    timeouts: Timeouts = Timeouts()
  ) {
    self.budget = budget
    self.budgets = budgets
    self.objective = objective
    self.quality = quality
    self.workloadQuality = workloadQuality
    self.lateness = lateness
    self.maxOutputTokens = maxOutputTokens
    self.inFlight = inFlight
    self.policy = policy
    self.timeouts = timeouts
  }
}
