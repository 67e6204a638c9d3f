/// The multiple-choice problem with side constraints: for every group choose exactly one option.
///
///     minimize or maximize   sum_i sum_j f_ij x_ij + sum_p f_p y_p
///     subject to             sum_j x_ij = 1            for every group i, over its eligible options
///                            sum_i sum_j a_ijk x_ij + sum_p g_kp y_p <= or >= b_k      for every side constraint k
///                            x_ij in {0, 1},  l_p <= y_p <= u_p, whole numbers where asked
///
/// All coefficients a_ijk come from a few *attributes* (a number per group and option, such as a cost): a side
/// constraint is one attribute summed over some options and some classes of groups, and the objective a
/// weighted sum of such sums. A problem with hundreds of constraints therefore stores no more numbers than one
/// with three. The y_p are *purchases*: what is bought beside the choices and changes their limits.
///
/// Values are stored in tiles of sixteen groups, in the order in which a pass over all pairs reads them, as
/// `Float` or `Double`; attributes computed from features store no number per pair at all. Groups that are
/// equal in everything are stored once.
public struct ChoiceProblem: Sendable {
  /// The direction of the objective.
  public enum Sense: Hashable, Sendable {
    /// Smaller is better.
    case minimize
    /// Larger is better.
    case maximize
  }

  /// The direction of a side constraint.
  public enum Relation: Hashable, Sendable {
    /// The activity is at most the limit.
    case atMost
    /// The activity is at least the limit.
    case atLeast
  }

  /// What is optimized: a weighted sum.
  public struct Objective: Sendable {
    /// One attribute summed over the chosen pairs of some options and classes.
    public struct Term: Sendable {
      /// The attribute that is summed; `nil` counts the chosen pairs.
      public let attribute: Int?
      /// The options that count, or `nil` for all.
      public let options: Set<Int>?
      /// The classes whose groups count, or `nil` for all.
      public let classes: Set<Int>?
      /// What the sum is multiplied by.
      public let weight: Double

      /// A term over all options and classes unless told otherwise.
      public init(attribute: Int?, options: Set<Int>? = nil, classes: Set<Int>? = nil, weight: Double = 1) {
        self.attribute = attribute
        self.options = options
        self.classes = classes
        self.weight = weight
      }
    }

    /// The direction.
    public let sense: Sense
    /// What is summed.
    public let terms: [Term]

    /// An objective over one attribute.
    public init(_ sense: Sense, attribute: Int) {
      self.init(sense, terms: [Term(attribute: attribute)])
    }

    /// An objective over a weighted sum.
    public init(_ sense: Sense, terms: [Term]) {
      self.sense = sense
      self.terms = terms
    }
  }

  /// One attribute summed over the chosen pairs, held to a limit.
  public struct SideConstraint: Sendable {
    /// A unique name.
    public let name: String
    /// The attribute that is summed; `nil` counts the chosen pairs.
    public let attribute: Int?
    /// The options that count, or `nil` for all. None at all makes a constraint on purchases only.
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

    /// The same constraint held to another limit.
    public func with(limit: Double) -> SideConstraint {
      SideConstraint(
        name: name, attribute: attribute, options: options, classes: classes, relation, limit)
    }
  }

  /// Something bought beside the choices: provisioned units, a contract's fee, the part of a commitment that
  /// goes unused.
  public struct Purchase: Sendable {
    /// A unique name.
    public let name: String
    /// What one unit adds to the objective.
    public let objective: Double
    /// The least and the most of it.
    public let bounds: ClosedRange<Double>
    /// Whether it is bought in whole units only.
    public let isInteger: Bool
    /// Constraint indices and what one unit adds to their activities; each constraint at most once.
    public let entries: [(constraint: Int, coefficient: Double)]

    /// A purchase.
    public init(
      name: String, objective: Double, bounds: ClosedRange<Double>, isInteger: Bool,
      entries: [(constraint: Int, coefficient: Double)]
    ) {
      self.name = name
      self.objective = objective
      self.bounds = bounds
      self.isInteger = isInteger
      self.entries = entries
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
  /// The names of the attributes.
  public let attributeNames: [String]
  /// What is optimized.
  public let objective: Objective
  /// The side constraints.
  public let constraints: [SideConstraint]
  /// What can be bought.
  public let purchases: [Purchase]

  let columns: PackedColumns

  /// A validated problem.
  ///
  /// - Parameters:
  ///   - classOf: the class of each group, numbered from 0 and below the number of groups; `nil` puts all
  ///     groups into class 0.
  ///   - eligible: option-major like dense attributes; `nil` makes every pair eligible.
  ///   - features: columns of a number per group, for attributes that are computed from them.
  /// - Throws: ``ChoiceProblemError`` if a count or an index is out of range, a number is not finite, a name
  ///   occurs twice, or a group has no eligible option.
  /// - Complexity: O(nM) per dense attribute.
  public init(
    groupCount: Int, optionCount: Int, classOf: [Int]? = nil, eligible: [Bool]? = nil,
    features: [[Float]] = [], attributes: [Attribute], objective: Objective,
    constraints: [SideConstraint], purchases: [Purchase] = []
  ) throws(ChoiceProblemError) {
    let input = try Input(
      groupCount: groupCount, optionCount: optionCount, classOf: classOf, eligible: eligible,
      features: features, attributes: attributes)
    try Self.validate(
      objective, constraints, purchases, attributeCount: attributes.count, optionCount: optionCount)
    self.init(
      columns: try PackedColumns(input, constraints: constraints, objective: objective),
      classOf: input.classOf, classCount: input.classCount, attributeNames: attributes.map(\.name),
      objective: objective, constraints: constraints, purchases: purchases)
  }

  private init(
    columns: PackedColumns, classOf: [Int], classCount: Int, attributeNames: [String], objective: Objective,
    constraints: [SideConstraint], purchases: [Purchase]
  ) {
    groupCount = classOf.count
    optionCount = columns.optionCount
    self.classOf = classOf
    self.classCount = classCount
    self.attributeNames = attributeNames
    self.objective = objective
    self.constraints = constraints
    self.purchases = purchases
    self.columns = columns
  }

  /// The same groups, options and values with another objective and other constraints.
  ///
  /// Values are shared, not copied, if the classes of each constraint were told apart by the constraints
  /// before; they are otherwise packed anew, in O(nM).
  public func with(
    objective: Objective, constraints: [SideConstraint], purchases: [Purchase]? = nil
  ) throws(ChoiceProblemError) -> ChoiceProblem {
    let purchases = purchases ?? self.purchases
    try Self.validate(
      objective, constraints, purchases, attributeCount: attributeNames.count, optionCount: optionCount)
    let columns =
      columns.tellsApart(constraints, objective)
      ? columns : try PackedColumns(repacked(), constraints: constraints, objective: objective)
    return ChoiceProblem(
      columns: columns, classOf: classOf, classCount: classCount, attributeNames: attributeNames,
      objective: objective, constraints: constraints, purchases: purchases)
  }

  private func repacked() throws(ChoiceProblemError) -> Input {
    let columns = columns
    let attributes = columns.attributes.enumerated().map { a, source in
      switch source {
      case .dense:
        Attribute(name: attributeNames[a], precision: columns.precision) { i, j in
          let value = columns.value(a, at: columns.layout.position(of: i), j)
          return value.isNaN ? nil : value
        }
      case .linear(let terms): Attribute(name: attributeNames[a], terms: terms)
      }
    }
    let hasDense = columns.attributes.contains { if case .dense = $0 { true } else { false } }
    return try Input(
      groupCount: groupCount, optionCount: optionCount, classOf: classOf,
      eligible: hasDense
        ? nil
        : (0..<groupCount * optionCount).map { isEligible(group: $0 % groupCount, option: $0 / groupCount) },
      features: columns.unpackedFeatures(groupCount), attributes: attributes)
  }

  /// Whether group `i` may take option `j`.
  public func isEligible(group i: Int, option j: Int) -> Bool {
    columns.isEligible(at: columns.layout.position(of: i), j)
  }

  /// The value of an attribute; meaningless where the pair is not eligible.
  public func value(attribute a: Int, group i: Int, option j: Int) -> Double {
    columns.value(a, at: columns.layout.position(of: i), j)
  }

  /// The objective's coefficient f_ij.
  public func objectiveCoefficient(group i: Int, option j: Int) -> Double {
    let (position, c) = (columns.layout.position(of: i), classOf[i])
    return objective.terms.reduce(0) { sum, term in
      guard term.options?.contains(j) ?? true, term.classes?.contains(c) ?? true else { return sum }
      return sum + term.weight * (term.attribute.map { columns.value($0, at: position, j) } ?? 1)
    }
  }

  /// The coefficient a_ijk of constraint `k`.
  public func coefficient(constraint k: Int, group i: Int, option j: Int) -> Double {
    let constraint = constraints[k]
    guard constraint.options?.contains(j) ?? true, constraint.classes?.contains(classOf[i]) ?? true else {
      return 0
    }
    return constraint.attribute.map { columns.value($0, at: columns.layout.position(of: i), j) } ?? 1
  }
}
