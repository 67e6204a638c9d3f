import Foundation
import Testing

@testable import DrayageSimulation

@Suite(.timeLimit(.minutes(5))) struct ManyStreamsTests {
  /// Half the descriptors are the clients', which live in the same process.
  @Test func `two thousand slow streams are open at once and each is billed`() async throws {
    let count = 2000
    let table = try Fixtures.table("query_id,input_tokens,m|score,m|out_tok,m|cost_usd\nq,1,1,1000000,1\n")
    try await Fixtures.withProvider(
      table: table,
      {
        $0.speed = 1
        $0.latency = LatencyShape(firstToken: 0, tokensPerSecond: 0.001, spread: 0)
      }
    ) { provider in
      try #require(provider.warnings.isEmpty, "\(provider.warnings)")
      let body = try Fixtures.body("q", "m", extra: ["stream": true])
      let request = WireClient.request("POST", "/v1/chat/completions", body)
      do {
        var clients: [WireClient] = []
        for _ in 0..<count {
          let client = try WireClient(port: provider.port)
          client.send(request)
          clients.append(client)
        }
        for client in clients { #expect(client.receive(until: "\"content\":\"A\"")) }
        #expect(provider.ledger().total.open == count)
      }
      while provider.ledger().total.open > 0 {
        try Task.checkCancellation()
        await Task.yield()
      }
      let total = provider.ledger().total
      #expect((total.answers, total.aborted, total.outputTokens) == (count, count, count))
    }
  }

  @Test func `a limit on connections beyond what the system allows is told`() async throws {
    try await Fixtures.withProvider({ $0.connectionLimit = 2_000_000_000 }) { provider in
      // Some systems allow any number.
      let isEnough = DescriptorLimit.raise().map { $0 > 2_000_000_000 } ?? true
      #expect(provider.warnings.count == (isEnough ? 0 : 1))
      #expect(isEnough || provider.warnings.first?.contains("open files") == true)
    }
  }
}
