import Drayage
import DrayageCore
import DrayageLedger
import Foundation
import GRDB

@testable import DrayageExecution

/// A ledger as it stood at one moment: what a crash at that moment would have left.
struct LedgerCopy: Sendable {
  /// An attempt without an end.
  struct Open: Hashable {
    let query: String
    let ceiling: Int64
    let offer: String
    let key: String
  }

  /// The file, whole.
  let bytes: [UInt8]
  /// What is spent and held of the batch's own budget.
  let spent: Int64
  let held: Int64
  /// The results of the answered rows, by the caller's ids.
  let answers: [String: [UInt8]]
  let open: [Open]
  /// The highest ordinal of each row's attempts.
  let attempts: [String: Int]

  /// What a run that starts from it begins with.
  var claimed: Int64 { spent + held }

  /// - Parameter path: a ledger that may be in use.
  init(of path: String) throws {
    let copy = path + ".copy-\(UUID().uuidString)"
    defer { unlink(copy) }
    var configuration = Configuration()
    configuration.busyMode = .timeout(10)
    let source = try DatabaseQueue(path: path, configuration: configuration)
    try source.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [copy]) }
    try source.close()
    bytes = try InputFile.bytes(at: copy)
    let ledger = try DatabaseQueue(path: copy)
    (spent, held) = try ledger.read { db in
      let row = try Row.fetchOne(db, sql: "SELECT spent, held FROM account")
      return (row?[0] ?? 0, row?[1] ?? 0)
    }
    answers = try ledger.read { db in
      let rows = try Row.fetchAll(
        db, sql: "SELECT job.id, content FROM job JOIN result ON result.id = job.result WHERE code IS NULL")
      return Dictionary(
        uniqueKeysWithValues: rows.compactMap { row in
          BatchRow.customID(ofJob: row[0]).map { ($0, Array(row[1] as Data)) }
        })
    }
    open = try ledger.read { db in
      let rows = try Row.fetchAll(
        db, sql: "SELECT request, ceiling, payload FROM attempt WHERE charge IS NULL ORDER BY request")
      return rows.compactMap { row in
        guard let query = BatchRow.customID(ofJob: row[0]), let note = AttemptNote(Array(row[2] as Data))
        else { return nil }
        return Open(query: query, ceiling: row[1], offer: note.offer, key: note.key)
      }
    }
    attempts = try ledger.read { db in
      let rows = try Row.fetchAll(db, sql: "SELECT request, max(ordinal) FROM attempt GROUP BY request")
      return Dictionary(
        uniqueKeysWithValues: rows.compactMap { row in
          BatchRow.customID(ofJob: row[0]).map { ($0, row[1] as Int) }
        })
    }
    try ledger.close()
  }

  /// Puts it where a run looks for it.
  func put(at path: String) throws {
    for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }
}
