/// What has been seen of scores in 0...1: weighted moments that can be added to, merged and faded.
///
/// Mean and squared deviations are kept by the updating formulas of Chan, Golub and LeVeque (1983), which do
/// not cancel. Weights are observations: a fresh score counts 1, a faded one less.
public struct ScoreEvidence: Hashable, Sendable, Codable {
  /// The sum of the weights, in observations; 0 or more.
  public private(set) var weight = 0.0
  /// The weighted mean of the scores; 0 while there are none.
  public private(set) var mean = 0.0
  /// The weighted sum of squared deviations from the mean.
  public private(set) var squaredDeviations = 0.0

  /// No evidence.
  public init() {}

  /// Evidence from its parts.
  ///
  /// - Throws: ``QualityError`` if a part is negative or not finite, or the mean is not in 0...1.
  public init(weight: Double, mean: Double, squaredDeviations: Double) throws(QualityError) {
    guard weight >= 0, weight.isFinite, (0...1).contains(mean), squaredDeviations >= 0,
      squaredDeviations <= weight
    else {
      throw QualityError(
        .range,
        "evidence of weight \(weight), mean \(mean) and squared deviations \(squaredDeviations) is impossible "
          + "for scores in 0...1; check the profile file")
    }
    self.weight = weight
    self.mean = mean
    self.squaredDeviations = squaredDeviations
  }

  /// Adds a score.
  ///
  /// - Parameters:
  ///   - score: 0...1.
  ///   - weight: how many observations it counts as, above 0.
  mutating func add(_ score: Double, weight added: Double = 1) {
    let total = weight + added
    let step = score - mean
    mean = Self.held(mean + step * added / total)
    squaredDeviations += step * step * weight * added / total
    weight = total
  }

  /// Adds what others have seen.
  public mutating func merge(_ other: ScoreEvidence) {
    guard other.weight > 0 else { return }
    let total = weight + other.weight
    let step = other.mean - mean
    mean = Self.held(mean + step * other.weight / total)
    squaredDeviations += other.squaredDeviations + step * step * weight * other.weight / total
    weight = total
  }

  /// A mean within 0...1, which rounding may leave where the older evidence has faded to almost nothing.
  private static func held(_ mean: Double) -> Double { min(max(mean, 0), 1) }

  /// Lets what has been seen count `factor` (0...1) of what it did.
  public mutating func fade(by factor: Double) {
    weight *= factor
    squaredDeviations *= factor
  }
}
