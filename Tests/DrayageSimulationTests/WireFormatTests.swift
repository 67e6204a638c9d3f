import Drayage
import DrayageCore
import Foundation
import Testing

@testable import DrayageSimulation

@Suite(.timeLimit(.minutes(5))) struct WireFormatTests {
  private let named = ["x-drayage-query: q1"]
  private let sentence = "A simulated answer by slow:1 to query q1."

  @Test(arguments: Wire.chats) func `every format gives the recorded answer whole`(wire: Wire) async throws {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      client.send(try wire.request(headers: named))
      let response = try client.response()
      #expect(response.status == 200, "\(response.text)")
      #expect(response.headers["x-drayage-score"] == "1.0")
      let json = try response.json()
      #expect(wire.text(json) == sentence)
      #expect(wire.finish(json) == wire.ended)
      #expect(wire.output(json) == 400)
      #expect(provider.ledger().total.nanodollars == 4_000_000)
    }
  }

  @Test(
    arguments: [
      ("cohere", "/v1/v2/chat"), ("bedrock", "/v1/model/slow:1/converse"),
      ("gemini", "/v1/models/slow:1:generateContent"),
    ])
  func `one address serves formats whose paths begin elsewhere`(name: String, path: String) async throws {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      let wire = try #require(Wire.chats.first { $0.name == name })
      let body = try JSONSerialization.data(withJSONObject: wire.body("slow:1", nil, false))
      client.send(WireClient.request("POST", path, body, headers: named))
      let response = try client.response()
      #expect(response.status == 200, "\(response.text)")
      #expect(wire.text(try response.json()) == sentence)
    }
  }

  @Test(arguments: Wire.chats) func `every format is cut at the bound`(wire: Wire) async throws {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      client.send(try wire.request(limit: 7, headers: named))
      let json = try client.response().json()
      #expect(wire.finish(json) == wire.cutShort)
      #expect(wire.output(json) == 7)
      client.send(try wire.request(limit: 7, streams: true, headers: named))
      #expect(wire.streamedText(try client.response().body)?.split(separator: " ").count == 7)
      #expect(provider.ledger().total.outputTokens == 14)
    }
  }

  @Test(arguments: Wire.chats) func `every format streams a word per token and states the usage`(
    wire: Wire
  ) async throws {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      for _ in 0..<2 {
        client.send(try wire.request(streams: true, headers: named))
        let response = try client.response()
        #expect(response.status == 200)
        #expect(response.ending == .complete)
        let events = try #require(wire.events(response.body))
        let text = events.compactMap(wire.piece).joined()
        #expect(text.hasPrefix(sentence))
        #expect(text.split(separator: " ").count == 400)
        #expect(events.count > 50)
        #expect(response.text.contains("400"))
      }
      let ledger = provider.ledger().total
      #expect((ledger.answers, ledger.open, ledger.aborted) == (2, 0, 0))
      #expect((ledger.outputTokens, ledger.nanodollars) == (800, 8_000_000))
    }
  }

  @Test(arguments: Wire.chats) func `a request that names no query is answered`(wire: Wire) async throws {
    try await Fixtures.withProvider({ $0.answerTokens = 9 }) { provider in
      let client = try WireClient(port: provider.port)
      client.send(try wire.request())
      let response = try client.response()
      #expect(wire.output(try response.json()) == 9)
      #expect(response.headers["x-drayage-score"] == nil)
      client.send(try wire.request(limit: 4))
      #expect(wire.output(try client.response().json()) == 4)
      client.send(try wire.request("none"))
      #expect(try client.response().status == 404)
      let ledger = provider.ledger()
      #expect((ledger.total.unrecorded, ledger.total.unpriced, ledger.total.nanodollars) == (2, 2, 0))
      // "Say something." has 14 bytes.
      #expect((ledger.total.inputTokens, ledger.refused) == (6, 1))
    }
  }

  @Test(arguments: Wire.chats) func `no format survives on a body that is none of its own`(
    wire: Wire
  ) throws {
    var service = try Fixtures.service(Fixtures.table())
    let path = wire.path.replacingOccurrences(of: "MODEL", with: "slow:1")
    let bodies = [
      "", "[]", "{}", "{\"model\":1}", "nul",
      "{\"messages\":{},\"contents\":{},\"input\":{},\"model\":\"slow:1\"}",
      "{\"model\":\"slow:1\",\"max_tokens\":-1,\"messages\":[],\"contents\":[],\"input\":[]}",
    ]
    for body in bodies {
      let reply = service.post(Data(body.utf8), to: path, query: "q1")
      #expect(reply.status == 400, "\(body)")
      #expect((try? reply.json())?.isEmpty == false, "\(body)")
    }
    #expect(service.ledger.refused == bodies.count)
    #expect(service.ledger.total.attempts == 0)
  }

  @Test func `Gemini streams a list where no events are asked for`() async throws {
    try await Fixtures.withProvider { provider in
      let wire = try #require(Wire.chats.first { $0.name == "gemini" })
      let body = try JSONSerialization.data(withJSONObject: wire.body("slow:1", 9, true))
      let response = try WireClient(port: provider.port).post(
        body, headers: named, path: "/v1beta/models/slow:1:streamGenerateContent")
      #expect(response.headers["content-type"] == "application/json; charset=UTF-8")
      let list = try #require(try JSONSerialization.jsonObject(with: response.body) as? [Any])
      #expect(list.compactMap(wire.piece).joined().split(separator: " ").count == 9)
    }
  }

  @Test func `text in a model's name is decoded from the path`() async throws {
    let table = try Fixtures.table(
      "query_id,input_tokens,a/b:c d|score,a/b:c d|out_tok,a/b:c d|cost_usd\nq1,1,1,3,1\n")
    var service = try Fixtures.service(table)
    let body = Data(#"{"messages":[{"role":"user","content":[{"text":"x"}]}]}"#.utf8)
    #expect(service.post(body, to: "/model/a%2Fb%3Ac%20d/converse", query: "q1").status == 200)
    #expect(service.post(body, to: "/model/a%ZZ/converse", query: "q1").status == 404)
    #expect(service.post(body, to: "/model//converse", query: "q1").status == 404)
  }

  @Test func `the text that the request file writes finds its query`() throws {
    let table = try Fixtures.table(queries: 30, models: 2)
    var service = try Fixtures.service(table)
    for (index, id) in table.queryIDs.enumerated() {
      let text = FillerText.text(index + 1, for: id)
      let body = try JSONSerialization.data(withJSONObject: [
        "model": "m1",
        "messages": [["role": "user", "content": "before"], ["role": "user", "content": text]],
      ])
      #expect(try service.complete(body, idempotencyKey: nil, at: 0).usage["prompt_tokens"] == index + 1)
    }
    #expect(service.ledger.billedAnswers == Dictionary(uniqueKeysWithValues: table.queryIDs.map { ($0, 1) }))
    let near = try JSONSerialization.data(withJSONObject: [
      "model": "m1", "messages": [["role": "user", "content": FillerText.text(5, for: "q4") + " "]],
    ])
    _ = service.complete(near, idempotencyKey: nil, at: 0)
    #expect(service.ledger.total.unrecorded == 1)
  }

  @Test func `pricing prices what is not recorded, and tells cached tokens apart`() throws {
    var service = try Fixtures.service(Fixtures.table()) {
      $0.cachedShare = 0.5
      $0.pricing = { _, usage in
        Money(nanodollars: Int64(usage.input * 1_000_000 + usage.cachedInput * 1000 + usage.output))
      }
    }
    _ = service.complete(try Fixtures.body(nil, "slow:1"), idempotencyKey: nil, at: 0)
    // "hello" has five bytes: one token, of which half is none.
    #expect(service.ledger.total.nanodollars == 1_000_064)
    let reply = service.complete(try Fixtures.body("q1", "org/fast"), idempotencyKey: nil, at: 0)
    let usage = try #require(try reply.json()["usage"] as? [String: Any])
    #expect(usage["prompt_tokens"] as? Int == 14)
    #expect((usage["prompt_tokens_details"] as? [String: Int])?["cached_tokens"] == 7)
    #expect(service.ledger.total.nanodollars == 1_000_064 + 7_007_100)
    #expect((service.ledger.total.cachedTokens, service.ledger.total.unpriced) == (7, 0))
  }
}
