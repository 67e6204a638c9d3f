import DrayageCore
import DrayageTesting
import Testing

@Suite("Token bucket") struct TokenBucketTests {
  /// 60 a minute: one per second.
  private var bucket: TokenBucket { TokenBucket(limit: 60, period: 60) }

  @Test func `begins full and refills continuously up to its capacity`() {
    var bucket = bucket
    #expect(bucket.wait(for: 60, at: 100) == 0)
    bucket.take(60, at: 100)
    #expect(bucket.level == 0)
    #expect(bucket.wait(for: 1, at: 100) == 1)
    #expect(bucket.wait(for: 10, at: 104) == 6)
    #expect(bucket.wait(for: 10, at: 110) == 0)
    #expect(bucket.wait(for: 60, at: 1000) == 0)
    #expect(bucket.level == 60)
  }

  @Test func `more than it holds waits until it is full, and is then owed`() {
    var bucket = bucket
    #expect(bucket.wait(for: 90, at: 0) == 0)
    bucket.take(90, at: 0)
    #expect(bucket.level == -30)
    #expect(bucket.wait(for: 1, at: 0) == 31)
    #expect(bucket.wait(for: 1000, at: 0) == 90)
  }

  @Test func `what was not used is given back, no more than fits`() {
    var bucket = bucket
    bucket.take(50, at: 0)
    bucket.giveBack(20, at: 0)
    #expect(bucket.level == 30)
    bucket.giveBack(1000, at: 0)
    #expect(bucket.level == 60)
  }

  @Test(arguments: [-1, -.infinity, .nan, 0] as [Double])
  func `an amount that is none changes nothing`(amount: Double) {
    var bucket = bucket
    bucket.take(30, at: 0)
    bucket.take(amount, at: 0)
    bucket.giveBack(amount, at: 0)
    #expect(bucket.level == 30)
    #expect(bucket.wait(for: amount, at: 0) == 0)
  }

  @Test func `an absurd usage closes it for ten periods at most`() {
    for amount in [1e18, .infinity] {
      var bucket = bucket
      bucket.take(amount, at: 0)
      #expect(bucket.wait(for: 60, at: 0) == 660)
    }
  }

  @Test(arguments: [0, -5] as [Double]) func `a limit of nothing admits nothing`(limit: Double) {
    var bucket = TokenBucket(limit: limit, period: 60)
    #expect(bucket.wait(for: 1, at: 0) == .infinity)
    #expect(bucket.wait(for: 1, at: 1e9) == .infinity)
    #expect(bucket.wait(for: 0, at: 1e9) == 0)
  }

  @Test(arguments: [5, -.infinity, .nan, .infinity] as [Double])
  func `a time that is none or past refills nothing`(now: Double) {
    var bucket = bucket
    bucket.take(60, at: 10)
    #expect(bucket.wait(for: 1, at: now) == 1)
    #expect(bucket.wait(for: 1, at: 11) == 0)
  }

  /// What a provider says, at a level of 30, and the level and capacity that follow.
  @Test(
    arguments: [
      (20, nil, 20, 60), (40, nil, 30, 60), (0, nil, 0, 60), (-1, nil, 30, 60), (.nan, nil, 30, 60),
      (nil, 120, 30, 120), (40, 120, 30, 120), (nil, 24, 24, 24), (20, 0, 20, 60), (nil, .nan, 30, 60),
      (nil, .infinity, 30, 60), (nil, -3, 30, 60), (.infinity, nil, 30, 60),
    ] as [(Double?, Double?, Double, Double)])
  func `is lowered to what the provider says, and takes its limit`(
    remaining: Double?, limit: Double?, level: Double, capacity: Double
  ) {
    var bucket = bucket
    bucket.take(30, at: 0)
    bucket.correct(remaining: remaining, resetIn: nil, limit: limit, at: 0)
    #expect(bucket.level == level)
    #expect(bucket.capacity == capacity)
    #expect(bucket.rate == capacity / 60)
  }

  /// Seconds to the reset with 50 of 60 left, and the waits for 51 and for 60.
  @Test(
    arguments: [
      (nil, 1, 10), (10, 1, 10), (20, 2, 20), (1, 1, 10), (0, 1, 10), (-7, 1, 10), (.nan, 1, 10), (60, 6, 60),
      (1e9, 6, 60), (.infinity, 6, 60),
    ] as [(Double?, Double, Double)])
  func `refills no faster than the provider until its reset`(reset: Double?, one: Double, all: Double) {
    var bucket = bucket
    bucket.correct(remaining: 50, resetIn: reset, limit: 60, at: 0)
    #expect(abs(bucket.wait(for: 51, at: 0) - one) < 1e-9)
    #expect(abs(bucket.wait(for: 60, at: 0) - all) < 1e-9)
    // Half of the way is the same at a later time.
    #expect(abs(bucket.wait(for: 60, at: all / 2) - all / 2) < 1e-9)
  }

  @Test func `refills at its own rate again after the reset`() {
    var bucket = bucket
    bucket.correct(remaining: 50, resetIn: 20, limit: 60, at: 0)
    bucket.take(50, at: 0)
    #expect(abs(bucket.wait(for: 30, at: 0) - 40) < 1e-9)
    #expect(abs(bucket.wait(for: 30, at: 30) - 10) < 1e-9)
    #expect(abs(bucket.level - 20) < 1e-9)
  }

  @Test func `over any stretch of time admits no more than its capacity and what it refills`() {
    var admitted = 0
    for seed in UInt64(0)..<300 {
      var random = SplitMix64(seed: seed)
      let limit = Double.random(in: 1...1000, using: &random)
      let period: Double = [1, 60, 86_400].randomElement(using: &random) ?? 60
      var bucket = TokenBucket(limit: limit, period: period)
      var now = Double.random(in: -1e6...1e6, using: &random)
      var taken: [(at: Double, amount: Double)] = []
      for _ in 0..<60 {
        let amount = Double.random(in: 0...limit, using: &random)
        let wait = bucket.wait(for: amount, at: now)
        if wait == 0 {
          bucket.take(amount, at: now)
          taken.append((now, amount))
          now += .random(in: 0...0.2, using: &random) * period
        } else if Bool.random(using: &random) {
          // Not a moment before, and then surely.
          var early = bucket
          #expect(early.wait(for: amount, at: now + wait * 0.99 - 1e-5) > 0, "seed \(seed)")
          now += wait
          #expect(bucket.wait(for: amount, at: now) == 0, "seed \(seed)")
        } else {
          now += .random(in: 0...1, using: &random) * wait
        }
      }
      admitted += taken.count
      for first in taken.indices {
        var sum = 0.0
        for last in first..<taken.count {
          sum += taken[last].amount
          let most = limit + limit / period * (taken[last].at - taken[first].at)
          #expect(sum <= most * (1 + 1e-4), "seed \(seed), stretch \(first) to \(last)")
        }
      }
    }
    #expect(admitted > 5000)
  }

  @Test func `what can be taken in a span is what is there and what comes`() {
    var bucket = TokenBucket(limit: 60, period: 60)
    #expect(bucket.amount(within: 0, at: 0) == 60 && bucket.amount(within: 120, at: 0) == 180)
    bucket.take(50, at: 0)
    #expect(bucket.amount(within: 0, at: 10) == 20 && bucket.amount(within: 5, at: 10) == 25)
    bucket.take(100, at: 10)
    #expect(bucket.amount(within: 10, at: 10) == 0 && bucket.amount(within: 100, at: 10) == 20)
    // As slowly as the provider says: from 0 to 60 in 120 seconds is more than a period, which counts as one.
    bucket.correct(remaining: 0, resetIn: 40, limit: nil, at: 100)
    #expect(bucket.amount(within: 40, at: 100) == 40)
    var empty = TokenBucket(limit: 0, period: 60)
    #expect(empty.amount(within: 1e6, at: 0) == 0)
  }
}
