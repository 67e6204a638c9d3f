import Drayage
import Foundation
import Testing

@testable import DrayageSimulation

/// Streams as values, with times as arguments.
@Suite struct StreamTests {
  private func stream(
    tokens: Int, first: Double = 1, perToken: Double = 0.5, fault: FaultKind? = nil, pieceTokens: Int = 4
  ) -> AnswerStream {
    AnswerStream(
      WireAnswer(
        request: SimulatedRequest(model: "m"), serial: 1, created: 0,
        usage: AnswerUsage(input: 3, cached: 0, output: tokens),
        text: AnswerText(sentence: "A simulated answer.", tokens: tokens, seed: 0), isCut: false, latency: 1),
      in: OpenAIChatFormat(), fault: fault, firstToken: first, perToken: perToken, pieceTokens: pieceTokens)
  }

  /// How many tokens are written by `now`, and what comes then.
  private func run(_ stream: inout AnswerStream, until now: Double) -> AnswerStream.Step {
    while true {
      let step = stream.next(at: now)
      if case .write = step { continue }
      return step
    }
  }

  @Test func `tokens come at their pace`() {
    var stream = stream(tokens: 10)
    for (now, generated, next) in [(0.0, 0, 1.0), (1, 1, 3), (2.9, 1, 3), (3, 5, 5), (5.1, 9, 5.5)] {
      guard case .wait(let time) = run(&stream, until: now) else {
        Issue.record("no wait at \(now)")
        return
      }
      #expect((stream.generated, time) == (generated, next), "at \(now)")
    }
    guard case .end = run(&stream, until: 5.5) else {
      Issue.record("no end")
      return
    }
    #expect(stream.generated == 10)
  }

  @Test(arguments: 0..<60) func `what is written does not depend on when it is asked for`(seed: UInt64) {
    func bytes(_ times: [Double]) -> [UInt8] {
      var stream = stream(tokens: Int(seed), perToken: 0.1, pieceTokens: 1 + Int(seed % 6))
      var bytes: [UInt8] = []
      for now in times {
        while case .write(let more) = stream.next(at: now) { bytes += more }
      }
      return bytes
    }
    #expect(bytes([100]) == bytes(Array(stride(from: 0, through: 100, by: 0.37))), "seed \(seed)")
  }

  @Test(arguments: [
    (FaultKind.cut, 3), (.cutReset, 3), (.stall, 3), (.errorEvent, 3), (.truncated, 3), (.malformed, 5),
    (.cutEarly, 0), (.stallEarly, 0), (.errorEarly, 0), (.slowHeaders, 5),
  ]) func `faults come after half of the tokens or before the first`(fault: FaultKind, generated: Int) {
    var stream = stream(tokens: 5, fault: fault)
    let end = run(&stream, until: 1000)
    #expect(stream.generated == generated)
    switch (fault, end) {
    case (.truncated, .breakOff), (.cutReset, .reset), (.stall, .silence), (.stallEarly, .silence): break
    case (.cut, .end), (.cutEarly, .end), (.errorEvent, .end), (.errorEarly, .end), (.malformed, .end),
      (.slowHeaders, .end):
      break
    default: Issue.record("\(fault) ends with \(end)")
    }
  }

  @Test func `a stream without tokens ends when it is due`() {
    var stream = stream(tokens: 0)
    guard case .wait(1) = run(&stream, until: 0.5), case .end = run(&stream, until: 1) else {
      Issue.record("it does not wait for its end")
      return
    }
  }

  @Test func `a text that is used up costs no time, whatever the tokens`() {
    var stream = AnswerStream(
      WireAnswer(
        request: SimulatedRequest(model: "m"), serial: 1, created: 0,
        usage: AnswerUsage(input: 3, cached: 0, output: .max),
        text: AnswerText(fixed: "{}", tokens: .max, isCut: false), isCut: false, latency: 1),
      in: OpenAIChatFormat(), fault: nil, firstToken: 0, perToken: 0, pieceTokens: 4)
    guard case .end = run(&stream, until: 1) else {
      Issue.record("no end")
      return
    }
    #expect(stream.generated == .max)
  }

  @Test func `a recorded latency is split between the first token and the rest`() throws {
    var service = try Fixtures.service(Fixtures.table()) {
      $0.speed = 2
      $0.latency = LatencyShape(firstToken: 1, tokensPerSecond: 100, spread: 0)
    }
    // 2 s are recorded for q2 and 10 tokens; by the shape the first token takes 1/1.1 of them.
    let body = try Fixtures.body("q2", "org/fast", extra: ["stream": true])
    let reply = service.complete(body, idempotencyKey: nil, at: 10)
    var stream = try #require(reply.stream)
    guard case .write = stream.next(at: 10), case .wait(let first) = stream.next(at: 10) else {
      Issue.record("no wait for the first token")
      return
    }
    #expect(abs(first - (10 + 1 / 1.1)) < 1e-9)
    #expect(abs(reply.delay - 0.5 / 1.1) < 1e-9)
    var last = first
    while true {
      let step = stream.next(at: last)
      if case .wait(let time) = step { last = time }
      if case .end = step { break }
    }
    #expect(abs(last - 11) < 1e-9)
  }

  @Test(arguments: 0..<20) func `partial streams are billed by what was written`(seed: UInt64) throws {
    let fault = [FaultKind.cut, .cutReset, .stall, .errorEvent, nil][Int(seed % 5)]
    var service = try Fixtures.service(Fixtures.table()) { $0.schedule = ["slow:1": [fault]] }
    let reply = service.complete(
      try Fixtures.body("q1", "slow:1", extra: ["stream": true]), idempotencyKey: "k", at: 0)
    let ticket = try #require(reply.ticket)
    #expect(service.ledger.total.open == 1)
    #expect(service.ledger.total.nanodollars == 0)
    let generated = Int(seed) * 21
    service.finish(ticket, generated: min(400, generated), isAborted: fault == nil && generated < 400)
    let total = service.ledger.total
    #expect((total.open, total.answers, total.outputTokens) == (0, 1, min(400, generated)), "seed \(seed)")
    #expect(total.aborted == (fault == nil && generated < 400 ? 1 : 0), "seed \(seed)")
    // 4,000,000 nano-dollars are recorded for 12 and 400 tokens.
    let share = (4_000_000 * Int64(12 + min(400, generated)) + 411) / 412
    #expect(total.nanodollars == share, "seed \(seed)")
    // Only what was written whole is kept under its key.
    let again = service.complete(
      try Fixtures.body("q1", "slow:1", extra: ["stream": true]), idempotencyKey: "k", at: 0)
    #expect((again.ticket == nil) == (generated >= 400), "seed \(seed)")
  }
}
