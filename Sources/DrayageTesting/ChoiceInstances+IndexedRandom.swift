import Foundation
import MultipleChoice

extension ChoiceInstances {
  /// Random numbers that follow from a seed and indices alone.
  struct IndexedRandom {
    private var generator: SplitMix64

    /// The sequence of a seed and one index.
    init(seed: UInt64, _ index: Int) {
      var first = SplitMix64(seed: seed)
      generator = SplitMix64(seed: first.next() ^ UInt64(bitPattern: Int64(index)))
      // Neighbouring indices would otherwise be neighbouring states of one sequence.
      generator = SplitMix64(seed: generator.next())
    }

    /// A number per seed and two indices, uniform in `0 ..< 1`.
    static func uniform(seed: UInt64, _ a: Int, _ b: Int) -> Double {
      var generator = SplitMix64(seed: seed &+ UInt64(bitPattern: Int64(a)))
      generator = SplitMix64(seed: generator.next() ^ UInt64(bitPattern: Int64(b)))
      return unit(generator.next())
    }

    /// The next number, uniform in `0 ..< 1`.
    mutating func uniform() -> Double { Self.unit(generator.next()) }

    /// The next number, uniform in `range`.
    mutating func uniform(in range: ClosedRange<Double>) -> Double {
      range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }

    /// The next two numbers, independent standard normal: G. Box, M. Muller, "A note on the generation of
    /// random normal deviates", 1958.
    mutating func normals() -> (Double, Double) {
      let radius = (-2 * log(1 - uniform())).squareRoot()
      let angle = 2 * Double.pi * uniform()
      return (radius * cos(angle), radius * sin(angle))
    }

    private static func unit(_ bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }
  }
}
