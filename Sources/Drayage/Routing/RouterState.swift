import DrayageCore
import DrayageProfiles

/// The state of a router: a value that takes requests and outcomes, with the time as an argument.
struct RouterState: Sendable {
  private struct Entry {
    let offer: Offer
    /// Its position in the price book.
    let position: Int
    /// Its position in the profile.
    var model: Int
    /// That of its model's tokens, a position in `TokenFamily.all`.
    let family: Int?
    /// What the bills of its model say about estimates of input tokens.
    var correction: TokenCorrection?
    var prices = OfferPrices()
    /// Attempts under way.
    var outstanding = 0

    init(_ offer: Offer, position: Int, model: Int, correction: TokenCorrection?) {
      self.offer = offer
      self.position = position
      self.model = model
      self.correction = correction
      family = TokenFamily.all.firstIndex(of: TokenFamily(model: offer.model))
    }

    var id: OfferID { offer.id }
  }

  /// The attempts under way for one request.
  private struct OpenRequest {
    /// The first of them.
    let decision: Decision
    /// Their ordinals: few, each once.
    private(set) var attempts: [Int] = []
    private(set) var lastOrdinal = 0

    init(_ decision: Decision) { self.decision = decision }

    mutating func begin(_ attempt: Int) {
      // Of most requests there is one.
      attempts = attempts.isEmpty ? [attempt] : attempts + [attempt]
      lastOrdinal = attempt
    }

    /// Returns whether the attempt was under way.
    mutating func end(_ attempt: Int) -> Bool {
      guard let at = attempts.firstIndex(of: attempt) else { return false }
      attempts.remove(at: at)
      return true
    }
  }

  private static let budgetName = "budget"

  private var entries: [Entry]
  private let placeOf: [OfferID: Int]
  /// The offers' names, by place.
  private let names: [String]
  /// The offers' providers, by place.
  private let domains: FailureDomains
  private var estimator: Estimator
  private var outlooks: OutlookTable
  private var rule: DecisionRule
  private var ledger: Ledger
  /// The budget's place in the ledger, if there is one.
  private let budgetPlaces: [Int]
  private var numbered = 0
  private var open: [String: OpenRequest] = [:]
  private var observations = Observations()

  init(book: PriceBook, catalog: Catalog, estimator: Estimator, budget: Money?) throws(RouterError) {
    let profile = estimator.profile
    let positions = Dictionary(
      book.offers.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var first: [Int: Offer] = [:]
    let entries: [Entry] = catalog.offers.compactMap { offer in
      guard offer.answersLiveRequests, let model = profile.model(of: offer) else { return nil }
      if let position = positions[offer.id.description] {
        return Entry(
          offer, position: position, model: model, correction: estimator.correction(model: offer.model))
      }
      // The plan names models: all who sell one as the first does take part, and share its place.
      guard let position = positions[profile.models[model]] else { return nil }
      let example = first[position] ?? offer
      first[position] = example
      guard offer.effort == example.effort, offer.service == example.service else { return nil }
      return Entry(
        offer, position: position, model: model, correction: estimator.correction(model: offer.model))
    }
    guard !entries.isEmpty else {
      throw RouterError(
        .noOffers,
        "the catalog sells none of the \(book.offers.count) models of the plan; "
          + "name the table's models as the catalog's offers or their models")
    }
    self.entries = entries
    placeOf = Dictionary(
      entries.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    names = entries.map(\.id.description)
    domains = FailureDomains(entries.map(\.id.provider))
    self.estimator = estimator
    outlooks = OutlookTable(offers: entries.count)
    try Self.checkDeadline(of: estimator, for: book)
    rule = DecisionRule(book: book)
    ledger = Ledger(limits: budget.map { [Self.budgetName: $0] } ?? [:])
    budgetPlaces = budget == nil ? [] : [ledger.place(of: Self.budgetName)]
  }

  private static func checkDeadline(
    of estimator: Estimator, for book: PriceBook
  ) throws(RouterError) {
    guard estimator.deadline != nil || book.weights.allSatisfy({ $0.miss == 0 }) else {
      throw RouterError(
        .noLatencies,
        "the plan has a deadline that binds; give the router the same deadline, and latencies to keep it by")
    }
  }

  /// Goes on with other expectations; on an error nothing is changed.
  mutating func update(_ estimator: Estimator) throws(RouterError) {
    try Self.checkDeadline(of: estimator, for: rule.book)
    var models: [Int] = []
    for entry in entries {
      guard let model = estimator.profile.model(of: entry.offer) else {
        throw RouterError(
          .unknownModel,
          "the profile knows nothing of \(entry.id), which the router chooses from; add scores of \(entry.offer.model)"
        )
      }
      models.append(model)
    }
    for (place, model) in models.enumerated() {
      entries[place].model = model
      entries[place].correction = estimator.correction(model: entries[place].offer.model)
    }
    self.estimator = estimator
    outlooks = OutlookTable(offers: entries.count)
  }

  mutating func takeObservations() -> Observations {
    defer { observations = Observations() }
    return observations
  }

  mutating func judge(
    _ offer: OfferID, workload: String, quality: Double, at instant: UTCInstant
  ) -> Bool {
    guard let place = placeOf[offer] else { return false }
    return observations.record(
      score: quality, of: estimator.profile.arms[entries[place].model], workload: workload, at: instant)
  }

  private mutating func observe(_ outcome: Outcome, at place: Int, _ request: Request) {
    guard case .answered(let usage) = outcome.result else { return }
    let workload = request.workload
    let (offer, tokens, instant) = (entries[place].offer, usage.tokens.output, outcome.sentAt)
    let isCounted = observations.record(
      outputTokens: tokens, isTruncated: outcome.isTruncated, of: offer, workload: workload, at: instant)
    if isCounted, let seconds = outcome.latency {
      observations.record(
        seconds: seconds, firstToken: outcome.firstToken, tokens: tokens, of: offer, at: instant)
    }
    if isCounted, let estimate = request.inputTokens(family: entries[place].family) {
      observations.record(inputTokens: usage.tokens.totalInput, estimate: estimate, of: offer)
    }
    if let quality = outcome.quality {
      _ = judge(outcome.offer, workload: workload, quality: quality, at: instant)
    }
  }

  var account: Ledger.Account? { ledger.accounts[Self.budgetName] }

  /// The offers that take part.
  var offers: [Offer] { entries.map(\.offer) }

  mutating func decide(
    _ request: Request, rejecting: ((Offer, Estimate) -> Rejection?)? = nil, at instant: UTCInstant
  ) throws(RouterError) -> Decision {
    let workload = rule.book.position(ofWorkload: request.workload)
    var ranking: [DecisionRule.Candidate] = []
    ranking.reserveCapacity(entries.count)
    var refusals: [Explanation.Refusal] = []
    let row = outlookRow(of: request, at: instant)
    // Copied once, for all offers.
    var own = request
    for place in entries.indices {
      do throws(Rejection) {
        own.inputTokens = inputTokens(of: request, at: place)
        let estimate = try estimate(own, place, row, instant)
        if let rejection = rejecting?(entries[place].offer, estimate) { throw rejection }
        ranking.append(
          rule.candidate(estimate, workload: workload, offer: entries[place].position, place: place))
      } catch {
        refusals.append(.init(offer: names[place], rejection: error))
      }
    }
    guard !ranking.isEmpty else {
      throw RouterError(
        .noEligibleOffer,
        "no offer can serve the request: "
          + refusals.map { "\($0.offer): \($0.rejection)" }.joined(separator: "; "), refusals: refusals)
    }
    rule.rank(&ranking, workload: workload) { [entries] in entries[$0].outstanding }
    let attempt = AttemptID(request: try name(of: request), ordinal: 1)
    guard
      let chosen = ranking.indices.first(where: {
        ledger.reserve(ranking[$0].estimate.ceiling, for: attempt, at: budgetPlaces) == .held
      })
    else {
      throw RouterError(
        .budgetExhausted,
        "the \(account?.available ?? .zero) that is left covers no attempt; the least needed is "
          + "\(ranking.map(\.estimate.ceiling).min() ?? .zero)", refusals: refusals)
    }
    // Where there are several, a workload that the plan did not know is priced as the first, and takes none of its
    // shares.
    if rule.book.workloads.count == 1 || rule.book.workloads.contains(request.workload) {
      rule.serve(workload: workload, offer: ranking[chosen].offer)
    }
    func choice(_ rank: Int) -> Decision.Choice {
      let candidate = ranking[rank]
      return Decision.Choice(
        offer: entries[candidate.place].offer, estimate: candidate.estimate, score: candidate.score)
    }
    // In order, except that those of a provider not tried yet come before its others.
    let others = domains.ordered(ranking.indices.filter { $0 != chosen }, after: chosen) {
      ranking[$0].place
    }
    let explanation = Explanation(
      ranking, workload: workload, book: rule.book, refusals: refusals
    ) { names[$0.place] }
    let decision = Decision(
      request: request, attempt: attempt, instant: instant, choice: choice(chosen),
      fallbacks: others.map(choice), explanation: explanation)
    begin(decision, at: ranking[chosen].place)
    return decision
  }

  /// The row of the outlooks that stand for `request`; `nil` if it has expectations of its own.
  private mutating func outlookRow(of request: Request, at instant: UTCInstant) -> Int? {
    estimator.profile.hasRow(of: request.id) ? nil : outlooks.row(of: request, at: instant)
  }

  /// The input tokens that are expected of a request at an offer.
  private func inputTokens(of request: Request, at place: Int) -> Int {
    guard let counted = request.inputTokens(family: entries[place].family) else { return request.inputTokens }
    let expected = (entries[place].correction?.corrected(counted) ?? counted).expected
    return min(expected, request.inputTokenBound)
  }

  /// What an offer is expected to do for `request`, and the most that it can cost.
  ///
  /// - Parameters:
  ///   - request: with the input tokens that are expected there.
  ///   - row: that of the outlooks which stand for the request, if there is one.
  /// - Throws: why the offer cannot serve the request.
  private mutating func estimate(
    _ request: Request, _ place: Int, _ row: Int?, _ instant: UTCInstant
  ) throws(Rejection) -> Estimate {
    let offer = entries[place].offer
    if let rejection = offer.rejection(of: request, at: instant) { throw rejection }
    guard let cap = offer.outputLimit(for: request) else { throw .unboundedOutput }
    let outlook = try outlook(request, place, cap, row, instant)
    var estimate = try estimator.estimate(
      request, at: offer, outlook, &entries[place].prices, on: instant)
    do {
      estimate.ceiling = try entries[place].prices.ceiling(
        of: offer, input: request.inputTokenBound, output: cap, at: instant)
    } catch {
      throw .noPrice(error)
    }
    return estimate
  }

  private mutating func outlook(
    _ request: Request, _ place: Int, _ cap: Int, _ row: Int?, _ instant: UTCInstant
  ) throws(Rejection) -> Estimator.Outlook {
    if let row, let known = outlooks[row, place], known.cap == cap { return known }
    let entry = entries[place]
    let outlook = try estimator.outlook(
      request, at: entry.offer, model: entry.model, cap: cap, on: instant)
    if let row { outlooks[row, place] = outlook }
    return outlook
  }

  /// Settles a failed attempt and reserves for the next fallback that can be afforded, at the prices of
  /// `instant`.
  mutating func fallBack(
    _ decision: Decision, after failure: FailureClass, at instant: UTCInstant
  ) throws(RouterError) -> Decision {
    guard open[decision.attempt.request]?.attempts.contains(decision.attempt.ordinal) == true else {
      throw RouterError(.notOpen, "attempt \(decision.attempt) is settled already; decide anew")
    }
    _ = settle(Outcome(decision, failure: failure))
    guard failure.meaning.fallBack != .none, !decision.fallbacks.isEmpty else {
      throw RouterError(
        .noFallback,
        failure.meaning.fallBack != .none
          ? "every offer for the request has been tried"
          : "\(failure.rawValue) would fail at any other offer too")
    }
    let context = decision.choice.offer.limits.context
    for (at, fallback) in decision.fallbacks.enumerated() {
      if failure.meaning.fallBack == .largerContext, let context, let other = fallback.offer.limits.context,
        other <= context
      {
        continue
      }
      let rest = Array(decision.fallbacks[(at + 1)...])
      if let next = try? reserve(fallback, for: decision, fallbacks: rest, at: instant) { return next }
    }
    throw RouterError(
      .budgetExhausted, "the \(account?.available ?? .zero) that is left covers no attempt at any fallback")
  }

  /// Reserves for one more attempt at a request that was decided, at the prices of `instant`.
  ///
  /// - Parameter fallbacks: what is left to try then; nil for the decision's own.
  mutating func reserve(
    _ choice: Decision.Choice, for decision: Decision, fallbacks: [Decision.Choice]? = nil,
    at instant: UTCInstant
  ) throws(RouterError) -> Decision {
    guard let place = placeOf[choice.offer.id] else {
      throw RouterError(.noEligibleOffer, "\(choice.offer.id) is not among the offers of this router")
    }
    let name = names[place]
    let estimate: Estimate
    do throws(Rejection) {
      let row = outlookRow(of: decision.request, at: instant)
      var own = decision.request
      own.inputTokens = inputTokens(of: own, at: place)
      estimate = try self.estimate(own, place, row, instant)
    } catch {
      throw RouterError(
        .noEligibleOffer, "\(name) can no longer serve the request: \(error)",
        refusals: [.init(offer: name, rejection: error)])
    }
    let last = max(open[decision.attempt.request]?.lastOrdinal ?? 0, decision.attempt.ordinal)
    let next = AttemptID(request: decision.attempt.request, ordinal: last + 1)
    guard ledger.reserve(estimate.ceiling, for: next, at: budgetPlaces) == .held else {
      throw RouterError(
        .budgetExhausted,
        "the \(account?.available ?? .zero) that is left does not cover the \(estimate.ceiling) that an "
          + "attempt at \(name) may cost")
    }
    let reserved = Decision(
      request: decision.request, attempt: next, instant: instant,
      choice: Decision.Choice(offer: entries[place].offer, estimate: estimate, score: choice.score),
      fallbacks: fallbacks ?? decision.fallbacks, explanation: decision.explanation)
    begin(reserved, at: place)
    return reserved
  }

  private mutating func begin(_ decision: Decision, at place: Int) {
    let attempt = decision.attempt
    open[attempt.request, default: OpenRequest(decision)].begin(attempt.ordinal)
    entries[place].outstanding += 1
  }

  /// - Parameter price: of what was metered; nil to have it priced here.
  mutating func settle(_ outcome: Outcome, price: Money? = nil) -> Ledger.Settlement {
    let charge: Ledger.Charge
    switch outcome.result {
    case .answered(let usage):
      charge = (price ?? self.price(of: usage, outcome)).map(Ledger.Charge.metered) ?? .unknown
    case .unmetered: charge = .unknown
    case .failed(let failure, let usage):
      let total = usage.flatMap { price ?? self.price(of: $0, outcome) }
      charge = total.map(Ledger.Charge.metered) ?? (failure.meaning.mayBeBilled ? .unknown : .notBilled)
    case .notSent: charge = .notBilled
    }
    if let at = open.index(forKey: outcome.attempt.request), open.values[at].end(outcome.attempt.ordinal) {
      let decision =
        open.values[at].attempts.isEmpty ? open.remove(at: at).value.decision : open.values[at].decision
      if let place = placeOf[outcome.offer] {
        entries[place].outstanding -= 1
        observe(outcome, at: place, decision.request)
      }
    }
    return ledger.settle(outcome.attempt, as: charge)
  }

  private func price(of usage: MeteredUsage, _ outcome: Outcome) -> Money? {
    placeOf[outcome.offer].flatMap { try? entries[$0].offer.price(usage, at: outcome.sentAt).total }
  }

  private mutating func name(of request: Request) throws(RouterError) -> String {
    guard let id = request.id else {
      var name: String
      repeat {
        numbered += 1
        name = "request-" + String(numbered)
      } while open[name] != nil
      return name
    }
    guard open[id] == nil else {
      throw RouterError(
        .requestOpen, "request '\(id.prefix(80))' is open already; settle it, or use another id")
    }
    return id
  }
}

extension Request {
  /// The input as a family of tokenizers counts it, a position in `TokenFamily.all`, before what bills say; nil if
  /// whoever asks has not counted.
  fileprivate func inputTokens(family: Int?) -> TokenEstimate? {
    guard let family, family < inputTokensByFamily.count, inputTokensByFamily[family] > 0 else { return nil }
    let tokens = min(inputTokensByFamily[family], inputTokenBound)
    return TokenEstimate(expected: tokens, high: tokens, bound: inputTokenBound)
  }
}
