import DrayageCore
import Testing

@Suite("Circuit breaker") struct CircuitBreakerTests {
  typealias Breaker = CircuitBreaker

  private struct Refused: Error { let until: Double }

  private func ticket(_ breaker: inout Breaker, at now: Double) throws -> Breaker.Ticket {
    switch breaker.admit(at: now) {
    case .admitted(let ticket): return ticket
    case .refused(let until): throw Refused(until: until)
    }
  }

  private func run(_ results: [Breaker.Result], _ breaker: inout Breaker, at now: Double) throws {
    for result in results { breaker.record(result, try ticket(&breaker, at: now), at: now) }
  }

  /// Opens it at time 0.
  private func opened(_ policy: Breaker.Policy = .init()) throws -> Breaker {
    var breaker = Breaker(policy: policy)
    try run(Array(repeating: .failure, count: policy.consecutiveFailures), &breaker, at: 0)
    #expect(breaker.state == .open(until: 5))
    return breaker
  }

  @Test func `opens after so many failures without a success between them`() throws {
    var breaker = Breaker()
    try run([.failure, .failure, .failure, .failure, .success], &breaker, at: 0)
    try run([.failure, .failure, .neutral, .failure, .failure], &breaker, at: 0)
    #expect(breaker.state == .closed)
    try run([.failure], &breaker, at: 0)
    #expect(breaker.state == .open(until: 5))
    #expect(breaker.admit(at: 4.9) == .refused(until: 5))
  }

  @Test func `opens when half of enough attempts failed`() throws {
    var breaker = Breaker()
    for _ in 0..<9 { try run([.failure, .success], &breaker, at: 0) }
    // 10 of 19, and what is neutral is no attempt.
    try run([.failure, .neutral, .neutral], &breaker, at: 0)
    #expect(breaker.state == .closed)
    try run([.failure], &breaker, at: 0)
    #expect(breaker.state == .open(until: 5))
  }

  @Test func `what is older than the window is forgotten`() throws {
    var breaker = Breaker()
    for _ in 0..<9 { try run([.failure, .success], &breaker, at: 0) }
    try run([.success, .failure, .failure, .failure], &breaker, at: 60)
    #expect(breaker.state == .closed)
    // Within it they would have been 12 of 22.
    var other = Breaker()
    for _ in 0..<9 { try run([.failure, .success], &other, at: 0) }
    try run([.success, .failure], &other, at: 54)
    #expect(other.state == .open(until: 59))
  }

  @Test func `what was counted before it opened does not count after it closed`() throws {
    var breaker = Breaker()
    try run(Array(repeating: .success, count: 15), &breaker, at: 0)
    try run(Array(repeating: .failure, count: 5), &breaker, at: 0)
    try run([.success, .success], &breaker, at: 5)
    #expect(breaker.state == .closed)
    // Half of these 20, but 15 of 40 in all.
    for _ in 0..<9 { try run([.failure, .success], &breaker, at: 5) }
    try run([.success, .failure], &breaker, at: 5)
    #expect(breaker.state == .open(until: 10))
  }

  @Test(arguments: [Breaker.Result.success, .failure])
  func `results of attempts from before it opened change nothing`(result: Breaker.Result) throws {
    var breaker = Breaker()
    let early = try (0..<20).map { _ in try ticket(&breaker, at: 0) }
    try run(Array(repeating: .failure, count: 5), &breaker, at: 0)
    for late in early.prefix(10) { breaker.record(result, late, at: 1) }
    #expect(breaker.state == .open(until: 5))
    let probe = try ticket(&breaker, at: 5)
    for late in early.suffix(10) { breaker.record(result, late, at: 6) }
    #expect(breaker.state == .halfOpen)
    breaker.record(.success, probe, at: 6)
    try run([.success], &breaker, at: 6)
    #expect(breaker.state == .closed)
    for late in early { breaker.record(result, late, at: 7) }
    #expect(breaker.state == .closed)
  }

  @Test func `closes after enough successful probes, one at a time`() throws {
    var breaker = try opened()
    let first = try ticket(&breaker, at: 5)
    #expect(first.isProbe)
    #expect(breaker.admit(at: 5) == .refused(until: 10))
    breaker.record(.success, first, at: 5)
    // Recorded twice, it counts once.
    breaker.record(.success, first, at: 5)
    #expect(breaker.state == .halfOpen)
    try run([.success], &breaker, at: 5)
    #expect(breaker.state == .closed)
    let ordinary = try ticket(&breaker, at: 5)
    #expect(!ordinary.isProbe)
    // From the beginning: it takes five again, for five seconds.
    try run(Array(repeating: .failure, count: 4), &breaker, at: 6)
    #expect(breaker.state == .closed)
    try run([.failure], &breaker, at: 6)
    #expect(breaker.state == .open(until: 11))
  }

  @Test func `a failed probe opens it for twice as long, up to the longest`() throws {
    var breaker = try opened()
    var now = 5.0
    var times: [Double] = []
    for _ in 0..<8 {
      try run([.success, .failure], &breaker, at: now)
      guard case .open(let until) = breaker.state else { break }
      times.append(until - now)
      now = until
    }
    #expect(times == [10, 20, 40, 80, 160, 300, 300, 300])
  }

  @Test func `a probe that ends neutral frees its place`() throws {
    var breaker = try opened()
    try run([.neutral, .neutral, .success, .neutral, .success], &breaker, at: 5)
    #expect(breaker.state == .closed)
  }

  @Test func `a probe whose end is never recorded does not keep its place for ever`() throws {
    var breaker = try opened()
    let lost = try ticket(&breaker, at: 5)
    #expect(breaker.admit(at: 304) == .refused(until: 309))
    let next = try ticket(&breaker, at: 305)
    breaker.record(.failure, lost, at: 306)
    #expect(breaker.state == .halfOpen)
    breaker.record(.success, next, at: 306)
    try run([.success], &breaker, at: 306)
    #expect(breaker.state == .closed)
  }

  @Test func `is tripped at once, and probed afterwards`() throws {
    var breaker = Breaker()
    let early = try ticket(&breaker, at: 0)
    breaker.trip(until: 100, at: 0)
    #expect(breaker.state == .open(until: 100))
    breaker.record(.success, early, at: 1)
    // Not shortened, not to the past, not to no number.
    for until in [50, 0, -1, .nan] { breaker.trip(until: until, at: 1) }
    #expect(breaker.admit(at: 99) == .refused(until: 100))
    try run([.failure], &breaker, at: 100)
    #expect(breaker.state == .open(until: 110))
    breaker.trip(until: .infinity, at: 101)
    #expect(breaker.admit(at: 1e12) == .refused(until: .infinity))
  }
}
