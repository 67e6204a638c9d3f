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

  private init(family: Int, correction: TokenCorrection?, exact: [Int]?) {
    (self.family, self.correction, self.exact) = (family, correction, exact)
  }

  /// The same for some of the rows.
  func selecting(_ rows: [Int]) -> TokenCount {
    TokenCount(family: family, correction: correction, exact: exact.map { exact in rows.map { exact[$0] } })
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
  /// The rows that some target can serve.
  package let rows: [BatchRow]
  /// The others, and the lines that are no requests, in the order of the file.
  package let refused: [RefusedRow]
  package let targets: [Target]
  /// The rate limits that the targets share.
  let quotas: [Quota]
  package let options: BatchOptions
  /// Estimates at the prices of the start.
  package let estimates: EstimateTable
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
  /// - Throws: ``BatchError`` if no row has an eligible target; ``InputError`` if there is none that is well-formed.
  package init(
    _ file: BatchFile, targets: [Target], quotas: [Quota] = [], profile: TableProfile,
    services: ServiceProfiles = ServiceProfiles(),
    vocabularies: [TokenFamily: Vocabulary] = [:], options: BatchOptions, at instant: UTCInstant
  ) throws {
    let rows = file.rows
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
    let estimator = Estimator(
      profile: profile, services: services, deadline: options.lateness?.seconds)
    /// The estimates of some rows, and for each target the first reason for which it cannot serve one of them.
    func estimates(of chosen: [Int]) -> (table: EstimateTable, rejections: [OfferID: Rejection]) {
      estimator.table(
        chosen.map { requests[$0] }, offers: targets.map(\.offer), at: instant,
        inputTokens: { at, offer in
          let row = chosen[at]
          return recorded[row] ?? counts[offer.model]?.expected(row: row, rows[row].body)
            ?? rows[row].body.inputTokenBound
        },
        rejection: { at, target in targets[target].rejection(of: rows[chosen[at]].body) }
      ) { at, offer in Self.maxOutputTokens(rows[chosen[at]], offer, options) }
    }
    let all = estimates(of: Array(rows.indices)).table
    let served = rows.indices.filter { row in
      targets.indices.contains { all.eligible[$0 * rows.count + row] }
    }
    let unserved = Set(rows.indices).subtracting(served).map { row in
      RefusedRow(
        line: rows[row].line, customID: rows[row].customID,
        reason: .noEligibleOffer(Self.explanation(estimates(of: [row]).rejections)))
    }
    refused = (file.refused + unserved).sorted { $0.line < $1.line }
    guard !served.isEmpty else {
      if rows.isEmpty, case .malformed(let error)? = refused.first?.reason { throw error }
      throw BatchError.nothingToSend(refused)
    }
    self.estimates = served.count == rows.count ? all : all.selecting(rows: served) { $1 }
    self.rows = served.map { rows[$0] }
    // Counted by row.
    self.counts = counts.mapValues { $0.selecting(served) }
  }

  private static func explanation(_ rejections: [OfferID: Rejection]) -> String {
    guard !rejections.isEmpty else { return "there are no offers" }
    return "no offer can serve it: "
      + rejections.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
  }

  /// The plan of all rows at the estimates of the start.
  ///
  /// - Throws: ``BatchError`` if no assignment keeps every constraint, ``PlanError`` if planning breaks down.
  package func plan() throws -> Plan {
    let specification = PlanSpecification(
      objective: options.objective, budget: options.budget, quality: options.quality,
      miss: options.lateness?.share, timeLimit: 10, relativeGap: 1e-4)
    switch try Planner().plan(estimates, specification) {
    case .plan(let plan): return plan
    case .conflict(let conflict): throw BatchError.infeasible(conflict)
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
    case nothingToSend
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

  /// No line of the file can be sent.
  static func nothingToSend(_ refused: [RefusedRow]) -> BatchError {
    let lines = refused.prefix(10).map { "\n  \($0)" }.joined()
    let more = refused.count > 10 ? "\n  and \(refused.count - 10) more" : ""
    return BatchError(code: .nothingToSend, description: "no line can be sent:\(lines)\(more)")
  }
}
