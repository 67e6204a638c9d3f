import ArgumentParser
import Drayage
import DrayageCore

/// Looks after the pricing catalog.
struct CatalogCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "catalog", abstract: "Looks at the pricing catalog, and after it.",
    subcommands: [List.self, Show.self, Check.self, Diff.self, Import.self])

  /// Finds what is wrong with the files of a catalog.
  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract:
        "Finds what is malformed, unsourced, stale, retired, duplicate or suspicious. Errors end with code 1."
    )

    @Option(help: ArgumentHelp("The folder of the catalog; by default the bundled one.", valueName: "folder"))
    var pricing: String?

    @Option(
      help: ArgumentHelp("The day to check for, as 2026-11-21; by default the present.", valueName: "date"))
    var today: String?

    @Option(help: "How to print the findings: text or json.")
    var format: OutputFormat = .text

    private struct Document: Encodable {
      struct Finding: Encodable {
        let severity: String
        let file: String
        let line: Int?
        let key: String?
        let message: String
      }

      let files: Int
      let errors: Int
      let warnings: Int
      let findings: [Finding]
    }

    func validate() throws {
      if let today, (try? UTCInstant(today)) == nil {
        throw ValidationError("--today must be a date such as 2026-11-21")
      }
    }

    func run() async throws {
      let instant = try today.map { try UTCInstant($0) } ?? .now
      let sources = try pricing.map { try CatalogLoader.sources(in: $0) } ?? CatalogLoader.bundled
      let findings = CatalogCheck.findings(in: sources, today: instant)
      let errors = findings.count { $0.severity == .error }
      switch format {
      case .json:
        print(
          try JSONReport.text(
            Document(
              files: sources.count, errors: errors, warnings: findings.count - errors,
              findings: findings.map {
                .init(
                  severity: $0.severity.rawValue, file: $0.file, line: $0.line, key: $0.key,
                  message: $0.message)
              })))
      case .text:
        for finding in findings { print(finding) }
        let offers = errors == 0 ? "\(try CatalogLoader.load(files: sources).offers.count) offers in " : ""
        print("\(offers)\(sources.count) files: \(errors) errors, \(findings.count - errors) warnings")
      }
      if errors > 0 { throw ExitCode.failure }
    }
  }
}
