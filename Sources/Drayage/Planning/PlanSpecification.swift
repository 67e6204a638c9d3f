public import DrayageCore

/// What a plan must keep and what it should make best.
public struct PlanSpecification: Sendable {
  /// What is optimized.
  public enum Objective: String, Sendable, CaseIterable {
    /// The least expected cost.
    case cost
    /// The most expected quality, summed over all requests; among equals the cheapest.
    case quality
  }

  /// What a quota counts.
  public enum Measure: String, Sendable, CaseIterable {
    /// Requests.
    case requests
    /// Input and output tokens together.
    case tokens
    /// Input tokens.
    case input
    /// Output tokens.
    case output
  }

  /// The most that one provider or offer may be given, or some offers together.
  public struct Quota: Hashable, Sendable {
    /// A provider's or an offer's name; or any name, where ``offers`` says which offers it is for.
    public var holder: String
    /// The names of the offers that draw on it; `nil` for those that ``holder`` names.
    public var offers: [String]?
    /// What is counted.
    public var measure: Measure
    /// The most over the whole plan.
    public var limit: Double

    /// A quota.
    public init(_ holder: String, _ measure: Measure, _ limit: Double, offers: [String]? = nil) {
      self.holder = holder
      self.offers = offers
      self.measure = measure
      self.limit = limit
    }
  }

  /// The part of all requests and offers that a budget covers.
  public enum Scope: Hashable, Sendable, CustomStringConvertible {
    /// All of it.
    case all
    /// The requests of a workload.
    case workload(String)
    /// What goes to a provider.
    case provider(String)

    /// Such as `workload support`.
    public var description: String {
      switch self {
      case .all: "all"
      case .workload(let name): "workload \(name)"
      case .provider(let name): "provider \(name)"
      }
    }
  }

  /// The most that a part of all requests may cost, by expectation.
  public struct ScopedBudget: Hashable, Sendable {
    /// What it covers.
    public var scope: Scope
    /// The most over the whole plan.
    public var limit: Money
    /// What it is called; by what it covers if `nil`.
    public var name: String?

    /// A budget of a part.
    public init(_ scope: Scope, _ limit: Money, name: String? = nil) {
      self.scope = scope
      self.limit = limit
      self.name = name
    }
  }

  /// The least or most of all requests that one offer may get.
  public struct Share: Hashable, Sendable {
    /// The offer's name.
    public var offer: String
    /// Whether ``fraction`` is the most or the least.
    public var isMost: Bool
    /// 0 to 1.
    public var fraction: Double

    /// At most `fraction` of all requests.
    public static func most(_ fraction: Double, of offer: String) -> Share {
      Share(offer: offer, isMost: true, fraction: fraction)
    }

    /// At least `fraction` of all requests.
    public static func least(_ fraction: Double, of offer: String) -> Share {
      Share(offer: offer, isMost: false, fraction: fraction)
    }
  }

  /// What is optimized.
  public var objective: Objective
  /// The most that all requests together may cost, by expectation.
  public var budget: Money?
  /// The most that parts of them may cost, by expectation.
  public var budgets: [ScopedBudget]
  /// The least mean quality over all requests.
  public var quality: Double?
  /// The least mean quality of single workloads.
  public var workloadQuality: [String: Double]
  /// The largest mean probability of missing the deadline.
  public var miss: Double?
  /// Quotas.
  public var quotas: [Quota]
  /// Shares.
  public var shares: [Share]
  /// The most seconds to plan, or `nil` for as long as it takes.
  public var timeLimit: Double?
  /// A gap between assignment and bound, relative to the bound, that is not worth more time.
  public var relativeGap: Double

  /// A specification without constraints unless told otherwise.
  public init(
    objective: Objective, budget: Money? = nil, budgets: [ScopedBudget] = [], quality: Double? = nil,
    workloadQuality: [String: Double] = [:],
    miss: Double? = nil, quotas: [Quota] = [], shares: [Share] = [], timeLimit: Double? = nil,
    relativeGap: Double = 1e-6
  ) {
    self.objective = objective
    self.budget = budget
    self.budgets = budgets
    self.quality = quality
    self.workloadQuality = workloadQuality
    self.miss = miss
    self.quotas = quotas
    self.shares = shares
    self.timeLimit = timeLimit
    self.relativeGap = relativeGap
  }
}
