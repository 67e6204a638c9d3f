import LinearOptimization

/// What an assignment reaches and how far it can be from the best, computed from the problem alone.
///
/// Weak duality makes it checkable by anyone: for any prices of the right sign, the Lagrangian bound holds
/// for every assignment that keeps the constraints, so no trust in a solver is needed.
public struct ChoiceCertificate: Sendable {
  /// One side constraint under the assignment.
  public struct Row: Sendable {
    /// The constraint's name.
    public let name: String
    /// The sum over the assignment.
    public let activity: Double
    /// The limit it is held to.
    public let limit: Double
    /// The direction.
    public let relation: ChoiceProblem.Relation
    /// By how much the limit is missed; 0 if it is kept.
    public let violation: Double
  }

  /// The objective of the assignment, in the problem's own units.
  public let value: Double
  /// No feasible assignment, not even a fractional one, is better than this.
  public let bound: Double
  /// The side constraints, in the problem's order.
  public let rows: [Row]

  /// `|value - bound|`: how far the assignment can be from the best.
  public var gap: Double { abs(value - bound) }
  /// The gap relative to the bound; relative to 1 where the bound is smaller than 1e-9.
  public var relativeGap: Double { abs(bound) > 1e-9 ? gap / abs(bound) : gap }
  /// Whether every constraint is kept.
  public var isFeasible: Bool { rows.allSatisfy { $0.violation == 0 } }
}

extension ChoiceProblem {
  /// Recomputes what `assignment` reaches and what `prices` prove, with no use of any solver. One pass over
  /// all pairs, in compensated double precision.
  ///
  /// - Parameters:
  ///   - assignment: the option of each group; each must be eligible.
  ///   - prices: one per constraint, the change of the optimal objective per unit of the limit. A price of
  ///     the wrong sign proves nothing and is taken as 0.
  /// - Precondition: `assignment.count == groupCount`, `prices.count == constraints.count`, every choice is
  ///   an eligible pair.
  public func certificate(assignment: [Int], prices: [Double]) -> ChoiceCertificate {
    precondition(assignment.count == groupCount && prices.count == constraints.count)
    var value = CompensatedSum()
    var activities = Array(repeating: CompensatedSum(), count: constraints.count)
    for (i, j) in assignment.enumerated() {
      precondition(eligible[index(i, j)], "group \(i) is assigned the ineligible option \(j)")
      value += objectiveCoefficient(group: i, option: j)
      for k in constraints.indices { activities[k] += coefficient(constraint: k, group: i, option: j) }
    }
    let rows = constraints.indices.map { k in
      let constraint = constraints[k]
      let activity = activities[k].value
      return ChoiceCertificate.Row(
        name: constraint.name, activity: activity, limit: constraint.limit, relation: constraint.relation,
        violation: constraint.violation(of: activity))
    }
    return ChoiceCertificate(value: value.value, bound: lagrangianBound(prices: prices), rows: rows)
  }

  /// The Lagrangian bound at `prices`: a lower bound on the objective when minimizing, an upper bound when
  /// maximizing.
  public func lagrangianBound(prices: [Double]) -> Double {
    let sign = objective.sense == .minimize ? 1.0 : -1.0
    // lambda_k >= 0 for the row written as "<=", in the minimizing sense.
    let multipliers = constraints.indices.map { k in
      let towards = constraints[k].relation == .atMost ? -1.0 : 1.0
      return max(0, sign * towards * prices[k])
    }
    var bound = CompensatedSum()
    for i in 0..<groupCount {
      var best = Double.infinity
      for j in 0..<optionCount where eligible[index(i, j)] {
        var score = CompensatedSum()
        score += sign * objectiveCoefficient(group: i, option: j)
        for k in constraints.indices where multipliers[k] > 0 {
          let a = coefficient(constraint: k, group: i, option: j)
          score += constraints[k].relation == .atMost ? multipliers[k] * a : -multipliers[k] * a
        }
        best = min(best, score.value)
      }
      bound += best
    }
    for k in constraints.indices where multipliers[k] > 0 {
      let limit = constraints[k].limit
      bound += constraints[k].relation == .atMost ? -multipliers[k] * limit : multipliers[k] * limit
    }
    return sign * bound.value
  }
}

extension ChoiceProblem.SideConstraint {
  /// By how much `activity` misses the limit, 0 within four units in the last place of the limit.
  ///
  /// A sum of whole numbers below 2^50 is exact, so such a limit is kept to the last unit.
  func violation(of activity: Double) -> Double {
    let excess = relation == .atMost ? activity - limit : limit - activity
    return excess > 4 * max(1, abs(limit)).ulp ? excess : 0
  }
}
