extension ChoiceProblem {
  /// How finely dense values are stored. Sums and scores are in double precision either way.
  public enum Precision: Hashable, Sendable {
    /// 32 bits: half the memory and time of ``double``. The values are taken to be exactly what is stored.
    case single
    /// 64 bits.
    case double
  }

  /// One number per group and option, such as a cost.
  public struct Attribute: Sendable {
    /// The name used in messages.
    public let name: String
    let source: Source

    enum Source: Sendable {
      case doubles([Double])
      case floats([Float])
      case computed(Precision, @Sendable (Int, Int) -> Double?)
      case linear([FeatureTerm])
    }

    /// A dense attribute, option-major: the value of group `i` and option `j` stands at
    /// `j * groupCount + i`. Finite wherever the pair is eligible; ignored elsewhere.
    public init(name: String, values: [Double]) {
      self.name = name
      source = .doubles(values)
    }

    /// A dense attribute in single precision, option-major like the other.
    public init(name: String, values: [Float]) {
      self.name = name
      source = .floats(values)
    }

    /// A dense attribute whose values are asked for, group and option, while the problem is built; `nil` makes
    /// the pair ineligible.
    public init(
      name: String, precision: Precision, value: @escaping @Sendable (_ group: Int, _ option: Int) -> Double?
    ) {
      self.name = name
      source = .computed(precision, value)
    }

    /// An attribute that is computed from features whenever it is needed: the sum of the terms.
    public init(name: String, terms: [FeatureTerm]) {
      self.name = name
      source = .linear(terms)
    }
  }

  /// A feature of the group times a coefficient of its class and the option, such as input tokens times a
  /// price per token.
  public struct FeatureTerm: Sendable {
    /// The feature's index; `nil` for the constant 1.
    public let feature: Int?
    /// Class-major: the coefficient of class `c` and option `j` stands at `c * optionCount + j`.
    public let coefficients: [Double]

    /// A term.
    public init(feature: Int?, coefficients: [Double]) {
      self.feature = feature
      self.coefficients = coefficients
    }
  }

  /// What a problem is built from, with counts and shapes checked.
  struct Input {
    let groupCount: Int
    let optionCount: Int
    let classOf: [Int]
    let classCount: Int
    let eligible: [Bool]?
    let features: [[Float]]
    var attributes: [Attribute]

    init(
      groupCount: Int, optionCount: Int, classOf: [Int]?, eligible: [Bool]?, features: [[Float]],
      attributes: [Attribute]
    ) throws(ChoiceProblemError) {
      guard groupCount > 0 else { throw ChoiceProblemError(.empty, "the problem has no groups") }
      guard optionCount > 0 else { throw ChoiceProblemError(.empty, "the problem has no options") }
      let (cells, overflow) = groupCount.multipliedReportingOverflow(by: optionCount)
      guard !overflow, groupCount <= Self.mostGroups, optionCount <= Self.mostOptions else {
        throw ChoiceProblemError(
          .shape, "at most \(Self.mostGroups) groups and \(Self.mostOptions) options can be solved at a time")
      }
      self.groupCount = groupCount
      self.optionCount = optionCount
      self.classOf = classOf ?? Array(repeating: 0, count: groupCount)
      guard self.classOf.count == groupCount, self.classOf.allSatisfy({ $0 >= 0 && $0 < groupCount }) else {
        throw ChoiceProblemError(.shape, "every group needs a class from 0 to the number of groups less 1")
      }
      classCount = (self.classOf.max() ?? 0) + 1
      self.eligible = eligible
      if let eligible, eligible.count != cells {
        throw ChoiceProblemError(.shape, "eligibility has \(eligible.count) entries, not groups x options")
      }
      self.features = features
      self.attributes = attributes
      for (f, feature) in features.enumerated() {
        guard feature.count == groupCount else {
          throw ChoiceProblemError(
            .shape, "feature \(f) has \(feature.count) values, not one per group")
        }
        if let bad = feature.firstIndex(where: { !$0.isFinite }) {
          throw ChoiceProblemError(.notFinite, "feature \(f) is \(feature[bad]) at group \(bad)")
        }
      }
      for attribute in attributes { try check(attribute, cells) }
    }

    private static let mostGroups = Int(Int32.max) / 2
    private static let mostOptions = Int(Int16.max)

    private func check(_ attribute: Attribute, _ cells: Int) throws(ChoiceProblemError) {
      func wrong(_ count: Int, _ unit: String) -> ChoiceProblemError {
        ChoiceProblemError(.shape, "attribute '\(attribute.name)' has \(count) values, not \(unit)")
      }
      switch attribute.source {
      case .doubles(let values):
        guard values.count == cells else { throw wrong(values.count, "groups x options") }
      case .floats(let values):
        guard values.count == cells else { throw wrong(values.count, "groups x options") }
      case .computed: break
      case .linear(let terms):
        for term in terms {
          guard term.feature.map(features.indices.contains) ?? true else {
            throw ChoiceProblemError(
              .index, "attribute '\(attribute.name)' names feature \(term.feature ?? 0), which does not exist"
            )
          }
          guard term.coefficients.count == classCount * optionCount else {
            throw wrong(term.coefficients.count, "classes x options in a term")
          }
          if let bad = term.coefficients.firstIndex(where: { !$0.isFinite }) {
            throw ChoiceProblemError(
              .notFinite,
              "attribute '\(attribute.name)' has the coefficient \(term.coefficients[bad]) at class "
                + "\(bad / optionCount), option \(bad % optionCount)")
          }
        }
      }
    }
  }
}
