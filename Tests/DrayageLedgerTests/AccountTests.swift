import DrayageCore
import DrayageLedger
import Testing

extension Stores {
  @Suite struct Accounts {
    @Test(arguments: StoreKind.available)
    func `money is reserved up to the limit and not beyond`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        #expect(try await store.setBudgets([Budget(name: "b", limit: nano(100))]) == [.added("b")])
        #expect(try await store.reserve(60, key("a")) == .held)
        #expect(
          try await store.reserve(41, key("b"))
            == .refused(budget: "b", available: nano(40), until: nil))
        #expect(try await store.reserve(40, key("b")) == .held)
        #expect(try await store.state() == ["b": [0, 100]])
        // What costs nothing fits always.
        #expect(try await store.reserve(0, key("c")) == .held)
      }
    }

    @Test(
      arguments: StoreKind.available,
      [
        (.metered(nano(30)), .settled(nano(30)), 30), (.metered(nano(60)), .settled(nano(60)), 60),
        (.metered(nano(175)), .overrun(nano(175), excess: nano(115)), 175),
        (.metered(nano(-5)), .settled(.zero), 0),
        (.notBilled, .settled(.zero), 0), (.unknown, .settled(nano(60)), 60),
        (.metered(nano(.max)), .overrun(nano(.max), excess: nano(.max - 60)), .max),
      ] as [(Ledger.Charge, Ledger.Settlement, Int64)])
    func `a reservation is settled once`(
      kind: StoreKind, expected: (charge: Ledger.Charge, settlement: Ledger.Settlement, spent: Int64)
    ) async throws {
      try await withStore(kind) { store async throws in
        _ = try await store.setBudgets([Budget(name: "b", limit: nano(100))])
        #expect(try await store.reserve(60, key("a")) == .held)
        #expect(try await store.settle(key("a"), as: expected.charge, at: noon) == expected.settlement)
        #expect(try await store.settle(key("a"), as: expected.charge, at: noon) == .alreadySettled)
        #expect(try await store.settle(key("never"), as: .unknown, at: noon) == .alreadySettled)
        #expect(try await store.state() == ["b": [expected.spent, 0]])
        // More than can be written adds up to the most that can.
        #expect(try await store.reserve(0, key("b")) == .held)
        _ = try await store.settle(key("b"), as: .metered(nano(7)), at: noon)
        let sum = expected.spent > .max - 7 ? Int64.max : expected.spent + 7
        #expect(try await store.state() == ["b": [sum, 0]])
        #expect(
          try await store.accounts(at: noon)[0].available == nano(max(0, 100 - min(sum, 100))))
      }
    }

    @Test(arguments: StoreKind.available)
    func `asking for the same reservation again changes nothing`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        _ = try await store.setBudgets([Budget(name: "b", limit: nano(100))])
        for _ in 0..<3 { #expect(try await store.reserve(60, key("a")) == .held) }
        #expect(try await store.reserve(61, key("a")) == .exists(.open(ceiling: nano(60))))
        // Whoever says something else of the attempt is another.
        let other = ReservationRequest(
          key: key("a"), ceiling: nano(60), spending: Spending(workload: "w", provider: "p"), payload: [1])
        #expect(try await store.reserve(other, at: noon) == .exists(.open(ceiling: nano(60))))
        #expect(try await store.state() == ["b": [0, 60]])
        _ = try await store.settle(key("a"), as: .metered(nano(9)), at: noon)
        #expect(try await store.reserve(60, key("a")) == .exists(.settled(nano(9))))
        #expect(try await store.state() == ["b": [9, 0]])
        // A later attempt, and another run, are other attempts.
        #expect(try await store.reserve(1, key("a", 2)) == .held)
        #expect(try await store.reserve(1, key("a", run: "other")) == .held)
      }
    }

    @Test(arguments: StoreKind.available)
    func `a reservation is held against every budget that covers it or none`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        let budgets = [
          Budget(name: "all", limit: nano(1_000)), Budget(name: "k", scope: .key("key"), limit: nano(100)),
          Budget(name: "w", scope: .workload("chat"), limit: nano(100)),
          Budget(name: "t", scope: .tag("nightly"), limit: nano(10)),
          Budget(name: "p", scope: .provider("openai"), limit: nano(100)),
        ]
        _ = try await store.setBudgets(budgets)
        let full = Spending(
          key: "key", workload: "chat", tags: ["nightly", "other"], provider: "openai")
        #expect(
          try await store.reserve(11, key("a"), spending: full)
            == .refused(budget: "t", available: nano(10), until: nil))
        #expect(try await store.state().values.allSatisfy { $0 == [0, 0] })
        #expect(try await store.reserve(10, key("a"), spending: full) == .held)
        let other = Spending(workload: "chat", tags: ["other"], provider: "groq")
        #expect(try await store.reserve(5, key("b"), spending: other) == .held)
        #expect(
          try await store.state()
            == ["all": [0, 15], "k": [0, 10], "w": [0, 15], "t": [0, 10], "p": [0, 10]])
        _ = try await store.settle(key("a"), as: .metered(nano(4)), at: noon)
        #expect(
          try await store.state()
            == ["all": [4, 5], "k": [4, 0], "w": [4, 5], "t": [4, 0], "p": [4, 0]])
      }
    }

    @Test(arguments: StoreKind.available)
    func `what is open is found again, with what recovery needs`(kind: StoreKind) async throws {
      try await StorePlace.with(kind) { place async throws in
        let payload: [UInt8] = Array(0...255) + Array(#"{"key":"\"}"#.utf8)
        let odd = key(#"ä"\,{}'💡"#, 2)
        let first = try await place.open()
        let spending = Spending(workload: "w", provider: "p")
        _ = try await first.reserve(
          ReservationRequest(key: odd, ceiling: nano(7), spending: spending, payload: payload), at: noon)
        _ = try await first.reserve(3, key("b", run: "other"))
        _ = try await first.reserve(3, key("c"))
        _ = try await first.settle(key("c"), as: .unknown, at: noon)
        await first.close()

        let second = try await place.open()
        let open = try await second.openReservations(run: "run")
        #expect(
          open == [OpenReservation(key: odd, ceiling: nano(7), payload: payload, reservedAt: noon)])
        #expect(try await second.openReservations(run: nil).map(\.key) == [key("b", run: "other"), odd])
        #expect(try await second.settle(odd, as: .notBilled, at: noon) == .settled(.zero))
        #expect(try await second.openReservations(run: "run").isEmpty)
        #expect(try await second.openReservations(run: "nobody").isEmpty)
        await second.close()
      }
    }

    @Test(arguments: StoreKind.available)
    func `settled attempts can be forgotten, what they cost cannot`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        _ = try await store.setBudgets([Budget(name: "b", limit: nano(100))])
        _ = try await store.reserve(10, key("a"))
        _ = try await store.reserve(10, key("b"))
        _ = try await store.settle(key("a"), as: .unknown, at: noon)
        let later = UTCInstant(secondsSince1970: noon.secondsSince1970 + 1)
        #expect(try await store.forgetSettled(before: noon) == 0)
        #expect(try await store.forgetSettled(before: later) == 1)
        #expect(try await store.forgetSettled(before: later) == 0)
        #expect(try await store.state() == ["b": [10, 10]])
      }
    }

    @Test(arguments: StoreKind.available)
    func `arguments that no store can hold are refused`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        func code(_ body: () async throws -> Void) async -> LedgerStoreError.Code? {
          do { try await body() } catch { return (error as? LedgerStoreError)?.code }
          return nil
        }
        let long = String(repeating: "x", count: 2_000)
        for bad in [key("a", 0), key("a\0b"), key(long), key("a", run: ""), key("a", run: long)] {
          #expect(await code { _ = try await store.reserve(1, bad) } == .invalid, "\(bad)")
          #expect(await code { _ = try await store.settle(bad, as: .unknown, at: noon) } == .invalid)
        }
        #expect(await code { _ = try await store.reserve(-1, key("a")) } == .invalid)
        for seconds in [-1, Int64.min, Int64.max, 253_402_300_800] {
          let time = UTCInstant(secondsSince1970: seconds)
          #expect(await code { _ = try await store.reserve(1, key("a"), at: time) } == .invalid)
        }
        let request = ReservationRequest(
          key: key("a"), ceiling: nano(1), spending: Spending(workload: "w", provider: "p"),
          payload: Array(repeating: 0, count: 65_537))
        #expect(await code { _ = try await store.reserve(request, at: noon) } == .invalid)
        #expect(try await store.openReservations(run: nil).isEmpty)
      }
    }

    @Test(arguments: StoreKind.available)
    func `a closed store answers nothing`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        await store.close()
        await #expect(throws: LedgerStoreError.self) { try await store.reserve(1, key("a")) }
        await store.close()
      }
    }
  }
}
