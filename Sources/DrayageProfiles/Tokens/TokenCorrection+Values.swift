extension TokenCorrection {
  /// What is known, as plain numbers to store, in a fixed order: count, weight, billed, estimated, sum and
  /// sum of squares of the logarithms, worst ratio to the bound.
  public var values: [Double] {
    [Double(count), weight, billed, estimated, logarithms, squares, worstOverBound]
  }

  /// What was stored; nil when the numbers cannot come from ``values``: another number of them, not finite,
  /// negative, or contradicting one another.
  public init?(values: [Double]) {
    guard values.count == 7, values.allSatisfy(\.isFinite) else { return nil }
    let (count, weight, billed, estimated) = (values[0], values[1], values[2], values[3])
    let (logarithms, squares, worst) = (values[4], values[5], values[6])
    guard count >= 0, count < 9e15, count == count.rounded(), weight >= 0, weight <= count else { return nil }
    guard billed >= 0, estimated >= 0, squares >= 0, worst >= 1, worst <= 16 else { return nil }
    // Every ratio lies within 1/16 and 16, and no mean square is below the square of the mean.
    let slack = 1 + 1e-9
    guard billed <= estimated * 16 * slack, billed * 16 * slack >= estimated else { return nil }
    guard logarithms * logarithms <= squares * weight * slack + 1e-12 else { return nil }
    guard (count == 0) == (weight == 0), (weight == 0) == (estimated == 0) else { return nil }
    self.init(
      count: Int(count), weight: weight, billed: billed, estimated: estimated, logarithms: logarithms,
      squares: squares, worstOverBound: worst)
  }
}
