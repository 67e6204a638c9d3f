import LinearOptimization

/// The answer to a multiple-choice problem.
public enum ChoiceAnswer: Sendable {
  /// The constraints can be kept.
  case solved(ChoiceSolution)
  /// They cannot, or no whole assignment was found that does.
  case infeasible(ChoiceInfeasibility)
}

/// The optimum of the linear relaxation and an integral assignment next to it.
public struct ChoiceSolution: Sendable {
  /// The optimum of the linear relaxation, in the problem's units.
  public let lpObjective: Double
  /// The Lagrangian bound at ``prices``, recomputed in compensated double precision: no assignment is better.
  public let bound: Double
  /// The shadow price of each constraint: the change of the optimal objective per unit of its limit.
  public let prices: [Double]
  /// Whether ``lpObjective`` meets the bound to a relative 10⁻¹⁰; false if the time limit, or the limit of
  /// double precision, came first.
  public let isProven: Bool
  /// The groups that the relaxation splits between options: at most one per constraint at a vertex.
  public let fractionalGroups: [Int]
  /// How much of each class goes to each option in the relaxation: `class * optionCount + option`, in groups.
  public let shares: [Double]
  /// An integral assignment that keeps every constraint.
  public internal(set) var assignment: [Int]
  /// What the assignment reaches, checked against the problem itself.
  public internal(set) var certificate: ChoiceCertificate
  /// Passes over all pairs that it took.
  public let passes: Int

  static func shares(_ vertex: VertexPhase.Result, _ problem: ChoiceProblem) -> [Double] {
    let m = problem.optionCount
    var shares = Array(repeating: 0.0, count: problem.classCount * m)
    for (i, j) in vertex.base.enumerated() { shares[problem.classOf[i] * m + Int(j)] += 1 }
    for share in vertex.shares {
      let c = problem.classOf[share.group]
      shares[c * m + Int(share.option)] += share.value
      shares[c * m + Int(vertex.base[share.group])] -= share.value
    }
    return shares.map { max(0, $0) }
  }
}

/// Why the constraints cannot be kept, and what would resolve it.
public struct ChoiceInfeasibility: Sendable {
  /// Whether fractional choices could keep them: then nothing proves a conflict, but no whole assignment was
  /// found.
  public let isOnlyFractional: Bool
  /// The Farkas multipliers, zero or more, one per constraint, all zero where fractional choices would do:
  /// weighted by them, the constraints ask for less than the least possible. Check with
  /// ``ChoiceProblem/farkasValue(multipliers:)``.
  public let multipliers: [Double]
  /// The constraints that take part in the conflict.
  public let conflict: [Int]
  /// The limits, one per constraint, of the relaxation that is least in total relative to the limits. They
  /// suffice for fractional choices; whole ones may need a little more.
  public let limitsTogether: [Double]
  /// For each constraint in ``conflict``, the limit at which an assignment exists while all others stay;
  /// `nil` if there is none.
  public let limitsAlone: [Double?]
}

extension ChoiceProblem {
  /// By how much the constraints, weighted by `multipliers`, miss what is possible. Above zero proves that no
  /// assignment, not even a fractional one, keeps them all. One pass over all pairs, with no use of any
  /// solver.
  ///
  /// - Parameter multipliers: one per constraint; negative ones count as zero.
  /// - Returns: the shortfall, less what rounding could account for.
  public func farkasValue(multipliers: [Double]) -> Double {
    precondition(multipliers.count == constraints.count)
    let active = constraints.indices.filter { multipliers[$0] > 0 }
    var shortfall = CompensatedSum()
    for i in 0..<groupCount {
      var least = Double.infinity
      for j in 0..<optionCount where eligible[index(i, j)] {
        var sum = CompensatedSum()
        for k in active {
          let a = multipliers[k] * coefficient(constraint: k, group: i, option: j)
          sum += constraints[k].relation == .atMost ? a : -a
        }
        least = min(least, sum.value)
      }
      shortfall += least
    }
    for k in active {
      let b = multipliers[k] * constraints[k].limit
      shortfall += constraints[k].relation == .atMost ? -b : b
    }
    return shortfall.value - 1e-12 * shortfall.magnitude
  }
}
