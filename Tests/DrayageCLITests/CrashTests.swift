import DrayageTesting
import DrayageCore
import DrayageSimulation
import Foundation
import Testing

/// `kill -9` at any moment, and again: nothing is lost, nothing is billed twice, and never more than the budget.
@Suite struct CrashTests {
  @Test(arguments: 0..<9 as Range<UInt64>) func batchSurvivesKills(seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    // Plenty, about enough, and so little that some requests go to what is left.
    let budget = try Money(decimal: ["1", "0.05", "0.012"][Int(seed % 3)])
    let fixture = try await BatchFixture(rows: 60)
    let simulator = try await Simulator(fixture, "--fail", "all=0.1", "--seed", "\(seed)", "--speed", "200")
    let batch = fixture.batch(
      to: simulator.url, budget: budget.decimal, "--timeout", "2", "--in-flight", "4", "--format", "json")

    for kill in 0..<Int.random(in: 1...3, using: &random) {
      let log = "answers.jsonl.ledger-wal"
      let size = fixture.folder.size(of: log)
      let program = try RunningProgram(batch, in: fixture.folder)
      program.killWhen(
        fileAt: fixture.folder.path(log), exceeds: size + .random(in: 0...250_000, using: &random))
      let run = try await program.finish()
      // A whole run logs more than that: the first kill, at least, comes before the end.
      if kill == 0 { #expect(run.ending == .signal(SIGKILL), "seed \(seed): \(run.output)\(run.errors)") }
      let billed = try await simulator.ledger().total.nanodollars
      #expect(billed <= budget.nanodollars, "seed \(seed)")
    }

    let run = try await fixture.folder.run(batch)
    try #require(run.ending == .exit(0) || run.ending == .exit(4), "seed \(seed): \(run.errors)")
    let report = try run.document(BatchDocument.self)
    let answers = try fixture.answers()
    let answered = answers.count { $0.response != nil }
    #expect(report.requests == 60 && report.answered == answered, "seed \(seed)")
    #expect(report.failed == answers.count - answered && !report.stopped, "seed \(seed)")
    #expect(run.ending == (answered == 60 ? .exit(0) : .exit(4)), "seed \(seed)")
    #expect(report.overrunUsd == "0.00", "seed \(seed)")

    let ledger = try await simulator.ledger()
    let spent = try Money(decimal: report.spentUsd)
    #expect(ledger.total.nanodollars <= spent.nanodollars, "seed \(seed): billed more than is known")
    #expect(spent <= budget, "seed \(seed)")
    #expect(answered <= ledger.total.answers, "seed \(seed)")
    #expect(ledger.refused == 0, "seed \(seed)")
    if seed % 3 == 0 {
      // There is money for every request, and each is tried up to eight times.
      #expect(answered == 60, "seed \(seed)")
    }

    guard answered == 60 else { return }
    let output = try fixture.folder.read("answers.jsonl")
    let again = try await fixture.folder.run(batch)
    #expect(again.ending == .exit(0), "seed \(seed)")
    #expect(try again.document(BatchDocument.self).resumed == 60, "seed \(seed)")
    #expect(try await simulator.ledger() == ledger, "seed \(seed): something was sent")
    #expect(try fixture.folder.read("answers.jsonl") == output, "seed \(seed)")
  }
}
