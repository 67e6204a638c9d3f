import Foundation
import Testing

/// Arguments that make no sense are wrong usage: code 64, and how it is meant to be.
@Suite struct UsageTests {
  /// Amounts that are none, and too many digits of one.
  static let budgets: [InputCase] = ["-1", "1e400", "nan", "inf", "0x10", "12x", "$", "99999999999"]
    .flatMap {
      [
        budget($0, of: ["plan", "t.csv"]),
        budget($0, of: ["batch", "t.csv", "--output", "o", "--profile", "t.csv"]),
      ]
    }

  private static func budget(_ text: String, of command: [String]) -> InputCase {
    InputCase(
      testDescription: "\(command[0]) with a budget of '\(text)'", arguments: command + ["--budget=\(text)"],
      code: 64, message: "The value '\(text)' is invalid for '--budget <usd>'")
  }

  static let others: [InputCase] = [
    .usage("plan", "--budget", "-1", message: "Missing value for '--budget <usd>'"),
    .usage("plan", "--budget", "", message: "The value '' is invalid for '--budget <usd>'"),
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
      "batch", "-o", "o", "--profile", "p", "--budget", "1", "--answer-within", "5",
      message: "--answer-within and --miss go together: the seconds, and the share that may take longer"),
    .usage(
      "batch", "-o", "o", "--budget", "1", "--tokenizer", "nothing=f",
      message: "The value 'nothing=f' is invalid for '--tokenizer <family=file>'"),
    .usage(
      "batch", "-o", "o", "--profile", "p", "--budget", "1", "--timeout", "nan",
      message: "--timeout must be a number of seconds above 0"),
    .usage(
      "simulate", "--fail", "flood=1",
      message:
        "no fault is called 'flood'; choose from all, 429, 500, 503, hang, reset, truncated, malformed, 529, "
        + "400, 401, 402, 403, 404, context, filter, cut-early, cut, cut-reset, stall-early, stall, "
        + "error-early, error-event, slow-headers, wrong-type"),
    .usage(
      "simulate", "--schedule", "m",
      message:
        "schedule 'm' does not read MODEL=FAULT,FAULT,..., such as m=429,ok"),
    .usage("simulate", "--tls", "a.pem", message: "'a.pem' does not read CERT,KEY: two PEM files"),
    .usage(
      "simulate", "--fail", "429=2", message: "the probability of fault 429 is 2.0; it lies between 0 and 1"
    ),
    .usage(
      "simulate", "--fail", "429", message: "fault '429' does not read KIND=PROBABILITY, such as 429=0.02"),
    .usage(
      "simulate", "--limit", "10",
      message:
        "limit '10' does not read MODEL:rpm=NUMBER, such as '*:rpm=60' or '*:rpm=60,tpm=10000,concurrency=4'"),
    InputCase(
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

  @Test(arguments: budgets + others) func isRefused(_ input: InputCase) async throws {
    try await input.check()
  }
}
