package import Drayage
package import DrayageCore

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

/// What was counted while a batch ran, earlier runs included.
package struct BatchTally: Sendable {
  /// One offer's part.
  package struct Part: Sendable {
    package let offer: String
    package var answers = 0
    package var charge = Money.zero
  }

  /// Per target.
  package private(set) var parts: [Part]
  /// Scores stated with the answers.
  package private(set) var scored = 0
  package private(set) var scoreSum = 0.0
  /// Attempts that brought no answer, by reason; this run only.
  package var failedAttempts: [FailureClass: Int] = [:]
  /// What was billed beyond reservations: above zero only if a provider meters more than was possible.
  package var overrun = Money.zero
  /// Rows that were finished before this run.
  package var resumed = 0

  init(offers: [String]) {
    parts = offers.map { Part(offer: $0) }
  }

  mutating func answered(offer: Int?, score: Double?, charge: Money) {
    if let offer {
      parts[offer].answers += 1
      parts[offer].charge += charge
    }
    if let score {
      scored += 1
      scoreSum += score
    }
  }
}

/// What became of a batch.
package struct BatchResult: Sendable {
  package let progress: BatchProgress
  package let tally: BatchTally
  /// The plan of the whole batch at the estimates of the start.
  package let plan: Plan
  /// How often the rest was planned anew.
  package let replanned: Int
  /// The mean quality of the answered rows by the estimates.
  package let expectedQuality: Double?
  /// The rows without an answer; those without an id of their own have none.
  package let failures: [(line: Int, id: String?, code: String, message: String)]
  /// Whether the run was stopped before its end.
  package let wasStopped: Bool
  /// What the answers of this run say of their offers, for later runs.
  package let observations: BatchObservations

  /// The mean of the scores stated with the answers; `nil` if there were none.
  package var measuredQuality: Double? {
    tally.scored > 0 ? tally.scoreSum / Double(tally.scored) : nil
  }
}
