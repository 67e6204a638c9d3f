import DrayageCore
import Foundation
import GRDB
import Testing

@testable import DrayageLedger

extension Stores {
  @Suite struct Groups {
    private static func engine(_ place: StorePlace) -> any LedgerEngine {
      switch place.kind {
      case .sqlite: SQLiteEngine(path: place.address, patience: 30)
      case .postgres: PostgresEngine(address: place.address, patience: 30)
      }
    }

    /// Makes the whole transaction void, on either store.
    private static let poison = LedgerOperation.other { tables in
      if let tables = tables as? PostgresTables {
        try tables.connection.send(sql: "SELECT 1 / 0")
        _ = try tables.connection.receive(until: tables.deadline)
      } else if let tables = tables as? SQLiteTables {
        try tables.run("INSERT INTO account (id, budget, period, held) VALUES (9, 'x', 'x', -1)", [])
      }
      return true
    }

    @Test(arguments: StoreKind.available)
    func `what breaks a transaction fails alone`(kind: StoreKind) async throws {
      try await StorePlace.with(kind) { place async throws in
        let engine = Self.engine(place)
        var calendar = BudgetCalendar()
        let spending = Spending(workload: "w", provider: "p")
        let operations = (1...9).map { ordinal in
          ordinal == 5
            ? Self.poison
            : LedgerOperation.reserve(
              ReservationRequest(key: key("a", ordinal), ceiling: nano(1), spending: spending), at: noon)
        }
        let answers = engine.perform(operations, calendar: &calendar)
        for (index, answer) in answers.enumerated() {
          switch answer {
          case .success(.reserved(.held)): #expect(index != 4)
          case .failure(let error): #expect(index == 4 && error.code == .failed, "\(error)")
          case .success: Issue.record("operation \(index) has the answer of another")
          }
        }
        engine.close()
        let store = try await place.open()
        #expect(try await store.openReservations(run: nil).count == 8)
        await store.close()
      }
    }

    @Test(arguments: StoreKind.available)
    func `a call that is run again after its commit is answered as the first time`(
      kind: StoreKind
    ) async throws {
      try await StorePlace.with(kind) { place async throws in
        let engine = Self.engine(place)
        var calendar = BudgetCalendar()
        let request = ReservationRequest(
          key: key("a"), ceiling: nano(9), spending: Spending(workload: "w", provider: "p"))
        let settlement = LedgerOperation.settle(
          request.key, as: .metered(nano(12)), at: noon, token: 7)
        let other = LedgerOperation.settle(request.key, as: .metered(nano(12)), at: noon, token: 8)
        let job = Job(ordinal: 1, id: "j", digest: 0)
        for _ in 0..<2 {
          let added = try engine.transaction { try $0.add([job], to: "b", reading: 1, at: 0) }
          #expect(added == Enqueued(stored: 1))
        }
        func settled(_ operation: LedgerOperation) throws -> Ledger.Settlement? {
          let answer = engine.perform([operation], calendar: &calendar)[0]
          guard case .settled(let settlement) = try answer.get() else { return nil }
          return settlement
        }
        _ = engine.perform([.reserve(request, at: noon)], calendar: &calendar)
        for _ in 0..<2 {
          #expect(try settled(settlement) == .overrun(nano(12), excess: nano(3)))
        }
        #expect(try settled(other) == .alreadySettled)
        if kind == .postgres {
          let claim = JobClaim(worker: "w", count: 1, at: 0, until: 9, token: 7)
          for _ in 0..<2 { #expect(try engine.transaction { try $0.claim(claim, from: "b") }.count == 1) }
          for token in [Int64(7), 7, 8] {
            let end = JobEnd(id: "j", outcome: .answer(), at: 0, token: token)
            let completion = try engine.transaction { try $0.finish(end, in: "b") }
            #expect(completion == (token == 7 ? .finished : .alreadyFinished))
          }
          func begin(_ token: Int64) throws -> Int {
            let start = BatchStart(name: "b", run: "r", payload: [], alone: false, at: 0, token: token)
            return try engine.transaction { try $0.begin(start) }.reading
          }
          #expect(try [7, 7, 8, 8].map(begin) == [1, 1, 2, 2])
        }
        engine.close()
      }
    }
  }
}

/// An engine that does nothing until it is let go on, and then fails.
private final class StandingEngine: LedgerEngine, @unchecked Sendable {
  let store = "standing"
  let gate = DispatchSemaphore(value: 0)

  func transaction<Answer>(
    _ body: (any LedgerTables) throws -> Answer
  ) throws(LedgerStoreError) -> Answer {
    gate.wait()
    gate.signal()
    throw LedgerStoreError(.unavailable, store, "it stands still")
  }

  func close() {}
}

@Suite("Group commit") struct GroupCommitTests {
  @Test func `more calls than may wait are refused at once, and every call is answered`() async {
    let engine = StandingEngine()
    let commits = GroupCommit(engine)
    let surplus = 10
    let calls = GroupCommit.bound + GroupCommit.largestGroup + surplus
    let codes = await withTaskGroup(of: LedgerStoreError.Code?.self) { group in
      for _ in 0..<calls {
        group.addTask {
          do {
            _ = try await commits.submit(.other { _ in true })
            return nil
          } catch {
            return (error as? LedgerStoreError)?.code
          }
        }
      }
      var codes: [LedgerStoreError.Code: Int] = [:]
      for await code in group {
        if let code { codes[code, default: 0] += 1 }
        if codes[.overloaded] == surplus { engine.gate.signal() }
      }
      return codes
    }
    #expect(codes[.overloaded, default: 0] >= surplus)
    #expect(codes.values.reduce(0, +) == calls)
    await commits.close()
  }
}
