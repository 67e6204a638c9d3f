/// How fast an offer answers: time to the first token and speed after it.
public struct LatencyProfile: Hashable, Sendable {
  /// Seconds from sending to the first token.
  public private(set) var firstToken: LatencyRecords
  /// Tokens per second after the first one.
  public private(set) var speed: LatencyRecords

  /// A profile without records.
  ///
  /// - Parameters:
  ///   - firstToken: published percentiles in seconds; `nil` if there are none.
  ///   - speed: published percentiles in tokens per second; `nil` if there are none.
  public init(firstToken: PublishedLatency? = nil, speed: PublishedLatency? = nil) {
    self.firstToken = LatencyRecords(.firstToken, published: firstToken)
    self.speed = LatencyRecords(.speed, published: speed)
  }

  /// A profile of these records, which are of the first token and of the speed.
  package init(firstToken: LatencyRecords, speed: LatencyRecords) {
    self.firstToken = firstToken
    self.speed = speed
  }

  /// How many answers were recorded.
  public var count: Int { firstToken.sketch.count }

  /// Takes a streamed answer that came whole.
  ///
  /// Of an answer of one token only the first token's time is taken, and of one whose tokens all came at
  /// once, as from a server that does not stream, a speed of at most 100,000 tokens per second.
  ///
  /// - Parameters:
  ///   - firstToken: seconds from sending to the first token, above 0.
  ///   - total: seconds from sending to the last token, no less.
  ///   - tokens: billed output tokens, reasoning included, 1 or more.
  ///   - day: days since the start of 1970, UTC, within ``DecayingSketch/days``.
  /// - Returns: `false` if a number is outside its range; nothing is then recorded.
  @discardableResult
  public mutating func record(firstToken seconds: Double, total: Double, tokens: Int, day: Double) -> Bool {
    guard LengthRecords.tokens.contains(tokens), tokens > 0, total >= seconds, total.isFinite,
      firstToken.record(seconds, day: day)
    else { return false }
    if tokens > 1 {
      let most = 100_000.0
      let rate = Double(tokens - 1) / (total - seconds)
      speed.record(min(max(rate, WeightedSketch.range.lowerBound), most), day: day)
    }
    return true
  }

  /// Adds the records of `other`; of two starting values the younger one stays.
  ///
  /// - Throws: ``ProfileMismatch`` if half-lives differ, or two starting values contradict each other;
  ///   nothing is then added.
  public mutating func merge(_ other: LatencyProfile) throws(ProfileMismatch) {
    var merged = self
    try merged.firstToken.merge(other.firstToken)
    try merged.speed.merge(other.speed)
    self = merged
  }

  /// How long an answer takes in all.
  ///
  /// - Parameters:
  ///   - lengths: how many tokens are expected; `nil` if that is not known.
  ///   - cap: the limit on output tokens, 1 or more.
  ///   - day: days since the start of 1970, UTC.
  public func completion(
    lengths: LengthForecast?, cap: Int, day: Double, policy: LatencyRecords.Policy = LatencyRecords.Policy()
  ) -> Prediction<CompletionTime> {
    guard let lengths else { return .unknown(.noLengths) }
    switch (firstToken.distribution(day: day, policy: policy), speed.distribution(day: day, policy: policy)) {
    case (.unknown(let reason), _), (_, .unknown(let reason)): return .unknown(reason)
    case (.known(let first, let weight), .known(let rate, let other)):
      let capped = lengths.distribution.capped(at: Double(cap))
      return .known(
        CompletionTime(firstToken: first, speed: rate, tokens: capped), weight: min(weight, other))
    }
  }
}
