import Drayage
import DrayageCore
import Foundation

/// Runs a batch: opens its journal, goes on where an earlier run ended, and writes the output.
package final class BatchRunner: Sendable {
  private let state: BatchState
  private let setup: BatchSetup
  private let transport: any Transport
  private let output: String

  /// The journal of the batch whose output is at `output`.
  package static func journalPath(forOutput output: String) -> String { output + ".journal" }

  /// Prepares a run; nothing is sent yet.
  ///
  /// - Throws: ``InputError`` for the journal, ``BatchError`` if the batch cannot begin, ``PlanError`` if
  ///   planning breaks down.
  package init(_ setup: BatchSetup, output: String, transport: any Transport) async throws {
    // Before the journal, so that a batch that cannot begin leaves nothing behind.
    let plan = try setup.plan()
    _ = try AtomicFile(output)
    let path = Self.journalPath(forOutput: output)
    let journal = try Journal(at: path)
    let replay = try JournalReplay(try journal.contents(), file: path)
    try journal.keep(first: replay.length)
    let run = replay.run ?? String(UInt64.random(in: .min ... .max), radix: 16)
    if replay.run == nil { try await journal.append(.begin(run: run)) }
    state = try await BatchState(setup, plan: plan, journal: journal, replay: replay, run: run)
    self.setup = setup
    self.transport = transport
    self.output = output
  }

  /// Sends what is left to send and writes the output, whole, in the order of the requests.
  ///
  /// - Throws: ``InputError`` if the journal or the output cannot be written; what was answered by then is in
  ///   the journal or counted as spent.
  package func run() async throws -> BatchResult {
    let executor = BatchExecutor(setup: setup, transport: transport, state: state)
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<max(1, setup.options.inFlight) {
          group.addTask { [state] in
            while let job = await state.next() { try await executor.run(job) }
          }
        }
        do {
          for try await _ in group {}
        } catch {
          await state.stop()
          throw error
        }
      }
    }
    var file = try AtomicFile(output)
    for line in await state.outputLines() {
      try file.append(line)
      try file.append([UInt8(ascii: "\n")])
    }
    try file.commit()
    return await state.result()
  }

  /// Begins no further request; those under way end, then ``run()`` returns.
  package func stop() async { await state.stop() }

  /// How far the run has come.
  package var progress: BatchProgress {
    get async { await state.progress }
  }
}
