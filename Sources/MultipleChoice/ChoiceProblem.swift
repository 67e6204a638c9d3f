/// The multiple-choice problem with side constraints: for every group choose exactly one option.
///
///     minimize or maximize   sum_i sum_j f_ij x_ij
///     subject to             sum_j x_ij = 1            for every group i, over its eligible options
///                            sum_i sum_j a_ijk x_ij <= or >= b_k      for every side constraint k
///                            x_ij in {0, 1}
///
/// All coefficients come from a few dense *attributes* (one number per group and option): the objective is a
/// weighted sum of attributes, and a side constraint is one attribute summed over some options and some
/// classes of groups. A problem with hundreds of constraints therefore stores no more numbers than one with
/// three.
///
/// Dense arrays are option-major: the entry of group `i` and option `j` stands at index `j * groupCount + i`.
public struct ChoiceProblem: Sendable {
  /// One number per group and option, such as a cost.
  public struct Attribute: Sendable {
    /// The name used in messages.
    public let name: String
    /// Option-major values, `groupCount * optionCount` of them. Finite wherever the pair is eligible; ignored
    /// elsewhere.
    public let values: [Double]

    /// An attribute with option-major `values`.
    public init(name: String, values: [Double]) {
      self.name = name
      self.values = values
    }
  }

  /// The direction of the objective.
  public enum Sense: Hashable, Sendable {
    /// Smaller is better.
    case minimize
    /// Larger is better.
    case maximize
  }

  /// A weighted sum of attributes.
  public struct Objective: Sendable {
    /// The direction.
    public let sense: Sense
    /// Attribute indices and their weights.
    public let terms: [(attribute: Int, weight: Double)]

    /// An objective over one attribute.
    public init(_ sense: Sense, attribute: Int) {
      self.init(sense, terms: [(attribute, 1)])
    }

    /// An objective over a weighted sum of attributes.
    public init(_ sense: Sense, terms: [(attribute: Int, weight: Double)]) {
      self.sense = sense
      self.terms = terms
    }
  }

  /// The direction of a side constraint.
  public enum Relation: Hashable, Sendable {
    /// The activity is at most the limit.
    case atMost
    /// The activity is at least the limit.
    case atLeast
  }

  /// One attribute summed over the chosen pairs, held to a limit.
  public struct SideConstraint: Sendable {
    /// A unique name.
    public let name: String
    /// The attribute that is summed; `nil` counts the chosen pairs.
    public let attribute: Int?
    /// The options that count, or `nil` for all.
    public let options: Set<Int>?
    /// The classes whose groups count, or `nil` for all.
    public let classes: Set<Int>?
    /// The direction.
    public let relation: Relation
    /// The limit, in units of the attribute.
    public let limit: Double

    /// A constraint over all groups and options unless told otherwise.
    public init(
      name: String, attribute: Int?, options: Set<Int>? = nil, classes: Set<Int>? = nil,
      _ relation: Relation, _ limit: Double
    ) {
      self.name = name
      self.attribute = attribute
      self.options = options
      self.classes = classes
      self.relation = relation
      self.limit = limit
    }
  }

  /// The number of groups, n.
  public let groupCount: Int
  /// The number of options, M.
  public let optionCount: Int
  /// The class of each group, `0 ..< classCount`.
  public let classOf: [Int]
  /// The number of classes, at least 1.
  public let classCount: Int
  /// Option-major eligibility.
  public let eligible: [Bool]
  /// The attributes.
  public let attributes: [Attribute]
  /// What is optimized.
  public let objective: Objective
  /// The side constraints.
  public let constraints: [SideConstraint]

  /// A validated problem.
  ///
  /// - Parameters:
  ///   - classOf: the class of each group; `nil` puts all groups into class 0.
  ///   - eligible: option-major; `nil` makes every pair eligible.
  /// - Throws: ``ChoiceProblemError`` if a count or an index is out of range, a number is not finite, a name
  ///   occurs twice, or a group has no eligible option.
  public init(
    groupCount: Int, optionCount: Int, classOf: [Int]? = nil, eligible: [Bool]? = nil,
    attributes: [Attribute], objective: Objective, constraints: [SideConstraint]
  ) throws(ChoiceProblemError) {
    guard groupCount > 0 else { throw ChoiceProblemError(.empty, "the problem has no groups") }
    guard optionCount > 0 else { throw ChoiceProblemError(.empty, "the problem has no options") }
    let (cells, overflow) = groupCount.multipliedReportingOverflow(by: optionCount)
    guard !overflow else { throw ChoiceProblemError(.shape, "there are too many groups and options") }
    self.groupCount = groupCount
    self.optionCount = optionCount
    self.classOf = classOf ?? Array(repeating: 0, count: groupCount)
    guard self.classOf.count == groupCount, self.classOf.allSatisfy({ (0..<groupCount).contains($0) }) else {
      throw ChoiceProblemError(.shape, "every group needs a class from 0 to the number of groups less 1")
    }
    self.classCount = (self.classOf.max() ?? 0) + 1
    self.eligible = eligible ?? Array(repeating: true, count: cells)
    guard self.eligible.count == cells else {
      throw ChoiceProblemError(.shape, "eligibility has \(self.eligible.count) entries, not groups x options")
    }
    self.attributes = attributes
    self.objective = objective
    self.constraints = constraints
    try validate()
  }

  /// The same groups and options with another objective and other constraints.
  public func with(
    objective: Objective, constraints: [SideConstraint]
  ) throws(ChoiceProblemError) -> ChoiceProblem {
    try ChoiceProblem(
      groupCount: groupCount, optionCount: optionCount, classOf: classOf, eligible: eligible,
      attributes: attributes, objective: objective, constraints: constraints)
  }

  /// The index of group `i` and option `j` in the dense arrays.
  @inlinable
  func index(_ i: Int, _ j: Int) -> Int { j * groupCount + i }

  /// The objective's coefficient f_ij.
  public func objectiveCoefficient(group i: Int, option j: Int) -> Double {
    objective.terms.reduce(0) { $0 + $1.weight * attributes[$1.attribute].values[index(i, j)] }
  }

  /// The coefficient a_ijk of constraint `k`.
  public func coefficient(constraint k: Int, group i: Int, option j: Int) -> Double {
    let constraint = constraints[k]
    guard constraint.options?.contains(j) ?? true, constraint.classes?.contains(classOf[i]) ?? true else {
      return 0
    }
    guard let attribute = constraint.attribute else { return 1 }
    return attributes[attribute].values[index(i, j)]
  }

  private func validate() throws(ChoiceProblemError) {
    let cells = groupCount * optionCount
    for attribute in attributes {
      guard attribute.values.count == cells else {
        throw ChoiceProblemError(
          .shape, "attribute '\(attribute.name)' has \(attribute.values.count) values, not groups x options")
      }
      for (cell, value) in attribute.values.enumerated() where !value.isFinite && eligible[cell] {
        throw ChoiceProblemError(
          .notFinite,
          "attribute '\(attribute.name)' is \(value) at group \(cell % groupCount), option \(cell / groupCount)"
        )
      }
    }
    guard !objective.terms.isEmpty else { throw ChoiceProblemError(.empty, "the objective has no term") }
    for term in objective.terms {
      guard attributes.indices.contains(term.attribute) else {
        throw ChoiceProblemError(
          .index, "the objective names attribute \(term.attribute), which does not exist")
      }
      guard term.weight.isFinite else {
        throw ChoiceProblemError(
          .notFinite, "the objective weighs attribute \(term.attribute) by \(term.weight)")
      }
    }
    var names: Set<String> = []
    for constraint in constraints {
      guard names.insert(constraint.name).inserted else {
        throw ChoiceProblemError(.duplicateName, "two constraints are named '\(constraint.name)'")
      }
      guard constraint.limit.isFinite else {
        throw ChoiceProblemError(
          .notFinite, "constraint '\(constraint.name)' has the limit \(constraint.limit)")
      }
      if let attribute = constraint.attribute, !attributes.indices.contains(attribute) {
        throw ChoiceProblemError(
          .index, "constraint '\(constraint.name)' names attribute \(attribute), which does not exist")
      }
      if let options = constraint.options, !options.allSatisfy({ (0..<optionCount).contains($0) }) {
        throw ChoiceProblemError(
          .index, "constraint '\(constraint.name)' names an option that does not exist")
      }
    }
    var open = Array(repeating: false, count: groupCount)
    for j in 0..<optionCount {
      for i in 0..<groupCount where eligible[index(i, j)] { open[i] = true }
    }
    if let closed = open.firstIndex(of: false) {
      throw ChoiceProblemError(.noOption, "group \(closed) has no eligible option")
    }
  }
}

/// Why a ``ChoiceProblem`` was refused.
public struct ChoiceProblemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of refusal; more may come.
  public struct Code: Hashable, Sendable {
    private let name: String
    private init(_ name: String) { self.name = name }

    /// No groups, no options or no objective.
    public static let empty = Code("empty")
    /// An array whose length does not fit.
    public static let shape = Code("shape")
    /// NaN or infinity.
    public static let notFinite = Code("notFinite")
    /// An attribute or option that does not exist.
    public static let index = Code("index")
    /// Two constraints of one name.
    public static let duplicateName = Code("duplicateName")
    /// A group with nothing to choose from.
    public static let noOption = Code("noOption")
  }

  /// The kind of refusal.
  public let code: Code
  /// What is wrong and where.
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
