import DrayageCore
import Testing

@Suite("Rate limiter") struct RateLimiterTests {
  private func quota(excludesCachedInput: Bool = false, _ set: (inout Quota) -> Void) -> Quota {
    var quota = Quota(provider: "acme", plan: nil, excludesCachedInput: excludesCachedInput)
    set(&quota)
    return quota
  }

  private func ticket(_ admission: RateLimiter.Admission) throws -> RateLimiter.Ticket {
    guard case .admitted(let ticket) = admission else { throw Unexpected(admission: admission) }
    return ticket
  }

  private struct Unexpected: Error { let admission: RateLimiter.Admission }

  @Test func `a quota that states nothing admits everything`() throws {
    var limiter = RateLimiter(quota { _ in })
    for _ in 0..<1000 { _ = try ticket(limiter.admit(input: .max, output: .max, at: 0)) }
    #expect(limiter.underWay == 1000)
  }

  /// Every limit alone, at 100 per period, with the wait of a second request of 60 in and 30 out.
  @Test(
    arguments: [
      (\.requestsPerMinute, 1, 60), (\.requestsPerDay, 1, 86_400), (\.inputTokensPerMinute, 100, 12),
      (\.outputTokensPerMinute, 50, 12), (\.tokensPerMinute, 100, 48), (\.tokensPerDay, 100, 69_120),
    ] as [(any WritableKeyPath<Quota, Int?> & Sendable, Int, Double)])
  func `every limit holds back`(limit: any WritableKeyPath<Quota, Int?> & Sendable, most: Int, wait: Double)
    throws
  {
    var limiter = RateLimiter(quota { $0[keyPath: limit] = most })
    _ = try ticket(limiter.admit(input: 60, output: 30, at: 0))
    guard case .wait(let seconds?) = limiter.admit(input: 60, output: 30, at: 0) else {
      Issue.record("admits a second one")
      return
    }
    #expect(abs(seconds - wait) < 1e-6)
    _ = try ticket(limiter.admit(input: 60, output: 30, at: seconds))
  }

  @Test func `takes from all or from none, and waits for the last`() throws {
    var limiter = RateLimiter(
      quota {
        $0.requestsPerMinute = 60
        $0.tokensPerMinute = 6000
      })
    _ = try ticket(limiter.admit(input: 6000, output: 0, at: 0))
    // Refused again and again, it takes no request.
    for _ in 0..<100 { #expect(limiter.admit(input: 100, output: 100, at: 0) == .wait(2)) }
    for _ in 0..<59 { _ = try ticket(limiter.admit(input: 0, output: 0, at: 0)) }
    #expect(limiter.admit(input: 0, output: 0, at: 0) == .wait(1))
  }

  @Test func `a limit on those under way waits for one to end`() throws {
    var limiter = RateLimiter(quota { $0.concurrency = 3 }, concurrency: 2)
    #expect(limiter.concurrency == 2)
    let first = try ticket(limiter.admit(input: 1, output: 1, at: 0))
    let second = try ticket(limiter.admit(input: 1, output: 1, at: 0))
    #expect(limiter.admit(input: 1, output: 1, at: 0) == .wait(nil))
    limiter.settle(first)
    limiter.settle(first)
    let third = try ticket(limiter.admit(input: 1, output: 1, at: 0))
    #expect(limiter.admit(input: 1, output: 1, at: 0) == .wait(nil))
    limiter.release(second, at: 0)
    limiter.settle(third, input: 1, output: 1, at: 0)
    #expect(limiter.underWay == 0)
  }

  @Test(arguments: [0, -1]) func `a limit of none under way never ends`(concurrency: Int) {
    var limiter = RateLimiter(quota { $0.concurrency = concurrency })
    #expect(limiter.admit(input: 1, output: 1, at: 0) == .wait(.infinity))
  }

  /// Used input, output and cached input of an estimate of 400 and 200, and how long another such request
  /// then waits at 1000 a minute.
  @Test(
    arguments: [
      (400, 200, 0, false, 12), (400, 50, 0, false, 3), (500, 400, 0, false, 30), (100, 100, 300, false, 6),
      (100, 100, 300, true, nil), (-7, -7, -7, false, nil), (.max, .max, .max, false, 636),
    ] as [(Int, Int, Int, Bool, Double?)])
  func `settling corrects by what was used`(
    input: Int, output: Int, cached: Int, excludes: Bool, wait: Double?
  ) throws {
    var limiter = RateLimiter(quota(excludesCachedInput: excludes) { $0.tokensPerMinute = 1000 })
    let first = try ticket(limiter.admit(input: 400, output: 200, at: 0))
    limiter.settle(first, input: input, output: output, cachedInput: cached, at: 0)
    // Once is enough.
    limiter.settle(first, input: 0, output: 0, at: 0)
    limiter.release(first, at: 0)
    switch limiter.admit(input: 400, output: 200, at: 0) {
    case .admitted: #expect(wait == nil)
    case .wait(let seconds): #expect(abs((seconds ?? .nan) - (wait ?? .nan)) < 1e-6)
    }
  }

  @Test func `what was never sent is given back whole`() throws {
    var limiter = RateLimiter(
      quota {
        $0.requestsPerDay = 1
        $0.tokensPerMinute = 10
      })
    for _ in 0..<10 {
      limiter.release(try ticket(limiter.admit(input: 10, output: 0, at: 0)), at: 0)
    }
    limiter.settle(try ticket(limiter.admit(input: 10, output: 0, at: 0)))
    #expect(limiter.admit(input: 1, output: 0, at: 0) == .wait(86_400))
  }

  @Test(
    arguments: [
      (2, 2), (0, nil), (-4, nil), (.nan, nil), (1e300, 86_400), (.infinity, 86_400),
    ] as [(Double, Double?)])
  func `after a refusal for the rate nothing is admitted for so long`(asked: Double, wait: Double?) throws {
    var limiter = RateLimiter(quota { _ in })
    limiter.rateLimited(for: asked, at: 10)
    guard let wait else {
      _ = try ticket(limiter.admit(input: 0, output: 0, at: 10))
      return
    }
    #expect(limiter.admit(input: 0, output: 0, at: 10) == .wait(wait))
    // A shorter one said later does not shorten it.
    limiter.rateLimited(for: 1, at: 10)
    #expect(limiter.admit(input: 0, output: 0, at: 9 + wait) == .wait(1))
    _ = try ticket(limiter.admit(input: 0, output: 0, at: 10 + wait))
  }

  @Test func `a report lowers what is left, and its limits are taken over`() throws {
    var limiter = RateLimiter(quota { $0.requestsPerMinute = 60 })
    limiter.correct(
      by: RateLimitReport(
        requests: .init(limit: 120, remaining: 1), tokens: .init(limit: 600, remaining: 30, period: .day),
        inputTokens: .init(limit: 60, remaining: 20), outputTokens: .init(remaining: 0)), at: 0)
    // Output tokens have no limit that anybody stated.
    _ = try ticket(limiter.admit(input: 20, output: 10, at: 0))
    #expect(limiter.admit(input: 0, output: 0, at: 0) == .wait(0.5))
    #expect(limiter.admit(input: 10, output: 0, at: 0) == .wait(1440))
  }

  @Test func `an absurd report changes nothing`() throws {
    var limiter = RateLimiter(quota { $0.requestsPerMinute = 60 })
    let absurd = RateLimitReport.Allowance(limit: -1, remaining: .min, resetIn: .nan)
    limiter.correct(
      by: .init(requests: absurd, tokens: absurd, inputTokens: absurd, outputTokens: absurd), at: 0)
    for _ in 0..<60 { _ = try ticket(limiter.admit(input: 1, output: 1, at: 0)) }
    #expect(limiter.admit(input: 1, output: 1, at: 0) == .wait(1))
  }

  @Test func `what began before a limit was known gives nothing back to it`() throws {
    var limiter = RateLimiter(quota { _ in })
    let early = try ticket(limiter.admit(input: 100, output: 100, at: 0))
    limiter.correct(by: .init(tokens: .init(limit: 60, remaining: 0)), at: 0)
    limiter.release(early, at: 0)
    #expect(limiter.admit(input: 1, output: 0, at: 0) == .wait(1))
  }
}
