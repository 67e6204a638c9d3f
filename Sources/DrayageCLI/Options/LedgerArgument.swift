import ArgumentParser
import DrayageExecution
import DrayageLedger

/// Where budgets and results are kept: a SQLite file, or a PostgreSQL database that several machines share.
enum LedgerArgument: ExpressibleByArgument {
  case file(String)
  case database(String)

  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    let isAddress = ["postgres://", "postgresql://"].contains { argument.hasPrefix($0) }
    self = isAddress ? .database(argument) : .file(argument)
  }

  /// As it was given.
  var argument: String {
    switch self {
    case .file(let path): path
    case .database(let address): address
    }
  }

  /// Whether other machines may work on its batches.
  var isShared: Bool {
    if case .database = self { true } else { false }
  }

  /// Opens it; it is made if there is none.
  func open() async throws -> DurableLedger {
    switch self {
    case .file(let path): try await DurableLedger.sqlite(at: path)
    case .database(let address): try await DurableLedger.postgres(address)
    }
  }

  /// Opens it for as long as `body` takes.
  func use<Answer: Sendable>(_ body: (DurableLedger) async throws -> Answer) async throws -> Answer {
    let ledger = try await open()
    do {
      let answer = try await body(ledger)
      await ledger.close()
      return answer
    } catch {
      await ledger.close()
      throw error
    }
  }
}

/// Names a batch that has begun.
struct BatchName: ParsableArguments {
  @Argument(help: ArgumentHelp("The batch's output.", valueName: "output"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "Where the batch keeps its books, if not beside its output: a SQLite file, or postgres://user@host/database.",
      valueName: "ledger"))
  var ledger: LedgerArgument?

  @Option(help: ArgumentHelp("What the batch is called, if not by its output.", valueName: "name"))
  var name: String?

  /// What the batch is called in its ledger.
  var batch: String { name ?? BatchRunner.name(forOutput: output) }

  /// Opens the batch's ledger.
  ///
  /// - Throws: if there is none.
  func open() async throws -> DurableLedger {
    let place = ledger ?? .file(BatchRunner.ledgerPath(forOutput: output))
    if case .file(let path) = place { try LedgerFile.check(path) }
    return try await place.open()
  }
}
