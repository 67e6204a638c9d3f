import DrayageSimulation
import Foundation
import Testing

/// Ctrl-C, once and twice, and two runs at once.
@Suite struct InterruptTests {
  @Test func firstInterruptFinishesWhatIsUnderWay() async throws {
    let fixture = try await BatchFixture(rows: 60)
    // Slow enough that the signal comes long before the end.
    let simulator = try await Simulator(fixture, "--speed", "5")
    let batch = fixture.batch(to: simulator.url, budget: "1", "--format", "json")
    let program = try RunningProgram(batch + ["--in-flight", "2"], in: fixture.folder)
    _ = try await program.until { try await simulator.ledger().total.answers > 2 }
    program.send(SIGINT)
    let run = try await program.finish()
    try #require(run.ending == .exit(4), "\(run.errors)")
    #expect(run.errors == "stopping: waiting for the requests under way; Ctrl-C again stops at once\n")
    let report = try run.document(BatchDocument.self)
    #expect(report.stopped && report.answered > 0 && report.answered < 60)

    let answers = try fixture.answers()
    let answered = answers.filter { $0.response != nil }
    #expect(answered.count == report.answered)
    #expect(answers.compactMap(\.error?.code).allSatisfy { $0 == "not_reached" })
    // Nothing was left under way: what was sent was answered, and is paid.
    let ledger = try await simulator.ledger()
    #expect(ledger.total.attempts == answered.count && ledger.total.answers == answered.count)
    let status = try await fixture.folder.run("batch", "status", "answers.jsonl", "--format", "json")
    let books = try status.document(BatchStatusDocument.self)
    #expect(books.answered == answered.count && books.waiting == 60 - answered.count && books.underWay == 0)
    #expect(books.budgets.map(\.heldUsd) == ["0.00"])
    #expect(books.budgets.map(\.spentUsd) == [report.spentUsd])

    let lines = try fixture.folder.read("answers.jsonl").split(separator: "\n")
    let rest = try await fixture.folder.run(batch)
    #expect(rest.ending == .exit(0), "\(rest.errors)")
    #expect(try rest.document(BatchDocument.self).resumed == answered.count)
    #expect(try fixture.answers().allSatisfy { $0.response != nil })
    // What was answered stays as it was, and is not bought again.
    let final = try fixture.folder.read("answers.jsonl").split(separator: "\n")
    for (before, after) in zip(lines, final) where before.contains("\"error\":null") {
      #expect(before == after)
    }
    #expect(try await simulator.ledger().total.answers == 60)
  }

  @Test func secondInterruptStopsAtOnceAndNothingIsLost() async throws {
    let fixture = try await BatchFixture(rows: 8)
    let stuck = try await Simulator(fixture, "--fail", "hang=1")
    let program = try RunningProgram(fixture.batch(to: stuck.url, budget: "1"), in: fixture.folder)
    _ = try await program.until { try await stuck.ledger().total.answers > 0 }

    // Only one run may have the output.
    let other = try await fixture.folder.run(fixture.batch(to: stuck.url, budget: "1"))
    #expect(other.ending == .exit(1) && other.output == "")
    #expect(
      other.errors
        == "Error: answers.jsonl.ledger.lock: is in use by another run; wait for it, or write the output elsewhere\n"
    )

    program.send(SIGINT)
    _ = try await program.until { program.said.contains("stopping: waiting") }
    #expect(!program.hasEnded)
    program.send(SIGINT)
    let run = try await program.finish()
    #expect(run.ending == .exit(4) && run.output == "")
    #expect(run.errors.contains("what was sent counts as spent until the same command is run again\n"))
    let files = try fixture.folder.files().keys
    #expect(!files.contains("answers.jsonl") && files.contains("answers.jsonl.ledger"))

    let simulator = try await Simulator(fixture, "--speed", "inf")
    let rest = try await fixture.folder.run(fixture.batch(to: simulator.url, budget: "1", "--format", "json"))
    #expect(rest.ending == .exit(0), "\(rest.errors)")
    #expect(try fixture.answers().allSatisfy { $0.response != nil })
  }

  @Test func simulatorSaysWhatItBilled() async throws {
    let fixture = try await BatchFixture(rows: 8)
    let simulator = try await Simulator(fixture, "--speed", "inf")
    let batch = try await fixture.folder.run(
      fixture.batch(to: simulator.url, budget: "1", "--format", "json"))
    #expect(batch.ending == .exit(0), "\(batch.errors)")
    let spent = try batch.document(BatchDocument.self).spentUsd
    simulator.program.send(SIGINT)
    let run = try await simulator.program.finish()
    #expect(run.ending == .exit(0) && run.output == "")
    #expect(run.errors.hasSuffix("the simulated providers billed $\(spent) for 8 answers\n"), "\(run.errors)")
  }
}
