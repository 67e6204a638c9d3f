import DrayageTesting
import Foundation
import Testing

@testable import DrayageProfiles

@Suite struct DecayingSketchTests {
  @Test(arguments: [0.5, 1, 2.5, 14, 365])
  func `a record halves at every half-life`(halfLife: Double) {
    var sketch = DecayingSketch(halfLife: halfLife)
    sketch.record(7, day: 20_000)
    for age in [0.0, 0.3, 1, 2, 3.5, 10] {
      let weight = sketch.weight(day: 20_000 + age * halfLife)
      #expect(close(weight, exp2(-age), within: 1e-9), "half-life \(halfLife), age \(age)")
    }
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `weights are those of each record by its age, in any order and over any gap`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let records = (0..<200).map { _ in
      (value: Double(random.next() % 50), day: 20_000 + 100 * random.uniform())
    }
    var sketch = DecayingSketch(halfLife: 3)
    var shuffled = DecayingSketch(halfLife: 3)
    for record in records { sketch.record(record.value, day: record.day) }
    for record in records.shuffled(using: &random) { shuffled.record(record.value, day: record.day) }
    let expected = records.reduce(0) { $0 + exp2(($1.day - 20_120) / 3) }
    #expect(close(sketch.weight(day: 20_120), expected, within: 1e-9), "seed \(seed)")
    expectSame(sketch, shuffled, "seed \(seed)")
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `merging equals recording all in one`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var parts = Array(repeating: DecayingSketch(halfLife: 2), count: 3)
    var all = parts[0]
    for _ in 0..<300 {
      let value = random.heavy(median: 10, slope: 0.4)
      // The parts end a few half-lives apart.
      let part = Int(random.next() % 3)
      let day = 20_000 + Double(15 + 5 * part) * random.uniform()
      parts[part].record(value, day: day)
      all.record(value, day: day)
    }
    var forwards = parts[0]
    try forwards.merge(parts[1])
    try forwards.merge(parts[2])
    var backwards = parts[2]
    try backwards.merge(parts[1])
    try backwards.merge(parts[0])
    expectSame(forwards, all, "seed \(seed)")
    expectSame(backwards, all, "seed \(seed)")
  }

  @Test func `on a day before its records a sketch weighs what it does at its reference`() {
    var sketch = DecayingSketch(halfLife: 1)
    for _ in 0..<3 { sketch.record(1, day: 20_000) }
    #expect(sketch.weight(day: 19_000) == 3)
    #expect(sketch.weight(day: -.infinity) == 3)
  }

  @Test func `half-lives that differ do not merge`() {
    var sketch = DecayingSketch(halfLife: 1)
    sketch.record(1, day: 1)
    let before = sketch
    #expect(throws: ProfileMismatch.self) { try sketch.merge(DecayingSketch(halfLife: 2)) }
    #expect(sketch == before)
  }

  @Test func `days and values out of range are refused, and an old record after a long time weighs nothing`()
  {
    var sketch = DecayingSketch(halfLife: 0.01)
    for day in [-1, Double.nan, .infinity, 100_001] {
      let taken = sketch.record(1, day: day)
      #expect(!taken)
    }
    let taken = sketch.record(.nan, day: 1)
    #expect(!taken)
    #expect(sketch == DecayingSketch(halfLife: 0.01))
    for (value, day) in [(1.0, 0.0), (2, 100_000), (3, 0)] { sketch.record(value, day: day) }
    #expect(sketch.count == 3)
    #expect(close(sketch.weight(day: 100_000), 1, within: 1e-6))
    #expect(sketch.weight(day: .infinity) == 0)
  }

  private func expectSame(_ a: DecayingSketch, _ b: DecayingSketch, _ comment: Comment) {
    #expect(a.count == b.count && a.latest == b.latest, comment)
    // A bucket may be dropped on one side and not on the other when its weight has vanished.
    let (left, right) = (significant(a), significant(b))
    #expect(left.map(\.index) == right.map(\.index), comment)
    for (x, y) in zip(left, right) {
      #expect(close(x.weight, y.weight, within: 1e-9) && close(x.sum, y.sum, within: 1e-9), comment)
    }
  }

  private func significant(_ sketch: DecayingSketch) -> [WeightedSketch.Bucket] {
    sketch.sketch.buckets.filter { $0.weight > 1e-12 }
  }
}
