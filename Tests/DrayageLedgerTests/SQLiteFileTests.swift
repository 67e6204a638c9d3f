import DrayageCore
import Foundation
import GRDB
import Testing

@testable import DrayageLedger

/// Files that are no ledger, cannot be written, or are in use.
@Suite("SQLite files") struct SQLiteFiles {
  private func error(at path: String) async -> LedgerStoreError? {
    do {
      try await DurableLedger.sqlite(at: path, patience: 1).close()
      return nil
    } catch {
      return error as? LedgerStoreError
    }
  }

  /// Does `body` with the path of a file that does not exist yet.
  private func withPath(_ body: (String) async throws -> Void) async throws {
    try await StorePlace.with(.sqlite) { try await body($0.address) }
  }

  private func run(_ sql: String, at path: String) throws {
    try SQLiteScript.run(sql, at: path)
  }

  @Test func `a file of something else is left alone`() async throws {
    try await withPath { path async throws in
      let text = Data(String(repeating: "This is a letter.\n", count: 500).utf8)
      try text.write(to: URL(fileURLWithPath: path))
      let error = await error(at: path)
      #expect(error?.code == .unusable)
      #expect(error?.description.hasPrefix(path) == true)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == text)
    }
  }

  @Test(
    arguments: [
      ("CREATE TABLE letter (text)", "no ledger"), ("PRAGMA application_id = 7", "no ledger"),
      ("PRAGMA user_version = 7", "no ledger"),
      ("PRAGMA application_id = 1146247495; PRAGMA user_version = 99", "format 99"),
    ])
  func `a database of something else, or of a newer version, is left alone`(
    sql: String, message: String
  ) async throws {
    try await withPath { path async throws in
      try run(sql, at: path)
      let error = await error(at: path)
      #expect(error?.code == .unusable)
      #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }
  }

  @Test func `a ledger of an earlier version is brought up to date`() async throws {
    try await withPath { path async throws in
      let old = try await DurableLedger.sqlite(at: path)
      _ = try await old.begin("b", payload: [7], alone: true, at: noon)
      await old.close()
      try run("DROP TABLE memo; PRAGMA user_version = 1", at: path)
      let store = try await DurableLedger.sqlite(at: path)
      try await store.keep([1], as: "one", of: "b")
      #expect(try await store.memos(of: "b") == ["one": [1]])
      #expect(try await store.batch(named: "b")?.payload == [7])
      await store.close()
    }
  }

  @Test func `an empty file becomes a ledger that only its owner reads`() async throws {
    try await withPath { path async throws in
      try Data().write(to: URL(fileURLWithPath: path))
      #expect(await error(at: path) == nil)
      #expect(await error(at: path) == nil)
      #expect(await error(at: path + "2") == nil)
      let attributes = try FileManager.default.attributesOfItem(atPath: path + "2")
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    }
  }

  @Test func `a path that cannot be a file says so`() async throws {
    try await withPath { path async throws in
      #expect(await error(at: path + "/missing/ledger") != nil)
      let folder = (path as NSString).deletingLastPathComponent
      #expect(await error(at: folder)?.code == .unusable)
      #expect(await error(at: "")?.code == .unusable)
    }
  }

  @Test func `a file that another process keeps is an error, and works once it is free`() async throws {
    try await withPath { path async throws in
      let store = try await DurableLedger.sqlite(at: path, patience: 1)
      _ = try await store.setBudgets([Budget(name: "b", limit: nano(100))])
      let other = try SQLiteScript.Holder(path)
      let error = await #expect(throws: LedgerStoreError.self) { try await store.reserve(1, key("a")) }
      #expect(error?.code == .unavailable)
      other.letGo()
      #expect(try await store.reserve(1, key("a")) == .held)
      await store.close()
    }
  }

  @Test func `a damaged file is an error, never a wrong answer`() async throws {
    try await withPath { path async throws in
      let store = try await DurableLedger.sqlite(at: path)
      _ = try await store.setBudgets([Budget(name: "b", limit: nano(1_000))])
      for ordinal in 1...400 { _ = try await store.reserve(1, key("a", ordinal)) }
      await store.close()
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(bytes.count > 16_384)
      for place in 4_096..<bytes.count { bytes[place] = 0x5A }
      try bytes.write(to: URL(fileURLWithPath: path))
      let error = await #expect(throws: LedgerStoreError.self) {
        let store = try await DurableLedger.sqlite(at: path)
        _ = try await store.reserve(1, key("b"))
      }
      #expect(error?.code == .unusable, "\(String(describing: error))")
    }
  }

  /// Prepares a file that another connection makes a ledger of meanwhile.
  private func prepareTogether(_ path: String) throws {
    var configuration = Configuration()
    configuration.journalMode = .wal
    let own = try DatabaseQueue(path: path, configuration: configuration)
    let other = try DatabaseQueue(path: path, configuration: configuration)
    try own.writeWithoutTransaction { db in
      var isMade = false
      db.trace { event in
        // A part of what tells a ledger is read by now.
        guard "\(event)".contains("user_version"), !isMade else { return }
        isMade = true
        #expect(throws: Never.self) { try other.writeWithoutTransaction { try SQLiteSchema.prepare($0) } }
      }
      try SQLiteSchema.prepare(db)
      #expect(isMade)
    }
  }

  @Test func `a file that another makes a ledger of while it is looked at is one`() async throws {
    try await withPath { path async throws in
      try prepareTogether(path)
      try await DurableLedger.sqlite(at: path).close()
    }
  }

  @Test func `a budget that is not understood is not passed over`() async throws {
    try await withPath { path async throws in
      let store = try await DurableLedger.sqlite(at: path)
      _ = try await store.setBudgets([Budget(name: "b", limit: nano(1_000))])
      try run("UPDATE budget SET scope = 'galaxy'", at: path)
      let error = await #expect(throws: LedgerStoreError.self) { try await store.reserve(1, key("a")) }
      #expect(error?.code == .unusable)
      await store.close()
    }
  }

  @Test func `a disk that takes no more fails what is asked and loses nothing`() async throws {
    try await withPath { path async throws in
      await #expect(processExitsWith: .success) { [path = path as String] in
        let store = try await DurableLedger.sqlite(at: path)
        _ = try await store.setBudgets([Budget(name: "b", limit: nano(1_000_000))])
        // In place of a full disk: files may not grow beyond this.
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 200_000, rlim_max: rlim_t.max)
        #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
        var held: Set<ReservationKey> = []
        var failure: LedgerStoreError?
        while failure == nil {
          let request = ReservationRequest(
            key: key("a", held.count + 1), ceiling: nano(1), spending: Spending(workload: "w", provider: "p"),
            payload: Array(repeating: 1, count: 2_000))
          do {
            #expect(try await store.reserve(request, at: noon) == .held)
            held.insert(request.key)
          } catch {
            failure = error as? LedgerStoreError
          }
        }
        #expect(failure?.code == .full || failure?.code == .unavailable, "\(String(describing: failure))")
        limit.rlim_cur = rlim_t.max
        #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
        #expect(try await store.reserve(1, key("after")) == .held)
        held.insert(key("after"))
        await store.close()
        let reopened = try await DurableLedger.sqlite(at: path)
        #expect(Set(try await reopened.openReservations(run: nil).map(\.key)) == held)
        #expect(try await reopened.state() == ["b": [0, Int64(held.count)]])
      }
    }
  }
}
