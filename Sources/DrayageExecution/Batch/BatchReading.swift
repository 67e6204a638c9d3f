import Drayage
import DrayageCore
import DrayageLedger

/// One reading of a file of requests: puts its rows into the queue, and keeps a sample.
struct BatchReading {
  private let setup: BatchSetup
  private let ledger: any LedgerAndQueue
  private let batch: BatchRecord
  private let isCancelled: @Sendable () -> Bool

  /// The rows that speak for all.
  private(set) var sample: RowSample
  /// Lines that are no requests: the first of them, and how many there are.
  private(set) var refused: [RefusedRow] = []
  private(set) var refusedCount = 0

  private var chunk: [Job] = []
  private var chunkBytes = 0
  /// The ids of the rows in `chunk`, for messages.
  private var rows: [Int: BatchRow] = [:]

  private static let chunkRows = 2_000
  private static let mostChunkBytes = 8 << 20
  private static let shownRefused = 10

  init(
    _ setup: BatchSetup, into ledger: any LedgerAndQueue, _ batch: BatchRecord,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.setup = setup
    self.ledger = ledger
    self.batch = batch
    self.isCancelled = isCancelled
    sample = RowSample(of: setup.options.sample)
  }

  /// Reads the file to its end.
  ///
  /// - Throws: ``InputError`` if it cannot be read or holds nothing, ``BatchError`` if an answered row has changed,
  ///   ``LedgerStoreError`` if the ledger does not take it.
  mutating func run() async throws {
    var reader = setup.file.lines
    while let line = try reader.line() {
      if isCancelled() { throw CancellationError() }
      switch setup.file.entry(line) {
      case nil: continue
      case .refused(let id, let error):
        // Whether the id is its own is known once all rows before it are in the queue.
        try await flush()
        try await refuse(line.number, id: id, error)
      case .request(let id, let body):
        let place = line.offset..<line.offset + (line.bytes?.count ?? 0)
        let row = BatchRow(
          line: line.number, customID: id, place: place, body: body, vocabularies: setup.vocabularies)
        let job = row.job
        rows[row.line] = row
        chunk.append(job)
        chunkBytes += job.payload.count + job.id.utf8.count
      }
      if chunk.count >= Self.chunkRows || chunkBytes >= Self.mostChunkBytes { try await flush() }
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
    let answer = try await ledger.enqueue(chunk, in: batch.name, reading: batch.reading, at: .now)
    if let line = answer.changed.first, let row = rows[line] { throw BatchError.changed(row) }
    for job in chunk {
      guard let row = rows[job.ordinal] else { continue }
      if let first = answer.repeated[job.ordinal] {
        try await refuse(
          row.line, id: nil, setup.file.repetition(of: row.customID, line: row.line, first: first))
      } else {
        sample.offer(row)
      }
    }
    chunk = []
    chunkBytes = 0
    rows = [:]
  }

  /// Gives a line that is no request its place in the output.
  ///
  /// - Parameter id: its id, which it keeps if no line before it has it.
  private mutating func refuse(_ line: Int, id: String?, _ error: InputError) async throws {
    let row = RefusedRow(line: line, customID: id, reason: .malformed(error))
    func store(_ id: String, _ customID: String?) async throws -> Bool {
      let output = BatchLine.failed(
        line: line, customID: customID, run: batch.run, code: row.code, message: row.message)
      // A later run may find it mended.
      let outcome = JobOutcome(code: row.code, result: output, isFinal: false)
      let job = Job(ordinal: line, id: id, digest: 0, outcome: outcome)
      return try await ledger.enqueue([job], in: batch.name, reading: batch.reading, at: .now).stored == 1
    }
    let isNamed = if let id { try await store(BatchRow.jobID(id), id) } else { false }
    if !isNamed { _ = try await store(BatchRow.jobID(ofLine: line), nil) }
    refusedCount += 1
    if refused.count < Self.shownRefused { refused.append(row) }
  }
}
