import DrayageTesting
import Testing

@testable import DrayageProfiles

@Suite struct WeightedSketchTests {
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `quantiles are within the stated width and the mean is exact`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var sketch = WeightedSketch()
    let values = (0..<1_000).map { _ in random.heavy(median: 3, slope: 0.1 * Double(seed)) }
      .filter(WeightedSketch.accepts)
    for value in values { sketch.add(value) }
    let distribution = try #require(Distribution(sketch))
    let sorted = values.sorted()
    // A level in the middle of a step, so that rounding of the cumulative weights cannot move it.
    for k in [0, 1, 10, 250, 499, 500, 750, 900, 990, 999] where k < sorted.count {
      let p = (Double(k) + 0.5) / Double(sorted.count)
      #expect(
        close(distribution.quantile(p), sorted[k], within: WeightedSketch.relativeWidth),
        "seed \(seed), p \(p)")
    }
    let mean = values.reduce(0, +) / Double(values.count)
    #expect(close(distribution.mean, mean, within: 1e-9), "seed \(seed)")
    #expect(close(sketch.weight, Double(values.count), within: 1e-12))
  }

  @Test func `whole numbers to 128 have a bucket of their own`() {
    let indices = (0...128).map { WeightedSketch.index(of: Double($0)) }
    #expect(Set(indices).count == 129)
    #expect(indices == indices.sorted())
  }

  @Test func `a bucket holds what is within its bounds`() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<1_000 {
      let value = random.heavy(median: 1, slope: 2)
      let index = WeightedSketch.index(of: value)
      let (low, high) = (WeightedSketch.lowerBound(of: index), WeightedSketch.lowerBound(of: index + 1))
      #expect(low <= value && value < high)
      #expect(high - low <= low * WeightedSketch.relativeWidth)
    }
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `merging equals adding all to one`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var (a, b, all) = (WeightedSketch(), WeightedSketch(), WeightedSketch())
    for _ in 0..<300 {
      // Whole weights and values make sums exact, so that the sketches are equal to the bit.
      let value = Double(random.next() % 100_000)
      let weight = Double(1 + random.next() % 9)
      if random.next() % 3 == 0 { a.add(value, weight: weight) } else { b.add(value, weight: weight) }
      all.add(value, weight: weight)
    }
    var (ab, ba) = (a, b)
    ab.merge(b)
    ba.merge(a)
    #expect(ab == all, "seed \(seed)")
    #expect(ba == all, "seed \(seed)")
  }

  @Test(arguments: [-1, -1e-300, 1e-10, 1e13, .infinity, .nan, -.infinity])
  func `values outside the range are refused`(value: Double) {
    var sketch = WeightedSketch()
    let asValue = sketch.add(value)
    let asWeight = sketch.add(1, weight: value == 1e-10 || value == 1e13 ? 0 : value)
    #expect(!asValue && !asWeight)
    #expect(sketch == WeightedSketch())
  }
}
