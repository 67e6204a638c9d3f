import DrayageTesting
import Testing

@testable import DrayageSimulation

@Suite struct RequestLimitTests {
  @Test func readsTexts() throws {
    #expect(try RequestLimit(parsing: "*:rpm=60") == RequestLimit(model: nil, requestsPerMinute: 60))
    #expect(
      try RequestLimit(parsing: "a/b:free:rpm=1") == RequestLimit(model: "a/b:free", requestsPerMinute: 1))
    #expect(
      try RequestLimit(parsing: "a=b:tpm=5,concurrency=2,rpm=3")
        == RequestLimit(model: "a=b", requestsPerMinute: 3, tokensPerMinute: 5, concurrency: 2))
  }

  @Test(arguments: [
    "", "rpm=60", ":rpm=60", "m:rpm=", "m:rpm=0", "m:rpm=-1", "m:rpm=x", "m:qpm=5", "m:rpm=9999999999",
    "m:rpm=1,", "m:rpm=1,rpm=2", "m:tpm=0", "m:concurrency=0", "m:rpm=1;tpm=2",
  ])
  func refusesTexts(text: String) {
    let error = #expect(throws: SimulationError.self) { try RequestLimit(parsing: text) }
    #expect(error?.code == .invalidOption)
  }

  @Test func holdsAMinuteAndRefillsEvenly() throws {
    var bucket = MinuteBucket(perMinute: 120)
    for _ in 0..<120 { #expect(bucket.take(at: 0) == nil) }
    #expect(bucket.take(at: 0) == 0.5)
    #expect(bucket.take(at: 0.25) == 0.25)
    #expect(bucket.take(at: 0.5) == nil)
    #expect(bucket.take(at: 0.5) == 0.5)
    #expect(bucket.secondsToFull == 60)
    #expect(bucket.take(at: 1000) == nil)
    #expect(bucket.remaining == 119)
  }

  /// Over any run of arrivals, no window of t seconds lets through more than its refill and one full bucket.
  @Test(arguments: 0..<50) func neverExceedsItsRate(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let rpm = Int.random(in: 1...100, using: &random)
    var bucket = MinuteBucket(perMinute: rpm)
    var now = 0.0
    var accepted: [Double] = []
    for _ in 0..<2000 {
      now += Double.random(in: 0...0.2, using: &random)
      if bucket.take(at: now) == nil { accepted.append(now) }
    }
    for (index, time) in accepted.enumerated() {
      #expect(Double(index + 1) <= Double(rpm) + time * Double(rpm) / 60 + 1e-6, "seed \(seed)")
    }
    #expect(
      Double(accepted.count) >= min(2000, Double(rpm) + now * Double(rpm) / 60 - 1).rounded(.down),
      "seed \(seed)")
  }
}
