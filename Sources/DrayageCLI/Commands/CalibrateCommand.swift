import ArgumentParser
import Drayage
import DrayageProfiles

/// How well scores can be known beforehand.
struct CalibrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Learns to predict scores from half of a scored table, and judges on the other half.",
    discussion: """
      Predictions come from what is known of a query before it is sent: its workload, its length, the numbers of \
      --features, and the text of --prompt. They are compared with the means of workloads, and with an oracle that knows \
      every score, in how well they are calibrated and in what routing by them reaches at equal cost.
      """)

  @Argument(help: ArgumentHelp("The scored table.", valueName: "table"))
  var table: String

  @Option(
    help: ArgumentHelp("A table of numbers per query: query_id, and a column for each.", valueName: "table"))
  var features: String?

  @Option(help: ArgumentHelp("The column that holds the text of the query.", valueName: "name"))
  var prompt: String?

  @Option(
    help: ArgumentHelp("The column that names the workload (default: dataset).", valueName: "name"))
  var workloadColumn: String?

  @Option(help: ArgumentHelp("Which half is learned from.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: "How to print the report: text or json.")
  var format: OutputFormat = .text

  func run() async throws {
    let trial = try CalibrationTrial(
      try ScoredTable(contentsOf: table), workloadColumn: workloadColumn, promptColumn: prompt,
      features: try features.map { try FeatureTable(contentsOf: $0) }, seed: seed)
    let report = CalibrationReport(trial: trial)
    print(format == .json ? try report.json : report.text)
  }
}
