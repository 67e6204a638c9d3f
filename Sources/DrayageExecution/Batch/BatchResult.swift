package import Drayage
package import DrayageCore
package import DrayageLedger

/// How far a batch has come.
package struct BatchProgress: Sendable {
  package let total: Int
  package let answered: Int
  package let failed: Int
  /// Of those, the rows that ended in earlier runs.
  package let resumed: Int
  package let spent: Money
  package let budget: Money
}

/// What one run of a batch has seen.
package struct BatchCourse: Sendable {
  /// Rows that were finished before it.
  package let resumed: Int
  /// How often the rest was planned anew.
  package let replanned: Int
  /// Attempts that brought no answer, by reason.
  package let failedAttempts: [FailureClass: Int]
  /// What was billed beyond reservations: above zero only if a provider meters more than was possible.
  package let overrun: Money
  /// Whether it was stopped before its end.
  package let wasStopped: Bool
  /// Whether its time was over before all was begun.
  package let wasLate: Bool
  /// The jobs that were left with the batch interfaces of their providers.
  package let openJobs: [OpenProviderJob]
  /// What its answers say of their offers, for later runs.
  package let observations: Observations
}

/// What became of a batch, earlier runs included.
package struct BatchResult: Sendable {
  /// A row without an answer.
  package struct Failure: Sendable {
    package let line: Int
    /// `nil` if the line has no id of its own.
    package let id: String?
    package let code: String
    package let message: String
  }

  package let progress: BatchProgress
  /// The plan of the whole batch at the estimates of the start.
  package let plan: Plan
  /// What the rows that have ended come to.
  package let tallies: [JobTally]
  /// When they ended.
  package let timeline: [JobMoment]
  /// The first rows without an answer.
  package let failures: [Failure]
  /// How many requests got copies of answers to others.
  package let copies: Int
  package let course: BatchCourse

  /// The most rows in ``failures``.
  static let mostFailures = 1_000

  /// The rows that were answered, by the offer that did.
  package var answers: [JobTally] { tallies.filter { $0.code == nil } }

  /// The mean of the scores stated with the answers; `nil` if there were none.
  package var measuredQuality: Double? {
    let scored = answers.reduce(0) { $0 + $1.scored }
    return scored > 0 ? answers.reduce(0) { $0 + $1.scores } / Double(scored) : nil
  }

  /// The mean quality of the answered rows by the estimates.
  package var expectedQuality: Double? {
    let count = answers.reduce(0) { $0 + $1.count }
    return count > 0 ? answers.reduce(0) { $0 + $1.expected } / Double(count) : nil
  }
}
