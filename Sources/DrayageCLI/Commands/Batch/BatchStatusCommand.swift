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
    discussion: """
      What was answered is kept; run the batch again, or resume it, to go on. Jobs in the batch interfaces of providers are \
      cancelled there; what they have answered by then is billed, and collected by the next run.
      """)

  @OptionGroup var batch: BatchName

  func run() async throws {
    let ledger = try await batch.open()
    do {
      let report = try await BatchStatusReport(batch.batch, in: ledger)
      try await ledger.cancel(batch.batch)
      Console.note("\(batch.batch) is cancelled; its workers stop within seconds")
      if !report.jobs.isEmpty { try await cancelJobs(report.batch, in: ledger) }
    } catch {
      await ledger.close()
      throw error
    }
    await ledger.close()
  }

  /// Cancels jobs at the providers that the batch was last run with.
  private func cancelJobs(_ record: BatchRecord, in ledger: DurableLedger) async throws {
    let transport = CurlTransport()
    defer { transport.shutdown() }
    let command = try BatchNote(record.payload)?.command().command
    let targets = try command.map { try $0.reachable(in: $0.catalog.catalog).targets } ?? []
    let jobs = try await OpenProviderJob.cancelAll(
      of: record.name, in: ledger, targets: targets, over: transport)
    for job in jobs {
      Console.note((job.reason == nil ? "cancelled: " : "not cancelled: ") + OpenJobText.line(job))
    }
    if jobs.contains(where: { $0.reason != nil }) { throw ExitCode.incomplete }
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
    // The ledger may hold a password, and is not kept.
    let (command, arguments) = try note.command(ledger: batch.ledger)
    try await BatchRunCommand.$arguments.withValue(arguments) { try await command.run() }
  }
}
