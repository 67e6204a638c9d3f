import DrayageSimulation
import Foundation
import Testing

/// `drayage route`, from a question to its answer and its bill.
@Suite struct RouteCommandTests {
  /// Dollars as the reports write them, in nano-dollars.
  private func nanodollars(_ text: String) throws -> Int64 {
    let value = try #require(Decimal(string: text))
    return NSDecimalNumber(decimal: value * 1_000_000_000).int64Value
  }

  @Test func `a decision is told with its reasons and nothing is sent`() async throws {
    let fixture = try await RouteFixture()
    let run = try await fixture.folder.run(
      fixture.route("question.txt", to: nil, "--offers", RouteFixture.offers.joined(separator: ",")))
    #expect(run.ending == .exit(0) && run.errors == "", "\(run.errors)")
    let lines = run.output.split(separator: "\n")
    #expect(lines.first?.contains("score expected") == true)
    #expect(lines.count { $0.contains("  > ") } == 1)
    for offer in RouteFixture.offers { #expect(run.output.contains(offer)) }
    #expect(lines.last?.contains("would be reserved") == true, "\(run.output)")
  }

  @Test func `the decision as JSON says the same`() async throws {
    let fixture = try await RouteFixture()
    let text = try await fixture.folder.run(fixture.route())
    let json = try await fixture.folder.run(fixture.route("question.txt", to: nil, "--format", "json"))
    #expect(json.ending == .exit(0) && json.errors == "", "\(json.errors)")
    let report = try json.document(DecisionDocument.self)
    #expect(text.output.contains("> \(report.offer) "))
    #expect(report.choices.count == report.fallbacks.count + 1)
    #expect(Set(report.choices.map(\.offer)) == Set(report.fallbacks + [report.offer]))
    let chosen = try #require(report.choices.first { $0.offer == report.offer })
    #expect(chosen.ceilingUsd == report.reservedUsd)
    #expect(report.choices.allSatisfy { $0.score >= chosen.score })
    #expect(report.unit == "quality" && report.rejected.isEmpty)
    // With a floor of quality the cheapest that has it wins, and the others are refused by name.
    let floor = report.choices.map(\.quality).sorted()[report.choices.count / 2]
    let priced = try await fixture.folder.run(
      fixture.route("question.txt", to: nil, "--format", "json", "--quality", "\(floor)"))
    let cheap = try priced.document(DecisionDocument.self)
    #expect(cheap.unit == "dollars")
    #expect(cheap.choices.allSatisfy { $0.quality >= floor })
    #expect(cheap.rejected.count == report.choices.count - cheap.choices.count && !cheap.rejected.isEmpty)
  }

  @Test func `an offer that retires soon is told with what takes its place`() async throws {
    let fixture = try await RouteFixture()
    let day = DateFormatter()
    day.locale = Locale(identifier: "en_US_POSIX")
    day.timeZone = TimeZone(identifier: "UTC")
    day.dateFormat = "yyyy-MM-dd"
    let retires = day.string(from: Date(timeIntervalSinceNow: 5.5 * 86_400))
    let original = try String(contentsOfFile: BatchFixture.pricing + "/openai.json", encoding: .utf8)
    let model = #""model": "gpt-4o-2024-05-13","#
    try #require(original.contains(model))
    try fixture.folder.write(
      original.replacingOccurrences(
        of: model,
        with: model + #"""
           "status": {"retires": "\#(retires)", "replacement": {"offer": "gpt-4o-mini-2024-07-18",
            "source": "table", "checked": "2026-11-21"}},
          """#), to: "prices/openai.json")
    func route(_ more: String...) async throws -> Execution {
      try await fixture.folder.run(
        [
          "route", "question.txt", "--profile", "table.csv", "--pricing", "prices", "--no-bundled",
          "--no-starting", "--max-output-tokens", "200", "--offers",
        ] + more)
    }
    let notice = try Regex(
      "\(RouteFixture.offers[0]) retires on \(retires), in [56] days; openai names gpt-4o-mini-2024-07-18 "
        + "in its place")
    let text = try await route(RouteFixture.offers[0])
    #expect(text.ending == .exit(0) && text.output.contains(notice), "\(text.output)\(text.errors)")
    let json = try await route(RouteFixture.offers[0], "--format", "json").document(DecisionDocument.self)
    #expect(json.notices.count == 1 && json.notices.allSatisfy { $0.wholeMatch(of: notice) != nil })
    let other = try await route(RouteFixture.offers[1])
    #expect(other.ending == .exit(0) && !other.output.contains("retires"), "\(other.output)")

    // A batch tells of the offers that it chose, before and after.
    let simulator = try await Simulator(fixture.batch, "--speed", "inf")
    func batch(_ offer: String, _ output: String, _ more: String...) async throws -> Execution {
      try await fixture.folder.run(
        [
          "batch", "requests.jsonl", "-o", output, "--profile", "table.csv", "--pricing", "prices",
          "--no-bundled", "--no-starting", "--base-url", simulator.url, "--budget", "5", "--offers", offer,
        ] + more)
    }
    let dry = try await batch(RouteFixture.offers[0], "dry.jsonl", "--dry-run")
    #expect(dry.ending == .exit(0) && dry.errors.contains(notice), "\(dry.errors)")
    let done = try await batch(RouteFixture.offers[0], "a.jsonl", "--report", "page.html")
    #expect(done.ending == .exit(0) && done.output.contains(notice), "\(done.output)\(done.errors)")
    #expect(try fixture.folder.read("page.html").contains(notice))
    let report = try await batch(RouteFixture.offers[0], "b.jsonl", "--format", "json")
      .document(BatchDocument.self)
    #expect(report.notices.count == 1 && report.notices.allSatisfy { $0.wholeMatch(of: notice) != nil })
    let quiet = try await batch(RouteFixture.offers[1], "c.jsonl", "--format", "json")
      .document(BatchDocument.self)
    #expect(quiet.notices == [])
  }

  @Test func `an answer is written as it comes and its bill beside it`() async throws {
    let fixture = try await RouteFixture()
    let simulator = try await Simulator(fixture.batch, "--speed", "inf")
    let run = try await fixture.folder.run(fixture.route("question.txt", to: simulator.url, "--send"))
    try #require(run.ending == .exit(0), "\(run.errors)")
    #expect(run.output.hasSuffix("\n") && run.output.count > 20)
    #expect(!run.output.contains("charged"))
    #expect(run.errors.contains(", stop\n") || run.errors.contains(", length\n"), "\(run.errors)")
    #expect(run.errors.contains("first token after ") && run.errors.contains("; charged $"))
    let ledger = try await simulator.ledger()
    #expect(ledger.total.answers == 1 && ledger.total.attempts == 1)
  }

  @Test func `what answers show is added to a profile file, which the next ones read`() async throws {
    let fixture = try await RouteFixture()
    let simulator = try await Simulator(fixture.batch, "--speed", "inf")
    for _ in 0..<2 {
      let run = try await fixture.folder.run(
        fixture.route("question.txt", to: simulator.url, "--send", "--learn", "learned.json"))
      try #require(run.ending == .exit(0), "\(run.errors)")
    }
    let shown = try await fixture.folder.run(["profile", "show", "learned.json"])
    #expect(shown.ending == .exit(0) && shown.output.contains("lengths") && shown.output.contains("latency"))
    let text = try fixture.folder.read("learned.json")
    // Lengths, latency and token correction, from a source for each.
    #expect(text.components(separatedBy: #""source":"route "#).count == 1 + 3 * 2, "\(text)")
    let next = try await fixture.folder.run(
      fixture.route("question.txt", to: nil, "--profiles", "learned.json"))
    #expect(next.ending == .exit(0), "\(next.errors)")

    let unsent = try await fixture.folder.run(
      fixture.route("question.txt", to: simulator.url, "--learn", "learned.json"))
    #expect(unsent.ending == .exit(64) && unsent.errors.contains("--learn needs --send"), "\(unsent.errors)")
    try fixture.folder.write("{}", to: "other.json")
    let before = try await simulator.ledger().total.attempts
    let refused = try await fixture.folder.run(
      fixture.route("question.txt", to: simulator.url, "--send", "--learn", "other.json"))
    #expect(refused.ending != .exit(0) && refused.errors.contains("other.json"), "\(refused.errors)")
    #expect(try await simulator.ledger().total.attempts == before)
  }

  @Test func `an answer as JSON carries the bill that the provider has in its books`() async throws {
    let fixture = try await RouteFixture()
    let simulator = try await Simulator(fixture.batch, "--speed", "inf")
    let run = try await fixture.folder.run(
      fixture.route("question.txt", to: simulator.url, "--send", "--format", "json"))
    try #require(run.ending == .exit(0) && run.errors == "", "\(run.errors)")
    let report = try run.document(AnswerDocument.self)
    #expect(!report.text.isEmpty && report.attempts.map(\.end) == ["answered"])
    #expect(report.attempts.map(\.offer) == [report.offer])
    #expect(report.bill?.map(\.meter).isEmpty == false)
    let total = try await simulator.ledger().total
    #expect(try nanodollars(report.spentUsd) == total.nanodollars)
    #expect(try nanodollars(report.attempts[0].chargedUsd) == total.nanodollars)
    #expect(report.bill?.reduce(0) { $0 + $1.quantity } == total.inputTokens + total.outputTokens)
  }

  @Test func `the body of a chat completion is routed as it is`() async throws {
    let fixture = try await RouteFixture()
    let simulator = try await Simulator(fixture.batch, "--speed", "inf")
    let id = fixture.batch.ids[0]
    try fixture.folder.write(
      #"{"messages": [{"role": "user", "content": "Hm?"}], "metadata": {"query_id": "\#(id)"}}"#,
      to: "body.json")
    let run = try await fixture.folder.run(
      fixture.route("body.json", to: simulator.url, "--send", "--format", "json"))
    #expect(run.ending == .exit(0), "\(run.errors)")
    // The simulated provider found the query in its table.
    #expect(try await simulator.ledger().total.unrecorded == 0)
  }

  @Test func `another offer answers when the first fails, and every attempt is told`() async throws {
    let fixture = try await RouteFixture()
    let decision = try await fixture.folder.run(
      fixture.route("question.txt", to: nil, "--format", "json")
    ).document(DecisionDocument.self)
    let model = try #require(decision.offer.split(separator: "/").last)
    let simulator = try await Simulator(fixture.batch, "--speed", "inf", "--schedule", "\(model)=401")
    let run = try await fixture.folder.run(fixture.route("question.txt", to: simulator.url, "--send"))
    #expect(run.ending == .exit(0), "\(run.errors)")
    #expect(run.errors.contains("  \(decision.offer): unauthorized, $0.00: "), "\(run.errors)")
    #expect(run.errors.contains(": answered, $"))
  }

  @Test(arguments: [false, true]) func `a budget that covers nothing is told, and nothing is sent`(
    sends: Bool
  )
    async throws
  {
    let fixture = try await RouteFixture()
    let port = try ClosedPort()
    let url = "http://127.0.0.1:\(port.number)/v1"
    let arguments = fixture.route("question.txt", to: url, "--budget", "0.000000001")
    let run = try await fixture.folder.run(arguments + (sends ? ["--send"] : []))
    #expect(run.ending == .exit(4) && run.output == "")
    #expect(
      run.errors.hasPrefix("Error: the $0.000000001 that is left covers no attempt; the least needed is $"))
  }

  @Test func `an offer that nothing is known of can serve no request`() async throws {
    let fixture = try await RouteFixture()
    try fixture.folder.write(
      """
      {"format": "pricing/1", "provider": "nobody", "currency": "USD", "unit": "Mtok",
       "api": {"dialect": "openai-chat", "base_url": "http://127.0.0.1:9/v1"},
       "offers": [{"id": "nothing", "model": "nothing", "limits": {"context": 1000, "output": 100},
        "rates": [{"base": {"in": "1", "out": "1"}}]}]}
      """, to: "own/nobody.json")
    let run = try await fixture.folder.run([
      "route", "question.txt", "--profile", "table.csv", "--pricing", "own", "--no-bundled", "--no-starting",
    ])
    #expect(run.ending == .exit(3) && run.output == "", "\(run.errors)")
    #expect(run.errors.hasPrefix("Error: the catalog sells none of "))
  }

  @Test func `an offer that is in no catalog is refused by name`() async throws {
    let fixture = try await RouteFixture()
    let run = try await fixture.folder.run(
      fixture.route("question.txt", to: nil, "--offers", "nobody/nothing"))
    #expect(run.ending == .exit(1) && run.output == "")
    #expect(run.firstError.hasPrefix("Error: there is no offer named 'nobody/nothing'"), "\(run.errors)")
  }

  @Test func `a demand that no offer meets is refused with its reasons`() async throws {
    let fixture = try await RouteFixture()
    let run = try await fixture.folder.run(fixture.route("question.txt", to: nil, "--quality", "999"))
    #expect(run.ending == .exit(3) && run.output == "")
    #expect(run.errors.contains("its expected quality is below the 999.0 that is asked"))
  }

  @Test func `what is no request is refused with its file and key`() async throws {
    let fixture = try await RouteFixture()
    let cases: [(name: String, bytes: Data, message: String)] = [
      ("empty", Data(), "holds no request"),
      ("blank", Data(" \n\t".utf8), "holds no request"),
      ("latin", Data("Wie weit ist es f".utf8) + [0xFC, 0x72], "is not UTF-8"),
      ("cut.json", Data(#"{"messages": [{"role""#.utf8), "a colon is expected"),
      ("bare.json", Data("{}".utf8), "'body.messages': is not a list of at least one message"),
      (
        "limit.json",
        Data(#"{"messages": [{"role": "user", "content": "?"}], "max_completion_tokens": -1}"#.utf8),
        "'body.max_completion_tokens': is not a whole number above 0"
      ),
      (
        "sound.json",
        Data(#"{"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}"#.utf8),
        "'body.messages': has a part of type 'input_audio'"
      ),
    ]
    for (name, bytes, message) in cases {
      try fixture.folder.write(bytes, to: name)
      let run = try await fixture.folder.run(fixture.route(name))
      #expect(run.ending == .exit(1) && run.output == "", "\(name): \(run.errors)")
      #expect(run.errors.hasPrefix("Error: \(name):") && run.errors.contains(message), "\(run.errors)")
      #expect(run.errors.count { $0 == "\n" } == 1, "\(run.errors)")
    }
    let missing = try await fixture.folder.run(fixture.route("no.txt"))
    #expect(missing.ending == .exit(1) && missing.errors == "Error: no.txt: no such file; check the path\n")
    let silent = try await fixture.folder.run(fixture.route(nil))
    #expect(silent.ending == .exit(1))
    #expect(silent.errors.hasPrefix("Error: standard input: holds no request"), "\(silent.errors)")
  }

  @Test(arguments: ["hang", "stall"]) func `Ctrl-C breaks the attempt off and tells what it may have cost`(
    fault: String
  ) async throws {
    let fixture = try await RouteFixture()
    let simulator = try await Simulator(fixture.batch, "--speed", "inf", "--fail", "\(fault)=1")
    let decision = try await fixture.folder.run(
      fixture.route("question.txt", to: nil, "--format", "json")
    ).document(DecisionDocument.self)
    let program = try RunningProgram(
      fixture.route("question.txt", to: simulator.url, "--send"), in: fixture.folder)
    _ = try await program.until { try await simulator.ledger().total.attempts > 0 }
    program.send(SIGINT)
    let run = try await program.finish()
    #expect(run.ending == .exit(4), "\(run.errors)")
    #expect(run.errors.hasPrefix("Error: cancelled\n  \(decision.offer): cancelled, $"), "\(run.errors)")
    #expect(run.errors.hasSuffix("\ncharged $\(decision.reservedUsd)\n"), "\(run.errors)")
    #expect(try await simulator.ledger().total.attempts == 1)
  }
}
