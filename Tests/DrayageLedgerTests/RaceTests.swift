import DrayageCore
import DrayageLedger
import Testing

extension Stores {
  @Suite struct Races {
    /// A round is a day with a budget of its own, so that none is like the one before.
    @Test(arguments: StoreKind.available)
    func `of 64 at once for a budget that fits 63, exactly 63 are held, in every round`(
      kind: StoreKind
    ) async throws {
      try await StorePlace.with(kind) { place async throws in
        let rounds = 1_000
        let stores = [try await place.open(), try await place.open()]
        _ = try await stores[0].setBudgets([
          Budget(name: "b", window: .day(zone: "UTC"), limit: nano(63 * 7))
        ])
        var wrong: [Int] = []
        for round in 0..<rounds {
          let time = UTCInstant(secondsSince1970: Int64(round) * 86_400)
          let held = try await withThrowingTaskGroup(of: Bool.self) { group in
            for caller in 0..<64 {
              group.addTask {
                // Most rounds in one process, every eighth in two.
                let store = stores[round % 8 == 0 ? caller % 2 : 0]
                return try await store.reserve(7, key("r\(round)", caller + 1), at: time) == .held
              }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
          }
          if held != 63 { wrong.append(round) }
        }
        #expect(wrong.isEmpty)
        for round in stride(from: 0, to: rounds, by: 97) {
          let time = UTCInstant(secondsSince1970: Int64(round) * 86_400)
          #expect(try await stores[1].state(at: time) == ["b": [0, 63 * 7]], "round \(round)")
        }
        for store in stores { await store.close() }
      }
    }

    @Test(arguments: StoreKind.available)
    func `the same reservation asked by many at once is held once`(kind: StoreKind) async throws {
      try await StorePlace.with(kind) { place async throws in
        let stores = [try await place.open(), try await place.open(), try await place.open()]
        for round in 0..<20 {
          // Without a budget there is no account to queue for: only the attempt itself tells them apart.
          if round == 10 { _ = try await stores[0].setBudgets([Budget(name: "b", limit: nano(1_000))]) }
          try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<24 {
              group.addTask {
                let answer = try await stores[caller % 3].reserve(5, key("r\(round)"))
                #expect(answer == .held)
              }
            }
            try await group.waitForAll()
          }
        }
        #expect(try await stores[1].openReservations(run: nil).count == 20)
        #expect(try await stores[1].state() == ["b": [0, 50]])
        for store in stores { await store.close() }
      }
    }

    @Test(arguments: StoreKind.available)
    func `stores that are opened and told their budgets at once agree`(kind: StoreKind) async throws {
      try await StorePlace.with(kind) { place async throws in
        let budgets = (0..<5).map { Budget(name: "b\($0)", limit: nano(Int64($0))) }
        let changes = try await withThrowingTaskGroup(of: [BudgetChange].self) { group in
          for _ in 0..<8 {
            group.addTask {
              let store = try await place.open()
              let changes = try await store.setBudgets(budgets)
              await store.close()
              return changes
            }
          }
          return try await group.reduce(into: []) { $0 += $1 }
        }
        // Each is new to one of them only.
        #expect(changes.count == 5)
      }
    }

    @Test(arguments: StoreKind.available)
    func `a call that fails does not fail those it is committed with`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        _ = try await store.setBudgets([Budget(name: "b", limit: nano(100))])
        let clash = [Budget(name: "b", scope: .key("k"), limit: nano(1))]
        try await withThrowingTaskGroup(of: Void.self) { group in
          for caller in 1...50 {
            group.addTask {
              let answer = try await store.reserve(2, key("r", caller))
              #expect(answer == .held)
            }
            group.addTask {
              await #expect(throws: LedgerStoreError.self) { try await store.setBudgets(clash) }
            }
          }
          try await group.waitForAll()
        }
        #expect(try await store.state() == ["b": [0, 100]])
      }
    }
  }
}
