import DrayageTesting
import Foundation
import Testing

@testable import DrayageProfiles

@Suite struct LatencyTests {
  typealias Point = PublishedPercentiles.Point
  let day = 20_700.0

  private func lengths(_ tokens: [Int]) throws -> LengthForecast {
    var profiles = LengthProfiles()
    let model = LengthProfiles.Model("m")
    for tokens in tokens { profiles.record(tokens: tokens, model: model, workload: "w", day: day) }
    return try #require(profiles.forecast(model: model, workload: "w", day: day))
  }

  private func published(_ pairs: [(Double, Double)], slope: Double = 0.4, on day: Double) throws
    -> PublishedLatency
  {
    try PublishedLatency(
      try PublishedPercentiles(pairs.map { Point(share: $0.0, value: $0.1) }, typicalSlope: slope),
      source: "test", day: day)
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func `the probability of a miss agrees with Monte Carlo`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let slopes = (0.1 + 0.5 * random.uniform(), 0.3 * random.uniform(), 0.5 * random.uniform())
    let first = (0..<600).map { _ in random.heavy(median: 0.5, slope: slopes.0) }
    let speed = (0..<600).map { _ in random.heavy(median: 60, slope: slopes.1) }
    let tokens = (0..<600).map { _ in Int(random.heavy(median: 200, slope: slopes.2)) + 1 }
    var sketches = (WeightedSketch(), WeightedSketch(), WeightedSketch())
    for k in 0..<600 {
      sketches.0.add(first[k])
      sketches.1.add(speed[k])
      sketches.2.add(Double(min(tokens[k], 1_000)))
    }
    let time = CompletionTime(
      firstToken: try #require(Distribution(sketches.0)), speed: try #require(Distribution(sketches.1)),
      tokens: try #require(Distribution(sketches.2)))
    let draws = 40_000
    let totals = (0..<draws).map { _ in
      first[Int(random.next() % 600)]
        + Double(min(tokens[Int(random.next() % 600)], 1_000) - 1) / speed[Int(random.next() % 600)]
    }.sorted()
    for p in [0.1, 0.5, 0.8, 0.9, 0.95, 0.99] {
      let deadline = order(totals, p)
      let noise = 4 * (p * (1 - p) / Double(draws)).squareRoot()
      #expect(
        abs(time.missProbability(deadline: deadline) - (1 - p)) < noise + 0.006, "seed \(seed), p \(p)")
      #expect(close(time.quantile(p), deadline, within: p > 0.98 ? 0.08 : 0.03), "seed \(seed), p \(p)")
    }
    let mean = totals.reduce(0, +) / Double(draws)
    #expect(close(time.mean, mean, within: 0.03), "seed \(seed)")
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `a quantile is the least time that keeps its promise`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var profile = LatencyProfile()
    for _ in 0..<50 {
      let first = random.heavy(median: 0.4, slope: 0.3)
      profile.record(firstToken: first, total: first + 2 * random.uniform(), tokens: 100, day: day)
    }
    let time = try #require(
      profile.completion(lengths: try lengths([50, 100, 400]), cap: 300, day: day).value)
    var before = 1.0
    for deadline in stride(from: 0.0, to: 20, by: 0.05) {
      let miss = time.missProbability(deadline: deadline)
      #expect(miss <= before + 1e-12 && miss >= 0, "seed \(seed)")
      before = miss
    }
    for p in [0, 0.01, 0.5, 0.9, 0.999, 1] {
      let quantile = time.quantile(p)
      #expect(time.missProbability(deadline: quantile * (1 + 2e-6)) <= 1 - p + 1e-12, "seed \(seed), p \(p)")
      #expect(
        p == 0 || time.missProbability(deadline: quantile * (1 - 2e-6)) >= 1 - p, "seed \(seed), p \(p)")
    }
    #expect(time.missProbability(deadline: -1) == 1)
    #expect(time.missProbability(deadline: .nan) == 1)
    #expect(time.missProbability(deadline: .infinity) == 0)
  }

  @Test func `what is not known is said so, with the reason`() throws {
    let some = try lengths([10])
    var profile = LatencyProfile()
    #expect(profile.completion(lengths: nil, cap: 10, day: day) == .unknown(.noLengths))
    #expect(profile.completion(lengths: some, cap: 10, day: day) == .unknown(.nothingRecorded))
    profile.record(firstToken: 1, total: 2, tokens: 11, day: day)
    guard case .known(_, let weight) = profile.completion(lengths: some, cap: 10, day: day) else {
      Issue.record("one fresh record is enough by default")
      return
    }
    #expect(close(weight, 1, within: 1e-9))
    guard
      case .unknown(.tooFew(let left, let least)) = profile.completion(lengths: some, cap: 10, day: day + 5)
    else {
      Issue.record("a record of five days ago is not")
      return
    }
    #expect(least == 1 && close(left, exp2(-5 / 2.5), within: 1e-9))
    let old = LatencyProfile(
      firstToken: try published([(0.5, 1)], on: day - 400), speed: try published([(0.5, 50)], on: day - 400))
    #expect(old.completion(lengths: some, cap: 10, day: day) == .unknown(.tooOld(days: 400)))
    #expect(old.completion(lengths: some, cap: 10, day: day - 50).value != nil)
    let half = LatencyProfile(firstToken: try published([(0.5, 1)], on: day))
    #expect(half.completion(lengths: some, cap: 10, day: day) == .unknown(.nothingRecorded))
  }

  @Test func `drift grows by the day's variance at first and ends in the spread of the market`() {
    for quantity in LatencyQuantity.allCases {
      let daily = quantity.dailyDrift * quantity.dailyDrift
      #expect(quantity.driftVariance(days: 0) == 0)
      #expect(quantity.driftVariance(days: -3) == 0)
      #expect(close(quantity.driftVariance(days: 0.01), 0.01 * daily, within: 0.001))
      let market = quantity.marketDeviation * quantity.marketDeviation
      #expect(close(quantity.driftVariance(days: 1_000), market, within: 1e-6))
    }
  }

  @Test func `published figures widen and lose weight with age`() throws {
    let start = try published([(0.5, 0.5), (0.9, 1.2), (0.99, 3)], on: day)
    var (width, weight) = (0.0, Double.infinity)
    for age in [0.0, 1, 3, 10, 30, 100] {
      let aged = try #require(start.aged(to: day + age, quantity: .firstToken))
      let spread = aged.distribution.quantile(0.9) / aged.distribution.quantile(0.1)
      #expect(spread > width && aged.weight < weight, "age \(age)")
      #expect(close(aged.distribution.quantile(0.5), 0.5, within: 0.04), "age \(age)")
      (width, weight) = (spread, aged.weight)
    }
    let deviation = start.percentiles.logarithmicDeviation
    let day1 = try #require(start.aged(to: day + 1, quantity: .firstToken))
    let drift = LatencyQuantity.firstToken.driftVariance(days: 1)
    #expect(close(1 / day1.weight, 1 / 10 + drift / (deviation * deviation), within: 1e-9))
  }

  @Test func `records outweigh published figures in time`() throws {
    var profile = LatencyProfile(
      firstToken: try published([(0.5, 5)], on: day), speed: try published([(0.5, 50)], on: day))
    for _ in 0..<200 { profile.record(firstToken: 0.5, total: 1.5, tokens: 101, day: day + 1) }
    let first = try #require(profile.firstToken.distribution(day: day + 1).value)
    #expect(close(first.quantile(0.5), 0.5, within: 0.02))
    #expect(first.probability(above: 2) > 0.01 && first.probability(above: 2) < 0.1)
  }

  @Test func `records that are not renewed widen`() throws {
    var profile = LatencyProfile()
    for k in 0..<1_000 {
      profile.record(firstToken: 0.4 + Double(k) / 5_000, total: 1.5, tokens: 101, day: day)
    }
    var width = 0.0
    for idle in [0.0, 0.1, 0.5, 1, 3, 8] {
      let first = try #require(profile.firstToken.distribution(day: day + idle).value)
      let spread = first.quantile(0.95) / first.quantile(0.05)
      #expect(spread > width, "idle \(idle)")
      #expect(close(first.quantile(0.5), 0.5, within: 0.05), "idle \(idle)")
      width = spread
    }
    // About the width of a drift of variance v(8) alone: 2 · 1.645 · √v(8).
    let drift = LatencyQuantity.firstToken.driftVariance(days: 8).squareRoot()
    #expect(close(log(width), 3.29 * drift, within: 0.1))
  }

  @Test func `fresh figures outweigh many records that are not renewed`() throws {
    for idle in [0.0, 8] {
      var profile = LatencyProfile(firstToken: try published([(0.5, 4)], on: day + idle))
      for _ in 0..<1_000 { profile.record(firstToken: 0.5, total: 1.5, tokens: 101, day: day) }
      let first = try #require(profile.firstToken.distribution(day: day + idle).value)
      // At first 1,000 records stand against 10; after eight days they are worth τ²/v(8), about 1.4.
      #expect((first.quantile(0.5) > 2.5) == (idle > 0), "idle \(idle)")
    }
  }

  @Test func `few records leave a tail beyond the longest of them`() throws {
    var profile = LatencyProfile()
    for _ in 0..<10 { profile.record(firstToken: 0.5, total: 1.5, tokens: 101, day: day) }
    let time = try #require(profile.completion(lengths: try lengths([101]), cap: 500, day: day).value)
    let miss = time.missProbability(deadline: 2)
    #expect(miss > 0.005 && miss < 0.2)
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `merging equals recording all in one`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let start = LatencyProfile(firstToken: try published([(0.5, 1), (0.9, 3)], on: day))
    var (a, b, all) = (start, LatencyProfile(), start)
    for k in 0..<200 {
      let first = random.heavy(median: 0.5, slope: 0.4)
      let total = first + 5 * random.uniform()
      let at = day + 6 * random.uniform()
      if k % 3 == 0 {
        a.record(firstToken: first, total: total, tokens: 1 + k, day: at)
      } else {
        b.record(firstToken: first, total: total, tokens: 1 + k, day: at)
      }
      all.record(firstToken: first, total: total, tokens: 1 + k, day: at)
    }
    try b.merge(a)
    #expect(b.count == all.count)
    let forecast = try lengths([50, 200, 1_000])
    let merged = try #require(b.completion(lengths: forecast, cap: 500, day: day + 7).value)
    let whole = try #require(all.completion(lengths: forecast, cap: 500, day: day + 7).value)
    for deadline in [0.5, 1, 3, 10, 50] {
      let (x, y) = (merged.missProbability(deadline: deadline), whole.missProbability(deadline: deadline))
      #expect(abs(x - y) < 1e-9, "seed \(seed), deadline \(deadline)")
    }
  }

  @Test func `starting values that contradict each other do not merge, of others the younger stays`() throws {
    let (old, new) = (try published([(0.5, 1)], on: day), try published([(0.5, 2)], on: day + 1))
    var (a, b) = (LatencyProfile(firstToken: old), LatencyProfile(firstToken: new))
    try a.merge(b)
    try b.merge(LatencyProfile(firstToken: old))
    #expect(a == b && a.firstToken.published == new)
    let other = LatencyProfile(firstToken: try published([(0.5, 3)], on: day + 1))
    #expect(throws: ProfileMismatch.self) { try a.merge(other) }
    #expect(a == b)
  }

  @Test(
    arguments: [
      (0, 1, 10), (-1, 1, 10), (.nan, 1, 10), (1, 0.5, 10), (1, .nan, 10), (1, .infinity, 10), (1, 2, 0),
      (1, 2, -5), (1e13, 1e14, 10),
    ] as [(Double, Double, Int)])
  func `absurd records are refused`(first: Double, total: Double, tokens: Int) {
    var profile = LatencyProfile()
    let taken = profile.record(firstToken: first, total: total, tokens: tokens, day: day)
    #expect(!taken)
    #expect(profile == LatencyProfile())
  }

  @Test func `an answer that came all at once, or had one token, is taken`() throws {
    var profile = LatencyProfile()
    let atOnce = profile.record(firstToken: 1, total: 1, tokens: 100, day: day)
    let single = profile.record(firstToken: 1, total: 1, tokens: 1, day: day)
    #expect(atOnce && single)
    #expect(profile.count == 2 && profile.speed.sketch.count == 1)
  }
}
