import Foundation
import Testing

/// `drayage ledger`.
@Suite struct LedgerCommandTests {
  @Test func budgetsAreSetShownAndRemoved() async throws {
    let folder = try Scratch()
    let added = try await folder.run("ledger", "set", "team.ledger", "team", "500", "--per", "month")
    #expect(added.ending == .exit(0) && added.output == "")
    #expect(added.errors == "team is $500.00\n")
    let provider = try await folder.run(
      "ledger", "set", "team.ledger", "openai", "20.5", "--covers", "provider:openai", "--per", "day",
      "--zone",
      "Europe/Vienna")
    #expect(provider.ending == .exit(0))
    // What it covers need not be said again.
    let raised = try await folder.run("ledger", "set", "team.ledger", "openai", "30")
    #expect(raised.errors == "openai is $30.00; it was $20.50\n")
    #expect(
      try await folder.run("ledger", "set", "team.ledger", "openai", "30").errors
        == "openai is $30.00, as it was\n")
    let show = try await folder.run("ledger", "show", "team.ledger")
    #expect(show.ending == .exit(0) && show.errors == "")
    #expect(show.output.contains("provider:openai") && show.output.contains(" (Europe/Vienna)"))
    let json = try await folder.run("ledger", "show", "team.ledger", "--format", "json")
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: [[String: Any]]])
    let budgets = try #require(document["budgets"])
    #expect(budgets.map { $0["name"] as? String } == ["openai", "team"])
    #expect(budgets.map { $0["limit_usd"] as? String } == ["30.00", "500.00"])
    #expect(budgets.map { $0["covers"] as? String } == ["provider:openai", "all"])
    #expect(budgets.map { $0["zone"] as? String } == ["Europe/Vienna", "UTC"])
    #expect(
      (budgets.first?["window"] as? String)?.count == 10 && (budgets.last?["window"] as? String)?.count == 7)
    #expect(document["batches"]?.isEmpty == true)
    #expect(try await folder.run("ledger", "remove", "team.ledger", "openai", "team").ending == .exit(0))
    #expect(try await folder.run("ledger", "show", "team.ledger").output == "no budgets\n")
  }

  @Test func nonsenseIsRefused() async throws {
    let folder = try Scratch()
    _ = try await folder.run("ledger", "set", "l", "team", "5", "--covers", "workload:support")
    let cases: [(arguments: [String], code: Int32, says: String)] = [
      (["show", "nowhere"], 1, "nowhere: no such ledger"),
      (["remove", "l", "tame"], 1, "tame: is no budget of this ledger; did you mean 'team'"),
      (["set", "l", "team", "5", "--covers", "provider:x"], 1, "team"),
      (["set", "l", "team", "-5"], 64, "limit"),
      (["set", "l", "team", "5", "--covers", "everything"], 64, "everything"),
      (["set", "l", "day", "5", "--per", "day", "--zone", "Mars/Base"], 1, "Mars/Base"),
      (["set", "l", "day", "5", "--zone", "UTC"], 64, "--per day"),
      (["set", "l", "batch b", "5"], 64, "--budget"),
      (["remove", "l", "batch b"], 64, "--budget"),
    ]
    for (arguments, code, says) in cases {
      let run = try await folder.run(["ledger"] + arguments)
      #expect(run.ending == .exit(code) && run.output == "", "\(arguments): \(run.errors)")
      #expect(run.errors.contains(says), "\(arguments): \(run.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("nowhere").path))
    let other = try Scratch()
    try other.write("no ledger at all, but long enough to be one, one would think", to: "text")
    #expect(try await other.run("ledger", "show", "text").ending == .exit(1))
  }
}
