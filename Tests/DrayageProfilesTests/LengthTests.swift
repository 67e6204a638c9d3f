import DrayageTesting
import Foundation
import Testing

@testable import DrayageProfiles

@Suite struct LengthTests {
  typealias Point = PublishedPercentiles.Point
  let day = 20_700.0
  let model = LengthProfiles.Model("m", effort: "low")

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `tokens under a limit are those of sorting all records`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var profiles = LengthProfiles()
    let lengths = (0..<400).map { _ in Int(min(random.heavy(median: 300, slope: 0.4), 1e6)) }
    for tokens in lengths { profiles.record(tokens: tokens, model: model, workload: "w", day: day) }
    let forecast = try #require(profiles.forecast(model: model, workload: "w", day: day))
    for cap in [1, 50, 300, 301, 1_000, 2_000_000] {
      let capped = lengths.map { Double(min($0, cap)) }
      let mean = capped.reduce(0, +) / 400
      let variance = capped.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 400
      let tokens = forecast.tokens(cap: cap)
      // Only the bucket in which the limit falls is not exact, and it is 1/64 wide.
      #expect(close(tokens.mean, mean, within: cap > 1_000_000 ? 1e-9 : 0.002), "seed \(seed), cap \(cap)")
      #expect(close(tokens.variance, variance, within: 0.01) || variance < 1, "seed \(seed), cap \(cap)")
      #expect(tokens.ceiling == cap && tokens.mean <= Double(cap))
      let cut = Double(lengths.filter { $0 >= cap }.count) / 400
      #expect(abs(tokens.truncation - cut) < 0.03, "seed \(seed), cap \(cap)")
    }
    let sorted = lengths.map(Double.init).sorted()
    for p in [0.1, 0.5, 0.9, 0.99] {
      let (low, high) = (order(sorted, p - 0.003), order(sorted, p + 0.003))
      let quantile = forecast.quantile(p)
      #expect(quantile >= low / (1 + 1.0 / 64) && quantile <= high * (1 + 1.0 / 64), "seed \(seed), p \(p)")
    }
  }

  @Test(arguments: [0, 1, 3, 20, 500])
  func `a workload shrinks toward its model and the model toward its prior by the formula`(own: Int) throws {
    var profiles = LengthProfiles(modelWeight: 4)
    let prior = try LengthPrior(
      try PublishedPercentiles([Point(share: 0.5, value: 1_000)], typicalSlope: 0.3), weight: 7)
    profiles.setPrior(prior, for: LengthProfiles.Model("m"))
    for _ in 0..<30 { profiles.record(tokens: 100, model: model, workload: "other", day: day) }
    for _ in 0..<own { profiles.record(tokens: 10, model: model, workload: "w", day: day) }
    let priorMean = try #require(prior.percentiles.distribution).mean
    let n = Double(own)
    let modelMean = (30 * 100 + n * 10 + 7 * priorMean) / (30 + n + 7)
    let expected = (n * 10 + 4 * modelMean) / (n + 4)
    let forecast = try #require(profiles.forecast(model: model, workload: "w", day: day))
    let tokens = forecast.tokens(cap: 1_000_000_000)
    #expect(close(tokens.mean, expected, within: 1e-9))
    #expect(close(tokens.meanVariance, tokens.variance / (n + 5), within: 1e-9))
    #expect(close(forecast.weight, n, within: 1e-9) || own == 0)
  }

  @Test func `without records and prior the length is not known`() throws {
    var profiles = LengthProfiles()
    #expect(profiles.forecast(model: model, workload: "w", day: day) == nil)
    profiles.record(tokens: 5, model: LengthProfiles.Model("m"), workload: "w", day: day)
    #expect(profiles.forecast(model: model, workload: "w", day: day) == nil)
    let prior = try LengthPrior(
      try PublishedPercentiles([Point(share: 0.5, value: 300)], typicalSlope: 0.5))
    profiles.setPrior(prior, for: nil)
    let forecast = try #require(profiles.forecast(model: model, workload: "w", day: day))
    #expect(close(forecast.quantile(0.5), 300, within: 1e-9) && forecast.weight == 0)
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `answers that were cut off do not shorten the forecast`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var profiles = LengthProfiles()
    var whole: [Double] = []
    for k in 0..<4_000 {
      let length = Int(random.heavy(median: 300, slope: 0.3)) + 1
      whole.append(Double(length))
      // One answer in two is asked for under one of two limits.
      let cap = [200, 500, .max, .max][k % 4]
      profiles.record(
        tokens: min(length, cap), truncated: length > cap, model: model, workload: "w", day: day)
    }
    let forecast = try #require(profiles.forecast(model: model, workload: "w", day: day))
    #expect(!forecast.isLowerBound)
    let mean = whole.map { min($0, 2_000) }.reduce(0, +) / 4_000
    #expect(close(forecast.tokens(cap: 2_000).mean, mean, within: 0.04), "seed \(seed)")
    #expect(close(forecast.quantile(0.9), order(whole.sorted(), 0.9), within: 0.08), "seed \(seed)")
  }

  @Test func `the mass of a truncated answer goes to the longer ones`() throws {
    var profiles = LengthProfiles()
    for tokens in [10, 40, 80] { profiles.record(tokens: tokens, model: model, workload: "w", day: day) }
    profiles.record(tokens: 20, truncated: true, model: model, workload: "w", day: day)
    // The base of a workload is its model, here of the same records: (1/4, 3/8, 3/8) is estimated again.
    let forecast = try #require(profiles.forecast(model: model, workload: "w", day: day))
    let expected = (10.0 + 1.5 * 40 + 1.5 * 80) / 4
    #expect(close(forecast.tokens(cap: 1_000).mean, expected, within: 1e-9))
    #expect(!forecast.isLowerBound)
  }

  @Test func `nothing known beyond a limit is a lower bound, unless a prior says more`() throws {
    var profiles = LengthProfiles()
    for _ in 0..<5 { profiles.record(tokens: 64, truncated: true, model: model, workload: "w", day: day) }
    let bound = try #require(profiles.forecast(model: model, workload: "w", day: day))
    #expect(bound.isLowerBound && bound.tokens(cap: 1_000).mean == 64)
    profiles.setPrior(
      try LengthPrior(try PublishedPercentiles([Point(share: 0.5, value: 300)], typicalSlope: 0.5)),
      for: model)
    let forecast = try #require(profiles.forecast(model: model, workload: "w", day: day))
    #expect(!forecast.isLowerBound && forecast.quantile(0.01) >= 64 && forecast.quantile(0.5) > 300)
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `merging equals recording all in one`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var parts = [LengthProfiles(), LengthProfiles()]
    var all = LengthProfiles()
    for k in 0..<300 {
      let tokens = Int(random.heavy(median: 300, slope: 0.3))
      let at = day + 30 * random.uniform()
      let name = ["v", "w"][Int(random.next() % 2)]
      parts[k % 2].record(tokens: tokens, truncated: k % 5 == 0, model: model, workload: name, day: at)
      all.record(tokens: tokens, truncated: k % 5 == 0, model: model, workload: name, day: at)
    }
    try parts[0].merge(parts[1])
    for name in ["v", "w", "unseen"] {
      let merged = try #require(parts[0].forecast(model: model, workload: name, day: day + 40))
      let whole = try #require(all.forecast(model: model, workload: name, day: day + 40))
      #expect(close(merged.weight, whole.weight, within: 1e-9) || whole.weight == 0, "seed \(seed)")
      for cap in [100, 1_000, 100_000] {
        let (a, b) = (merged.tokens(cap: cap), whole.tokens(cap: cap))
        #expect(close(a.mean, b.mean, within: 1e-9), "seed \(seed)")
        #expect(close(a.variance, b.variance, within: 1e-9), "seed \(seed)")
      }
    }
  }

  @Test func `old answers give way to new ones`() throws {
    var profiles = LengthProfiles(halfLife: 10)
    for _ in 0..<100 { profiles.record(tokens: 1_000, model: model, workload: "w", day: day) }
    for _ in 0..<100 { profiles.record(tokens: 100, model: model, workload: "w", day: day + 30) }
    let forecast = try #require(profiles.forecast(model: model, workload: "w", day: day + 30))
    // The old ones count an eighth each.
    let expected = (0.125 * 1_000 + 100) / 1.125
    #expect(close(forecast.tokens(cap: 5_000).mean, expected, within: 1e-9))
  }

  @Test(arguments: [-1, Int.min, Int.max, 1_000_000_001])
  func `absurd tokens are refused`(tokens: Int) {
    var profiles = LengthProfiles()
    let absurd = profiles.record(tokens: tokens, model: model, workload: "w", day: day)
    let never = profiles.record(tokens: 1, model: model, workload: "w", day: .nan)
    #expect(!absurd && !never)
    #expect(profiles == LengthProfiles())
  }
}
