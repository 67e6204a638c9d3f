import Foundation
import Testing

/// What cannot be used is refused in one line that says where it stands and what to do, and leaves nothing behind.
@Suite struct BadInputTests {
  private static let header = "query_id,kind,m|score,m|cost_usd\n"
  private static let good = header + "q1,math,1,0.1\nq2,chat,0.5,0.2\n"

  static let tables: [InputCase] = [
    InputCase(
      testDescription: "no such file", arguments: ["plan", "t.csv"],
      message: "t.csv: no such file; check the path"),
    InputCase(
      testDescription: "a directory", arguments: ["plan", "."],
      message: ".: is a directory; name a file in it"),
    InputCase(
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
      "nothing scored", header + "q1,math,,\nq2,math,1,1\n", code: 3,
      "no offer can serve request 'q1'; allow more offers or leave it out"),
    .table(
      "unknown model", good, "t.csv: no model 'n'; choose from 'm'", "--offers", "n"),
    .table("no model", good, "t.csv: no model is selected; name at least one", "--offers", ""),
    .table("model twice", good, "t.csv: model 'm' is selected twice; name it once", "--offers", "m,m"),
    .table(
      "unknown column of workloads", good,
      "t.csv: there is no descriptive column 'kinds'; did you mean 'kind'?", "--workload-column", "kinds"),
    .table(
      "unknown workload", good, "there is no workload named 'maths'; did you mean 'math'?",
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
      "unknown holder of a quota", good, "there is no provider or offer named 'x'; choose from 'm'",
      "--quota",
      "x:requests=5"),
    .table(
      "unknown offer of a share", good, "there is no offer named 'x'; choose from 'm'", "--max-share", "x=0.5"
    ),
    .table("assignment into a folder", good, ".: is a directory; name a file in it", "--assignment", "."),
    .table(
      "assignment into no folder", good,
      "no/a.csv: cannot be written (No such file or directory); check the folder, its permissions and its space",
      "--assignment", "no/a.csv"),
    .table(
      "linear program into no folder", good,
      "no/a.lp: cannot be written (No such file or directory); check the folder, its permissions and its space",
      "--write-lp", "no/a.lp"),
    InputCase(
      testDescription: "simulation without tokens", files: ["t.csv": Data(good.utf8)],
      arguments: ["simulate", "t.csv", "--port", "0"],
      message:
        "t.csv lacks token counts, and replies must state them; add a column input_tokens and, per model, out_tok"
    ),
  ]

  @Test(arguments: tables) func isRefused(_ input: InputCase) async throws { try await input.check() }

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
