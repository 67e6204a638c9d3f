import DrayageCore
import DrayageLedger
import DrayageTesting
import Testing

extension Stores {
  /// The in-memory ledger says what is right.
  @Suite struct Model {
    private static let workloads = ["chat", "extract"]
    private static let providers = ["openai", "groq", "anthropic"]
    private static let tags = ["x", "y", "z"]

    private static func budgets(_ random: inout SplitMix64) -> [Budget] {
      let scopes: [Budget.Scope] =
        [.all, .key("k0"), .key("k1")] + workloads.map { .workload($0) } + tags.map { .tag($0) }
        + providers.map { .provider($0) }
      return scopes.shuffled(using: &random).prefix(5).enumerated().map { place, scope in
        Budget(name: "b\(place)", scope: scope, limit: nano(.random(in: 0...400, using: &random)))
      }
    }

    private static func spending(_ random: inout SplitMix64) -> Spending {
      Spending(
        key: Bool.random(using: &random) ? "k\(Int.random(in: 0...2, using: &random))" : nil,
        workload: workloads[Int.random(in: 0..<workloads.count, using: &random)],
        tags: Set(tags.filter { _ in Bool.random(using: &random) }),
        provider: providers[Int.random(in: 0..<providers.count, using: &random)])
    }

    private static func charge(_ random: inout SplitMix64) -> Ledger.Charge {
      switch Int.random(in: 0..<8, using: &random) {
      case 0: .unknown
      case 1: .notBilled
      case 2: .metered(nano(.random(in: 0...90, using: &random)))
      default: .metered(nano(.random(in: 0...20, using: &random)))
      }
    }

    @Test(arguments: StoreKind.available, 1...12 as ClosedRange<UInt64>)
    func `a random course gives the same answers as the ledger in memory`(
      kind: StoreKind, seed: UInt64
    ) async throws {
      try await StorePlace.with(kind) { place async throws in
        var random = SplitMix64(seed: seed)
        let budgets = Self.budgets(&random)
        // Two processes take turns at random.
        let stores = [try await place.open(), try await place.open()]
        _ = try await stores[0].setBudgets(budgets)
        var model = Ledger(limits: Dictionary(uniqueKeysWithValues: budgets.map { ($0.name, $0.limit) }))
        var ceilings: [ReservationKey: Money] = [:]
        var charges: [ReservationKey: Money] = [:]
        for step in 0..<250 {
          let store = stores[Int.random(in: 0...1, using: &random)]
          let key = key("r\(Int.random(in: 0..<60, using: &random))")
          if Bool.random(using: &random) {
            let ceiling = nano(.random(in: 0...60, using: &random))
            let spending = Self.spending(&random)
            let answer = try await store.reserve(
              ReservationRequest(key: key, ceiling: ceiling, spending: spending), at: noon)
            let expected: ReservationAnswer
            if let charge = charges[key] {
              expected = .exists(.settled(charge))
            } else if let held = ceilings[key] {
              expected = held == ceiling ? .held : .exists(.open(ceiling: held))
            } else {
              let names = budgets.filter { $0.covers(spending) }.map(\.name)
              switch model.reserve(ceiling, for: key.attempt, against: names) {
              case .held:
                ceilings[key] = ceiling
                expected = .held
              case .refused(let budget, let available):
                expected = .refused(budget: budget, available: available, until: nil)
              }
            }
            #expect(answer == expected, "seed \(seed), step \(step)")
          } else {
            let charge = Self.charge(&random)
            let answer = try await store.settle(key, as: charge, at: noon)
            let expected = model.settle(key.attempt, as: charge)
            #expect(answer == expected, "seed \(seed), step \(step)")
            if case .settled(let amount) = expected { charges[key] = amount }
            if case .overrun(let amount, _) = expected { charges[key] = amount }
          }
          if step % 50 == 0 { try await Self.compare(stores[step % 2], model, "seed \(seed), step \(step)") }
        }
        for store in stores { await store.close() }
        let reopened = try await place.open()
        try await Self.compare(reopened, model, "seed \(seed), reopened")
        let open = try await reopened.openReservations(run: "run")
        #expect(Set(open.map(\.key)) == Set(ceilings.keys).subtracting(charges.keys), "seed \(seed)")
        await reopened.close()
      }
    }

    private static func compare(_ store: DurableLedger, _ model: Ledger, _ place: String) async throws {
      let state = try await store.state()
      let expected = model.accounts.mapValues { [$0.spent.nanodollars, $0.held.nanodollars] }
      #expect(state == expected, "\(place)")
    }

    @Test(arguments: StoreKind.available, 1...4 as ClosedRange<UInt64>)
    func `however calls interleave, the books balance and no limit is passed`(
      kind: StoreKind, seed: UInt64
    ) async throws {
      try await StorePlace.with(kind) { place async throws in
        var random = SplitMix64(seed: seed)
        let budgets = Self.budgets(&random)
        let stores = [try await place.open(), try await place.open(), try await place.open()]
        _ = try await stores[0].setBudgets(budgets)
        // Each task tells what its own attempts have cost and hold, per budget.
        let books = try await withThrowingTaskGroup(of: [String: [Int64]].self) { group in
          for task in 0..<24 {
            let seed = random.next()
            group.addTask {
              try await Self.course(stores, seed: seed, task: task, budgets: budgets)
            }
          }
          group.addTask {
            // Meanwhile nobody ever sees a limit passed.
            for _ in 0..<40 {
              for account in try await stores[1].accounts(at: noon) {
                #expect(
                  account.spent + account.held <= account.budget.limit, "seed \(seed), \(account)")
              }
            }
            return [:]
          }
          return try await group.reduce(into: [:]) { sum, book in
            sum.merge(book) { zip($0, $1).map { $0 + $1 } }
          }
        }
        let zero = Dictionary(uniqueKeysWithValues: budgets.map { ($0.name, [Int64(0), 0]) })
        #expect(try await stores[2].state() == zero.merging(books) { $1 }, "seed \(seed)")
        for store in stores { await store.close() }
      }
    }

    /// Reserves and settles attempts of its own, each twice, in two processes, never above what was reserved.
    private static func course(
      _ stores: [DurableLedger], seed: UInt64, task: Int, budgets: [Budget]
    ) async throws -> [String: [Int64]] {
      let (store, other) = (stores[task % stores.count], stores[(task + 1) % stores.count])
      var random = SplitMix64(seed: seed)
      var book: [String: [Int64]] = [:]
      for step in 0..<12 {
        let ceiling = Int64.random(in: 0...30, using: &random)
        let spending = spending(&random)
        let covering = budgets.filter { $0.covers(spending) }.map(\.name)
        let key = key("t\(task)", step + 1)
        let request = ReservationRequest(key: key, ceiling: nano(ceiling), spending: spending)
        guard try await store.reserve(request, at: noon) == .held else { continue }
        // Asked a second time at the same moment, as after a lost acknowledgement.
        async let again = other.reserve(request, at: noon)
        #expect(try await again == .held, "seed \(seed)")
        var entry = [0, ceiling]
        if Int.random(in: 0..<4, using: &random) > 0 {
          let cost = Int64.random(in: 0...ceiling, using: &random)
          async let first = store.settle(key, as: .metered(nano(cost)), at: noon)
          async let second = other.settle(key, as: .metered(nano(cost)), at: noon)
          let answers = try await [first, second]
          #expect(answers.filter { $0 == .alreadySettled }.count == 1, "seed \(seed)")
          #expect(answers.contains(.settled(nano(cost))), "seed \(seed)")
          entry = [cost, 0]
        }
        for name in covering { book[name] = zip(book[name] ?? [0, 0], entry).map { $0 + $1 } }
      }
      return book
    }
  }
}
