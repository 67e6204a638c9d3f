package import Drayage
package import DrayageCore
package import DrayageProfiles

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
  /// What the plan makes best.
  package var objective: PlanSpecification.Objective
  /// The least mean quality, by expectation.
  package var quality: Double?
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

  package init(
    budget: Money, objective: PlanSpecification.Objective = .quality, quality: Double? = nil,
    lateness: Lateness? = nil, maxOutputTokens: Int? = nil, inFlight: Int = 64,
    // Nobody waits for a single answer: better late from the offer that was planned than now from another, and
    // whatever there are more requests than places for waits for a place.
    policy: AttemptMachine.Policy = .init(patience: 30, longestWait: 600, postponements: .max),
    timeouts: Timeouts = Timeouts()
  ) {
    self.budget = budget
    self.objective = objective
    self.quality = quality
    self.lateness = lateness
    self.maxOutputTokens = maxOutputTokens
    self.inFlight = inFlight
    self.policy = policy
    self.timeouts = timeouts
  }
}

/// How one model counts input.
struct TokenCount: Sendable {
  /// A position in `TokenFamily.all`.
  private let family: Int
  private let correction: TokenCorrection?
  /// The tokens of each row, if the family's vocabulary is at hand.
  private let exact: [Int]?

  /// - Parameter exact: by family.
  init(model: String, services: ServiceProfiles, exact: [TokenFamily: [Int]]) {
    let family = TokenFamily(model: model)
    self.family = TokenFamily.all.firstIndex(of: family) ?? TokenFamily.all.count - 1
    correction = services.corrections[model]
    self.exact = exact[family]
  }

  func estimate(row: Int, _ body: RequestBody) -> TokenEstimate {
    guard let exact else { return body.inputTokens(family: family) }
    return TokenEstimate(expected: exact[row], high: exact[row], bound: body.inputTokenBound)
  }

  /// The tokens to expect, as the bills so far correct them.
  func expected(row: Int, _ body: RequestBody) -> Int {
    let estimate = estimate(row: row, body)
    return min(correction?.corrected(estimate).expected ?? estimate.expected, body.inputTokenBound)
  }
}

/// The rows and targets of a batch, and what each target is expected to do for each row.
package struct BatchSetup: Sendable {
  package let rows: [BatchRow]
  package let targets: [Target]
  /// The rate limits that the targets share.
  let quotas: [Quota]
  package let options: BatchOptions
  /// Estimates at the prices of the start.
  package let estimates: EstimateTable
  /// The first reason for which each target cannot serve some row.
  package let rejections: [OfferID: Rejection]
  /// How the input tokens of each model are counted.
  private let counts: [String: TokenCount]

  /// The estimate of a row's input tokens at a model, before what its bills say.
  func estimatedInput(row: Int, model: String) -> TokenEstimate? {
    counts[model]?.estimate(row: row, rows[row].body)
  }

  /// The tokens to expect of a row at a target, as rate limits count them.
  func estimatedTokens(row: Int, target: Int) -> (input: Int, output: Int) {
    let input = counts[targets[target].offer.model]?.expected(row: row, rows[row].body) ?? 0
    let all = Admission.tokens(estimates.tokens?[target * rows.count + row] ?? 0)
    return (input, max(0, all - input))
  }

  /// - Parameters:
  ///   - quotas: the rate limits that the targets share.
  ///   - vocabularies: to count input with, exactly; families without one are estimated.
  /// - Throws: ``BatchError`` if some row has no eligible target.
  package init(
    rows: [BatchRow], targets: [Target], quotas: [Quota] = [], profile: TableProfile,
    services: ServiceProfiles = ServiceProfiles(),
    vocabularies: [TokenFamily: Vocabulary] = [:], options: BatchOptions, at instant: UTCInstant
  ) throws {
    self.rows = rows
    self.targets = targets
    self.quotas = quotas
    self.options = options
    let requests = rows.map { row in
      Request(
        id: row.customID, workload: row.workload,
        inputTokens: 0, inputTokenBound: row.body.inputTokenBound, maxOutputTokens: 0,
        capabilities: row.body.capabilities)
    }
    let recorded = rows.map { profile.inputTokens(request: $0.customID) }
    let exact = vocabularies.map { family, vocabulary in
      (family, rows.map { $0.body.inputTokens(family: family, by: vocabulary) })
    }
    let exactly = Dictionary(uniqueKeysWithValues: exact)
    let counts = Dictionary(
      targets.map {
        ($0.offer.model, TokenCount(model: $0.offer.model, services: services, exact: exactly))
      },
      uniquingKeysWith: { first, _ in first })
    self.counts = counts
    let estimator = Estimator(
      profile: profile, services: services, deadline: options.lateness?.seconds)
    (estimates, rejections) = estimator.table(
      requests, offers: targets.map(\.offer), at: instant,
      inputTokens: { row, offer in
        recorded[row] ?? counts[offer.model]?.expected(row: row, rows[row].body)
          ?? rows[row].body.inputTokenBound
      },
      rejection: { row, target in targets[target].rejection(of: rows[row].body) }
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
