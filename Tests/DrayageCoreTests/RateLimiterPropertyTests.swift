import DrayageCore
import DrayageTesting
import Testing

@Suite("Rate limiter properties") struct RateLimiterPropertyTests {
  @Test func `no walk uses more than the limits allow`() {
    var admitted = 0
    var waited = 0
    for seed in UInt64(0)..<300 {
      var walk = LimiterWalk(seed: seed)
      for step in 0..<120 {
        walk.step()
        guard walk.fault == nil else { break }
        #expect(walk.isWithinLimits, "seed \(seed), step \(step)")
      }
      #expect(walk.fault == nil, "seed \(seed)")
      #expect(walk.requestsAreWithinEveryStretch, "seed \(seed)")
      admitted += walk.sent.count
      waited += walk.waits
    }
    #expect(admitted > 5000)
    #expect(waited > 2000)
  }
}

/// Requests at random whose use is never above its estimate, and what they used by then.
private struct LimiterWalk {
  private var random: SplitMix64
  private var limiter: RateLimiter
  private let quota: Quota
  private var now = 0.0
  private var open: [(ticket: RateLimiter.Ticket, input: Int, output: Int)] = []
  private var used = (requests: 0, input: 0, output: 0)
  private(set) var sent: [Double] = []
  private(set) var waits = 0
  private(set) var fault: String?

  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    func limit(_ range: ClosedRange<Int>) -> Int? {
      Bool.random(using: &random) ? nil : Int.random(in: range, using: &random)
    }
    var quota = Quota(provider: "acme", plan: nil)
    quota.requestsPerMinute = Int.random(in: 5...60, using: &random)
    quota.requestsPerDay = limit(20...200)
    quota.inputTokensPerMinute = limit(200...5000)
    quota.outputTokensPerMinute = limit(200...5000)
    quota.tokensPerMinute = limit(400...5000)
    quota.tokensPerDay = limit(5000...50_000)
    quota.concurrency = limit(1...8)
    self.quota = quota
    limiter = RateLimiter(quota)
    self.random = random
  }

  mutating func step() {
    if !open.isEmpty, Int.random(in: 0..<3, using: &random) == 0 { return end() }
    let input = Int.random(in: 0...200, using: &random)
    let output = Int.random(in: 0...200, using: &random)
    switch limiter.admit(input: input, output: output, at: now) {
    case .admitted(let ticket):
      open.append((ticket, input, output))
      used.requests += 1
      used.input += input
      used.output += output
      sent.append(now)
      if let most = quota.concurrency, open.count > most { fault = "too many at once" }
      now += .random(in: 0...2, using: &random)
    case .wait(nil):
      if open.count != quota.concurrency { fault = "waits for an end although there is a place" }
      end()
    case .wait(let seconds?):
      waits += 1
      var early = limiter
      guard case .wait = early.admit(input: input, output: output, at: now + seconds * 0.99 - 1e-5) else {
        fault = "could have come earlier"
        return
      }
      now += seconds
      var then = limiter
      guard case .admitted = then.admit(input: input, output: output, at: now) else {
        fault = "asks to wait again"
        return
      }
    }
  }

  /// Ends one with less than it took.
  private mutating func end() {
    let ended = open.remove(at: Int.random(in: 0..<open.count, using: &random))
    let input = Int.random(in: 0...ended.input, using: &random)
    let output = Int.random(in: 0...ended.output, using: &random)
    limiter.settle(ended.ticket, input: input, output: output, at: now)
    used.input -= ended.input - input
    used.output -= ended.output - output
  }

  var isWithinLimits: Bool {
    func holds(_ use: Int, _ limit: Int?, _ period: Double) -> Bool {
      guard let limit else { return true }
      return Double(use) <= Double(limit) * (1 + now / period) * (1 + 1e-4)
    }
    return holds(used.requests, quota.requestsPerMinute, 60)
      && holds(used.input, quota.inputTokensPerMinute, 60)
      && holds(used.output, quota.outputTokensPerMinute, 60)
      && holds(used.input + used.output, quota.tokensPerMinute, 60)
      && holds(used.requests, quota.requestsPerDay, 86_400)
      && holds(used.input + used.output, quota.tokensPerDay, 86_400)
  }

  var requestsAreWithinEveryStretch: Bool {
    guard let limit = quota.requestsPerMinute.map(Double.init) else { return true }
    return sent.indices.allSatisfy { first in
      (first..<sent.count).allSatisfy { last in
        Double(last - first + 1) <= (limit + limit / 60 * (sent[last] - sent[first])) * (1 + 1e-4)
      }
    }
  }
}
