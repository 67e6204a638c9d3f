import ArgumentParser

/// Measures what carrying requests out costs in CPU time, against a local server of fixed answers.
@main
struct ExecutorBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "executor-benchmark",
    abstract: "Measures what carrying requests out costs, against a local server of fixed answers.",
    subcommands: [Decide.self, Load.self, Slow.self, Pause.self])
}
