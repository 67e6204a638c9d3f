import ArgumentParser
import Drayage
import DrayageExecution
import DrayageLedger
import Foundation

/// How far a batch has come, whether or not somebody is working on it.
struct BatchStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Shows how far a batch has come, and what it has spent.")

  @OptionGroup var batch: BatchName

  @Option(help: "How to print it: text or json.")
  var format: OutputFormat = .text

  func run() async throws {
    let ledger = try await batch.open()
    do {
      let report = try await BatchStatusReport(batch.batch, in: ledger)
      print(format == .json ? try report.json : report.text)
    } catch {
      await ledger.close()
      throw error
    }
    await ledger.close()
  }
}

/// Ends the work on a batch, wherever it is done.
struct BatchCancelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Has every worker finish what is under way and stop.",
    discussion: "What was answered is kept; run the batch again, or resume it, to go on.")

  @OptionGroup var batch: BatchName

  func run() async throws {
    let ledger = try await batch.open()
    do {
      _ = try await BatchStatusReport(batch.batch, in: ledger)
      try await ledger.cancel(batch.batch)
    } catch {
      await ledger.close()
      throw error
    }
    await ledger.close()
    Console.note("\(batch.batch) is cancelled; its workers stop within seconds")
  }
}

/// Goes on with a batch as it was last asked for.
struct BatchResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Goes on with a batch, with the options of its last run.",
    discussion:
      "What was answered is not sent again. To change an option, run the whole command again instead.")

  @OptionGroup var batch: BatchName

  func run() async throws {
    let ledger = try await batch.open()
    let record: BatchStatusReport
    do {
      record = try await BatchStatusReport(batch.batch, in: ledger)
    } catch {
      await ledger.close()
      throw error
    }
    await ledger.close()
    guard let note = BatchNote(record.batch.payload) else {
      throw InputError(
        .value, file: batch.output, message: "does not say how it was asked for; run its whole command again")
    }
    guard FileManager.default.changeCurrentDirectoryPath(note.folder) else {
      throw InputError(
        .unreadable, file: note.folder,
        message:
          "is the folder in which the batch began, and is gone; run its whole command where its files are")
    }
    var arguments = note.arguments
    // It may hold a password, and is not kept.
    if let place = batch.ledger { arguments += ["--ledger", place.argument] }
    let command = try BatchRunCommand.parse(arguments)
    try await BatchRunCommand.$arguments.withValue(arguments) { try await command.run() }
  }
}
