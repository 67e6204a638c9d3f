/// A sketch whose records lose half of their weight in every half-life: forward decay (G. Cormode, V.
/// Shkapenyuk, D. Srivastava, B. Xu, "Forward decay: a practical time decay model for streaming systems",
/// ICDE 2009).
///
/// A record of day t counts 2^((day - t) / half-life) on any later day. Weights are kept relative to a
/// whole number of half-lives, so that moving that reference multiplies by a power of two, which is exact,
/// and neither the order of records nor the place where they were taken matters: merging two sketches
/// equals recording all in one, up to the rounding of sums.
public struct DecayingSketch: Hashable, Sendable {
  /// Days in which a record loses half of its weight.
  public let halfLife: Double
  /// How many records it has taken, of whatever weight today.
  public private(set) var count: Int
  /// The day of the youngest record; 0 if there is none.
  public private(set) var latest: Double
  /// The records, weighted as of ``epoch``.
  package private(set) var sketch: WeightedSketch

  /// Half-lives that can be used, in days.
  public static let halfLives = 0.01...36_500

  /// Days since the start of 1970, UTC, at which records can be taken.
  public static let days = 0.0...100_000

  /// A weight below this changes no sum with a full weight, and is dropped.
  private static let least = 0x1p-60

  /// An empty sketch.
  ///
  /// - Parameter halfLife: days, within ``halfLives``; taken to the nearer end if outside.
  public init(halfLife: Double) {
    self.halfLife = min(max(halfLife, Self.halfLives.lowerBound), Self.halfLives.upperBound)
    count = 0
    latest = 0
    sketch = WeightedSketch()
  }

  package init(halfLife: Double, count: Int, latest: Double, sketch: WeightedSketch) {
    self.halfLife = halfLife
    self.count = count
    self.latest = latest
    self.sketch = sketch
  }

  /// Takes a record.
  ///
  /// - Parameters:
  ///   - value: see ``WeightedSketch/accepts(_:)``.
  ///   - day: when it happened, within ``days``; need not be later than the day of other records.
  /// - Returns: `false` if the value or the day is outside its range; the sketch is then unchanged.
  @discardableResult
  public mutating func record(_ value: Double, day: Double) -> Bool {
    guard WeightedSketch.accepts(value), Self.days.contains(day) else { return false }
    advance(to: day)
    let weight = ElementaryFunctions.exponential2(day / halfLife - Double(epoch))
    if weight >= Self.least { sketch.add(value, weight: weight) }
    count += 1
    return true
  }

  /// Adds the records of `other`.
  ///
  /// - Throws: ``ProfileMismatch`` if the half-lives differ; the sketch is then unchanged.
  public mutating func merge(_ other: DecayingSketch) throws(ProfileMismatch) {
    guard other.halfLife == halfLife else {
      throw ProfileMismatch(
        "half-lives of \(halfLife) and \(other.halfLife) days do not mix; record both with one")
    }
    var other = other
    advance(to: other.latest)
    other.advance(to: latest)
    sketch.merge(other.sketch)
    count += other.count
  }

  /// The weight of all records on a day: how many fresh records they are worth.
  public func weight(day: Double) -> Double { sketch.weight * scale(day: day) }

  /// What a weight of the sketch is worth on a day; no more than at the reference, should the day be earlier.
  package func scale(day: Double) -> Double {
    ElementaryFunctions.exponential2(min(Double(epoch) - day / halfLife, 0))
  }

  /// The half-lives from the start of 1970 to the reference of the weights: as many as are over at
  /// ``latest``.
  package var epoch: Int { Int((latest / halfLife).rounded(.down)) }

  private mutating func advance(to day: Double) {
    guard day > latest else { return }
    let before = epoch
    latest = day
    guard epoch > before else { return }
    sketch.scale(by: ElementaryFunctions.exponential2(Double(max(before - epoch, -1000))), least: Self.least)
  }
}
