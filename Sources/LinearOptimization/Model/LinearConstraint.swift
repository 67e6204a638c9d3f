/// What `<=`, `>=` or `==` between linear expressions says: the variables' sum lies within bounds.
public struct LinearConstraint: Sendable {
  /// The sum, without a constant.
  public let terms: [LinearExpression.Term]
  /// Between what it must lie.
  public let bounds: Bounds

  /// `expression` lies within `bounds`.
  public init(_ expression: some LinearExpressible, in bounds: some BoundsExpression) {
    let expression = expression.expression
    let bounds = bounds.bounds
    terms = expression.combinedTerms
    self.bounds = Bounds(
      lower: bounds.lower - expression.constant, upper: bounds.upper - expression.constant)
  }
}

extension LinearExpressible {
  /// The left is at most the right.
  public static func <= (a: Self, b: some LinearExpressible) -> LinearConstraint {
    LinearConstraint(a - b, in: ...0)
  }

  /// The left is at most the right.
  public static func <= (a: Self, b: Double) -> LinearConstraint {
    LinearConstraint(a, in: Bounds(upper: b))
  }

  /// The left is at most the right.
  public static func <= (a: Double, b: Self) -> LinearConstraint { b >= a }

  /// The left is at least the right.
  public static func >= (a: Self, b: some LinearExpressible) -> LinearConstraint {
    LinearConstraint(a - b, in: 0...)
  }

  /// The left is at least the right.
  public static func >= (a: Self, b: Double) -> LinearConstraint {
    LinearConstraint(a, in: Bounds(lower: b))
  }

  /// The left is at least the right.
  public static func >= (a: Double, b: Self) -> LinearConstraint { b <= a }

  /// Both sides are equal.
  public static func == (a: Self, b: some LinearExpressible) -> LinearConstraint {
    LinearConstraint(a - b, in: .fixed(0))
  }

  /// Both sides are equal.
  public static func == (a: Self, b: Double) -> LinearConstraint {
    LinearConstraint(a, in: .fixed(b))
  }

  /// Both sides are equal.
  public static func == (a: Double, b: Self) -> LinearConstraint { b == a }
}
