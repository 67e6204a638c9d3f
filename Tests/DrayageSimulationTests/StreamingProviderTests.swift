import Drayage
import DrayageCore
import Foundation
import Testing

@testable import DrayageSimulation

/// Streams over sockets: how each fault looks to the client, and what is billed.
@Suite(.timeLimit(.minutes(5))) struct StreamingProviderTests {
  private let named = ["x-drayage-query: q1"]

  /// Returns once the provider's books say so; the time limit ends it otherwise.
  private func wait(
    for provider: SimulatedProvider, until isDone: (SimulationLedger.Counts) -> Bool
  ) async throws {
    while !isDone(provider.ledger().total) {
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  private func ask(
    _ wire: Wire, _ provider: SimulatedProvider, streams: Bool = true
  ) throws -> WireClient.Response {
    let client = try WireClient(port: provider.port)
    client.send(try wire.request(streams: streams, headers: named))
    return try client.response()
  }

  @Test(arguments: Wire.chats) func `every fault of a stream shows in every format`(wire: Wire) async throws {
    let whole = 400
    for fault in FaultKind.allCases where ![.slowHeaders].contains(fault) {
      try await Fixtures.withProvider({
        $0.schedule = ["slow:1": [fault]]
        $0.hangLimit = 0.02
      }) { provider in
        let response = try ask(wire, provider)
        let words = wire.streamedText(response.body)?.split(separator: " ").count ?? 0
        let saysError = response.text.replacing("\"error\":null", with: "").lowercased().contains("error")
        let comment = Comment("\(fault): \(response.status ?? 0) \(response.ending) \(words)")
        switch fault {
        case .hang: #expect(response.status == nil && response.ending == .closed, comment)
        case .reset: #expect(response.status == nil && response.ending == .reset, comment)
        case .truncated:
          #expect(response.ending == .closed && words == whole / 2, comment)
        case .malformed:
          #expect(response.ending == .complete && wire.events(response.body) == nil, comment)
        case .cut:
          #expect(response.ending == .complete && words == whole / 2 && !saysError, comment)
          #expect(!response.text.contains(wire.ended), comment)
        case .cutReset:
          // What was sent before a reset may be lost with it.
          #expect(response.ending == .reset, comment)
        case .cutEarly: #expect(response.ending == .complete && response.body.isEmpty, comment)
        case .stall: #expect(response.ending == .closed && words == whole / 2, comment)
        case .stallEarly:
          #expect(response.status == 200 && response.ending == .closed && words == 0, comment)
        case .errorEarly:
          #expect(response.status == 200 && response.ending == .complete && words == 0, comment)
          #expect(!response.body.isEmpty, comment)
        case .errorEvent:
          #expect(
            response.ending == .complete && words == whole / 2 && !response.text.contains(wire.ended), comment
          )
          #expect(saysError, comment)
        case .wrongType:
          #expect(response.status == 200, comment)
          #expect(response.headers["content-type"]?.hasPrefix("text/html") == true, comment)
        case .contentFilter where wire.name == "gemini": #expect(response.status == 200, comment)
        default: #expect((400..<600).contains(response.status ?? 0) && response.ending == .complete, comment)
        }
        try await wait(for: provider) { $0.open == 0 }
        let total = provider.ledger().total
        let billed: [FaultKind: Int] = [
          .hang: whole, .reset: whole, .truncated: whole, .malformed: whole, .cut: whole / 2,
          .cutReset: whole / 2, .stall: whole / 2, .errorEvent: whole / 2,
        ]
        #expect(total.outputTokens == billed[fault] ?? 0, comment)
        #expect(total.answers == (fault.isBilled ? 1 : 0), comment)
        #expect(total.aborted == 0, comment)
        #expect(total.faults[fault.rawValue] == 1, comment)
        // The next attempt is as it should be.
        #expect(
          wire.streamedText(try ask(wire, provider).body)?.split(separator: " ").count == whole, comment)
      }
    }
  }

  @Test(arguments: FaultKind.allCases) func `of a whole reply a fault is the nearest there is`(
    fault: FaultKind
  ) async throws {
    try await Fixtures.withProvider({
      $0.schedule = ["slow:1": [fault]]
      $0.hangLimit = 0.02
      $0.slowHeaders = 0.02
    }) { provider in
      let response = try ask(Wire.chats[0], provider, streams: false)
      let announced = response.headers["content-length"].flatMap { Int($0) } ?? 0
      switch fault {
      case .hang: #expect(response.status == nil && response.ending == .closed)
      case .reset: #expect(response.status == nil && response.ending == .reset)
      case .truncated, .cut, .stall:
        #expect(response.ending == .closed && response.body.count == announced / 2)
      case .cutEarly, .stallEarly:
        #expect(
          response.status == 200 && response.ending == .closed && response.body.isEmpty && announced > 0)
      case .cutReset: #expect(response.ending == .reset)
      case .malformed: #expect((try? response.json()) == nil && response.ending == .complete)
      case .errorEvent:
        #expect(response.status == 200)
        #expect(try response.json()["error"] != nil)
      case .slowHeaders: #expect(try Wire.chats[0].output(response.json()) == 400)
      case .wrongType: #expect(response.text.hasPrefix("<!DOCTYPE html>"))
      case .unpaid: #expect(response.status == 429)
      case .contextLength, .contentFilter: #expect(response.status == 400)
      case .errorEarly: #expect(response.status == 500)
      default: #expect(response.status == Int(fault.rawValue))
      }
      #expect(provider.ledger().total.outputTokens == (fault.isBilled ? 400 : 0))
    }
  }

  @Test func `a client that stops reading stops the provider's writing, and is billed for what was written`()
    async throws
  {
    let table = try Fixtures.table("query_id,input_tokens,m|score,m|out_tok,m|cost_usd\nq,1,1,100000000,1\n")
    try await Fixtures.withProvider(table: table) { provider in
      do {
        let client = try WireClient(port: provider.port)
        client.shrinkBuffer()
        let body = try Fixtures.body("q", "m", extra: ["stream": true])
        client.send(WireClient.request("POST", "/v1/chat/completions", body))
        #expect(client.receive(until: "simulated"))
        #expect(provider.ledger().total.open == 1)
      }
      try await wait(for: provider) { $0.open == 0 }
      let total = provider.ledger().total
      #expect((total.answers, total.aborted) == (1, 1))
      #expect(total.outputTokens > 0)
      // A hundred million tokens were asked for; what the system's buffers hold is far less.
      #expect(total.outputTokens < 2_000_000)
      let share = (1_000_000_000 * Int64(1 + total.outputTokens) + 100_000_000) / 100_000_001
      #expect(total.nanodollars == share)
      #expect(total.attempts == total.answers)
    }
  }

  @Test func `a client that leaves before the first token is billed for its input`() async throws {
    try await Fixtures.withProvider({
      $0.speed = 0.001
      $0.pricing = { _, usage in .init(nanodollars: Int64(usage.input * 1000 + usage.output)) }
    }) { provider in
      do {
        let client = try WireClient(port: provider.port)
        client.send(try Wire.chats[0].request(streams: true, headers: named))
        try await wait(for: provider) { $0.open == 1 }
      }
      try await wait(for: provider) { $0.open == 0 }
      let total = provider.ledger().total
      #expect((total.aborted, total.outputTokens, total.nanodollars) == (1, 0, 12_000))
    }
  }

  @Test func `tokens arrive one after the other`() async throws {
    try await Fixtures.withProvider({
      $0.speed = 1
      $0.latency = LatencyShape(firstToken: 0.01, tokensPerSecond: 1e-3, spread: 0)
    }) { provider in
      let client = try WireClient(port: provider.port)
      client.send(try Wire.chats[0].request(streams: true, headers: named))
      // The second token is due in a quarter of an hour.
      #expect(client.receive(until: "\"content\":\"A\""))
      #expect(provider.ledger().total.open == 1)
    }
  }

  @Test func `streams follow each other on one connection, in HTTP/1.0 the connection ends them`()
    async throws
  {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      let request = try Wire.chats[0].request(limit: 9, streams: true, headers: named)
      client.send(request + request)
      for _ in 0..<2 {
        let response = try client.response()
        #expect(response.ending == .complete)
        #expect(response.text.hasSuffix("data: [DONE]\n\n"))
      }
      let old = try WireClient(port: provider.port)
      old.send(Data(String(decoding: request, as: UTF8.self).replacing("HTTP/1.1", with: "HTTP/1.0").utf8))
      #expect(old.receive(until: "data: [DONE]"))
      #expect(try old.response().headers["transfer-encoding"] == nil)
    }
  }

  @Test func `a repeated key repeats a stream without billing it`() async throws {
    try await Fixtures.withProvider { provider in
      let request = try Wire.chats[0].request(streams: true, headers: named + ["idempotency-key: k"])
      var texts: Set<String> = []
      for _ in 0..<3 {
        let client = try WireClient(port: provider.port)
        client.send(request)
        texts.insert(try client.response().text)
      }
      let total = provider.ledger().total
      #expect(texts.count == 1)
      #expect((total.answers, total.replays, total.nanodollars) == (1, 2, 4_000_000))
    }
  }
}
