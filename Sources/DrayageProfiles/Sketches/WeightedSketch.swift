/// A histogram of non-negative values with weights, in buckets of bounded relative width: the layout of HDR
/// Histogram (G. Tene), 64 linear buckets to each power of two, over weights that may be fractions.
///
/// Each bucket keeps the sum of its values, so that means are exact (to 1 in 10⁹), and whole numbers up to
/// 128 have a bucket of their own. Values in one bucket differ by less than 1/64 of their size: this bounds
/// the error of quantiles. The bucket of a value follows from its bits alone and is the same on every
/// machine. Adding a value takes O(log n) comparisons and O(n) moves for n buckets in use, at most about
/// 4,500.
public struct WeightedSketch: Hashable, Sendable {
  /// Values that fell into one bucket.
  package struct Bucket: Hashable, Sendable {
    /// The position on the scale, ``WeightedSketch/index(of:)`` of every value in it.
    package let index: Int
    /// The weight of the values in it, above 0.
    package var weight: Double
    /// The sum of weight times value.
    package var sum: Double

    package init(index: Int, weight: Double, sum: Double) {
      self.index = index
      self.weight = weight
      self.sum = sum
    }

    /// The mean of the values in it, to 32 bits: equal values then have a mean equal to the last bit,
    /// whatever their weights and the order in which these were summed.
    package var mean: Double { Double(bitPattern: ((sum / weight).bitPattern + 1 << 20) & ~(1 << 21 - 1)) }
  }

  /// By which share of their size two values of one bucket may differ at most.
  public static let relativeWidth = 1.0 / 64

  /// The values that can be added besides 0.
  public static let range = 1e-9...1e12

  /// The buckets in use, by ascending index.
  package private(set) var buckets: [Bucket] = []

  /// An empty sketch.
  public init() {}

  /// A sketch of buckets that ascend by index, with weights above 0 and sums that fit their buckets.
  package init(buckets: [Bucket]) { self.buckets = buckets }

  /// A sketch of many values at once, in O(n) steps and a scratch array over the buckets that they span.
  ///
  /// - Parameter values: at least 0, with weights above 0; brought into ``range`` if outside, and to 0 if
  ///   below.
  package init(collecting values: some Sequence<(value: Double, weight: Double)>) {
    let least = Self.index(of: Self.range.lowerBound)
    var scratch: [Bucket] = []
    var zero = 0.0
    for (value, weight) in values {
      guard value >= Self.range.lowerBound else {
        zero += weight
        continue
      }
      let value = min(value, Self.range.upperBound)
      let place = Self.index(of: value) - least
      while scratch.count <= place {
        scratch.append(Bucket(index: least + scratch.count, weight: 0, sum: 0))
      }
      scratch[place].weight += weight
      scratch[place].sum += weight * value
    }
    buckets = (zero > 0 ? [Bucket(index: 0, weight: zero, sum: 0)] : []) + scratch.filter { $0.weight > 0 }
  }

  /// Whether `value` can be added: 0, or within ``range``.
  public static func accepts(_ value: Double) -> Bool { value == 0 || range.contains(value) }

  /// The total weight.
  public var weight: Double { buckets.reduce(0) { $0 + $1.weight } }

  /// The bucket of an acceptable value: the exponent and the first 6 bits of the fraction.
  package static func index(of value: Double) -> Int { Int(value.bitPattern >> 46) }

  /// The least value of a bucket; the least of the next one is the bound above it.
  package static func lowerBound(of index: Int) -> Double { Double(bitPattern: UInt64(index) << 46) }

  /// Adds a value.
  ///
  /// - Parameters:
  ///   - value: see ``accepts(_:)``.
  ///   - weight: above 0 and finite.
  /// - Returns: `false` if the value or the weight cannot be added; the sketch is then unchanged.
  @discardableResult
  public mutating func add(_ value: Double, weight: Double = 1) -> Bool {
    guard Self.accepts(value), weight > 0, weight.isFinite else { return false }
    let index = Self.index(of: value.magnitude)
    var low = 0
    var high = buckets.count
    while low < high {
      let middle = (low + high) / 2
      if buckets[middle].index < index { low = middle + 1 } else { high = middle }
    }
    if low < buckets.count, buckets[low].index == index {
      buckets[low].weight += weight
      buckets[low].sum += weight * value
    } else {
      buckets.insert(Bucket(index: index, weight: weight, sum: weight * value), at: low)
    }
    return true
  }

  /// Adds all that `other` holds.
  public mutating func merge(_ other: WeightedSketch) {
    var merged: [Bucket] = []
    merged.reserveCapacity(buckets.count + other.buckets.count)
    var rest = other.buckets[...]
    for var bucket in buckets {
      while let first = rest.first, first.index < bucket.index {
        merged.append(first)
        rest.removeFirst()
      }
      if let first = rest.first, first.index == bucket.index {
        bucket.weight += first.weight
        bucket.sum += first.sum
        rest.removeFirst()
      }
      merged.append(bucket)
    }
    buckets = merged + rest
  }

  /// Multiplies all weights by a factor above 0; what falls below `least` is dropped.
  package mutating func scale(by factor: Double, least: Double) {
    buckets = buckets.compactMap { bucket in
      let weight = bucket.weight * factor
      return weight < least ? nil : Bucket(index: bucket.index, weight: weight, sum: bucket.sum * factor)
    }
  }
}
