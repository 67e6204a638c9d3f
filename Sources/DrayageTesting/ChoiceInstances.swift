public import MultipleChoice

/// A family of random multiple-choice problems: requests to be sent to language models by price, quality,
/// rate limits and latency.
///
/// Every number follows from the seed and its indices, so that an instance of any size can be built again and
/// its values need not be kept. Limits are put a few percent around what some mixture of assignments uses, so
/// that an instance is feasible by construction and many of its limits matter.
public struct ChoiceInstances: Sendable {
  /// What is asked for.
  public enum Goal: String, CaseIterable, Sendable {
    /// The least cost that keeps the quality floors and all other limits.
    case minimizeCost
    /// The most quality within the same limits.
    case maximizeQuality
    /// The least cost under limits that cannot all be kept. By the seed modulo 3: too few requests per minute
    /// over all providers; a budget too small for the quality floor; a quality floor out of reach.
    case infeasible
  }

  /// How the numbers of the pairs are held.
  public enum Storage: String, CaseIterable, Sendable {
    /// Cost and quality as a `Float` per pair; tokens and latency computed from token counts.
    case single
    /// Cost and quality as a `Double` per pair; tokens and latency computed from token counts.
    case double
    /// Quality as a `Float` per pair; all else computed from token counts.
    case features
  }

  enum Twist: String, CaseIterable {
    case realistic
    case nearDuplicates
    case binaryScores
    case workloadPerRequest
    case allRowsTight
    case unitCosts
    case hugeRanges
    case identicalRequests
  }

  let twist: Twist

  /// A unique name, such as `nearDuplicates`.
  public var name: String { twist.rawValue }

  /// What is peculiar to the family, in a few words.
  public var summary: String {
    switch twist {
    case .realistic: "8 models at 6 providers, log-normal tokens, item-response quality"
    case .nearDuplicates: "5 models sold many times, at prices that are equal or differ by at most 1e-6"
    case .binaryScores: "every answer is right or wrong"
    case .workloadPerRequest: "a class per request; rows over overlapping sets of classes"
    case .allRowsTight: "every row binds at an optimum that splits no request"
    case .unitCosts: "every answer costs the same"
    case .hugeRanges: "prices over nine orders of magnitude"
    case .identicalRequests: "few distinct requests, each many times"
    }
  }

  /// All families, the realistic one first.
  public static let families: [ChoiceInstances] = Twist.allCases.map(ChoiceInstances.init(twist:))

  /// Eight models at six providers, with four workloads.
  public static let realistic = ChoiceInstances(twist: .realistic)

  /// The family of a name; `nil` if there is none.
  public static func named(_ name: String) -> ChoiceInstances? {
    Twist(rawValue: name).map(ChoiceInstances.init(twist:))
  }

  /// An instance.
  ///
  /// Attributes are cost in dollars, quality from 0 to 1, tokens, and latency in seconds, in this order.
  /// Constraints are, in this order, the floor of overall quality, four of quality by workload, the budget,
  /// the mean latency of a workload, six limits of spending by provider, and per time bucket six of requests
  /// and six of tokens by provider.
  ///
  /// - Parameters:
  ///   - groups: the number of requests; at least four times the number of time buckets, and sixteen.
  ///   - options: the number of offers, at least 1.
  ///   - seed: what all numbers follow from.
  ///   - rows: the number of constraints: 1 for a floor of overall quality alone, or 13 + 12 b for b time
  ///     buckets: 25, 109 with 8 of them, 397 with 32.
  ///   - goal: the objective, or a conflict.
  ///   - storage: how numbers are held. Tokens and latency are held per pair, too, in the family with a class
  ///     per request, because formulas go by class.
  ///   - margin: multiplies the distance of the limits from what the mixture uses, 0 or more: the less, the
  ///     less room. Has no meaning where rows are tight or contradict one another.
  /// - Complexity: O(groups x options) time, in about four passes over the pairs.
  public func problem(
    groups: Int, options: Int, seed: UInt64, rows: Int = 25, goal: Goal = .minimizeCost,
    storage: Storage = .single, margin: Double = 1
  ) throws(ChoiceProblemError) -> ChoiceProblem {
    let draft = Draft(twist, groups: groups, options: options, seed: seed, rows: rows, storage: storage)
    return try ChoiceProblem(
      groupCount: groups, optionCount: options, classOf: draft.classOf,
      features: draft.hasFeatures ? [draft.requests.input, draft.requests.output] : [],
      attributes: draft.attributes,
      objective: goal == .maximizeQuality
        ? .init(.maximize, attribute: Draft.quality) : .init(.minimize, attribute: Draft.cost),
      constraints: draft.constraints(goal: goal, margin: margin))
  }

  /// The constraints of ``problem(groups:options:seed:rows:goal:storage:margin:)`` alone: for moving the
  /// limits of an instance without building its columns again.
  public func constraints(
    groups: Int, options: Int, seed: UInt64, rows: Int = 25, goal: Goal = .minimizeCost,
    storage: Storage = .single, margin: Double = 1
  ) -> [ChoiceProblem.SideConstraint] {
    Draft(twist, groups: groups, options: options, seed: seed, rows: rows, storage: storage)
      .constraints(goal: goal, margin: margin)
  }
}
