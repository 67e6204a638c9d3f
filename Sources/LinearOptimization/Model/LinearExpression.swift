/// A sum of variables times coefficients, and a constant.
///
/// A variable may occur in several terms, whose coefficients add up.
public struct LinearExpression: Sendable {
  /// One variable times its coefficient.
  public struct Term: Hashable, Sendable {
    /// The variable.
    public let variable: Variable
    /// What it is multiplied by.
    public var coefficient: Double
  }

  /// The terms as they were written.
  public var terms: [Term]
  /// What is added to the terms.
  public var constant: Double

  /// A constant.
  public init(_ constant: Double = 0) {
    terms = []
    self.constant = constant
  }

  /// One variable times a coefficient.
  public init(_ variable: Variable, times coefficient: Double = 1) {
    terms = [Term(variable: variable, coefficient: coefficient)]
    constant = 0
  }

  /// The terms with one term per variable, by index; those that cancel out are left out.
  public var combinedTerms: [Term] {
    var result: [Term] = []
    for term in terms.sorted(by: { $0.variable.index < $1.variable.index }) {
      if result.last?.variable == term.variable {
        result[result.count - 1].coefficient += term.coefficient
      } else {
        result.append(term)
      }
    }
    return result.filter { $0.coefficient != 0 }
  }

  mutating func add(_ other: LinearExpression, times factor: Double) {
    constant += factor * other.constant
    terms.reserveCapacity(terms.count + other.terms.count)
    for term in other.terms {
      terms.append(Term(variable: term.variable, coefficient: factor * term.coefficient))
    }
  }
}

/// What can stand in a linear expression: a ``Variable`` or a ``LinearExpression``.
public protocol LinearExpressible {
  /// The expression that is meant.
  var expression: LinearExpression { get }
}

extension LinearExpression: LinearExpressible {
  /// The expression itself.
  public var expression: LinearExpression { self }
}

extension Variable: LinearExpressible {
  /// The variable, once.
  public var expression: LinearExpression { LinearExpression(self) }
}
