/// What one offer is expected to do for one request.
public struct Estimate: Hashable, Sendable {
  /// Expected cost.
  public var cost: Money
  /// The most an attempt can cost: what is reserved before it is sent.
  public var ceiling: Money
  /// Expected quality, in the unit of the scores it comes from; usually 0 to 1.
  public var quality: Double
  /// Probability that the answer comes later than the workload's deadline, 0 to 1.
  public var missProbability: Double
  /// Expected input tokens.
  public var inputTokens: Double
  /// Expected output tokens.
  public var outputTokens: Double

  /// An estimate.
  public init(
    cost: Money, ceiling: Money, quality: Double, missProbability: Double = 0, inputTokens: Double,
    outputTokens: Double
  ) {
    self.cost = cost
    self.ceiling = ceiling
    self.quality = quality
    self.missProbability = missProbability
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
  }
}
