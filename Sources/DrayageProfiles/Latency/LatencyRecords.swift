/// What is known of one quantity of an offer's latency: records, published percentiles, or both.
public struct LatencyRecords: Hashable, Sendable {
  /// How to weigh what is known.
  public struct Policy: Hashable, Sendable {
    /// Without published figures, records worth fewer fresh ones than this say nothing.
    public var leastWeight: Double
    /// Published figures older than this many days say nothing.
    public var longestAge: Double
    /// How many records the typical shape about the median of the records counts for: the tail that few
    /// records have not shown yet. On LLMPerf's 19 offers, 2 does best after 10 records and does no harm
    /// after 75.
    public var shapeWeight: Double

    /// A policy.
    public init(leastWeight: Double = 1, longestAge: Double = 365, shapeWeight: Double = 2) {
      self.leastWeight = leastWeight
      self.longestAge = longestAge
      self.shapeWeight = shapeWeight
    }
  }

  /// What is measured.
  public let quantity: LatencyQuantity
  /// The records.
  public private(set) var sketch: DecayingSketch
  /// Where it starts; `nil` if nothing is published.
  public private(set) var published: PublishedLatency?

  /// No records yet.
  ///
  /// - Parameter halfLife: days; `nil` for that of the quantity.
  public init(_ quantity: LatencyQuantity, published: PublishedLatency? = nil, halfLife: Double? = nil) {
    self.init(
      quantity, sketch: DecayingSketch(halfLife: halfLife ?? quantity.defaultHalfLife), published: published)
  }

  package init(_ quantity: LatencyQuantity, sketch: DecayingSketch, published: PublishedLatency?) {
    self.quantity = quantity
    self.sketch = sketch
    self.published = published
  }

  /// Takes a record.
  ///
  /// - Parameter value: in the unit of the quantity, within ``WeightedSketch/range``.
  /// - Returns: `false` if a number is outside its range; nothing is then recorded.
  @discardableResult
  public mutating func record(_ value: Double, day: Double) -> Bool {
    guard WeightedSketch.range.contains(value) else { return false }
    return sketch.record(value, day: day)
  }

  /// Adds the records of `other`, which measures the same; of two starting values the younger one stays.
  ///
  /// - Throws: ``ProfileMismatch`` if the half-lives differ, or two starting values contradict each other.
  mutating func merge(_ other: LatencyRecords) throws(ProfileMismatch) {
    try sketch.merge(other.sketch)
    guard let theirs = other.published else { return }
    guard let mine = published else {
      published = theirs
      return
    }
    guard mine == theirs || (mine.day, mine.source) != (theirs.day, theirs.source) else {
      throw ProfileMismatch("figures published by the same source on the same day differ; leave one out")
    }
    // The source breaks ties, so that the order of merging does not matter.
    if (mine.day, mine.source) < (theirs.day, theirs.source) { published = theirs }
  }

  /// What to expect on a day.
  ///
  /// With F̂ and n the records and their weight, F_s the typical shape (log-logistic,
  /// ``LatencyQuantity/typicalSlope``) about their median, s the policy's shape weight, and v the drift
  /// since the youngest record:
  ///
  ///     F_r = (n F̂ + s F_s) / (n + s), times a log-normal factor of variance v
  ///     F   = (n' F_r + κ F_p) / (n' + κ),   1/n' = 1/n + v/τ²
  ///
  /// where F_p and κ are the published figures at their age (``PublishedLatency``), and τ² the variance of
  /// the logarithm of the typical shape.
  public func distribution(day: Double, policy: Policy = Policy()) -> Prediction<Distribution> {
    let weight = sketch.weight(day: day)
    let age = published.map { max(day - $0.day, 0) }
    let usable = published.flatMap { (age ?? 0) > policy.longestAge ? nil : $0 }
    guard usable != nil || (weight > 0 && weight >= policy.leastWeight) else {
      if let age { return .unknown(.tooOld(days: age)) }
      return .unknown(
        sketch.count == 0 ? .nothingRecorded : .tooFew(weight: weight, least: policy.leastWeight))
    }
    let parts = [recorded(weight: weight, on: day, policy), usable?.aged(to: day, quantity: quantity)]
      .compactMap { $0 }
    guard let mixture = Distribution.mixture(parts) else {
      return .unknown(.tooFew(weight: weight, least: policy.leastWeight))
    }
    return .known(mixture, weight: weight)
  }

  /// F_r and n' of ``distribution(day:policy:)``; `nil` if there are no records.
  private func recorded(
    weight: Double, on day: Double, _ policy: Policy
  ) -> (distribution: Distribution, weight: Double)? {
    guard weight > 0, let records = Distribution(sketch.sketch),
      let typical = try? PublishedPercentiles(
        [PublishedPercentiles.Point(share: 0.5, value: records.quantile(0.5))],
        typicalSlope: quantity.typicalSlope),
      let shape = typical.distribution,
      let whole = Distribution.mixture([(records, weight), (shape, policy.shapeWeight)])
    else { return nil }
    let drift = quantity.driftVariance(days: day - sketch.latest)
    guard drift > 0 else { return (whole, weight) }
    let within = typical.logarithmicDeviation
    return (
      whole.condensed(to: 96).blurred(deviation: drift.squareRoot()),
      1 / (1 / weight + drift / (within * within))
    )
  }
}
