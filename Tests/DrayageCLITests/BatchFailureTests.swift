import DrayageCore
import DrayageSimulation
import Foundation
import Testing

/// Batches that cannot be done, or not now: what is said, and what is never said.
@Suite struct BatchFailureTests {
  /// A catalog of one offer for each of two models, which needs a key.
  private static func catalog(key: String = #", "key": "OPENAI_API_KEY""#, dialect: String = "openai-chat")
    -> String
  {
    """
    {
      "format": "pricing/1", "provider": "openai", "currency": "USD", "unit": "Mtok",
      "as_of": "2026-11-21",
      "api": {"dialect": "\(dialect)", "base_url": "https://api.openai.com/v1"\(key)},
      "sources": {"table": "a table"},
      "offers": [
        {"id": "gpt-4o-mini-2024-07-18", "model": "gpt-4o-mini-2024-07-18", "limits": {"context": 131072, "output": 16384},
         "rates": [{"from": null, "source": "table", "checked": "2026-11-21", "base": {"in": "0.15", "out": "0.6"}}]}
      ]
    }
    """
  }

  @Test func unreachableServerListsEveryRowWithItsReason() async throws {
    let fixture = try await BatchFixture(rows: 5)
    let port = try ClosedPort()
    let run = try await fixture.folder.run(
      fixture.batch(
        to: "http://127.0.0.1:\(port.number)/v1", budget: "1", "--longest-wait", "3"))
    #expect(run.ending == .exit(4) && run.errors == "")
    #expect(run.output.hasPrefix("0 of 5 requests answered, 5 failed: answers.jsonl\n$0.00 spent of $1.00\n"))
    for (line, answer) in zip(1..., try fixture.answers()) {
      let error = try #require(answer.error)
      #expect(error.code == "unreachable")
      #expect(error.message.contains("cannot connect to 127.0.0.1:\(port.number)"))
      #expect(run.output.contains("  line \(line), \(answer.customId): unreachable: \(error.message)\n"))
    }
    let json = try await fixture.folder.run(
      fixture.batch(
        to: "http://127.0.0.1:\(port.number)/v1", budget: "1", "--longest-wait", "3", "--format", "json"))
    #expect(json.ending == .exit(4))
    let report = try json.document(BatchDocument.self)
    #expect(report.requests == 5 && report.answered == 0 && report.failed == 5 && report.spentUsd == "0.00")
  }

  @Test func secretsAppearNowhere() async throws {
    let secret = "sk-very-secret"
    let fixture = try await BatchFixture(rows: 3)
    try fixture.folder.write(Self.catalog(), to: "pricing/openai.json")
    let port = try ClosedPort()
    // As the key that the catalog names, and as a password in an address.
    for address in ["127.0.0.1:\(port.number)", "user:\(secret)@127.0.0.1:\(port.number)"] {
      for format in ["text", "json"] {
        let run = try await fixture.folder.run(
          [
            "batch", "requests.jsonl", "-o", "answers.jsonl", "--profile", "table.csv", "--pricing",
            "pricing",
            "--no-bundled", "--base-url", "openai=http://\(address)/v1", "--budget", "1", "--longest-wait",
            "3", "--format",
            format,
          ], environment: ["OPENAI_API_KEY": secret])
        #expect(run.ending == .exit(4), "\(address): \(run.errors)")
        #expect(!run.output.contains(secret) && !run.errors.contains(secret), "\(address)")
        #expect(run.output.contains("unreachable"))
        let files = try fixture.folder.files()
        #expect(files.keys.contains("answers.jsonl") && files.keys.contains("answers.jsonl.ledger"))
        for (name, bytes) in files {
          #expect(!String(decoding: bytes, as: UTF8.self).contains(secret), "\(name), \(address)")
        }
      }
    }
  }

  @Test(arguments: [
    (
      catalog(),
      "openai/gpt-4o-mini-2024-07-18: no key; set the environment variable OPENAI_API_KEY"
    ),
    (
      catalog(key: "", dialect: "carrier-pigeon"),
      "openai/gpt-4o-mini-2024-07-18: the dialect carrier-pigeon is not spoken; those are openai-chat, "
        + "azure-openai, openai-responses, anthropic-messages, gemini-generate, bedrock-converse, cohere-chat"
    ),
  ])
  func noOfferCanBeReached(catalog: String, reason: String) async throws {
    let fixture = try await BatchFixture(rows: 3)
    try fixture.folder.write(catalog, to: "pricing/openai.json")
    let files = try fixture.folder.files()
    let run = try await fixture.folder.run(
      "batch", "requests.jsonl", "-o", "answers.jsonl", "--profile", "table.csv", "--pricing", "pricing",
      "--no-bundled", "--budget", "1")
    #expect(run.ending == .exit(3) && run.output == "")
    #expect(run.errors == "no offer can be reached:\n  \(reason)\n")
    #expect(try fixture.folder.files() == files)
  }

  @Test(arguments: [
    (
      #""in": null"#,
      "the price of in is unknown, and unknown is not free; add it to the base rates in pricing/openai.json"
    ),
    (
      #""cache_read": "0.1""#,
      "the price of in is unknown, and unknown is not free; add it to the base rates in pricing/openai.json"
    ),
  ])
  func anOfferWithoutPriceServesNothing(rate: String, reason: String) async throws {
    let fixture = try await BatchFixture(rows: 3)
    try fixture.folder.write(
      Self.catalog(key: "").replacing(#""in": "0.15""#, with: rate), to: "pricing/openai.json")
    let files = try fixture.folder.files()
    let run = try await fixture.folder.run(
      "batch", "requests.jsonl", "-o", "answers.jsonl", "--profile", "table.csv", "--pricing", "pricing",
      "--no-bundled", "--budget", "1")
    #expect(run.ending == .exit(3) && run.output == "")
    #expect(
      run.errors
        == """
        no line can be sent:
          line 1: no offer can serve it: openai/gpt-4o-mini-2024-07-18: \(reason)
          line 2: no offer can serve it: openai/gpt-4o-mini-2024-07-18: \(reason)
          line 3: no offer can serve it: openai/gpt-4o-mini-2024-07-18: \(reason)

        """)
    #expect(try fixture.folder.files() == files)
  }

  @Test func budgetBelowTheCheapestIsInfeasibleAndWhatIsPrintedRestoresIt() async throws {
    let fixture = try await BatchFixture(rows: 5)
    let port = try ClosedPort()
    let url = "http://127.0.0.1:\(port.number)/v1"
    let run = try await fixture.folder.run(fixture.batch(to: url, budget: "0.000001"))
    #expect(run.ending == .exit(2) && run.errors == "")
    #expect(run.output.hasPrefix("infeasible: budget <= $0.000001 cannot be kept\nthis restores it:\n"))
    #expect(!(try fixture.folder.files().keys.contains("answers.jsonl")))
    let needed = try #require(run.output.firstMatch(of: #/-> +\$([0-9.]+)/#)).1
    let again = try await fixture.folder.run(fixture.batch(to: url, budget: String(needed)))
    #expect(again.ending == .exit(4), "\(again.output)")
  }

  /// At whatever moment there is no more room: what is sent is in the ledger, and once there is room all goes on.
  @Test(arguments: [64, 150, 230, 320])
  func aDiskThatFillsUpLosesNothing(kilobytes: Int) async throws {
    let fixture = try await BatchFixture(rows: 60)
    let simulator = try await Simulator(fixture, "--speed", "inf", "--answer-tokens", "400")
    let batch = fixture.batch(to: simulator.url, budget: "1", "--format", "json", "--in-flight", "4")
    let full = try await RunningProgram(batch, in: fixture.folder, kilobytes: kilobytes).finish()
    #expect(full.ending == .exit(1), "\(full.output)\(full.errors)")
    #expect(full.errors.hasPrefix("Error: answers.jsonl"), "\(full.errors)")
    let billed = try await simulator.ledger().total
    let rest = try await fixture.folder.run(batch)
    #expect(rest.ending == .exit(0), "\(rest.errors)")
    let report = try rest.document(BatchDocument.self)
    #expect(report.answered == 60)
    #expect(try fixture.answers().allSatisfy { $0.response != nil })
    // What could not be written down counts in full, or is asked for again under its key.
    let ledger = try await simulator.ledger()
    let spent = try Money(decimal: report.spentUsd).nanodollars
    #expect(ledger.total.nanodollars <= spent && spent <= 1_000_000_000)
    // No more than were under way are asked for again.
    #expect(ledger.billedAnswers.values.reduce(0, +) <= 64 && billed.answers <= 60)
  }

  @Test func aRequestThatChangedSinceItWasAnsweredIsRefused() async throws {
    let fixture = try await BatchFixture(rows: 5)
    let simulator = try await Simulator(fixture, "--speed", "inf")
    let batch = fixture.batch(to: simulator.url, budget: "1")
    #expect(try await fixture.folder.run(batch).ending == .exit(0))
    let requests = try fixture.folder.read("requests.jsonl")
    try fixture.folder.write(
      requests.replacing("\"max_completion_tokens\":4096", with: "\"max_completion_tokens\":4000"),
      to: "requests.jsonl")
    let answers = try fixture.folder.read("answers.jsonl")
    let run = try await fixture.folder.run(batch)
    #expect(run.ending == .exit(1) && run.output == "")
    #expect(
      run.errors == "Error: request '\(fixture.ids[0])' on line 1 has changed since it was answered; "
        + "give it another custom_id, or write the output elsewhere\n")
    #expect(try fixture.folder.read("answers.jsonl") == answers)
    // As it was, it is still answered, and nothing is sent.
    let billed = try await simulator.ledger()
    try fixture.folder.write(requests, to: "requests.jsonl")
    #expect(try await fixture.folder.run(batch).ending == .exit(0))
    #expect(try fixture.folder.read("answers.jsonl") == answers)
    #expect(try await simulator.ledger() == billed)
  }
}
