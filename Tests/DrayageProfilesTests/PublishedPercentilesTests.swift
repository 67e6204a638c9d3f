import DrayageTesting
import Foundation
import Testing

@testable import DrayageProfiles

@Suite struct PublishedPercentilesTests {
  typealias Point = PublishedPercentiles.Point

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `the distribution passes through what was published`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var value = 0.1 + random.uniform()
    let points = [0.5, 0.9, 0.95, 0.99].map { share in
      value *= 1 + random.uniform()
      return Point(share: share, value: value)
    }
    let published = try PublishedPercentiles(points, typicalSlope: 0.4)
    let distribution = try #require(published.distribution)
    for point in points {
      #expect(close(published.quantile(point.share), point.value, within: 1e-9), "seed \(seed)")
      // Atoms stand 0.125 apart in log-odds; a step of one is at most this much of the value.
      let step = exp(1.05 * 0.125 * 1.0) - 1
      #expect(
        close(distribution.quantile(point.share), point.value, within: step), "seed \(seed), \(point.share)")
    }
    let grid = stride(from: 0.01, to: 1, by: 0.01).map(published.quantile)
    #expect(grid == grid.sorted(), "seed \(seed)")
  }

  @Test func `the tail is heavier than the log-normal through p50 and p90`() throws {
    let published = try PublishedPercentiles(
      [Point(share: 0.5, value: 1), Point(share: 0.9, value: 2.4)], typicalSlope: 0.4)
    let normal = exp(log(2.4) * 2.326347874 / 1.281551566)
    #expect(published.quantile(0.99) > 1.2 * normal)
    #expect(close(published.quantile(0.99), 6.24, within: 0.01))
  }

  @Test func `one percentile is completed with the typical slope`() throws {
    let published = try PublishedPercentiles([Point(share: 0.5, value: 3)], typicalSlope: 0.4)
    #expect(close(published.quantile(0.9) / 3, exp(0.4 * log(9)), within: 1e-9))
    #expect(close(published.quantile(0.1) / 3, exp(-0.4 * log(9)), within: 1e-9))
  }

  @Test(
    arguments: [
      [], [(0, 1)], [(1, 1)], [(0.5, 0)], [(0.5, -1)], [(0.5, .nan)], [(.nan, 1)], [(0.5, 1), (0.5, 2)],
      [(0.9, 1), (0.5, 2)], [(0.5, 2), (0.9, 1)], [(0.5, 1e13)],
    ] as [[(Double, Double)]])
  func `percentiles that are none are refused`(points: [(Double, Double)]) {
    #expect(throws: ProfileMismatch.self) {
      try PublishedPercentiles(points.map { Point(share: $0.0, value: $0.1) }, typicalSlope: 0.4)
    }
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `blurring is multiplication by a log-normal`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let published = try PublishedPercentiles([Point(share: 0.5, value: 2)], typicalSlope: 0.2)
    let sharp = try #require(published.distribution)
    let deviation = 0.2 * Double(seed)
    let blurred = sharp.blurred(deviation: deviation)
    let draws = (0..<40_000).map { _ in
      published.quantile(min(max(random.uniform(), 1e-4), 1 - 1e-4)) * exp(deviation * random.normal())
    }.sorted()
    for p in [0.05, 0.25, 0.5, 0.75, 0.95, 0.99] {
      #expect(close(blurred.quantile(p), order(draws, p), within: 0.06), "seed \(seed), p \(p)")
    }
  }

  @Test func `condensing keeps the mean, the order and the tails`() throws {
    let full = try #require(
      try PublishedPercentiles([Point(share: 0.5, value: 2)], typicalSlope: 0.4).distribution?
        .blurred(deviation: 0.5))
    let few = full.condensed(to: 96)
    #expect(few.atoms.count <= 96)
    #expect(close(few.mean, full.mean, within: 1e-12))
    for p in [0.01, 0.1, 0.5, 0.9, 0.99, 0.999] {
      #expect(close(few.quantile(p), full.quantile(p), within: 0.1), "p \(p)")
    }
  }
}
