import Foundation
import Testing

/// What cannot be used is refused in one line that says where it stands and what to do, and leaves nothing behind.
@Suite struct BadInputTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var files: [String: Data] = [:]
    let arguments: [String]
    var code: Int32 = 1
    /// All of standard error, or for wrong usage its first line.
    let message: String

    /// A table, planned.
    static func table(_ name: String, _ text: String, _ message: String, _ options: String...) -> Case {
      Case(
        testDescription: name, files: ["t.csv": Data(text.utf8)], arguments: ["plan", "t.csv"] + options,
        message: message)
    }

    /// A table that could be served, with an option that cannot.
    static func simulation(_ options: [String], _ message: String) -> Case {
      Case(
        testDescription: "simulate " + options.joined(separator: " "),
        files: ["t.csv": Data(BatchInputTests.profile.utf8)], arguments: ["simulate", "t.csv"] + options,
        code: 64,
        message: message)
    }

    /// Arguments that are wrong before any file is read.
    static func usage(_ command: String, _ arguments: String..., message: String) -> Case {
      Case(
        testDescription: ([command] + arguments).joined(separator: " "),
        arguments: [command, "t.csv"] + arguments,
        code: 64, message: message)
    }
  }

  private static let header = "query_id,kind,m|score,m|cost_usd\n"
  private static let good = header + "q1,math,1,0.1\nq2,chat,0.5,0.2\n"

  static let tables: [Case] = [
    Case(
      testDescription: "no such file", arguments: ["plan", "t.csv"],
      message: "t.csv: no such file; check the path"),
    Case(
      testDescription: "a directory", arguments: ["plan", "."],
      message: ".: is a directory; name a file in it"),
    Case(
      testDescription: "not UTF-8",
      files: ["t.csv": Data((header + "q").utf8) + [0xFF] + Data(",a,1,0.1\n".utf8)],
      arguments: ["plan", "t.csv"], message: "t.csv:2: is not UTF-8; save the file as UTF-8"),
    .table("empty file", "", "t.csv: is empty; a header line is needed"),
    .table("no rows", header, "t.csv: has a header and no rows; add a row per query"),
    .table(
      "no ids", "id,m|score,m|cost_usd\nq1,1,1\n",
      "t.csv:1: column 'query_id': missing; add a column with an identifier per query"),
    .table(
      "no costs", "query_id,m|score\nq1,1\n",
      "t.csv:1: column 'm|cost_usd': missing, though the model has other columns; add it, or remove the model's columns"
    ),
    .table(
      "no scores", "query_id,kind\nq1,math\n",
      "t.csv:1: no column ends in '|score'; per model, '<model>|score' and '<model>|cost_usd' are needed"),
    .table(
      "unknown column", "query_id,m|score,m|cost_usd,m|speed\nq1,1,1,1\n",
      "t.csv:1: column 'm|speed': 'speed' after '|' is not known; use score, cost_usd, in_tok, out_tok or latency_s"
    ),
    .table(
      "fields missing", header + "q1,math,1\n",
      "t.csv:2: 3 fields where the header has 4; check for stray commas and quotes"),
    .table(
      "negative score", good + "q3,math,-1,0.1\n",
      "t.csv:4: column 'm|score': '-1' is not a score from 0 to 1000000000; write a decimal number such as 0.25"
    ),
    .table(
      "score not a number", header + "q1,math,NaN,0.1\n",
      "t.csv:2: column 'm|score': 'NaN' is not a score from 0 to 1000000000; write a decimal number such as 0.25"
    ),
    .table(
      "score without end", header + "q1,math,1e400,0.1\n",
      "t.csv:2: column 'm|score': '1e400' is not a score from 0 to 1000000000; write a decimal number such as 0.25"
    ),
    .table(
      "score without cost", header + "q1,math,1,\n",
      "t.csv:2: column 'm|cost_usd': is blank though the score is not; write the cost, or blank the score"),
    .table(
      "duplicate id", good + "q1,math,1,0.1\n",
      "t.csv:4: column 'query_id': 'q1' is already on line 2; remove one of the two rows"),
    .table(
      "nothing scored", header + "q1,math,,\nq2,math,1,1\n",
      "no offer can serve request 'q1'; allow more offers or leave it out"),
    .table(
      "unknown model", good, "t.csv: no model 'n'; choose from 'm'", "--offers", "n"),
    .table("no model", good, "t.csv: no model is selected; name at least one", "--offers", ""),
    .table("model twice", good, "t.csv: model 'm' is selected twice; name it once", "--offers", "m,m"),
    .table(
      "unknown column of workloads", good,
      "t.csv: there is no descriptive column 'kinds'; did you mean 'kind'?", "--workload-column", "kinds"),
    .table(
      "unknown workload", good, "there is no workload named 'maths'; there are: chat, math",
      "--workload-column",
      "kind", "--quality", "maths=0.5"),
    .table(
      "deadline without latencies", good,
      "t.csv: column 'm|latency_s': query 'q1' has no latency; a deadline needs the latency of every scored answer",
      "--deadline", "1", "--miss", "0.1"),
    .table(
      "tokens without counts", good, "a quota of tokens needs token counts, and the table has none",
      "--quota",
      "m:tokens=5"),
    .table(
      "unknown holder of a quota", good, "there is no provider or offer named 'x'; there are: m", "--quota",
      "x:requests=5"),
    .table(
      "unknown offer of a share", good, "there is no offer named 'x'; there are: m", "--max-share", "x=0.5"),
    .table("assignment into a folder", good, ".: is a directory; name a file in it", "--assignment", "."),
    .table(
      "assignment into no folder", good,
      "no/a.csv: cannot be written (No such file or directory); check the folder, its permissions and its space",
      "--assignment", "no/a.csv"),
    .table(
      "linear program into no folder", good,
      "no/a.lp: cannot be written (No such file or directory); check the folder, its permissions and its space",
      "--write-lp", "no/a.lp"),
    Case(
      testDescription: "simulation without tokens", files: ["t.csv": Data(good.utf8)],
      arguments: ["simulate", "t.csv", "--port", "0"],
      message:
        "t.csv lacks token counts, and replies must state them; add a column input_tokens and, per model, out_tok"
    ),
  ]

  static let usages: [Case] =
    ["-1", "=-1", "1e400", "nan", "inf", "0x10", "12x", "$", "", "99999999999"].flatMap { text in
      ["plan", "batch"].map { command in
        let isSeparate = text.hasPrefix("-")
        let value = text.hasPrefix("=") ? String(text.dropFirst()) : text
        return Case(
          testDescription: "\(command) with a budget of '\(text)'",
          arguments: [command, "t.csv", "--output", "o", "--profile", "t.csv"].filter {
            command == "batch" || !$0.hasPrefix("--") && $0 != "o"
          }
            + (text.hasPrefix("=") ? ["--budget\(text)"] : ["--budget", text]),
          code: 64,
          message: isSeparate
            ? "Missing value for '--budget <usd>'" : "The value '\(value)' is invalid for '--budget <usd>'")
      }
    } + [
      .usage(
        "plan", "--objective", "speed",
        message:
          "The value 'speed' is invalid for '--objective <objective>'. Please provide one of 'cost' and 'quality'."
      ),
      .usage("plan", "--quality", "nan", message: "The value 'nan' is invalid for '--quality <floor>'"),
      .usage("plan", "--quality", "math=0.5", message: "a floor for one workload needs --workload-column"),
      .usage(
        "plan", "--quality", "0.5", "--quality", "0.6",
        message: "--quality is given twice for the same workload"),
      .usage(
        "plan", "--max-share", "m=1.5",
        message: "The value 'm=1.5' is invalid for '--max-share <model=fraction>'"),
      .usage(
        "plan", "--min-share", "0.5", message: "The value '0.5' is invalid for '--min-share <model=fraction>'"
      ),
      .usage(
        "plan", "--quota", "m:requests=1e400",
        message: "The value 'm:requests=1e400' is invalid for '--quota <quota>'"),
      .usage(
        "plan", "--quota", "m:dollars=1", message: "The value 'm:dollars=1' is invalid for '--quota <quota>'"),
      .usage(
        "plan", "--deadline", "1",
        message: "--deadline and --miss go together: the seconds, and the share that may take longer"),
      .usage("plan", "--miss", "1.5", message: "--miss must be from 0 to 1"),
      .usage("plan", "--time-limit", "0", message: "--time-limit must be a number of seconds above 0"),
      .usage(
        "plan", "--format", "xml",
        message:
          "The value 'xml' is invalid for '--format <format>'. Please provide one of 'text' and 'json'."),
      .usage("plan", "--nothing", message: "Unknown option '--nothing'"),
      .usage("batch", message: "Missing expected argument '--output <file>'"),
      .usage(
        "batch", "-o", "o", "--profile", "p", "--budget", "1", "--in-flight", "0",
        message: "--in-flight must be from 1 to 10000"),
      .usage(
        "batch", "-o", "o", "--profile", "p", "--budget", "1", "--timeout", "nan",
        message: "--timeout must be a number of seconds above 0"),
      .usage(
        "simulate", "--fail", "flood=1",
        message:
          "no fault is called 'flood'; choose from all, 429, 500, 503, hang, reset, truncated, malformed"),
      .usage(
        "simulate", "--fail", "429=2", message: "the probability of fault 429 is 2.0; it lies between 0 and 1"
      ),
      .usage(
        "simulate", "--fail", "429", message: "fault '429' does not read KIND=PROBABILITY, such as 429=0.02"),
      .usage(
        "simulate", "--limit", "10", message: "limit '10' does not read MODEL:rpm=NUMBER, such as '*:rpm=60'"),
      Case(
        testDescription: "catalog check --today yesterday",
        arguments: ["catalog", "check", "--today", "yesterday"],
        code: 64, message: "--today must be a date such as 2026-11-21"),
      .simulation(["--port", "70000"], "port 70000 does not exist; choose from 0 (any free one) to 65535"),
      .simulation(["--speed", "0"], "speed 0.0 does not move time; choose a number above 0"),
      .simulation(["--retry-after", "-1"], "Missing value for '--retry-after <seconds>'"),
      .simulation(["--retry-after", "nan"], "retry-after of nan s; choose from 0 to 1000000"),
      .simulation(
        ["--write-requests", "o", "--max-completion-tokens", "0"],
        "a bound of 0 output tokens; choose at least 1"),
    ]

  @Test(arguments: tables + usages) func isRefused(_ input: Case) async throws {
    let folder = try Scratch()
    for (name, bytes) in input.files { try folder.write(bytes, to: name) }
    let run = try await folder.run(input.arguments)
    #expect(run.ending == .exit(input.code), "\(run.errors)")
    #expect(run.output == "")
    if input.code == 64 {
      #expect(run.firstError == "Error: \(input.message)")
      #expect(run.errors.contains("Usage: drayage \(input.arguments[0])"), "\(run.errors)")
    } else {
      #expect(run.errors == "Error: \(input.message)\n")
    }
    #expect(try folder.files() == input.files)
  }

  @Test func aPortInUse() async throws {
    let fixture = try await BatchFixture(rows: 3)
    let simulator = try await Simulator(fixture, "--speed", "inf")
    let port = try #require(simulator.url.firstMatch(of: #/:(\d+)\//#)).1
    let run = try await fixture.folder.run(["simulate", "table.csv", "--port", String(port)])
    #expect(run.ending == .exit(1) && run.output == "")
    #expect(
      run.errors == "Error: port \(port) on 127.0.0.1 is in use; choose another port, or 0 for any free one\n"
    )
  }
}
