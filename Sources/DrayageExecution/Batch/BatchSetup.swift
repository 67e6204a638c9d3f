package import Drayage
package import DrayageCore
package import DrayageProfiles

/// The targets of a batch, and what each is expected to do for a row.
package struct BatchSetup: Sendable {
  package let file: BatchFile
  package let targets: [Target]
  /// The rate limits that the targets share.
  let quotas: [Quota]
  package let options: BatchOptions
  private let profile: TableProfile
  private let services: ServiceProfiles
  let vocabularies: [TokenFamily: Vocabulary]
  /// The targets whose requests are put together to jobs.
  let jobTargets: Set<Int>
  /// The token family of each target, a position in `TokenFamily.all`, and what the model's bills say of it.
  private let families: [Int]
  /// What plans leave of the budget.
  let margin: SpendingMargin

  /// How many rows are estimated at a time.
  private static let stride = 1_024

  /// - Parameters:
  ///   - quotas: the rate limits that the targets share.
  ///   - vocabularies: to count input with, exactly; families without one are estimated.
  package init(
    _ file: BatchFile, targets: [Target], quotas: [Quota] = [], profile: TableProfile,
    services: ServiceProfiles = ServiceProfiles(),
    vocabularies: [TokenFamily: Vocabulary] = [:], options: BatchOptions
  ) {
    self.file = file
    self.targets = targets
    self.quotas = quotas
    self.profile = profile
    self.services = services
    self.vocabularies = vocabularies
    self.options = options
    margin = SpendingMargin(confidence: options.confidence)
    jobTargets = Set(targets.indices.filter { targets[$0].takesJobs })
    families = targets.map {
      TokenFamily.all.firstIndex(of: TokenFamily(model: $0.offer.model)) ?? TokenFamily.all.count - 1
    }
  }

  /// Whether there are offers that take their time, and none is given to them.
  package var leavesOutJobs: Bool { !jobTargets.isEmpty && options.within == nil }

  /// The estimate of a row's input tokens at a target, before what its bills say.
  func estimatedInput(_ row: BatchRow, target: Int) -> TokenEstimate {
    let expected = row.inputTokens[families[target]]
    return TokenEstimate(expected: expected, high: expected, bound: row.inputTokenBound)
  }

  /// The input tokens to expect of a row at a target, as the bills so far correct them.
  private func expectedInput(_ row: BatchRow, target: Int) -> Int {
    let estimate = estimatedInput(row, target: target)
    let corrected = services.corrections[targets[target].offer.model]?.corrected(estimate).expected
    return min(corrected ?? estimate.expected, row.inputTokenBound)
  }

  /// What each target is expected to do for each of `rows`, at the prices of now.
  func planned(_ rows: [BatchRow]) -> [PlannedRow] {
    Swift.stride(from: 0, to: rows.count, by: Self.stride).flatMap { start in
      let chunk = Array(rows[start..<min(start + Self.stride, rows.count)])
      let table = estimates(chunk).table
      let now = options.now()
      let dear = dearTargets(chunk, at: now)
      return chunk.indices.map { i in
        let planned = PlannedRow(
          row: chunk[i],
          cells: targets.indices.map { j in
            let at = j * chunk.count + i
            return .init(
              isEligible: table.eligible[at], cost: table.cost[at], quality: table.quality[at],
              miss: table.miss?[at] ?? 0, tokens: table.tokens?[at] ?? 0,
              inputTokens: table.inputTokens?[at] ?? 0)
          })
        return dear.isEmpty ? planned : affordable(planned, dear, at: now)
      }
    }
  }

  /// Why no target can serve a row, for people.
  func explanation(of row: BatchRow) -> String {
    let rejections = estimates([row]).rejections
    guard !rejections.isEmpty else { return "there are no offers" }
    return "no offer can serve it: "
      + rejections.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
  }

  private func estimates(
    _ rows: [BatchRow]
  ) -> (table: EstimateTable, rejections: [OfferID: Rejection]) {
    let estimator = Estimator(profile: profile, services: services, deadline: options.lateness?.seconds)
    let recorded = rows.map { profile.inputTokens(request: $0.customID) }
    // What not every wire format can carry is read anew, to be tried.
    let bodies = rows.map { $0.isPlain ? nil : try? file.body(of: $0) }
    let positions = Dictionary(
      targets.enumerated().map { ($1.offer.id, $0) }, uniquingKeysWith: { first, _ in first })
    return estimator.table(
      rows.map(\.request), offers: targets.map(\.offer), at: options.now(), inJobs: options.allowsJobs,
      inputTokens: { i, offer in
        recorded[i] ?? positions[offer.id].map { expectedInput(rows[i], target: $0) }
          ?? rows[i].inputTokenBound
      },
      rejection: { i, target in bodies[i].flatMap { targets[target].rejection(of: $0) } }
    ) { i, offer in maxOutputTokens(rows[i], offer) }
  }

  /// The targets at which an attempt for some row may cost more than some budget holds: few are, and the others are not
  /// looked at row by row.
  private func dearTargets(_ rows: [BatchRow], at instant: UTCInstant) -> Set<Int> {
    let input = rows.map(\.inputTokenBound).max() ?? 0
    let least = options.budgets.reduce(options.budget) { min($0, $1.limit) }
    return Set(
      targets.indices.filter { target in
        let output = rows.compactMap { maxOutputTokens($0, targets[target].offer) }.max() ?? 0
        let most = try? ceiling(input: input, output: output, target: target, at: instant)
        return most.map { $0 > least } ?? false
      })
  }

  /// The most that an attempt may cost and the budget that can never hold so much; nil if it can.
  private func excess(
    _ row: BatchRow, target: Int, at instant: UTCInstant
  ) -> (most: Money, budget: Money)? {
    let provider = targets[target].offer.provider
    let limits = options.budgets.filter { $0.scope.covers(workload: row.workload, provider: provider) }
    let least = limits.reduce(options.budget) { min($0, $1.limit) }
    guard let most = try? ceiling(row, target: target, at: instant), most > least else { return nil }
    return (most, least)
  }

  /// The row without those of `dear` at which no budget will ever hold what an attempt may cost: planned there it would
  /// end somewhere else. If it has no other target it keeps them: what it needs is for the plan to say.
  private func affordable(_ planned: PlannedRow, _ dear: Set<Int>, at instant: UTCInstant) -> PlannedRow {
    let left = planned.without(
      dear.filter {
        planned.cells[$0].isEligible && excess(planned.row, target: $0, at: instant) != nil
      })
    return left.isServed ? left : planned
  }

  /// What is wrong with the first of `rows` that no target can be paid for, for people; nil if there is none.
  func unaffordable(among rows: [PlannedRow]) -> String? {
    let now = options.now()
    for planned in rows {
      let eligible = targets.indices.filter { planned.cells[$0].isEligible }
      let excesses = eligible.compactMap { excess(planned.row, target: $0, at: now) }
      guard !eligible.isEmpty, excesses.count == eligible.count,
        let least = excesses.min(by: { $0.most < $1.most })
      else { continue }
      return
        "line \(planned.row.line) could never be sent: an attempt may cost \(least.most), more than the budget of "
        + "\(least.budget); limit its output tokens, or raise the budget"
    }
    return nil
  }

  /// The limit on output tokens: the request's own, else that for all, else the offer's.
  private func maxOutputTokens(_ row: BatchRow, _ offer: Offer) -> Int? {
    row.maxOutputTokens ?? options.maxOutputTokens ?? offer.limits.output
  }

  /// The most an attempt at a target can cost for a row, if it begins at `instant`: by the prices of then, or of when it
  /// is over at the latest, for providers may bill by either.
  func ceiling(_ row: BatchRow, target: Int, at instant: UTCInstant) throws(TariffError) -> Money {
    try ceiling(
      input: row.inputTokenBound, output: maxOutputTokens(row, targets[target].offer) ?? 0, target: target,
      at: instant)
  }

  private func ceiling(
    input: Int, output: Int, target: Int, at instant: UTCInstant
  ) throws(TariffError) -> Money {
    let offer = targets[target].offer
    func ceiling(at instant: UTCInstant) throws(TariffError) -> Money {
      try offer.ceiling(input: input, output: output, at: instant)
    }
    let first = try ceiling(at: instant)
    let longest = jobTargets.contains(target) ? BatchOptions.jobWindow : options.timeouts.total / .seconds(1)
    let end = UTCInstant(secondsSince1970: instant.secondsSince1970 + Int64(min(longest, 1e9).rounded(.up)))
    // An offer that is not sold any more then has no other price.
    return max(first, (try? ceiling(at: end)) ?? first)
  }
}

/// A batch that cannot begin, or cannot go on.
package struct BatchError: Error, CustomStringConvertible {
  package enum Code: Sendable {
    case nothingToSend
    case changedRow
    case infeasible(Conflict)
    /// The budget suffices by expectation, but not with the confidence that is asked for.
    case uncertain
    /// The rate limits do not let all through in time; in so many seconds they would.
    case tooSlow(Conflict, within: Double, needed: Double)
  }

  package let code: Code
  package let description: String

  static func changed(line: Int, customID: String) -> BatchError {
    BatchError(
      code: .changedRow,
      description:
        "request \(InputError.quoted(customID)) on line \(line) has changed since it was answered; "
        + "give it another custom_id, or write the output elsewhere")
  }

  static func infeasible(_ conflict: Conflict) -> BatchError {
    BatchError(code: .infeasible(conflict), description: "no assignment keeps every constraint")
  }

  static func uncertain(_ margin: Money, budget: Money, confidence: Double) -> BatchError {
    BatchError(
      code: .uncertain,
      description:
        "with a confidence of \(confidence) a plan has to leave \(margin) of \(budget), and the rest does not "
        + "suffice; raise --budget, or lower --confidence")
  }

  static func tooSlow(_ conflict: Conflict, within: Double, needed: Double) -> BatchError {
    BatchError(
      code: .tooSlow(conflict, within: within, needed: needed),
      description: "the rate limits do not let all requests through in \(within) s")
  }

  /// No line of the file can be sent.
  static func nothingToSend(_ lines: [String], of count: Int) -> BatchError {
    let shown = lines.map { "\n  \($0)" }.joined()
    let more = count > lines.count ? "\n  and \(count - lines.count) more" : ""
    return BatchError(code: .nothingToSend, description: "no line can be sent:\(shown)\(more)")
  }
}
