public import DrayageCore

/// An offer for every request, what that costs and reaches, and the proof of how far from the best it can be.
public struct Plan: Sendable {
  /// How good the assignment is known to be.
  public enum Status: String, Sendable {
    /// No assignment is better.
    case optimal
    /// It keeps every constraint; the best is at most the gap better.
    case feasible
  }

  /// What a constraint holds down or up, and so the unit of its activity and limit.
  public enum RowKind: Hashable, Sendable {
    /// Dollars.
    case budget
    /// The mean quality.
    case quality
    /// The share of requests that are expected to be late.
    case deadline
    /// Requests or tokens.
    case quota(PlanSpecification.Measure)
    /// A share of all requests.
    case share
  }

  /// One constraint of the plan, in the units it was asked in: dollars for budgets, means for quality and
  /// deadlines, fractions for shares.
  public struct Row: Sendable {
    /// What it holds.
    public let kind: RowKind
    /// Such as `budget` or `quality[math]`.
    public let name: String
    /// What the assignment makes of it.
    public let activity: Double
    /// What it is held to.
    public let limit: Double
    /// Whether the limit is the most (or the least).
    public let isMost: Bool
    /// The change of the optimal objective per unit of the limit; 0 where the limit does not bind.
    public let shadowPrice: Double
    /// What the shadow price means in plain words; `nil` if it is 0.
    public let inWords: String?
    /// The price as the solver has it, per unit of its problem.
    package let price: Double
  }

  /// What an assignment costs and reaches, by the estimates.
  public struct Totals: Hashable, Sendable {
    /// The sum of the expected costs.
    public var cost: Money
    /// The mean of the expected quality.
    public var meanQuality: Double

    /// Totals.
    public init(cost: Money, meanQuality: Double) {
      self.cost = cost
      self.meanQuality = meanQuality
    }
  }

  /// What was optimized.
  public let objectiveKind: PlanSpecification.Objective
  /// How good it is known to be.
  public let status: Status
  /// The objective of the assignment: dollars, or the sum of quality.
  public let objective: Double
  /// No assignment has a better objective than this.
  public let bound: Double
  /// `|objective - bound|`.
  public let gap: Double
  /// The optimum of the linear relaxation.
  public let lpObjective: Double
  /// The constraints.
  public let rows: [Row]
  /// The offer of each request, an index into `table.offers`.
  public let assignment: [Int]
  /// The input.
  public let table: EstimateTable
  /// The prices and shares for decisions on further requests.
  public let priceBook: PriceBook
  /// What the assignment costs and reaches.
  public let totals: Totals
  /// What the cheapest offer for every request would cost and reach.
  public let cheapest: Totals
  /// What the best offer for every request would cost and reach; the cheapest among equally good ones.
  public let best: Totals
  /// Seconds it took to solve, by the wall clock.
  public let solveSeconds: Double
  /// Passes over all pairs that it took.
  public let passes: Int

  /// How many requests each offer gets, in the order of `table.offers`; those that others stand for are rounded.
  public var counts: [Int] { parts.map(\.count) }

  /// How many requests there are, those that others stand for included.
  public var requestCount: Int { Int(table.totalWeight.rounded()) }

  /// What one offer gets of a plan.
  public struct Part: Hashable, Sendable {
    /// How many requests.
    public let count: Int
    /// What they are expected to cost and to reach.
    public let totals: Totals
  }

  /// What each offer gets, in the order of `table.offers`.
  public var parts: [Part] {
    var counts = Array(repeating: 0.0, count: table.offers.count)
    var costs = counts
    var qualities = counts
    for (i, j) in assignment.enumerated() {
      let weight = table.weight(i)
      counts[j] += weight
      costs[j] += weight * Double(table.cost[table.index(i, j)])
      qualities[j] += weight * table.quality[table.index(i, j)]
    }
    return table.offers.indices.map { j in
      let cost = Money(nanodollars: Int64(exactly: costs[j].rounded()) ?? .max)
      let mean = counts[j] > 0 ? qualities[j] / counts[j] : 0
      return Part(count: Int(counts[j].rounded()), totals: .init(cost: cost, meanQuality: mean))
    }
  }
}

/// Why no assignment keeps every constraint, and what would change that.
public struct Conflict: Sendable {
  /// One constraint that takes part.
  public struct Row: Sendable {
    /// What it holds.
    public let kind: Plan.RowKind
    /// Such as `budget`.
    public let name: String
    /// What was asked.
    public let limit: Double
    /// Whether the limit is the most (or the least).
    public let isMost: Bool
    /// The limit at which an assignment exists while all others stay; `nil` if this one alone cannot restore
    /// it.
    public let needed: Double?
    /// The limit in the least relaxation of all together, relative to the limits; it suffices for fractional
    /// choices, and whole ones may need a little more.
    public let together: Double
  }

  /// The constraints that conflict.
  public let rows: [Row]
  /// Whether fractional choices could keep them: then nothing proves a conflict, but no whole assignment was
  /// found.
  public let isOnlyFractional: Bool
  /// Seconds it took, by the wall clock.
  public let solveSeconds: Double
}
