import Testing

/// What the program says of itself.
@Suite struct HelpTests {
  private static let common: Set = ["--help", "--version"]

  @Test(arguments: [
    (
      ["plan"],
      [
        "--objective", "--budget", "--quality", "--workload-column", "--deadline", "--miss", "--quota",
        "--max-share",
        "--min-share", "--offers", "--assignment", "--write-lp", "--time-limit", "--format",
      ]
    ),
    (
      ["batch", "run"],
      [
        "--output", "--budget", "--profile", "--workload-column", "--profiles", "--no-starting", "--learn",
        "--tokenizer",
        "--answer-within", "--miss", "--pricing", "--no-bundled", "--offers", "--base-url", "--objective",
        "--quality", "--max-output-tokens", "--in-flight", "--timeout", "--longest-wait", "--evaluate",
        "--dry-run", "--ledger", "--name", "--confidence", "--dedupe", "--within", "--best-effort",
        "--report", "--format",
      ]
    ),
    (["batch", "status"], ["--ledger", "--name", "--format"]),
    (["batch", "resume"], ["--ledger", "--name"]),
    (["batch", "cancel"], ["--ledger", "--name"]),
    (
      ["route"],
      [
        "--budget", "--quality", "--worth", "--workload", "--answer-within", "--miss", "--profile",
        "--workload-column", "--profiles", "--no-starting", "--pricing", "--no-bundled", "--offers",
        "--base-url", "--max-output-tokens", "--send", "--learn", "--timeout", "--hedge-after", "--format",
      ]
    ),
    (
      ["simulate"],
      [
        "--port", "--speed", "--seed", "--fail", "--limit", "--retry-after", "--pricing", "--offers",
        "--write-requests", "--max-completion-tokens", "--schedule", "--retry-after-date", "--answer-tokens",
        "--cached-share", "--connection-limit", "--tls", "--batch-delay", "--batch-window", "--batch-fail",
        "--batch-job-fail", "--batch-job-expire",
      ]
    ),
    (["catalog", "check"], ["--pricing", "--today", "--format"]),
    (
      ["catalog", "list"],
      [
        "--pricing", "--no-bundled", "--at", "--model", "--provider", "--capability", "--service",
        "--max-price", "--mix", "--open-weights", "--format",
      ]
    ),
    (["catalog", "show"], ["--pricing", "--no-bundled", "--at", "--format"]),
    (["catalog", "diff"], ["--at", "--format"]),
    (
      ["catalog", "import"],
      [
        "--pricing", "--no-bundled", "--list-version", "--checked", "--output", "--accept", "--entries",
        "--format",
      ]
    ),
    (["calibrate"], ["--features", "--prompt", "--workload-column", "--seed", "--format"]),
    (["profile", "show"], ["--format"]),
    (["profile", "merge"], ["--output"]),
    (["ledger", "show"], ["--format"]),
    (["ledger", "set"], ["--covers", "--per", "--zone"]),
    (["ledger", "remove"], []),
  ])
  func helpNamesEveryOption(command: [String], options: [String]) async throws {
    let run = try await Scratch().run(command + ["--help"])
    #expect(run.ending == .exit(0) && run.errors == "")
    let usage = try #require(run.output.firstRange(of: "\nOPTIONS:\n"))
    // Options stand at the beginning of their lines there; what follows explains them.
    let named = run.output[usage.upperBound...].matches(of: #/(?m)^  (?:-\w, )?(--[a-z-]+)/#).map {
      String($0.1)
    }
    #expect(Set(named) == Self.common.union(options), "\(command)")
    #expect(run.output.contains("USAGE: drayage \(command.joined(separator: " "))"))
  }

  @Test(arguments: [[], ["--help"], ["help"]]) func withoutACommandTheCommandsAreNamed(arguments: [String])
    async throws
  {
    let run = try await Scratch().run(arguments)
    #expect(run.ending == .exit(0) && run.errors == "")
    for command in ["plan", "batch", "route", "simulate", "catalog", "calibrate", "profile", "ledger"] {
      #expect(run.output.contains("\n  \(command) "), "\(command)")
    }
    for code in ["0 done", "1 failure", "infeasible", "3 no offer", "incomplete", "64 wrong usage"] {
      #expect(run.output.replacing("\n", with: " ").contains(code), "\(code)")
    }
  }

  @Test func version() async throws {
    let run = try await Scratch().run("--version")
    #expect(run.ending == .exit(0) && run.errors == "")
    #expect(run.output.wholeMatch(of: #/\d+\.\d+\.\d+\n/#) != nil, "\(run.output)")
  }

  @Test func unknownCommandIsWrongUsage() async throws {
    let run = try await Scratch().run("plam")
    #expect(run.ending == .exit(64) && run.output == "")
    #expect(run.errors.contains("plam"))
  }
}
