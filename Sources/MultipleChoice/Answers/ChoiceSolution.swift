/// The answer to a multiple-choice problem.
public enum ChoiceAnswer: Sendable {
  /// The constraints can be kept.
  case solved(ChoiceSolution)
  /// They cannot, or no whole assignment was found that does.
  case infeasible(ChoiceInfeasibility)
}

/// An integral assignment, and the optimum of the linear relaxation next to it.
public struct ChoiceSolution: Sendable {
  /// The linear relaxation; with whole purchases, the one in which they are what they are here.
  public let relaxation: ChoiceRelaxation
  /// No assignment with any purchases is better, in the problem's units. With whole purchases it comes from
  /// the search for them, and can be better than that of one vector of prices.
  public let bound: Double
  /// An integral assignment that keeps every constraint: the option of each group.
  public internal(set) var assignment: [Int]
  /// The amount of each purchase.
  public let purchases: [Double]
  /// What the assignment reaches, checked against the problem itself.
  public internal(set) var certificate: ChoiceCertificate

  /// The optimum of the linear relaxation, in the problem's units.
  public var lpObjective: Double { relaxation.objective }
  /// The shadow price of each constraint: the change of the optimal objective per unit of its limit.
  public var prices: [Double] { relaxation.prices }
  /// Whether ``lpObjective`` meets the bound to a relative 10⁻¹⁰; false if the time limit, or the limit of
  /// double precision, came first.
  public var isProven: Bool { relaxation.isProven }
  /// The groups that the relaxation splits between options.
  public var fractionalGroups: [Int] { relaxation.fractionalGroups }
  /// Passes over all pairs that it took; a pass over a sample counts as its part.
  public let passes: Double
}

/// The optimum of the linear relaxation.
public struct ChoiceRelaxation: Sendable {
  /// The answer to a relaxation.
  public enum Answer: Sendable {
    /// The constraints can be kept by fractional choices.
    case solved(ChoiceRelaxation)
    /// They cannot.
    case infeasible(ChoiceInfeasibility)
  }

  /// The objective of the fractional solution, in the problem's units.
  public let objective: Double
  /// The Lagrangian bound at ``prices``, in compensated double precision: nothing is better.
  public let bound: Double
  /// The shadow price of each constraint: the change of the optimal objective per unit of its limit.
  public let prices: [Double]
  /// For each constraint the limits between which its shadow price holds while all others stay; `nil` where
  /// that was not asked for or is not known.
  public let ranges: [ClosedRange<Double>]?
  /// Whether ``objective`` meets ``bound`` to a relative 10⁻¹⁰.
  public let isProven: Bool
  /// The groups that are split between options, ascending: at most one per constraint.
  public let fractionalGroups: [Int]
  /// How much of each class goes to each option: `class * optionCount + option`, in groups.
  public let shares: [Double]
  /// The amount of each purchase.
  public let purchases: [Double]
  /// Passes over all pairs that it took; a pass over a sample counts as its part.
  public let passes: Double

  /// `|objective - bound|` relative to the bound; relative to 1 where the bound is smaller than 1e-9.
  public var relativeGap: Double {
    let gap = abs(objective - bound)
    return abs(bound) > 1e-9 ? gap / abs(bound) : gap
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
  /// `nil` if there is none or none was found in time. With ``ChoiceSolver/relaxation(of:options:)``, one at which a fractional
  /// assignment does.
  public let limitsAlone: [Double?]
}
