import ArgumentParser
import Drayage

/// Looks at profile files, and makes one of several.
struct ProfileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Shows and merges what has been learned of models and offers.",
    subcommands: [Show.self, Merge.self])

  /// What a file holds.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Lists the profiles of a file, with where they come from.")

    @Argument(
      help: ArgumentHelp(
        "The profile file; without one, what the program brings along.", valueName: "file"))
    var file: String?

    @Option(help: "How to print the list: text or json.")
    var format: OutputFormat = .text

    private struct Document: Encodable {
      struct Profile: Encodable {
        struct Source: Encodable {
          let source: String
          let date: String
          let count: Int
        }

        let kind: String
        let key: [String: String]
        let summary: String?
        let provenance: [Source]
      }

      let profiles: [Profile]
    }

    func run() async throws {
      let profiles = try file.map { try ProfileFile(contentsOf: $0) } ?? .starting
      switch format {
      case .json:
        print(
          try JSONReport.text(
            Document(
              profiles: profiles.entries.map { entry in
                .init(
                  kind: entry.kind, key: entry.key, summary: entry.summary,
                  provenance: entry.provenance.map {
                    .init(source: $0.source, date: $0.date, count: $0.count)
                  })
              })))
      case .text:
        var table = TextTable(["kind", "of", "records", "youngest", "summary"], leading: [0, 1, 3, 4])
        for entry in profiles.entries {
          table.add([
            entry.kind,
            entry.key.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "),
            String(entry.provenance.reduce(0) { $0 + $1.count }), entry.provenance.map(\.date).max() ?? "-",
            entry.summary ?? "kind not known here",
          ])
        }
        print((table.lines + ["\(profiles.entries.count) profiles"]).joined(separator: "\n"))
      }
    }
  }

  /// One file of several.
  struct Merge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "merge",
      abstract:
        "Merges profile files. Records of one source in two of them are refused, for they might count twice.")

    @Argument(help: ArgumentHelp("The profile files.", valueName: "files"))
    var files: [String]

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String

    func run() async throws {
      var merged = ProfileFile()
      for file in files {
        let other = try ProfileFile(contentsOf: file)
        do {
          try merged.merge(other)
        } catch {
          throw InputError(.duplicate, file: file, message: "\(error)")
        }
      }
      try merged.write(to: output)
      Console.note("\(merged.entries.count) profiles of \(files.count) files in \(output)")
    }
  }
}
