import Foundation
import Testing

@testable import DrayageSimulation

@Suite(.timeLimit(.minutes(5))) struct FaultScheduleTests {
  @Test func `reads texts`() throws {
    let (model, faults) = try FaultSchedule.parse("a=b=429,ok,cut")
    #expect((model, faults) == ("a=b", [.tooManyRequests, nil, .cut]))
    for kind in FaultKind.allCases { #expect(try FaultSchedule.parse("m=\(kind.rawValue)").faults == [kind]) }
  }

  @Test(arguments: ["", "m", "=429", "m=", "m=429,", "m=none", "m=429 ,ok"]) func `refuses texts`(
    text: String
  ) {
    let error = #expect(throws: SimulationError.self) { try FaultSchedule.parse(text) }
    #expect(error?.code == .invalidOption)
  }

  @Test func `a schedule comes first and the seed after it`() throws {
    func statuses(_ schedule: [FaultKind?]) throws -> [Int] {
      var service = try Fixtures.service(Fixtures.table()) {
        $0.seed = 3
        $0.faults = try FaultPlan(parsing: "503=0.5")
        $0.schedule = ["slow:1": schedule]
      }
      return try (0..<40).map { _ in
        service.complete(try Fixtures.body("q1", "slow:1"), idempotencyKey: nil, at: 0).status
      }
    }
    let drawn = try statuses([])
    #expect(Set(drawn) == [200, 503])
    let scheduled = try statuses([.tooManyRequests, nil, .serverError, nil])
    #expect(Array(scheduled.prefix(4)) == [429, 200, 500, 200])
    #expect(scheduled.dropFirst(4) == drawn.dropFirst(4))
  }

  @Test func `a schedule is for one model`() throws {
    var service = try Fixtures.service(Fixtures.table()) { $0.schedule = ["slow:1": [.serverError]] }
    #expect(service.complete(try Fixtures.body("q1", "org/fast"), idempotencyKey: nil, at: 0).status == 200)
    #expect(service.complete(try Fixtures.body("q1", "slow:1"), idempotencyKey: nil, at: 0).status == 500)
    let table = try Fixtures.table()
    let error = #expect(throws: SimulationError.self) {
      try Fixtures.service(table) { $0.schedule = ["slow:2": []] }
    }
    #expect(error?.message == "the schedule names the model 'slow:2'; did you mean 'slow:1'?")
  }

  @Test func `a schedule is set while the provider runs`() async throws {
    try await Fixtures.withProvider { provider in
      let client = try WireClient(port: provider.port)
      func post(_ text: String) throws -> WireClient.Response {
        try client.post(Data(text.utf8), path: "/simulate/schedule")
      }
      #expect(try post(#"{"slow:1":["429","ok"],"org/fast":["500"]}"#).status == 200)
      #expect(try client.post(try Fixtures.body("q1", "slow:1")).status == 429)
      let left = try client.get("/simulate/schedule").json() as? [String: [String]]
      #expect(left == ["slow:1": ["ok"], "org/fast": ["500"]])
      #expect(try post(#"{"slow:1":[],"org/fast":["400"]}"#).status == 200)
      try provider.schedule(["slow:1": [.unavailable]])
      #expect(try client.post(try Fixtures.body("q1", "slow:1")).status == 503)
      #expect(try client.post(try Fixtures.body("q1", "org/fast")).status == 400)
      #expect(try client.post(try Fixtures.body("q1", "slow:1")).status == 200)
      for (text, status) in [
        ("[]", 400), (#"{"slow:1":"429"}"#, 400), (#"{"slow:1":["429",5]}"#, 400),
        (#"{"slow:1":["x"]}"#, 400),
        (#"{"slow:1":null}"#, 400), (#"{"slow:1":["500"],"none":["500"]}"#, 404), ("{", 400),
      ] {
        #expect(try post(text).status == status, "\(text)")
      }
      #expect(try client.get("/simulate/schedule").json().isEmpty)
    }
  }
}
