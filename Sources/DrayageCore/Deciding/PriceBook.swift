/// What a plan publishes for decisions: the price of every scarce thing, per workload and offer, and the shares it intends.
///
/// The score of an offer for a request is
///
///     (1 + lambda) cost + sum mu use + omega miss - nu quality
///
/// in ``unit``; the least score wins. Prices alone do not reproduce a plan: where requests are alike their scores tie and the optimum
/// splits them, so the shares say how.
public struct PriceBook: Hashable, Sendable {
  /// The weights of one offer for one workload.
  public struct Weights: Hashable, Sendable {
    /// Per dollar of expected cost; 1 plus the price of budgets that cover this offer alone.
    public var cost: Double
    /// Per unit of expected quality; it is subtracted.
    public var quality: Double
    /// Per unit of probability of missing the deadline.
    public var miss: Double
    /// Per request: the price of request quotas and of shares.
    public var request: Double
    /// Per expected input token: the price of token quotas.
    public var inputToken: Double
    /// Per expected output token.
    public var outputToken: Double

    /// Weights; those not given are zero.
    public init(
      cost: Double = 0, quality: Double = 0, miss: Double = 0, request: Double = 0, inputToken: Double = 0,
      outputToken: Double = 0
    ) {
      self.cost = cost
      self.quality = quality
      self.miss = miss
      self.request = request
      self.inputToken = inputToken
      self.outputToken = outputToken
    }
  }

  /// What a score is counted in.
  public enum Unit: String, Hashable, Sendable {
    /// Dollars.
    case dollars
    /// Units of quality: money is not scarce, so nothing has a price in dollars.
    case quality
  }

  /// What a score is counted in.
  public let unit: Unit
  /// Offer names, in the order of the weights.
  public let offers: [String]
  /// Workload names, in the order of the weights.
  public let workloads: [String]
  /// One per workload and offer: `workload * offers.count + offer`.
  public let weights: [Weights]
  /// The share of a workload's requests that the plan gives to an offer: same order; each workload's sum to 1, or to 0 if it had no
  /// requests.
  public let shares: [Double]
  /// Scores closer than this are a tie.
  public let tieTolerance: Double

  /// A price book.
  ///
  /// - Precondition: `weights` and `shares` have an entry for every workload and offer; there is at least one workload.
  public init(
    unit: Unit, offers: [String], workloads: [String], weights: [Weights], shares: [Double],
    tieTolerance: Double
  ) {
    precondition(!workloads.isEmpty && weights.count == offers.count * workloads.count)
    precondition(shares.count == weights.count)
    self.unit = unit
    self.offers = offers
    self.workloads = workloads
    self.weights = weights
    self.shares = shares
    self.tieTolerance = tieTolerance
  }

  /// The position of a workload; a workload the plan did not know is priced as the first.
  public func position(ofWorkload name: String) -> Int { workloads.firstIndex(of: name) ?? 0 }

  /// The score of an offer for a request of a workload; the least wins.
  @inlinable
  public func score(_ estimate: Estimate, workload: Int, offer: Int) -> Double {
    let w = weights[workload * offers.count + offer]
    return w.cost * estimate.cost.dollars - w.quality * estimate.quality + w.miss * estimate.missProbability
      + w.request + w.inputToken * estimate.inputTokens + w.outputToken * estimate.outputTokens
  }
}
