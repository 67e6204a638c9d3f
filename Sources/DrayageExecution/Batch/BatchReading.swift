import Drayage
import DrayageCore
import DrayageLedger

/// One reading of a file of requests: puts its rows into the queue, and keeps a sample.
struct BatchReading {
  private let setup: BatchSetup
  private let ledger: any LedgerAndQueue
  private let batch: BatchRecord

  /// The rows that speak for all.
  private(set) var sample: RowSample
  /// Lines that are no requests: the first of them, and how many there are.
  private(set) var refused: [RefusedRow] = []
  private(set) var refusedCount = 0
  /// Requests that say the same as earlier ones, if those are looked for.
  private(set) var copies: BatchCopies?

  /// Lines that are not in the queue yet.
  private var chunk: [Entry] = []

  private enum Entry {
    case row(BatchRow)
    case copy(BatchRow)
    case refused(line: Int, id: String?, InputError)

    var line: Int {
      switch self {
      case .row(let row), .copy(let row): row.line
      case .refused(let line, _, _): line
      }
    }

    var id: String? {
      switch self {
      case .row(let row), .copy(let row): row.customID
      case .refused(_, let id, _): id
      }
    }
  }

  private static let chunkRows = 2_000
  private static let shownRefused = 10

  init(
    _ setup: BatchSetup, into ledger: any LedgerAndQueue, _ batch: BatchRecord
  ) {
    self.setup = setup
    self.ledger = ledger
    self.batch = batch
    sample = RowSample(of: setup.options.sample)
    if setup.options.dedupes { copies = BatchCopies() }
  }

  /// Reads the file to its end.
  ///
  /// - Throws: ``InputError`` if it cannot be read or holds nothing, ``BatchError`` if an answered row has changed,
  ///   ``LedgerStoreError`` if the ledger does not take it.
  mutating func run() async throws {
    let file = setup.file
    var reader = file.lines
    while let line = try reader.line() {
      switch setup.file.entry(line) {
      case nil: continue
      case .refused(let id, let error):
        if let id { copies?.pass(over: id) }
        chunk.append(.refused(line: line.number, id: id, error))
      case .request(let id, let body):
        let place = line.offset..<line.offset + (line.bytes?.count ?? 0)
        let row = BatchRow(
          line: line.number, customID: id, place: place, body: body, vocabularies: setup.vocabularies)
        let isCopy = copies?.take(row, body, of: file) ?? false
        chunk.append(isCopy ? .copy(row) : .row(row))
      }
      if chunk.count >= Self.chunkRows { try await flush() }
    }
    try await flush()
    guard sample.count > 0 || refusedCount > 0 else {
      throw InputError(
        .empty, file: setup.file.path, message: "holds no requests; write one JSON object a line")
    }
    try await ledger.endReading(batch.reading, of: batch.name)
  }

  private mutating func flush() async throws {
    guard !chunk.isEmpty else { return }
    let answer = try await enqueue(chunk.map { job($0) })
    if let line = answer.changed.first, let entry = chunk.first(where: { $0.line == line }) {
      throw BatchError.changed(line: line, customID: entry.id ?? "")
    }
    var strangers: [Job] = []
    for entry in chunk {
      switch (entry, answer.repeated[entry.line]) {
      case (.row(let row), nil): sample.offer(row)
      case (.copy, nil): break
      case (.refused(let line, let id, let error), nil):
        count(RefusedRow(line: line, customID: id, reason: .malformed(error)))
      case (.row(let row), let first?), (.copy(let row), let first?):
        // Its id is another's.
        let error = setup.file.repetition(of: row.customID, line: row.line, first: first)
        count(RefusedRow(line: row.line, customID: nil, reason: .malformed(error)))
        strangers.append(job(.refused(line: row.line, id: nil, error)))
      case (.refused(let line, _, let error), _?):
        count(RefusedRow(line: line, customID: nil, reason: .malformed(error)))
        strangers.append(job(.refused(line: line, id: nil, error)))
      }
    }
    if !strangers.isEmpty { _ = try await enqueue(strangers) }
    chunk = []
  }

  private func enqueue(_ jobs: [Job]) async throws -> Enqueued {
    try await ledger.enqueue(jobs, in: batch.name, reading: batch.reading, at: .now)
  }

  /// A row, or the place of a line that is none in the output.
  private func job(_ entry: Entry) -> Job {
    switch entry {
    case .row(let row): return row.job
    case .copy(let row):
      return Job(
        ordinal: row.line, id: row.jobID, digest: row.digest,
        outcome: BatchCopies.outcome(row, run: batch.run))
    case .refused(let line, let id, let error):
      let row = RefusedRow(line: line, customID: id, reason: .malformed(error))
      let output = BatchLine.failed(
        line: line, customID: id, run: batch.run, code: row.code, message: row.message)
      // A later run may find it mended.
      let outcome = JobOutcome(code: row.code, result: output, isFinal: false)
      return Job(
        ordinal: line, id: id.map(BatchRow.jobID) ?? BatchRow.jobID(ofLine: line), digest: 0, outcome: outcome
      )
    }
  }

  private mutating func count(_ row: RefusedRow) {
    refusedCount += 1
    if refused.count < Self.shownRefused { refused.append(row) }
  }
}
