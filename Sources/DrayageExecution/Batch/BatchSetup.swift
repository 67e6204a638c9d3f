package import Drayage
package import DrayageCore

/// How a batch is to be run.
package struct BatchOptions: Sendable {
  /// The most that may be spent, over all runs of the batch.
  package var budget: Money
  /// What the plan makes best.
  package var objective: PlanSpecification.Objective
  /// The least mean quality, by expectation.
  package var quality: Double?
  /// A limit on output tokens for requests that set none.
  package var maxOutputTokens: Int?
  /// The most requests under way at a time.
  package var inFlight: Int
  /// How hard to try each request.
  package var policy: AttemptMachine.Policy
  /// How long an attempt may take.
  package var timeouts: Timeouts

  package init(
    budget: Money, objective: PlanSpecification.Objective = .quality, quality: Double? = nil,
    maxOutputTokens: Int? = nil, inFlight: Int = 64, policy: AttemptMachine.Policy = .init(),
    timeouts: Timeouts = Timeouts()
  ) {
    self.budget = budget
    self.objective = objective
    self.quality = quality
    self.maxOutputTokens = maxOutputTokens
    self.inFlight = inFlight
    self.policy = policy
    self.timeouts = timeouts
  }
}

/// The rows and targets of a batch, and what each target is expected to do for each row.
package struct BatchSetup: Sendable {
  package let rows: [BatchRow]
  package let targets: [Target]
  package let options: BatchOptions
  /// Estimates at the prices of the start.
  package let estimates: EstimateTable
  /// The first reason for which each target cannot serve some row.
  package let rejections: [OfferID: Rejection]

  /// - Throws: ``BatchError`` if some row has no eligible target.
  package init(
    rows: [BatchRow], targets: [Target], profile: TableProfile, options: BatchOptions, at instant: UTCInstant
  ) throws {
    self.rows = rows
    self.targets = targets
    self.options = options
    let requests = rows.map { row in
      Request(
        id: row.customID, workload: row.workload,
        inputTokens: profile.inputTokens(request: row.customID) ?? row.body.expectedInputTokens,
        inputTokenBound: row.body.inputTokenBound, maxOutputTokens: 0, capabilities: row.body.capabilities)
    }
    (estimates, rejections) = Estimator(profile: profile).table(
      requests, offers: targets.map(\.offer), at: instant
    ) { row, offer in Self.maxOutputTokens(rows[row], offer, options) }
    let n = rows.count
    for (i, row) in rows.enumerated()
    where !targets.indices.contains(where: { estimates.eligible[$0 * n + i] }) {
      throw BatchError.noEligibleOffer(row, rejections)
    }
  }

  /// The limit on output tokens: the request's own, else that for all, else the offer's.
  private static func maxOutputTokens(_ row: BatchRow, _ offer: Offer, _ options: BatchOptions) -> Int? {
    row.body.maxOutputTokens ?? options.maxOutputTokens ?? offer.limits.output
  }

  /// The most an attempt at a target can cost for a row.
  func ceiling(row: Int, target: Int, at instant: UTCInstant) throws(TariffError) -> Money {
    let offer = targets[target].offer
    let most = Self.maxOutputTokens(rows[row], offer, options) ?? 0
    return try offer.ceiling(input: rows[row].body.inputTokenBound, output: most, at: instant)
  }
}

/// A batch that cannot begin, or cannot go on.
package struct BatchError: Error, CustomStringConvertible {
  package enum Code: Sendable {
    case noEligibleOffer
    case changedRow
    case infeasible(Conflict)
  }

  package let code: Code
  package let description: String

  static func changed(_ row: BatchRow) -> BatchError {
    BatchError(
      code: .changedRow,
      description: "request '\(row.customID)' on line \(row.line) has changed since it was answered; "
        + "give it another custom_id, or write the output elsewhere")
  }

  static func infeasible(_ conflict: Conflict) -> BatchError {
    BatchError(code: .infeasible(conflict), description: "no assignment keeps every constraint")
  }

  static func noEligibleOffer(_ row: BatchRow, _ rejections: [OfferID: Rejection]) -> BatchError {
    let reasons = rejections.sorted { $0.key < $1.key }.map { "\n  \($0.key): \($0.value)" }.joined()
    return BatchError(
      code: .noEligibleOffer,
      description:
        "no offer can serve request '\(row.customID)' on line \(row.line)\(reasons.isEmpty ? "; there are no offers" : ":" + reasons)"
    )
  }
}
