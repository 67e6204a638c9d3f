import DrayageTesting
import Drayage
import DrayageCore
import Foundation
import Testing

@testable import DrayageSimulation

@Suite(.timeLimit(.minutes(1))) struct SimulatedProviderTests {
  /// Returns once a request is on the provider's books; the time limit ends it otherwise.
  private func received(by provider: SimulatedProvider) async throws {
    while provider.ledger().total.attempts == 0 {
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  @Test func servesItsRoutes() async throws {
    try await Fixtures.withProvider { provider in
      #expect(provider.baseURL == "http://127.0.0.1:\(provider.port)/v1")
      let client = try WireClient(port: provider.port)
      #expect(try client.get("/healthz").status == 200)
      let list = try client.get("/v1/models?limit=5").json()
      #expect((list["data"] as? [[String: Any]])?.map { $0["id"] as? String } == ["org/fast", "slow:1"])
      let answer = try client.post(try Fixtures.body("q1", "org/fast"))
      #expect(answer.status == 200)
      #expect(answer.headers["x-drayage-score"] == "0.25")
      #expect(answer.headers["content-type"] == "application/json")
      #expect(answer.headers["x-request-id"] == "req-sim1")
      #expect(try answer.json()["model"] as? String == "org/fast")
      let ledger = try JSONDecoder().decode(
        SimulationLedger.self, from: try client.get("/simulate/ledger").body)
      #expect(ledger == provider.ledger())
      #expect(ledger.total.answers == 1)
    }
  }

  @Test func refusesOtherRequestsAndGoesOn() async throws {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      #expect(try client.post(Data("not json".utf8)).status == 400)
      #expect(try client.post(try Fixtures.body("none", "slow:1")).status == 400)
      #expect(try client.post(try Fixtures.body("q1", "none")).status == 404)
      #expect(try client.get("/v1/nothing").status == 404)
      let wrongMethod = try client.get("/v1/chat/completions")
      #expect(wrongMethod.status == 405)
      #expect(wrongMethod.headers["allow"] == "POST")
      #expect(try client.post(Data(), path: "/v1/models").status == 405)
      // An answer to HEAD has no body; one would be read as the start of the next answer.
      client.send(
        WireClient.request("HEAD", "/healthz", Data()) + WireClient.request("GET", "/healthz", Data()))
      #expect(try client.response(toHead: true).status == 405)
      #expect(try client.response().status == 200)
      #expect(try client.post(try Fixtures.body("q1", "slow:1")).status == 200)
      #expect(provider.ledger().refused == 7)
    }
  }

  @Test(arguments: [
    ("429", 429), ("500", 500), ("503", 503),
  ]) func statusFaultsAreAnswered(fault: String, status: Int) async throws {
    try await Fixtures.withProvider({
      $0.faults = try FaultPlan(parsing: "\(fault)=1")
      $0.speed = 1
    }) { provider in
      let client = try WireClient(port: provider.port)
      for _ in 0..<2 {
        let response = try client.post(try Fixtures.body("q1", "slow:1"))
        #expect(response.status == status)
        #expect(response.ending == .complete)
        #expect(response.headers["retry-after"] == (status == 429 ? "1" : nil))
        #expect(try response.json()["error"] != nil)
      }
      #expect(provider.ledger().total.nanodollars == 0)
      #expect(provider.ledger().total.faults[fault] == 2)
    }
  }

  @Test func aResetIsAReset() async throws {
    try await Fixtures.withProvider({ $0.faults = try FaultPlan(parsing: "reset=1") }) { provider in
      let body = try Fixtures.body("q1", "slow:1")
      let response = try WireClient(port: provider.port).post(body, headers: ["idempotency-key: k"])
      #expect(response.status == nil)
      #expect(response.ending == .reset)
      let repeated = try WireClient(port: provider.port).post(body, headers: ["idempotency-key: k"])
      #expect(repeated.status == 200)
      #expect(provider.ledger().total.nanodollars == 4_000_000)
    }
  }

  @Test func aTruncatedBodyAnnouncesMore() async throws {
    try await Fixtures.withProvider({ $0.faults = try FaultPlan(parsing: "truncated=1") }) { provider in
      let response = try WireClient(port: provider.port).post(try Fixtures.body("q1", "slow:1"))
      let announced = try #require(response.headers["content-length"].flatMap { Int($0) })
      #expect(response.status == 200)
      #expect(response.ending == .closed)
      #expect(response.body.count == announced / 2)
      #expect(provider.ledger().total.answers == 1)
    }
  }

  @Test func aMalformedBodyArrivesWhole() async throws {
    try await Fixtures.withProvider({ $0.faults = try FaultPlan(parsing: "malformed=1") }) { provider in
      let client = try WireClient(port: provider.port)
      for _ in 0..<2 {
        let response = try client.post(try Fixtures.body("q1", "slow:1"))
        #expect(response.status == 200)
        #expect(response.ending == .complete)
        #expect(throws: (any Error).self) { try response.json() }
      }
      #expect(provider.ledger().total.answers == 2)
    }
  }

  @Test func aHangSaysNothingUntilItIsCapped() async throws {
    try await Fixtures.withProvider({
      $0.faults = try FaultPlan(parsing: "hang=1")
      $0.hangLimit = 0.01
    }) { provider in
      let response = try WireClient(port: provider.port).post(try Fixtures.body("q1", "slow:1"))
      #expect(response.status == nil)
      #expect(response.ending == .closed)
      #expect(provider.ledger().total.answers == 1)
    }
  }

  /// A client that gives up on a hanging request frees its connection: with room for one, the next is served.
  @Test func aHangEndsWhenTheClientLeaves() async throws {
    try await Fixtures.withProvider({
      $0.faults = try FaultPlan(parsing: "hang=1")
      $0.connectionLimit = 1
    }) { provider in
      do {
        let client = try WireClient(port: provider.port)
        client.send(WireClient.request("POST", "/v1/chat/completions", try Fixtures.body("q1", "slow:1")))
        try await received(by: provider)
        #expect(try WireClient(port: provider.port).get("/healthz").status == nil)
      }
      var served = false
      for _ in 0..<10_000 where !served {
        served = try WireClient(port: provider.port).get("/healthz").status == 200
      }
      #expect(served)
    }
  }

  @Test func answersPipelinedRequestsInOrder() async throws {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      let queries = ["q2", "q1", "q2", "q1", "q1"]
      var all = Data()
      for query in queries {
        all += WireClient.request("POST", "/v1/chat/completions", try Fixtures.body(query, "org/fast"))
      }
      client.send(all)
      for query in queries {
        let usage = try client.response().json()["usage"] as? [String: Int]
        #expect(usage?["prompt_tokens"] == (query == "q1" ? 14 : 15))
      }
    }
  }

  @Test func closesWhenAsked() async throws {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      let response = try client.post(try Fixtures.body("q1", "slow:1"), headers: ["connection: close"])
      #expect(response.status == 200)
      #expect(response.headers["connection"] == "close")
      #expect(try client.response().ending == .closed)
      let old = try WireClient(port: provider.port)
      old.send(Data("GET /healthz HTTP/1.0\r\n\r\n".utf8))
      #expect(try old.response().status == 200)
      #expect(try old.response().ending == .closed)
    }
  }

  @Test func tellsAClientToContinue() async throws {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      let body = try Fixtures.body("q1", "slow:1")
      let request = WireClient.request(
        "POST", "/v1/chat/completions", body, headers: ["expect: 100-continue"])
      client.send(Data(request.dropLast(body.count)))
      #expect(try client.response().status == 100)
      client.send(body)
      #expect(try client.response().status == 200)
    }
  }

  @Test func boundsBodies() async throws {
    try await Fixtures.withProvider({ $0.bodyLimit = 1000 }) { provider in
      let announced = try WireClient(port: provider.port).post(Data(repeating: 0x20, count: 5000))
      #expect(announced.status == 413)
      #expect(try announced.json()["error"] != nil)
      let chunked = try WireClient(port: provider.port)
      chunked.send(
        Data("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".utf8))
      for _ in 0..<3 { chunked.send(Data("200\r\n\(String(repeating: " ", count: 512))\r\n".utf8)) }
      #expect(try chunked.response().status == 413)
      let whole = try Fixtures.body("q1", "slow:1")
      let padded = whole + Data(repeating: 0x20, count: 1000 - whole.count)
      #expect(try WireClient(port: provider.port).post(padded).status == 200)
    }
  }

  @Test func boundsHeadersAndSurvivesNoise() async throws {
    try await Fixtures.withProvider { provider in
      let long = try WireClient(port: provider.port)
      let response = try long.post(Data(), headers: ["x-long: \(String(repeating: "x", count: 100_000))"])
      #expect(response.status == nil || response.status == 400)
      let many = try WireClient(port: provider.port)
      let refused = try many.post(Data(), headers: (0..<200).map { "x-\($0): y" })
      #expect(refused.status == nil || refused.status == 400)
      for seed in 0..<20 as Range<UInt64> {
        var random = SplitMix64(seed: seed)
        let noise = try WireClient(port: provider.port)
        noise.send(
          Data((0..<200).map { _ in UInt8.random(in: .min ... .max, using: &random) }) + Data("\r\n\r\n".utf8)
        )
        let status = try noise.response().status
        #expect(status == nil || status == 400, "seed \(seed)")
      }
      #expect(try WireClient(port: provider.port).get("/healthz").status == 200)
    }
  }

  @Test func closesConnectionsThatRest() async throws {
    try await Fixtures.withProvider({ $0.idleLimit = 0.01 }) { provider in
      let client = try WireClient(port: provider.port)
      client.send(Data("POST /v1/chat/completions HTTP/1.1\r\ncontent-le".utf8))
      #expect(try client.response().ending == .closed)
    }
  }

  @Test func aPortInUseIsAnError() async throws {
    try await Fixtures.withProvider { provider in
      var options = SimulationOptions()
      options.port = provider.port
      let table = try Fixtures.table()
      let error = await #expect(throws: SimulationError.self) {
        try await SimulatedProvider.start(table: table, options: options)
      }
      #expect(error?.code == .portInUse)
      #expect(
        error?.message
          == "port \(provider.port) on 127.0.0.1 is in use; choose another port, or 0 for any free one")
    }
  }

  @Test func shutsDown() async throws {
    // So slow that no machine is too busy to shut it down before the answer is there.
    var slow = SimulationOptions()
    slow.speed = 0.01
    let provider = try await SimulatedProvider.start(table: Fixtures.table(), options: slow)
    let client = try WireClient(port: provider.port)
    #expect(try client.get("/healthz").status == 200)
    client.send(WireClient.request("POST", "/v1/chat/completions", try Fixtures.body("q1", "slow:1")))
    try await received(by: provider)
    await provider.shutdown()
    #expect(try client.response().status == nil)
    #expect(throws: WireClient.Refused.self) { try WireClient(port: provider.port) }
    await provider.shutdown()
    #expect(provider.ledger().total.answers == 1)
    // The port is free again.
    var options = SimulationOptions()
    options.port = provider.port
    let next = try await SimulatedProvider.start(table: Fixtures.table(), options: options)
    #expect(next.port == provider.port)
    await next.shutdown()
  }

  @Test func concurrentClientsAreAllBilled() async throws {
    try await Fixtures.withProvider({ $0.faults = try FaultPlan(parsing: "429=0.3") }) { provider in
      let port = provider.port
      let answered = try await withThrowingTaskGroup(of: Int.self) { group in
        for worker in 0..<8 {
          group.addTask {
            let client = try WireClient(port: port)
            var answered = 0
            for index in 0..<50 {
              let response = try client.post(try Fixtures.body("q\(1 + (worker + index) % 2)", "slow:1"))
              if response.status == 200 { answered += 1 }
            }
            return answered
          }
        }
        return try await group.reduce(0, +)
      }
      let ledger = provider.ledger()
      #expect(ledger.total.attempts == 400)
      #expect(ledger.total.answers == answered)
      #expect(ledger.total.faults["429"] == 400 - answered)
      let q1 = Int64(ledger.billedAnswers["q1"] ?? 0)
      let q2 = Int64(ledger.billedAnswers["q2"] ?? 0)
      #expect(ledger.total.nanodollars == q1 * 4_000_000 + q2 * 3_000_000)
    }
  }
}
