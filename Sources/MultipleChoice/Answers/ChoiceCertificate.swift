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
    /// The sum over the assignment and the purchases.
    public let activity: Double
    /// The limit it is held to.
    public let limit: Double
    /// The direction.
    public let relation: ChoiceProblem.Relation
    /// By how much the limit is missed; 0 if it is kept.
    public let violation: Double
  }

  /// The objective of the assignment and the purchases, in the problem's own units.
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
  ///   - purchases: the amount of each purchase.
  ///   - prices: one per constraint, the change of the optimal objective per unit of the limit. A price of
  ///     the wrong sign proves nothing and is taken as 0.
  /// - Precondition: `assignment.count == groupCount`, `prices.count == constraints.count`, one amount per
  ///   purchase, every choice an eligible pair.
  public func certificate(
    assignment: [Int], purchases amounts: [Double] = [], prices: [Double]
  ) -> ChoiceCertificate {
    certificate(assignment: assignment, purchases: amounts, bound: lagrangianBound(prices: prices))
  }

  /// The certificate with a bound that is known already.
  func certificate(assignment: [Int], purchases amounts: [Double], bound: Double) -> ChoiceCertificate {
    precondition(assignment.count == groupCount && amounts.count == purchases.count)
    for (i, j) in assignment.enumerated() {
      precondition(isEligible(group: i, option: j), "group \(i) is assigned the ineligible option \(j)")
    }
    let totals = AssignmentTotals(self, assignment)
    var value = totals.value(of: objective)
    for (purchase, amount) in zip(purchases, amounts) { value += purchase.objective * amount }
    let rows = constraints.enumerated().map { k, constraint in
      var sum = totals.activity(of: constraint)
      for (purchase, amount) in zip(purchases, amounts) {
        for entry in purchase.entries where entry.constraint == k { sum += entry.coefficient * amount }
      }
      return ChoiceCertificate.Row(
        name: constraint.name, activity: sum.value, limit: constraint.limit, relation: constraint.relation,
        violation: constraint.violation(of: sum.value))
    }
    return ChoiceCertificate(value: value.value, bound: bound, rows: rows)
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
    return sign * dualValue(multipliers, objectiveSign: sign).value
  }

  /// By how much the constraints, weighted by `multipliers`, miss what is possible. Above zero proves that no
  /// assignment, not even a fractional one, keeps them all. One pass over all pairs, with no use of any
  /// solver.
  ///
  /// - Parameter multipliers: one per constraint; negative ones count as zero.
  /// - Returns: the shortfall, less what rounding could account for.
  public func farkasValue(multipliers: [Double]) -> Double {
    let shortfall = dualValue(multipliers.map { max(0, $0) }, objectiveSign: 0)
    return shortfall.value - 1e-12 * shortfall.magnitude
  }

  /// The least of the objective, minimized, plus the rows' activities less their limits, weighted.
  private func dualValue(_ multipliers: [Double], objectiveSign: Double) -> CompensatedSum {
    precondition(multipliers.count == constraints.count)
    var pairs = PairBound(self)
    if objectiveSign != 0 {
      for term in objective.terms {
        pairs.add(term.attribute, term.options, term.classes, factor: objectiveSign * term.weight)
      }
    }
    // Written as "at most".
    let signed = zip(constraints, multipliers).map { $0.relation == .atMost ? $1 : -$1 }
    for (constraint, multiplier) in zip(constraints, signed) where multiplier != 0 {
      pairs.add(constraint.attribute, constraint.options, constraint.classes, factor: multiplier)
    }
    var total = pairs.total()
    for (constraint, multiplier) in zip(constraints, signed) { total += -multiplier * constraint.limit }
    for purchase in purchases {
      var price = objectiveSign * purchase.objective
      for entry in purchase.entries { price += signed[entry.constraint] * entry.coefficient }
      total += min(price * purchase.bounds.lowerBound, price * purchase.bounds.upperBound)
    }
    return total
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
