import DrayageCore
import DrayageLedger
import Testing

extension Stores {
  @Suite struct Budgets {
    @Test(arguments: StoreKind.available)
    func `declaring budgets again changes nothing, another limit is reported`(
      kind: StoreKind
    ) async throws {
      try await withStore(kind) { store async throws in
        let a = Budget(name: "a", scope: .tag("x"), window: .day(zone: "Europe/Vienna"), limit: nano(5))
        let b = Budget(name: "b", window: .month(zone: "UTC"), limit: nano(9))
        #expect(try await store.setBudgets([b, a]) == [.added("b"), .added("a")])
        #expect(try await store.setBudgets([a, b]) == [])
        let less = Budget(name: "b", window: b.window, limit: nano(3))
        #expect(try await store.reserve(8, key("a")) == .held)
        #expect(try await store.setBudgets([less]) == [.limit(of: "b", from: nano(9), to: nano(3))])
        #expect(try await store.accounts(at: noon).map(\.budget) == [a, less])
        // Less than is held already only refuses what comes.
        guard case .refused("b", let available, _) = try await store.reserve(1, key("b")) else {
          Issue.record("a reservation beyond the limit is held")
          return
        }
        #expect(available == .zero)
        _ = try await store.settle(key("a"), as: .metered(nano(2)), at: noon)
        #expect(try await store.reserve(1, key("b")) == .held)
      }
    }

    @Test(arguments: StoreKind.available)
    func `another process sees a changed budget at once`(kind: StoreKind) async throws {
      try await StorePlace.with(kind) { place async throws in
        let first = try await place.open()
        let second = try await place.open()
        for limit in [Int64(3), 0, 5] {
          _ = try await first.setBudgets([Budget(name: "b", limit: nano(limit))])
          #expect(
            try await second.reserve(6, key("a"))
              == .refused(budget: "b", available: nano(limit), until: nil))
        }
        try await second.removeBudgets(named: ["b", "unknown"])
        #expect(try await first.accounts(at: noon).isEmpty)
        #expect(try await first.reserve(6, key("a")) == .held)
        await first.close()
        await second.close()
      }
    }

    @Test(arguments: StoreKind.available)
    func `a name is not given to another scope or window`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        _ = try await store.setBudgets([Budget(name: "b", limit: nano(1))])
        for other in [
          Budget(name: "b", scope: .key("k"), limit: nano(1)),
          Budget(name: "b", window: .day(zone: "UTC"), limit: nano(1)),
        ] {
          let error = await #expect(throws: LedgerStoreError.self) {
            try await store.setBudgets([Budget(name: "new", limit: nano(1)), other])
          }
          #expect(error?.code == .invalid)
          #expect(error?.message.contains("'b'") == true)
        }
        // All or nothing.
        #expect(try await store.accounts(at: noon).map(\.budget.name) == ["b"])
      }
    }

    @Test(
      arguments: StoreKind.available,
      [
        [Budget(name: "a", limit: nano(-1))], [Budget(name: "", limit: nano(1))],
        [Budget(name: "a\0", limit: nano(1))],
        [Budget(name: "a", limit: nano(1)), Budget(name: "a", limit: nano(2))],
        [Budget(name: "a", window: .day(zone: "Europe/Atlantis"), limit: nano(1))],
        [Budget(name: "a", window: .month(zone: ""), limit: nano(1))],
        [Budget(name: "a", window: .month(zone: "GMT+25"), limit: nano(1))],
      ])
    func `a budget that makes no sense is refused`(kind: StoreKind, budgets: [Budget]) async throws {
      try await withStore(kind) { store async throws in
        let error = await #expect(throws: LedgerStoreError.self) { try await store.setBudgets(budgets) }
        #expect(error?.code == .invalid)
        #expect(try await store.accounts(at: noon).isEmpty)
      }
    }

    @Test(arguments: StoreKind.available)
    func `what a removed budget held is settled, and counts when it comes back`(
      kind: StoreKind
    ) async throws {
      try await withStore(kind) { store async throws in
        let budget = Budget(name: "b", limit: nano(10))
        _ = try await store.setBudgets([budget])
        _ = try await store.reserve(4, key("a"))
        try await store.removeBudgets(named: ["b"])
        #expect(try await store.settle(key("a"), as: .metered(nano(3)), at: noon) == .settled(nano(3)))
        #expect(try await store.setBudgets([budget]) == [.added("b")])
        #expect(try await store.state() == ["b": [3, 0]])
      }
    }
  }
}
