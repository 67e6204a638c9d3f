import DrayageTesting
import Drayage
import DrayageCore
import Foundation
import Testing

@testable import DrayageSimulation

@Suite struct SimulatedServiceFaultTests {
  private struct Attempt: Hashable {
    let query: String
    let model: String
    let ordinal: Int
  }

  /// What one attempt came to, as the client sees it.
  private func outcome(of reply: Reply) -> String {
    let body = (try? reply.json()) == nil ? "broken" : "json"
    return "\(reply.status) \(reply.delivery) \(body) \(reply.header("openai-processing-ms") ?? "")"
  }

  @Test(arguments: 0..<10) func faultsDependOnTheSeedAndNotOnTheOrder(seed: UInt64) throws {
    let table = try Fixtures.table(queries: 20, models: 2)
    let attempts = table.queryIDs.flatMap { query in
      table.models.flatMap { model in (0..<3).map { Attempt(query: query, model: model, ordinal: $0) } }
    }
    func run(shuffledBy shuffle: UInt64, seed: UInt64) throws -> [Attempt: String] {
      var service = try Fixtures.service(table) {
        $0.seed = seed
        $0.faults = try FaultPlan(parsing: "all=0.6")
      }
      var random = SplitMix64(seed: shuffle)
      var made: [String: Int] = [:]
      var outcomes: [Attempt: String] = [:]
      for attempt in attempts.shuffled(using: &random) {
        let ordinal = made["\(attempt.query) \(attempt.model)", default: 0]
        made["\(attempt.query) \(attempt.model)"] = ordinal + 1
        let reply = service.complete(
          try Fixtures.body(attempt.query, attempt.model), idempotencyKey: nil, at: 0)
        outcomes[Attempt(query: attempt.query, model: attempt.model, ordinal: ordinal)] = outcome(of: reply)
      }
      return outcomes
    }
    let first = try run(shuffledBy: seed, seed: seed)
    #expect(try run(shuffledBy: seed + 1000, seed: seed) == first, "seed \(seed)")
    #expect(try run(shuffledBy: seed, seed: seed + 1) != first, "seed \(seed)")
  }

  /// What a rate limit refuses depends on timing, so it must not shift the faults of what it lets through.
  @Test(arguments: 0..<10) func limitsDoNotShiftFaults(seed: UInt64) throws {
    func outcomes(limit: String?) throws -> [String] {
      var service = try Fixtures.service(Fixtures.table()) {
        $0.seed = seed
        $0.speed = 1
        $0.faults = try FaultPlan(parsing: "500=0.3,reset=0.3")
        $0.limits = try limit.map { [try RequestLimit(parsing: $0)] } ?? []
      }
      var outcomes: [String] = []
      for step in 0..<120 {
        let reply = service.complete(try Fixtures.body("q1", "slow:1"), idempotencyKey: nil, at: Double(step))
        if reply.status != 429 { outcomes.append(outcome(of: reply)) }
      }
      return outcomes
    }
    let free = try outcomes(limit: nil)
    let limited = try outcomes(limit: "slow:1:rpm=20")
    #expect(limited.count < free.count, "seed \(seed)")
    #expect(limited == Array(free.prefix(limited.count)), "seed \(seed)")
  }

  /// The ledger agrees with what a client can count, whatever is asked.
  @Test(arguments: 0..<20) func theLedgerAddsUp(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let table = try Fixtures.table(queries: 6, models: 3)
    var service = try Fixtures.service(table) {
      $0.seed = seed
      $0.speed = 1
      $0.faults = try FaultPlan(parsing: "all=0.5")
      $0.limits = [try RequestLimit(parsing: "m1:rpm=10")]
    }
    var now = 0.0
    var expected = SimulationLedger.Counts()
    var refused = 0
    var tooMany = 0
    var answered: Set<String> = []
    for step in 0..<400 {
      now += Double.random(in: 0...0.5, using: &random)
      let query = Int.random(in: 0..<7, using: &random)
      let model = Int.random(in: 0..<3, using: &random)
      // A key per cell: repeats of an answered one are replays.
      let key = Bool.random(using: &random) ? "\(query) \(model)" : nil
      let reply = service.complete(try Fixtures.body("q\(query)", "m\(model)"), idempotencyKey: key, at: now)
      guard query < 6 else {
        #expect(reply.status == 400, "seed \(seed)")
        refused += 1
        continue
      }
      expected.attempts += 1
      switch reply.status {
      case 200 where key.map(answered.contains) == true:
        #expect(reply.delivery == .whole, "seed \(seed), step \(step)")
        #expect(try reply.usage["prompt_tokens"] == query + 1)
        expected.replays += 1
      case 200:
        expected.answers += 1
        expected.inputTokens += query + 1
        expected.outputTokens += 1 + query * 7 % 50 + model
        expected.nanodollars += Int64(1 + query * 1009 + model * 31)
        if let key { answered.insert(key) }
        switch reply.delivery {
        case .truncated: expected.add(.truncated)
        case .reset: expected.add(.reset)
        case .never: expected.add(.hang)
        case .truncatedByReset, .headOnly, .stalled, .stalledAtHead:
          Issue.record("\(reply.delivery) was not planned, seed \(seed)")
        case .whole: if (try? reply.json()) == nil { expected.add(.malformed) }
        }
      // From outside, a limit and a fault look alike.
      case 429: tooMany += 1
      case 503: expected.add(.unavailable)
      default: expected.add(.serverError)
      }
    }
    let ledger = service.ledger
    let total = ledger.total
    #expect(total.limited + (total.faults["429"] ?? 0) == tooMany, "seed \(seed)")
    #expect(total.limited > 0, "seed \(seed)")
    expected.limited = total.limited
    expected.faults["429"] = total.faults["429"]
    #expect(total == expected, "seed \(seed)")
    #expect(ledger.refused == refused, "seed \(seed)")
    let unbilled = FaultKind.allCases.filter { !$0.isBilled }.reduce(0) {
      $0 + (total.faults[$1.rawValue] ?? 0)
    }
    #expect(total.attempts == total.answers + total.replays + total.limited + unbilled, "seed \(seed)")
    #expect(ledger.billedAnswers.values.reduce(0, +) == total.answers, "seed \(seed)")
    #expect(ledger.models.values.reduce(0) { $0 + $1.nanodollars } == total.nanodollars, "seed \(seed)")
    let coded = try JSONDecoder().decode(SimulationLedger.self, from: JSONEncoder().encode(ledger))
    #expect(coded == ledger)
  }

  @Test(arguments: FaultKind.allCases) func aRepeatedKeyIsBilledOnce(kind: FaultKind) throws {
    var service = try Fixtures.service(Fixtures.table()) { $0.faults = try FaultPlan([kind: 1]) }
    let body = try Fixtures.body("q1", "org/fast")
    let first = service.complete(body, idempotencyKey: "k", at: 0)
    let second = service.complete(body, idempotencyKey: "k", at: 1)
    let third = service.complete(body, idempotencyKey: "k", at: 2)
    let counts = service.ledger.total
    if kind.isBilled {
      #expect(second.status == 200)
      #expect(second.delivery == .whole)
      #expect(second.header("x-drayage-score") == "0.25")
      #expect(second.body == third.body)
      switch kind {
      case .malformed: #expect(first.body.count < second.body.count)
      case .errorEvent: #expect(try first.json()["error"] != nil)
      default: #expect(first.body == second.body)
      }
      #expect((counts.answers, counts.replays, counts.nanodollars) == (1, 2, 14_000))
      #expect(counts.faults[kind.rawValue] == 1)
    } else {
      // Nothing was answered, so there is nothing to repeat: each is an attempt of its own.
      let status: Int? =
        switch kind {
        case .unpaid: 429
        case .contextLength, .contentFilter: 400
        case .cutEarly, .stallEarly, .wrongType: 200
        case .errorEarly: 500
        default: Int(kind.rawValue)
        }
      #expect(first.status == status)
      #expect(third.status == status)
      #expect((counts.answers, counts.replays, counts.nanodollars) == (0, 0, 0))
      #expect(counts.faults[kind.rawValue] == 3)
    }
  }

  @Test func aRepeatWhileInProgressWaitsForTheSameAnswer() throws {
    var service = try Fixtures.service(Fixtures.table()) { $0.speed = 1 }
    let body = try Fixtures.body("q2", "org/fast")
    let first = service.complete(body, idempotencyKey: "k", at: 10)
    let second = service.complete(body, idempotencyKey: "k", at: 10.5)
    let late = service.complete(body, idempotencyKey: "k", at: 20)
    #expect((first.delay, second.delay, late.delay) == (2, 1.5, 0))
    #expect(first.body == second.body)
    #expect(first.header("x-request-id") == late.header("x-request-id"))
    #expect(service.ledger.billedAnswers == ["q2": 1])
  }

  @Test func aKeyIsForOneBody() throws {
    var service = try Fixtures.service(Fixtures.table())
    _ = service.complete(try Fixtures.body("q1", "org/fast"), idempotencyKey: "k", at: 0)
    let other = service.complete(try Fixtures.body("q2", "org/fast"), idempotencyKey: "k", at: 0)
    #expect(other.status == 400)
    #expect(try other.errorCode == "idempotency_key_reused")
    for key in ["", String(repeating: "k", count: 256)] {
      let reply = service.complete(try Fixtures.body("q1", "org/fast"), idempotencyKey: key, at: 0)
      #expect(try reply.errorCode == "invalid_idempotency_key")
    }
    #expect(service.ledger.total.answers == 1)
  }

  @Test func onlyTheLatestKeysAreKept() {
    var store = IdempotencyStore(capacity: 3)
    let answer = Answer(
      query: 0, model: 0, usage: AnswerUsage(input: 0, cached: 0, output: 0), isCut: false, serial: 0,
      latency: 0, asked: 0, ready: 0, created: 0)
    for index in 0..<8 {
      store.insert(IdempotencyStore.Entry(digest: index, answer: answer), for: "k\(index)")
      #expect((0...index).filter { store["k\($0)"] != nil } == Array(max(0, index - 2)...index))
    }
  }
}
