import ArgumentParser
import Drayage
import DrayageCore
import Foundation

extension CatalogCommand {
  /// A public price list, held against the catalog.
  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "import",
      abstract: "Holds a public price list against the catalog, and writes what is new as price files.",
      discussion: """
        Every disagreement with the catalog is reported, and nothing is overwritten: what the catalog knows otherwise is \
        written only if --accept names it, and a file that is there already is left alone.
        """)

    @Argument(help: "What kind of list it is: litellm, genai-prices or models.dev.")
    var kind: ImportFormat

    @Argument(help: ArgumentHelp("The list: JSON.", valueName: "file"))
    var file: String

    @OptionGroup var catalog: CatalogOptions

    @Option(help: ArgumentHelp("The version of the list, for the sources of prices.", valueName: "text"))
    var listVersion = "of unknown version"

    @Option(help: ArgumentHelp("The day of the list, as 2026-11-21; by default today.", valueName: "date"))
    var checked: String?

    @Option(
      name: .shortAndLong,
      help: ArgumentHelp("The folder for price files; without it, nothing is written.", valueName: "folder"))
    var output: String?

    @Option(
      help: ArgumentHelp(
        "An offer, as provider/name, to take over though the catalog knows it otherwise, or 'all'. May be repeated.",
        valueName: "offer"))
    var accept: [String] = []

    @Flag(help: "Say of every entry that did not come through whole why.")
    var entries = false

    @Option(help: "How to print the report: text or json.")
    var format: OutputFormat = .text

    func validate() throws {
      if let checked, (try? UTCInstant(checked)) == nil {
        throw ValidationError("--checked must be a date such as 2026-11-21")
      }
    }

    func run() async throws {
      let day = try UTCInstant(try checked.map { try UTCInstant($0) }?.day ?? UTCInstant.now.day)
      let found = try CatalogImport(
        reading: try CatalogSource(contentsOf: file), as: kind, version: listVersion, checked: day,
        beside: try catalog.catalog)
      let named = Set(accept.filter { $0 != "all" })
      let known = Set(found.additions).union(found.identical).union(found.disagreements.map(\.offer))
      for name in named.subtracting(known).sorted() {
        throw ValidationError("the list has no offer '\(name)' to accept; offers are named provider/name")
      }
      let acceptance: CatalogImport.Acceptance =
        accept.contains("all") ? .everything : .only(named.union(found.additions))
      var written: [String] = []
      if let output {
        written = try Self.write(found.files(accepting: acceptance), to: output)
      }
      let report = ImportReport(found: found, written: written, listsEntries: entries)
      print(format == .json ? try report.json : report.text)
    }

    /// Writes files that are not there yet, all of them or none.
    private static func write(_ files: [CatalogSource], to folder: String) throws -> [String] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let paths = files.map { "\(folder)/\($0.name)" }
      if let there = paths.first(where: FileManager.default.fileExists(atPath:)) {
        throw InputError(
          .duplicate, file: there, message: "is there already and is not overwritten; name another folder")
      }
      for (path, file) in zip(paths, files) { try file.write(to: path) }
      return paths
    }
  }
}
