public import DrayageCore
import Foundation

/// Decides one request at a time by the prices and shares of a plan, within a hard budget.
///
/// Deciding calls no solver. The state sits behind one lock that is held for the length of a decision; a
/// router may be used from any number of threads.
public final class Router: Sendable {
  private let state: Locked<RouterState>

  /// A router that follows `plan`.
  ///
  /// - Parameters:
  ///   - catalog: the offers to choose from; those whose model the plan knows take part, all sellers of it.
  ///   - profile: what to expect of each model.
  ///   - services: how long answers are and how fast they come.
  ///   - deadline: seconds after which an answer counts as missed, for plans with a deadline.
  ///   - budget: the most that may be spent and reserved together; `nil` for no limit.
  /// - Throws: ``RouterError`` if the catalog sells none of the plan's models, or the plan has a deadline that
  ///   binds and none is given.
  public convenience init(
    plan: Plan, catalog: Catalog, profile: TableProfile, services: ServiceProfiles = ServiceProfiles(),
    deadline: Double? = nil, budget: Money? = nil
  ) throws(RouterError) {
    try self.init(
      book: plan.priceBook, catalog: catalog,
      estimator: Estimator(profile: profile, services: services, deadline: deadline), budget: budget)
  }

  /// A router that follows prices of one's own.
  ///
  /// - Parameters:
  ///   - book: the weights; its offers are named as the catalog names them, or by their models.
  ///   - estimator: what to expect of each offer.
  ///   - budget: the most that may be spent and reserved together; `nil` for no limit.
  /// - Throws: ``RouterError`` if the catalog sells none of the book's models, or the book prices a deadline
  ///   that the estimator does not have.
  public init(
    book: PriceBook, catalog: Catalog, estimator: Estimator, budget: Money? = nil
  ) throws(RouterError) {
    state = Locked(try RouterState(book: book, catalog: catalog, estimator: estimator, budget: budget))
  }

  /// Chooses an offer for a request and reserves the most that it can cost.
  ///
  /// Every decision must be settled, whatever becomes of it: until then its money is held.
  ///
  /// - Parameters:
  ///   - rejecting: why an offer, of which so much is expected, will not do for reasons of the caller's own;
  ///     `nil` if it will. Called under the router's lock: it must be quick, and must not use the router.
  ///   - instant: the time whose prices count; by default the present.
  /// - Throws: ``RouterError`` if no offer can serve the request, or none can be afforded.
  public func decide(
    _ request: Request, rejecting: ((Offer, Estimate) -> Rejection?)? = nil, at instant: UTCInstant = .now
  ) throws(RouterError) -> Decision {
    try state.withLock { (state) throws(RouterError) in
      try state.decide(request, rejecting: rejecting, at: instant)
    }
  }

  /// Reserves for one more attempt at a request that was decided, at any of its choices, without settling what
  /// is under way: for retries and for a second attempt beside a slow first one.
  ///
  /// - Returns: the decision with `choice` in first place and an attempt of its own, to be settled like any.
  /// - Throws: ``RouterError`` if the offer can no longer serve the request, or cannot be afforded.
  public func reserve(
    _ choice: Decision.Choice, for decision: Decision, at instant: UTCInstant = .now
  ) throws(RouterError) -> Decision {
    try state.withLock { (state) throws(RouterError) in
      try state.reserve(choice, for: decision, at: instant)
    }
  }

  /// The offers that take part.
  public var offers: [Offer] { state.withLock { $0.offers } }

  /// Closes the reservation of an attempt at what it cost, by the prices of when it was sent; a second call
  /// for the same attempt changes nothing.
  ///
  /// - Returns: what was charged.
  @discardableResult
  public func settle(_ outcome: Outcome) -> Ledger.Settlement {
    state.withLock { $0.settle(outcome) }
  }

  /// Takes the judgement of an answer, where it comes later than its outcome.
  ///
  /// - Parameters:
  ///   - quality: 0 to 1, as the scores that the router's profile was learned from.
  ///   - decision: the one whose chosen offer answered, settled or not.
  /// - Returns: `false` if it cannot be kept: see ``Observations/record(score:of:workload:at:)``.
  @discardableResult
  public func judge(_ decision: Decision, quality: Double, at instant: UTCInstant = .now) -> Bool {
    judge(decision.choice.offer.id, workload: decision.request.workload, quality: quality, at: instant)
  }

  /// The same for an offer that need not be the decision's first.
  package func judge(
    _ offer: OfferID, workload: String, quality: Double, at instant: UTCInstant = .now
  ) -> Bool {
    state.withLock { $0.judge(offer, workload: workload, quality: quality, at: instant) }
  }

  /// What the answers have shown that were settled and judged since the router was made or this was last asked: to be
  /// added to a profile file, for the next ``Estimator``. Decisions are not changed by it until ``update(_:)``.
  public func takeObservations() -> Observations { state.withLock { $0.takeObservations() } }

  /// Goes on with other expectations, such as those of a profile that has learned meanwhile. Reservations and what the
  /// plan's shares have come to stand.
  ///
  /// - Throws: ``RouterError`` if it knows nothing of a model of the router's offers, or has no deadline where the plan
  ///   prices one; the router is then unchanged.
  public func update(_ estimator: Estimator) throws(RouterError) {
    try state.withLock { (state) throws(RouterError) in try state.update(estimator) }
  }

  /// The same for a caller who has priced what was metered already, by the prices of when it was sent.
  package func settle(_ outcome: Outcome, price: Money?) -> Ledger.Settlement {
    state.withLock { $0.settle(outcome, price: price) }
  }

  /// Settles an attempt that failed and decides for the next fallback, with a reservation of its own.
  ///
  /// - Throws: ``RouterError`` if there is no fallback, or none can be afforded; the failed attempt is
  ///   settled even so.
  public func fallBack(
    from decision: Decision, after failure: FailureClass, at instant: UTCInstant = .now
  ) throws(RouterError) -> Decision {
    try state.withLock { (state) throws(RouterError) in
      try state.fallBack(decision, after: failure, at: instant)
    }
  }

  /// What is spent and held; `nil` without a budget.
  public var account: Ledger.Account? { state.withLock { $0.account } }
}

/// Why a request got no offer.
public struct RouterError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds; more may come.
  public struct Code: Hashable, Sendable {
    private let name: String
    private init(_ name: String) { self.name = name }

    /// The catalog sells no model that the plan knows.
    public static let noOffers = Code("noOffers")
    /// No offer can serve this request.
    public static let noEligibleOffer = Code("noEligibleOffer")
    /// What is left of the budget covers no attempt at any offer.
    public static let budgetExhausted = Code("budgetExhausted")
    /// The attempt is settled already.
    public static let notOpen = Code("notOpen")
    /// The profile knows nothing of a model.
    public static let unknownModel = Code("unknownModel")
    /// The plan has a deadline, and there are no latencies to keep it by.
    public static let noLatencies = Code("noLatencies")
    /// Every fallback has been tried, or the failure is one that no other offer can mend.
    public static let noFallback = Code("noFallback")
    /// A request of this id holds a reservation already.
    public static let requestOpen = Code("requestOpen")
  }

  /// The kind.
  public let code: Code
  /// What is wrong and what to do.
  public let description: String
  /// The offers that could not serve the request, and why.
  public let refusals: [Explanation.Refusal]

  init(_ code: Code, _ description: String, refusals: [Explanation.Refusal] = []) {
    self.code = code
    self.description = description
    self.refusals = refusals
  }
}

extension UTCInstant {
  /// The present, by the system's clock.
  public static var now: UTCInstant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UTCInstant(secondsSince1970: Int64(time.tv_sec))
  }
}
