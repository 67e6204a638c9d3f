/// What to expect of the length of an answer, in billed output tokens.
public struct LengthForecast: Hashable, Sendable {
  /// The distribution of tokens, were there no limit.
  public let distribution: Distribution
  /// Whether the longest answers seen were all cut off, and nothing says how much longer they would have
  /// been: a higher limit may then cost more than is forecast.
  public let isLowerBound: Bool
  /// How many fresh records of the same workload it rests on; fractions come of decay.
  public let weight: Double
  /// How many fresh records of the same model and effort it rests on.
  public let modelWeight: Double
  /// How many records the model's distribution and the prior count for.
  let baseWeight: Double

  /// What to expect of the tokens under a limit, for any rate per token: the mean, variance and ceiling of
  /// the cost are rate·mean, rate²·variance and rate·ceiling.
  public struct Tokens: Hashable, Sendable {
    /// The expectation of min(X, limit).
    public let mean: Double
    /// The variance of min(X, limit) from one answer to the next. Over many answers these add up.
    public let variance: Double
    /// The variance of ``mean`` itself, which rests on so many records only. Over many answers of the same
    /// workload this error is common to all and does not average out: it adds with the square of their
    /// number.
    public let meanVariance: Double
    /// The most that can be billed: the limit.
    public let ceiling: Int
    /// The probability that the limit cuts the answer off, or comes out exact.
    public let truncation: Double
  }

  /// What to expect under a limit of `cap` output tokens, 1 or more.
  ///
  /// The variance of the mean is that of a Dirichlet process, variance / (n + κ + 1).
  public func tokens(cap: Int) -> Tokens {
    let capped = distribution.capped(at: Double(cap))
    let variance = capped.variance
    return Tokens(
      mean: capped.mean, variance: variance, meanVariance: variance / (weight + baseWeight + 1), ceiling: cap,
      truncation: distribution.probability(above: Double(cap).nextDown))
  }

  /// The least number of tokens that is not exceeded with probability `p`, 0...1.
  public func quantile(_ p: Double) -> Double { distribution.quantile(p) }
}
