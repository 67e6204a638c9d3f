extension LinearExpressible {
  /// The sum.
  public static func + (a: Self, b: some LinearExpressible) -> LinearExpression { combine(a, b, 1) }

  /// The difference.
  public static func - (a: Self, b: some LinearExpressible) -> LinearExpression { combine(a, b, -1) }

  /// The sum with a constant.
  public static func + (a: Self, b: Double) -> LinearExpression {
    var result = a.expression
    result.constant += b
    return result
  }

  /// The sum with a constant.
  public static func + (a: Double, b: Self) -> LinearExpression { b + a }

  /// The difference from a constant.
  public static func - (a: Self, b: Double) -> LinearExpression { a + -b }

  /// The difference from a constant.
  public static func - (a: Double, b: Self) -> LinearExpression { -b + a }

  /// The negative.
  public static prefix func - (a: Self) -> LinearExpression { -1 * a }

  /// The expression multiplied by a number.
  public static func * (a: Double, b: Self) -> LinearExpression {
    var result = LinearExpression()
    result.add(b.expression, times: a)
    return result
  }

  /// The expression multiplied by a number.
  public static func * (a: Self, b: Double) -> LinearExpression { b * a }

  /// The expression divided by a number.
  public static func / (a: Self, b: Double) -> LinearExpression { (1 / b) * a }
}

private func combine(
  _ a: some LinearExpressible, _ b: some LinearExpressible, _ factor: Double
) -> LinearExpression {
  var result = a.expression
  result.add(b.expression, times: factor)
  return result
}

extension LinearExpression {
  /// Adds an expression in place.
  public static func += (a: inout LinearExpression, b: some LinearExpressible) {
    a.add(b.expression, times: 1)
  }

  /// Subtracts an expression in place.
  public static func -= (a: inout LinearExpression, b: some LinearExpressible) {
    a.add(b.expression, times: -1)
  }
}

/// The sum of a term for each of the items; zero if there are none.
public func sum<Items: Sequence, Failure: Error>(
  over items: Items, _ term: (Items.Element) throws(Failure) -> some LinearExpressible
) throws(Failure) -> LinearExpression {
  var result = LinearExpression()
  for item in items { result.add(try term(item).expression, times: 1) }
  return result
}
