import DrayageCore

/// The state of a router: a value that takes requests and outcomes, with the time as an argument.
struct RouterState: Sendable {
  private struct Entry {
    let offer: Offer
    /// Its position in the price book.
    let position: Int
    /// Its position in the profile.
    let model: Int
  }

  private static let budgetName = "budget"

  private let entries: [Entry]
  private var estimator: Estimator
  private var rule: DecisionRule
  private var ledger: Ledger
  private let budgets: [Ledger.BudgetName]
  private var numbered = 0
  /// The open attempt of each request.
  private var open: [String: AttemptID] = [:]

  init(book: PriceBook, catalog: Catalog, estimator: Estimator, budget: Money?) throws(RouterError) {
    let profile = estimator.profile
    let positions = Dictionary(
      book.offers.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var taken: Set<Int> = []
    entries = catalog.offers.compactMap { offer in
      // The plan names offers, or models: of several live offers of one model the first stands for it.
      guard offer.answersLiveRequests, let model = profile.model(of: offer),
        let position = positions[offer.id.description] ?? positions[profile.models[model]],
        taken.insert(position).inserted
      else { return nil }
      return Entry(offer: offer, position: position, model: model)
    }
    guard !entries.isEmpty else {
      throw RouterError(
        .noOffers,
        "the catalog sells none of the \(book.offers.count) models of the plan; "
          + "name the table's models as the catalog's offers or their models")
    }
    self.estimator = estimator
    guard estimator.deadline != nil || book.weights.allSatisfy({ $0.miss == 0 }) else {
      throw RouterError(
        .noLatencies,
        "the plan has a deadline that binds; give the router the same deadline, and latencies to keep it by")
    }
    rule = DecisionRule(book: book)
    ledger = Ledger(limits: budget.map { [Self.budgetName: $0] } ?? [:])
    budgets = budget == nil ? [] : [Self.budgetName]
  }

  var account: Ledger.Account? { ledger.accounts[Self.budgetName] }

  mutating func decide(_ request: Request, at instant: UTCInstant) throws(RouterError) -> Decision {
    let workload = rule.book.position(ofWorkload: request.workload)
    var estimates: [(offer: Int, estimate: Estimate)] = []
    var offers: [Offer] = []
    var refusals: [Explanation.Refusal] = []
    for entry in entries {
      do throws(Rejection) {
        let estimate = try estimator.estimate(
          request, at: entry.offer, model: entry.model, on: instant)
        estimates.append((entry.position, estimate))
        offers.append(entry.offer)
      } catch {
        refusals.append(.init(offer: entry.offer.id.description, rejection: error))
      }
    }
    guard !estimates.isEmpty else {
      throw RouterError(
        .noEligibleOffer,
        "no offer can serve the request: "
          + refusals.map { "\($0.offer): \($0.rejection)" }.joined(separator: "; "), refusals: refusals)
    }
    let ranking = rule.rank(workload: workload, estimates: estimates)
    let offerAt = Dictionary(zip(estimates.map(\.offer), offers), uniquingKeysWith: { first, _ in first })
    let choices = ranking.compactMap { candidate in
      offerAt[candidate.offer].map {
        Decision.Choice(offer: $0, estimate: candidate.estimate, score: candidate.score)
      }
    }
    let attempt = AttemptID(request: try name(of: request), ordinal: 1)
    guard
      let chosen = choices.indices.first(where: {
        ledger.reserve(choices[$0].estimate.ceiling, for: attempt, against: budgets) == .held
      })
    else {
      throw RouterError(
        .budgetExhausted,
        "the \(account?.available ?? .zero) that is left covers no attempt; the least needed is "
          + "\(choices.map(\.estimate.ceiling).min() ?? .zero)", refusals: refusals)
    }
    open[attempt.request] = attempt
    // Where there are several, a workload that the plan did not know is priced as the first, and takes none of its
    // shares.
    if rule.book.workloads.count == 1 || rule.book.workloads.contains(request.workload) {
      rule.serve(workload: workload, offer: ranking[chosen].offer)
    }
    var fallbacks = choices
    fallbacks.remove(at: chosen)
    return Decision(
      request: request, attempt: attempt, instant: instant, choice: choices[chosen],
      fallbacks: Self.nextDomainFirst(fallbacks, after: choices[chosen].offer.provider),
      explanation: Explanation(ranking, workload: workload, book: rule.book, refusals: refusals))
  }

  /// Settles a failed attempt and reserves for the next fallback that can be afforded, at the prices of
  /// `instant`.
  mutating func fallBack(
    _ decision: Decision, after failure: FailureClass, at instant: UTCInstant
  ) throws(RouterError) -> Decision {
    guard open[decision.attempt.request] == decision.attempt else {
      throw RouterError(.notOpen, "attempt \(decision.attempt) is settled already; decide anew")
    }
    _ = settle(Outcome(decision, failure: failure))
    guard failure.meaning.fallBack, !decision.fallbacks.isEmpty else {
      throw RouterError(
        .noFallback,
        failure.meaning.fallBack
          ? "every offer for the request has been tried"
          : "\(failure.rawValue) would fail at any other offer too")
    }
    let next = AttemptID(request: decision.attempt.request, ordinal: decision.attempt.ordinal + 1)
    for (at, fallback) in decision.fallbacks.enumerated() {
      guard let entry = entries.first(where: { $0.offer.id == fallback.offer.id }),
        let estimate = try? estimator.estimate(
          decision.request, at: entry.offer, model: entry.model, on: instant),
        ledger.reserve(estimate.ceiling, for: next, against: budgets) == .held
      else { continue }
      open[next.request] = next
      return Decision(
        request: decision.request, attempt: next, instant: instant,
        choice: Decision.Choice(offer: entry.offer, estimate: estimate, score: fallback.score),
        fallbacks: Array(decision.fallbacks[(at + 1)...]), explanation: decision.explanation)
    }
    throw RouterError(
      .budgetExhausted, "the \(account?.available ?? .zero) that is left covers no attempt at any fallback")
  }

  mutating func settle(_ outcome: Outcome) -> Ledger.Settlement {
    let charge: Ledger.Charge
    switch outcome.result {
    case .answered(let usage):
      let offer = entries.first { $0.offer.id == outcome.offer }?.offer
      let bill = offer.flatMap { try? $0.price(usage, at: outcome.sentAt) }
      charge = bill.map { .metered($0.total) } ?? .unknown
    case .failed(let failure):
      charge = failure.meaning.mayBeBilled ? .unknown : .notBilled
    }
    if open[outcome.attempt.request] == outcome.attempt { open[outcome.attempt.request] = nil }
    return ledger.settle(outcome.attempt, as: charge)
  }

  private mutating func name(of request: Request) throws(RouterError) -> String {
    guard let id = request.id else {
      var name: String
      repeat {
        numbered += 1
        name = "request-\(numbered)"
      } while open[name] != nil
      return name
    }
    guard open[id] == nil else {
      throw RouterError(
        .requestOpen, "request '\(id.prefix(80))' is open already; settle it, or use another id")
    }
    return id
  }

  /// The choices in order, except that those of a provider not tried yet come before its others.
  private static func nextDomainFirst(_ choices: [Decision.Choice], after first: String) -> [Decision.Choice]
  {
    FailureDomains.ordered(choices, after: first) { $0.offer.provider }
  }
}
