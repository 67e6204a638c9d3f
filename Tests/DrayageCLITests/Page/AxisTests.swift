import Testing

@testable import DrayageCLI

@Suite struct AxisTests {
  @Test(arguments: UInt64(0)..<400)
  func `ticks of a linear axis are few, round, within it and evenly spaced`(seed: UInt64) throws {
    var random = SeededNumbers(seed: seed)
    let low = random.magnitude() * (Bool.random(using: &random) ? -1 : 1)
    let scale = AxisScale.linear([low, low + random.magnitude()])
    let most = Int.random(in: 3...8, using: &random)
    let ticks = scale.ticks(most: most)
    #expect((2...max(5, most)).contains(ticks.count), "seed \(seed)")
    let slack = (scale.high - scale.low) * 1e-6
    #expect(
      ticks.allSatisfy { $0.value >= scale.low - slack && $0.value <= scale.high + slack }, "seed \(seed)")
    let steps = Set(zip(ticks, ticks.dropFirst()).map { $1.mantissa - $0.mantissa })
    #expect(steps.count == 1 && steps.isSubset(of: [1, 2, 5]), "seed \(seed)")
    #expect(Set(ticks.map(\.exponent)).count == 1, "seed \(seed)")
    #expect(Set(ticks.map { $0.label(.dollars) }).count == ticks.count, "seed \(seed)")
  }

  @Test(arguments: UInt64(0)..<400)
  func `ticks of a logarithmic axis are few, ascending and 1, 2 or 5 times a power of ten`(seed: UInt64) {
    var random = SeededNumbers(seed: seed)
    let scale = AxisScale.logarithmic([random.magnitude(), random.magnitude()], margin: 0.05)
    let ticks = scale.ticks(most: 5)
    #expect((1...5).contains(ticks.count), "seed \(seed)")
    #expect(ticks.allSatisfy { [1, 2, 5].contains($0.mantissa) && scale.contains($0.value) }, "seed \(seed)")
    #expect(ticks.map(\.value) == ticks.map(\.value).sorted(), "seed \(seed)")
  }

  @Test(arguments: UInt64(0)..<400)
  func `positions keep the order of values and stay on the axis`(seed: UInt64) {
    var random = SeededNumbers(seed: seed)
    let values = (0..<8).map { _ in random.magnitude() }.sorted()
    for scale in [AxisScale.linear(values), .logarithmic(values), .suitable(values, margin: 0.1)] {
      let positions = values.map(scale.position)
      #expect(positions == positions.sorted(), "seed \(seed)")
      #expect(positions.allSatisfy { (0...1).contains($0) }, "seed \(seed)")
      #expect(positions.first != positions.last, "seed \(seed)")
    }
  }

  @Test(arguments: UInt64(0)..<400)
  func `an axis of awkward numbers is finite and so are its positions`(seed: UInt64) {
    var random = SeededNumbers(seed: seed)
    let values = (0..<Int.random(in: 0...4, using: &random)).map { _ in random.awkward() }
    for scale in [
      AxisScale.linear(values, margin: 0.1), .logarithmic(values, margin: 0.1),
      .suitable(values, margin: 0.1),
    ] {
      #expect(scale.low.isFinite && scale.high.isFinite && scale.low < scale.high, "seed \(seed)")
      for value in values + [random.awkward()] {
        #expect((0...1).contains(scale.position(value)), "seed \(seed), \(value)")
      }
      #expect(scale.ticks(most: 5).count <= 6, "seed \(seed)")
    }
  }

  @Test func `the axis is logarithmic from a factor of twenty on`() {
    #expect(AxisScale.suitable([1, 20], margin: 0).kind == .linear)
    #expect(AxisScale.suitable([1, 20.1], margin: 0).kind == .logarithmic)
    #expect(AxisScale.suitable([-1, 1, 50], margin: 0).kind == .linear)
  }

  @Test func `zero has a place of its own on a logarithmic axis`() {
    let scale = AxisScale.suitable([0, 1, 1000], margin: 0)
    #expect(scale.position(0) == 0)
    #expect(scale.position(1) == 0.1)
    #expect(scale.ticks(most: 5).map { $0.label(.dollars) } == ["$0", "$1", "$10", "$100", "$1k"])
  }

  @Test func `room around equal amounts does not reach below zero`() {
    #expect(AxisScale.linear([0, 0], margin: 0.1).low == 0)
    #expect(AxisScale.linear([3, 4], margin: 9).low == 0)
    #expect(AxisScale.linear([-3, 4], margin: 9).low < -3)
  }

  @Test(arguments: [
    (1, -9, "$1e-9"), (5, -4, "$0.0005"), (5, -1, "$0.50"), (15, -1, "$1.50"), (0, 3, "$0"), (12, 0, "$12"),
    (12, 2, "$1.2k"), (1, 6, "$1M"), (-5, 2, "-$500"), (25, 10, "$250B"), (1, 20, "$1e20"),
    (25, -10, "$2.5e-9"),
    (10, -1, "$1.00"), (2, 12, "$2T"),
  ])
  func `labels of money are exact and short`(mantissa: Int, exponent: Int, label: String) {
    #expect(AxisTick(mantissa: mantissa, exponent: exponent).label(.dollars) == label)
  }
}
