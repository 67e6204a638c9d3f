import Drayage
import DrayageCore
import DrayageLedger

/// The output of a batch: one line for each row in the order of the file; a row that was not reached says so.
struct BatchOutput {
  let store: BatchStore

  /// How many bytes of results are read at a time, about.
  private static let pageBytes = 16 << 20
  private static let firstPage = 32
  private static let mostPage = 1_000

  /// Writes the output whole, or not at all.
  ///
  /// - Throws: ``InputError`` if the disk does not take it, ``LedgerStoreError`` if the ledger does not answer.
  func write(to path: String) async throws {
    var file = try AtomicFile(path)
    var next = Int.min
    var count = Self.firstPage
    while true {
      let page = try await store.ledger.results(of: store.batch.name, from: next, count: count)
      guard let last = page.last else { break }
      let attempts = try await attempts(of: page.filter { $0.result == nil })
      var bytes = 0
      for item in page {
        let line = item.result ?? notReached(item, attempts[item.id] ?? [])
        bytes += line.count
        try file.append(line)
        try file.append([UInt8(ascii: "\n")])
      }
      next = last.ordinal + 1
      // Results of any size, a page of them in bounded memory.
      count = min(Self.mostPage, max(1, Self.pageBytes / max(1, bytes / page.count)))
    }
    try file.commit()
  }

  private func attempts(of items: [JobResult]) async throws -> [String: [RecordedAttempt]] {
    guard !items.isEmpty else { return [:] }
    let all = try await store.ledger.attempts(of: store.batch.run, requests: items.map(\.id))
    return Dictionary(grouping: all, by: \.key.attempt.request)
  }

  private func notReached(_ item: JobResult, _ attempts: [RecordedAttempt]) -> [UInt8] {
    BatchLine.failed(
      line: item.ordinal, customID: BatchRow.customID(ofJob: item.id), run: store.batch.run,
      code: "not_reached", message: "the run was stopped before this request; run the same command to go on",
      cost: attempts.reduce(Money.zero) { $0 + ($1.charge ?? .zero) }, attempts: attempts.count)
  }
}
