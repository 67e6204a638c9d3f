import Drayage
import DrayageCore
import DrayageLedger

/// The requests of a batch that say the same as an earlier one to the byte, and are not sent: their answers are copies.
struct BatchCopies: Sendable {
  /// What is known of the first request with a body: where it stands.
  private struct Original {
    let line: Int
    let place: Range<Int>
  }

  /// By digest of the body.
  private var originals: [UInt64: Original] = [:]
  /// Of the ids so far, by hash: a line whose id is another's is not sent, and nothing can be a copy of it.
  private var ids: Set<Int> = []
  /// The lines of copies, and of what they are copies of, in order.
  private(set) var pairs: [(copy: Int, original: Int)] = []

  /// What a copy is called until its original has come to an end.
  static let code = "copy"

  /// Takes a request, and says whether it is a copy.
  mutating func take(_ row: BatchRow, _ body: RequestBody, of file: BatchFile) -> Bool {
    guard ids.insert(row.customID.hashValue).inserted else { return false }
    guard let original = originals[row.digest] else {
      originals[row.digest] = Original(line: row.line, place: row.place)
      return false
    }
    // A digest is no proof.
    guard let first = try? file.body(at: original.place, line: original.line), first.bytes == body.bytes
    else {
      return false
    }
    pairs.append((row.line, original.line))
    return true
  }

  /// Takes notice of the id of a line that is no request.
  mutating func pass(over id: String) { ids.insert(id.hashValue) }

  /// How a copy is put into the queue.
  static func outcome(_ row: BatchRow, run: String) -> JobOutcome {
    JobOutcome(
      code: code,
      result: BatchLine.failed(
        line: row.line, customID: row.customID, run: run, code: "not_reached",
        message: "an earlier request says the same and was not reached; run the same command to go on"),
      isFinal: false)
  }

  /// Gives copies the ends of their originals.
  func finish(in store: BatchStore) async throws {
    try await together(pairs) { copy, original in try await finish(copy, original, in: store) }
  }

  private func finish(_ number: Int, _ first: Int, in store: BatchStore) async throws {
    guard let copy = try await item(number, store), copy.code == Self.code,
      let original = try await item(first, store), let result = original.result, original.code != Self.code,
      let line = try? JSONNode.parse(result, file: "result")
    else { return }
    let route = line["drayage"]
    let isAnswer = original.code == nil
    let outcome = JobOutcome(
      source: isAnswer ? route?["offer"]?.string : nil, code: original.code, score: route?["score"]?.double,
      expected: route?["expected"]?.double,
      result: BatchLine.copied(
        number, BatchRow.customID(ofJob: copy.id), run: store.batch.run, of: line, result), isFinal: isAnswer)
    _ = try await store.ledger.finish(copy.id, in: store.batch.name, with: outcome, settling: nil, at: .now)
  }

  private func item(_ line: Int, _ store: BatchStore) async throws -> JobResult? {
    try await store.ledger.results(of: store.batch.name, from: line, count: 1).first { $0.ordinal == line }
  }
}
