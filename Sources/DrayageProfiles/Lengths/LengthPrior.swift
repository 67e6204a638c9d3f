/// What is believed about the lengths of a model's answers before any was billed.
public struct LengthPrior: Hashable, Sendable {
  /// d(logarithm of tokens) / d(log-odds) where a single percentile is given: a p90 of three times the
  /// median, as over the categories of the Berkeley function calling results (median of 49 models). Lengths
  /// are lighter in the tail than this goes on; give a p99 where one is known.
  public static let typicalSlope = 0.5

  /// Percentiles of output tokens.
  public let percentiles: PublishedPercentiles
  /// How many answers of a model its prior counts for, 0.01...10⁶.
  public let weight: Double

  /// A prior.
  ///
  /// - Throws: ``ProfileMismatch`` if the weight is outside its range.
  public init(_ percentiles: PublishedPercentiles, weight: Double = 2) throws(ProfileMismatch) {
    guard (0.01...1_000_000).contains(weight) else {
      throw ProfileMismatch("the weight of a prior must be 0.01 to a million answers, not \(weight)")
    }
    self.percentiles = percentiles
    self.weight = weight
  }
}
