import DrayageTesting
import Testing

@testable import DrayageProfiles

@Suite struct TokensCorrectionTests {
  @Test func `nothing observed changes nothing`() {
    let estimate = TokenEstimate(expected: 100, high: 140, bound: 500)
    #expect(TokenCorrection().corrected(estimate) == estimate)
    #expect(TokenCorrection().ratio == 1)
  }

  @Test(arguments: 0..<20)
  func `the ratio of the bills is found, and one text in a hundred exceeds the high estimate`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var correction = TokenCorrection()
    func bill(_ expected: Int) -> Int {
      // A sum of twelve uniform numbers is nearly normal: a deviation of 0.1 around 1.3.
      let sum = (0..<12).reduce(-6.0) { total, _ in total + Double.random(in: 0..<1, using: &random) }
      return Int(Double(expected) * (1.3 + 0.13 * sum))
    }
    var above = 0
    for index in 0..<2_000 {
      let estimate = TokenEstimate(expected: 1_000, high: 1_400, bound: 4_000)
      let tokens = bill(1_000)
      if index >= 200, tokens > correction.corrected(estimate).high { above += 1 }
      correction.observe(billed: tokens, estimate: estimate)
    }
    #expect(abs(correction.ratio - 1.3) < 0.1, "seed \(seed)")
    #expect(above < 1_800 * 3 / 100, "seed \(seed): \(above)")
  }

  @Test func `old bills fade`() {
    var correction = TokenCorrection()
    let estimate = TokenEstimate(expected: 100, high: 140, bound: 900)
    for _ in 0..<1_000 { correction.observe(billed: 50, estimate: estimate) }
    for _ in 0..<300 { correction.observe(billed: 200, estimate: estimate) }
    #expect(correction.ratio > 1.8)
    #expect(correction.count == 1_300)
  }

  @Test func `a bill above the bound raises the bound`() {
    var correction = TokenCorrection()
    let estimate = TokenEstimate(expected: 100, high: 140, bound: 200)
    correction.observe(billed: 300, estimate: estimate)
    #expect(correction.corrected(estimate).bound == 300)
  }

  @Test func `absurd bills are limited`() {
    var correction = TokenCorrection()
    correction.observe(billed: 0, estimate: TokenEstimate(exactly: 5))
    correction.observe(billed: -7, estimate: TokenEstimate(exactly: 5))
    correction.observe(billed: 5, estimate: .zero)
    #expect(correction == TokenCorrection())
    for _ in 0..<100 { correction.observe(billed: .max, estimate: TokenEstimate(exactly: 1)) }
    #expect(correction.ratio <= 16)
    #expect(correction.corrected(TokenEstimate(exactly: .max)).bound == .max)
  }

  @Test(arguments: 0..<50)
  func `storing loses nothing, and merging is symmetric`(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    var both = [TokenCorrection(), TokenCorrection()]
    for index in both.indices {
      for _ in 0..<Int.random(in: 0..<80, using: &random) {
        let expected = Int.random(in: 1..<5_000, using: &random)
        both[index].observe(
          billed: Int.random(in: 1..<9_000, using: &random),
          estimate: TokenEstimate(expected: expected, high: 2 * expected, bound: 4 * expected))
      }
    }
    for correction in both {
      #expect(TokenCorrection(values: correction.values) == correction, "seed \(seed)")
    }
    var first = both[0]
    first.merge(both[1])
    var second = both[1]
    second.merge(both[0])
    #expect(first == second, "seed \(seed)")
    #expect(TokenCorrection(values: first.values) == first, "seed \(seed)")
  }

  @Test func `stored numbers that contradict one another are refused`() {
    let good: [Double] = [10, 9, 120, 100, 1.6, 0.4, 1]
    #expect(TokenCorrection(values: good) != nil)
    #expect(TokenCorrection(values: Array(good.dropLast())) == nil)
    for (index, value) in [
      (0, -1.0), (0, 2.5), (0, .infinity), (1, 11), (1, .nan), (2, -1), (2, 1e9), (3, 0), (4, 50), (5, -1),
      (6, 0.5),
      (6, 1e9),
    ] {
      var bad = good
      bad[index] = value
      #expect(TokenCorrection(values: bad) == nil, "\(index) = \(value)")
    }
  }
}
