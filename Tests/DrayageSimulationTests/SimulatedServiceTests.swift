import Drayage
import DrayageCore
import Foundation
import Testing

@testable import DrayageSimulation

@Suite struct SimulatedServiceTests {
  @Test func answersAsRecorded() throws {
    var service = try Fixtures.service(Fixtures.table())
    let reply = service.complete(try Fixtures.body("q1", "org/fast"), idempotencyKey: nil, at: 3)
    #expect(reply.status == 200)
    #expect(reply.header("x-drayage-score") == "0.25")
    #expect(reply.header("openai-processing-ms") == "500")
    #expect(reply.header("x-ratelimit-limit-requests") == nil)
    #expect(
      String(decoding: reply.body, as: UTF8.self) == """
        {"choices":[{"finish_reason":"stop","index":0,\
        "message":{"content":"A simulated answer by org/fast to query q1.","role":"assistant"}}],\
        "created":1700000003,"id":"chatcmpl-sim1","model":"org/fast","object":"chat.completion",\
        "usage":{"completion_tokens":100,"prompt_tokens":14,"total_tokens":114}}
        """)
    // Without a count of its own, a model takes that of the query.
    let other = service.complete(try Fixtures.body("q2", "slow:1"), idempotencyKey: nil, at: 3)
    #expect(try other.usage == ["prompt_tokens": 13, "completion_tokens": 300, "total_tokens": 313])
    let ledger = service.ledger
    #expect(ledger.total.nanodollars == 14_000 + 3_000_000)
    #expect(ledger.models["org/fast"]?.nanodollars == 14_000)
    #expect(ledger.billedAnswers == ["q1": 1, "q2": 1])
  }

  @Test func answersUnscoredCellsWithoutAScore() throws {
    var service = try Fixtures.service(Fixtures.table())
    let reply = service.complete(try Fixtures.body("q3", "org/fast"), idempotencyKey: nil, at: 0)
    #expect(reply.status == 200)
    #expect(reply.header("x-drayage-score") == nil)
  }

  @Test(arguments: [
    ("max_completion_tokens", 30, 30, "length", "0"), ("max_tokens", 99, 99, "length", "0"),
    ("max_completion_tokens", 100, 100, "stop", "0.25"), ("max_tokens", 4000, 100, "stop", "0.25"),
  ])
  func cutsAtTheBound(key: String, bound: Int, tokens: Int, reason: String, score: String) throws {
    var service = try Fixtures.service(Fixtures.table())
    let reply = service.complete(
      try Fixtures.body("q1", "org/fast", extra: [key: bound]), idempotencyKey: nil, at: 0)
    #expect(try reply.usage["completion_tokens"] == tokens)
    #expect(try reply.finishReason == reason)
    #expect(reply.header("x-drayage-score") == score)
    #expect(service.ledger.total.outputTokens == tokens)
    #expect(service.ledger.total.nanodollars == 14_000)
  }

  @Test func billsByThePricingIfThereIsOne() throws {
    var service = try Fixtures.service(Fixtures.table()) {
      $0.pricing = { model, usage in
        Money(nanodollars: Int64(model.utf8.count * 1000 + usage.input + usage.output))
      }
    }
    _ = service.complete(
      try Fixtures.body("q1", "org/fast", extra: ["max_completion_tokens": 30]), idempotencyKey: nil, at: 0)
    #expect(service.ledger.total.nanodollars == 8_044)
  }

  @Test(
    arguments: [
      (#"{"#, 400, nil), (#""text""#, 400, "invalid_type"), (#"[]"#, 400, "invalid_type"), ("", 400, nil),
      ("\u{0}", 400, nil),
      (#"{}"#, 400, "missing_required_parameter"),
      (#"{"model":"slow:1"}"#, 400, "missing_required_parameter"),
      (#"{"model":"slow:1","messages":[]}"#, 400, "empty_array"),
      (#"{"model":"slow:1","messages":[1]}"#, 400, "invalid_type"),
      (#"{"model":"slow:1","messages":[{"role":"user"}],"metadata":{"query_id":1}}"#, 400, "invalid_type"),
      (#"{"model":5,"messages":[{"role":"user"}],"metadata":{"query_id":"q1"}}"#, 400, "invalid_type"),
      (
        #"{"model":"slow:1","messages":[{"role":"user"}],"metadata":{"query_id":"q9"}}"#, 400,
        "unknown_query_id"
      ),
      (
        #"{"model":"auto","messages":[{"role":"user"}],"metadata":{"query_id":"q1"}}"#, 404, "model_not_found"
      ),
      (
        #"{"model":"slow:1","messages":[{"role":"user"}],"metadata":{"query_id":"q3"}}"#, 404,
        "answer_not_recorded"
      ),
      (
        #"{"model":"slow:1","messages":[{"role":"user"}],"metadata":{"query_id":"q1"},"stream":1}"#, 400,
        "invalid_type"
      ),
      (
        #"{"model":"slow:1","messages":[{"role":"user"}],"metadata":{"query_id":"q1"},"n":2}"#, 400,
        "unsupported_value"
      ),
      (
        #"{"model":"slow:1","messages":[{"role":"user"}],"metadata":{"query_id":"q1"},"max_tokens":0}"#, 400,
        "integer_below_min_value"
      ),
    ] as [(String, Int, String?)])
  func refusesBodies(body: String, status: Int, code: String?) throws {
    var service = try Fixtures.service(Fixtures.table())
    let reply = service.complete(Data(body.utf8), idempotencyKey: "k", at: 0)
    #expect(reply.status == status)
    #expect(try reply.errorCode == code)
    let error = try #require(try reply.json()["error"] as? [String: Any])
    #expect(Set(error.keys) == ["message", "type", "param", "code"])
    #expect(error["type"] as? String == "invalid_request_error")
    #expect(service.ledger.refused == 1)
    #expect(service.ledger.total == SimulationLedger.Counts())
  }

  @Test(arguments: ["1e400", "1.5", "-3", "99999999999999999999999999", "null", "\"5\"", "true", "[[[[[[[["])
  func survivesHostileNumbers(number: String) throws {
    var service = try Fixtures.service(Fixtures.table())
    let body =
      #"{"model":"slow:1","messages":[{"role":"user"}],"metadata":{"query_id":"q1"},"max_tokens":\#(number)}"#
    let reply = service.complete(Data(body.utf8), idempotencyKey: nil, at: 0)
    #expect(reply.status == (number == "null" ? 200 : 400))
  }

  @Test func survivesDeepNesting() throws {
    var service = try Fixtures.service(Fixtures.table())
    let body = String(repeating: #"{"a":"#, count: 100_000)
    #expect(service.complete(Data(body.utf8), idempotencyKey: nil, at: 0).status == 400)
  }

  @Test func recordedLatencyIsScaled() throws {
    for (speed, delay) in [(1.0, 2.0), (4, 0.5), (.infinity, 0)] {
      var service = try Fixtures.service(Fixtures.table()) { $0.speed = speed }
      #expect(
        service.complete(try Fixtures.body("q2", "org/fast"), idempotencyKey: nil, at: 7).delay == delay)
    }
  }

  @Test(arguments: [
    (.leastNormalMagnitude, .leastNormalMagnitude), (1e308, 1e-300), (.infinity, 1e-300), (1e-300, 1e308),
  ])
  func survivesExtremeSpeeds(speed: Double, tokensPerSecond: Double) throws {
    var service = try Fixtures.service(Fixtures.table()) {
      $0.speed = speed
      $0.latency = LatencyShape(firstToken: 1e6, tokensPerSecond: tokensPerSecond, spread: 10)
      $0.limits = [try RequestLimit(parsing: "*:rpm=1")]
      $0.faults = try FaultPlan(parsing: "429=0.5")
    }
    for now in [0, 1e-300, 1, 1e300] {
      for query in ["q1", "q2"] {
        let reply = service.complete(try Fixtures.body(query, "slow:1"), idempotencyKey: nil, at: now)
        #expect(reply.status == 200 || reply.status == 429)
        #expect(reply.delay >= 0)
      }
    }
  }

  @Test func limitsEachModelApart() throws {
    var service = try Fixtures.service(Fixtures.table()) {
      $0.speed = 10
      $0.limits = [try RequestLimit(parsing: "*:rpm=2"), try RequestLimit(parsing: "slow:1:rpm=6")]
    }
    let fast = try Fixtures.body("q1", "org/fast")
    let slow = try Fixtures.body("q1", "slow:1")
    #expect(
      service.complete(fast, idempotencyKey: nil, at: 0).header("x-ratelimit-remaining-requests") == "1")
    #expect(service.complete(fast, idempotencyKey: nil, at: 0).status == 200)
    let refused = service.complete(fast, idempotencyKey: nil, at: 0)
    #expect(refused.status == 429)
    #expect(try refused.errorCode == "rate_limit_exceeded")
    #expect(refused.delay == 0)
    // The next request is due in 30 simulated seconds, which are 3.
    #expect(refused.header("retry-after") == "3")
    #expect(refused.header("retry-after-ms") == "3000")
    #expect(refused.header("x-ratelimit-limit-requests") == "2")
    #expect(refused.header("x-ratelimit-remaining-requests") == "0")
    #expect(refused.header("x-ratelimit-reset-requests") == "6000ms")
    for _ in 0..<6 { #expect(service.complete(slow, idempotencyKey: nil, at: 0).status == 200) }
    #expect(service.complete(slow, idempotencyKey: nil, at: 0).status == 429)
    #expect(service.complete(fast, idempotencyKey: nil, at: 3).status == 200)
    #expect(service.ledger.models["org/fast"]?.limited == 1)
    #expect(service.ledger.models["slow:1"]?.limited == 1)
    #expect(service.ledger.total.answers == 9)
  }

  @Test func refusesToStartOnWhatItCannotServe() throws {
    let bare = try Fixtures.table("query_id,m|score,m|cost_usd\nq,1,1\n")
    #expect(throws: SimulationError.self) { try Fixtures.service(bare) }
    let noInput = try Fixtures.table("query_id,m|score,m|cost_usd,m|out_tok\nq,1,1,5\n")
    #expect(throws: SimulationError.self) { try Fixtures.service(noInput) }
    let table = try Fixtures.table()
    let error = #expect(throws: SimulationError.self) {
      try Fixtures.service(table) { $0.limits = [try RequestLimit(parsing: "slow:2:rpm=1")] }
    }
    #expect(error?.code == .unknownModel)
    #expect(error?.message == "a limit names the model 'slow:2'; did you mean 'slow:1'?")
    let changes: [(inout SimulationOptions) -> Void] = [
      { $0.port = -1 }, { $0.port = 65_536 }, { $0.speed = 0 }, { $0.speed = -1 }, { $0.speed = .nan },
      { $0.retryAfter = -1 }, { $0.retryAfter = .infinity }, { $0.hangLimit = .nan }, { $0.idleLimit = 0 },
      { $0.bodyLimit = 0 }, { $0.connectionLimit = 0 }, { $0.latency.tokensPerSecond = 0 },
      { $0.latency.spread = -1 }, { $0.slowHeaders = -1 }, { $0.cachedShare = 1.1 },
      { $0.cachedShare = .nan },
      { $0.answerTokens = -1 }, { $0.pieceTokens = 0 },
      { $0.latency.firstToken = .nan },
    ]
    for (index, change) in changes.enumerated() {
      let error = #expect(throws: SimulationError.self, "change \(index)") {
        try Fixtures.service(table) { change(&$0) }
      }
      #expect(error?.code == .invalidOption)
    }
  }

  @Test func costsThatNoAccountHoldsStopAtTheLargest() throws {
    let table = try Fixtures.table("query_id,input_tokens,m|score,m|out_tok,m|cost_usd\nq,1,1,1,1000000\n")
    var service = try Fixtures.service(table)
    let body = try Fixtures.body("q", "m")
    for _ in 0..<9300 { _ = service.complete(body, idempotencyKey: nil, at: 0) }
    #expect(service.ledger.total.nanodollars == .max)
  }
}
