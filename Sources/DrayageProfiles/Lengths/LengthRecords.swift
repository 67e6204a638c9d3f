/// How long the billed answers of one model at one effort for one workload were, in output tokens.
///
/// An answer that its limit cut off says only that it would have been at least as long; taken at face value
/// it would make every forecast under a higher limit too short, so it is kept apart.
public struct LengthRecords: Hashable, Sendable {
  /// Half-life unless said otherwise: 14 days.
  public static let defaultHalfLife = 14.0
  /// The most tokens of an answer that are believed.
  public static let tokens = 0...1_000_000_000

  /// Answers that ended of themselves, in tokens.
  public private(set) var complete: DecayingSketch
  /// Answers that were cut off, at their tokens.
  public private(set) var truncated: DecayingSketch

  /// No records.
  ///
  /// - Parameter halfLife: days in which a record loses half of its weight.
  public init(halfLife: Double = LengthRecords.defaultHalfLife) {
    complete = DecayingSketch(halfLife: halfLife)
    truncated = complete
  }

  package init(complete: DecayingSketch, truncated: DecayingSketch) {
    self.complete = complete
    self.truncated = truncated
  }

  /// How many answers were recorded.
  public var count: Int { complete.count + truncated.count }

  /// Takes a billed answer.
  ///
  /// - Parameters:
  ///   - tokens: billed output tokens, reasoning included, within ``tokens``.
  ///   - truncated: whether the limit on output cut it off.
  ///   - day: days since the start of 1970, UTC, within ``DecayingSketch/days``.
  /// - Returns: `false` if a number is outside its range; nothing is then recorded.
  @discardableResult
  public mutating func record(tokens: Int, truncated: Bool = false, day: Double) -> Bool {
    guard Self.tokens.contains(tokens) else { return false }
    return truncated
      ? self.truncated.record(Double(tokens), day: day) : complete.record(Double(tokens), day: day)
  }

  /// Adds the records of `other`.
  ///
  /// - Throws: ``ProfileMismatch`` if the half-lives differ; nothing is then added.
  public mutating func merge(_ other: LengthRecords) throws(ProfileMismatch) {
    var merged = self
    try merged.complete.merge(other.complete)
    try merged.truncated.merge(other.truncated)
    self = merged
  }

  /// The fresh records that all of them are worth on a day.
  public func weight(day: Double) -> Double { complete.weight(day: day) + truncated.weight(day: day) }

  /// What the records and a base distribution together say.
  ///
  /// - Parameters:
  ///   - base: what is believed before the records; `nil` for nothing.
  ///   - baseWeight: how many records the base counts for.
  /// - Returns: `nil` if there is neither.
  func estimate(base: Distribution?, baseWeight: Double, day: Double) -> LengthEstimate? {
    let (ended, cut) = (complete.scale(day: day), truncated.scale(day: day))
    var deaths = complete.sketch.buckets.map { Distribution.Atom($0.mean, $0.weight * ended) }
    if let base {
      deaths += base.atoms.map { Distribution.Atom($0.value, $0.mass * baseWeight) }
    }
    return LengthEstimate(
      complete: deaths,
      truncated: truncated.sketch.buckets.map { Distribution.Atom($0.mean, $0.weight * cut) })
  }
}
