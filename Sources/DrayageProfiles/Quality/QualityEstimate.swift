/// What is believed of the mean score of one arm on one workload: a distribution over 0...1.
public struct QualityEstimate: Hashable, Sendable {
  /// The expected mean score, in 0...1.
  public let mean: Double
  /// The variance of what is believed about the mean score; not that of single scores.
  public let variance: Double
  /// How many observations stand behind it, those of the prior included.
  public let observations: Double

  /// An estimate; the mean is in 0...1, variance and observations are 0 or more.
  public init(mean: Double, variance: Double, observations: Double) {
    self.mean = mean
    self.variance = variance
    self.observations = observations
  }

  /// The square root of the variance.
  public var standardError: Double { variance.squareRoot() }

  /// The central interval that holds the mean score with probability `level`, of the Beta distribution with
  /// this mean and variance.
  ///
  /// - Parameter level: between 0 and 1; others are held to 0.001...0.999999.
  public func interval(level: Double = 0.95) -> ClosedRange<Double> {
    let level = level.isNaN ? 0.95 : min(max(level, 0.001), 0.999_999)
    let belief = BetaDistribution(mean: mean, variance: variance)
    let low = belief.quantile((1 - level) / 2)
    return low...max(low, belief.quantile((1 + level) / 2))
  }
}
