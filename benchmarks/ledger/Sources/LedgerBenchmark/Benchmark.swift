import ArgumentParser
import DrayageLedger
import Foundation

/// Measures durable operations on one store.
@main struct Benchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger-benchmark", subcommands: [Rate.self, Race.self])
}

/// Which store is measured.
struct StoreOptions: ParsableArguments {
  @Option(help: "A SQLite file; made if there is none.") var sqlite: String?
  @Option(help: "A PostgreSQL address.") var postgres: String?

  func validate() throws {
    guard (sqlite == nil) != (postgres == nil) else {
      throw ValidationError("name one store: --sqlite FILE or --postgres ADDRESS")
    }
  }

  var name: String { sqlite == nil ? "PostgreSQL" : "SQLite" }

  func open() async throws -> DurableLedger {
    if let sqlite { return try await .sqlite(at: sqlite) }
    return try await .postgres(postgres ?? "", patience: 30)
  }
}

/// The CPU time of this process so far, of all its threads: seconds.
func processorSeconds() -> Double {
  var usage = rusage()
  #if canImport(Glibc)
    getrusage(RUSAGE_SELF.rawValue, &usage)
  #else
    getrusage(RUSAGE_SELF, &usage)
  #endif
  return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
    + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6
}
