/// Percentiles of a latency that somebody published: where a profile starts.
///
/// They lose weight by the day. With v the variance by which the median's logarithm has drifted since
/// (``LatencyQuantity/driftVariance(days:)``) and τ² the variance of the logarithm within a day, the
/// figures are blurred by a normal of variance v, and count for κ records where
///
///     1/κ = 1/κ₀ + v/τ²
///
/// for a median known to within v is worth as much as τ²/v records (the normal-normal model).
public struct PublishedLatency: Hashable, Sendable {
  /// Percentiles, in seconds or tokens per second. For speed a high share is the fast side.
  public let percentiles: PublishedPercentiles
  /// Where they were read.
  public let source: String
  /// When they held, in days since the start of 1970, UTC.
  public let day: Double
  /// κ₀: how many records they count for on that day, 0.01...10⁶.
  public let weight: Double

  /// Published percentiles.
  ///
  /// - Throws: ``ProfileMismatch`` if the day or the weight is outside its range.
  public init(
    _ percentiles: PublishedPercentiles, source: String, day: Double, weight: Double = 10
  ) throws(ProfileMismatch) {
    guard DecayingSketch.days.contains(day) else {
      throw ProfileMismatch("a day of 0 to 100000 since the start of 1970 is expected, not \(day)")
    }
    guard (0.01...1_000_000).contains(weight) else {
      throw ProfileMismatch(
        "the weight of published figures must be 0.01 to a million records, not \(weight)")
    }
    self.percentiles = percentiles
    self.source = source
    self.day = day
    self.weight = weight
  }

  /// What they are worth on a later day: the blurred distribution and the records it counts for.
  func aged(
    to today: Double, quantity: LatencyQuantity
  ) -> (distribution: Distribution, weight: Double)? {
    guard let distribution = percentiles.distribution else { return nil }
    let drift = quantity.driftVariance(days: today - day)
    let within = percentiles.logarithmicDeviation
    return (
      distribution.blurred(deviation: drift.squareRoot()), 1 / (1 / weight + drift / (within * within))
    )
  }
}
