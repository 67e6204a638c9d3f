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
    let (n, m) = (rows.count, targets.count)
    var workloads: [String] = []
    var positions: [String: Int] = [:]
    let workloadOf = rows.map { row in
      if let known = positions[row.workload] { return known }
      positions[row.workload] = workloads.count
      workloads.append(row.workload)
      return workloads.count - 1
    }
    var eligible = Array(repeating: false, count: n * m)
    var cost = Array(repeating: Int64(0), count: n * m)
    var quality = Array(repeating: 0.0, count: n * m)
    var tokens = Array(repeating: 0.0, count: n * m)
    var rejections: [OfferID: Rejection] = [:]
    for (j, target) in targets.enumerated() {
      let model = profile.model(of: target.offer)
      for (i, row) in rows.enumerated() {
        do throws(Rejection) {
          let estimate = try Self.estimate(row, target.offer, model, profile, options, instant)
          eligible[j * n + i] = true
          cost[j * n + i] = estimate.cost.nanodollars
          quality[j * n + i] = estimate.quality
          tokens[j * n + i] = estimate.inputTokens + estimate.outputTokens
        } catch {
          rejections[target.offer.id] = rejections[target.offer.id] ?? error
        }
      }
    }
    self.rejections = rejections
    for (i, row) in rows.enumerated() where !(0..<m).contains(where: { eligible[$0 * n + i] }) {
      throw BatchError.noEligibleOffer(row, rejections)
    }
    estimates = EstimateTable(
      requests: rows.map(\.customID), workloads: workloads, workloadOf: workloadOf,
      offers: targets.map(\.offer.id.description), providers: targets.map(\.offer.provider),
      eligible: eligible,
      cost: cost, quality: quality, tokens: tokens)
  }

  private static func estimate(
    _ row: BatchRow, _ offer: Offer, _ model: Int?, _ profile: TableProfile, _ options: BatchOptions,
    _ instant: UTCInstant
  ) throws(Rejection) -> Estimate {
    guard let model,
      let expected = profile.expectation(model: model, workload: row.workload, request: row.customID)
    else { throw .noEstimate }
    guard let most = row.body.maxOutputTokens ?? options.maxOutputTokens ?? offer.limits.output else {
      throw .unboundedOutput
    }
    let input = profile.inputTokens(request: row.customID) ?? row.body.roughInputTokens
    let request = Request(
      id: row.customID, workload: row.workload, inputTokens: input, inputTokenBound: row.body.inputTokenBound,
      maxOutputTokens: most, capabilities: row.body.capabilities)
    if let rejection = offer.rejection(of: request, at: instant) { throw rejection }
    let output = min(Double(most), expected.outputTokens ?? Double(most))
    do {
      let usage = TokenUsage(input: input, output: Int(output.rounded(.up)))
      return Estimate(
        cost: try offer.price(usage, at: instant).total,
        ceiling: try offer.ceiling(input: request.inputTokenBound, output: most, at: instant),
        quality: expected.quality, inputTokens: Double(input), outputTokens: output)
    } catch {
      throw .noPrice(error)
    }
  }

  /// The most an attempt at a target can cost for a row.
  func ceiling(row: Int, target: Int, at instant: UTCInstant) throws(TariffError) -> Money {
    let offer = targets[target].offer
    let most = rows[row].body.maxOutputTokens ?? options.maxOutputTokens ?? offer.limits.output ?? 0
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
