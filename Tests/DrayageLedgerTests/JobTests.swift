import DrayageCore
import DrayageLedger
import Testing

extension Stores {
  @Suite struct Jobs {
    static func jobs(_ count: Int) -> [Job] {
      (0..<count).map {
        Job(
          ordinal: $0, id: "row \"\($0)\"", digest: UInt64($0) &* 0x9E37_79B9_7F4A_7C15,
          payload: Array("p\($0)".utf8))
      }
    }

    static func later(_ seconds: Int64) -> UTCInstant {
      UTCInstant(secondsSince1970: noon.secondsSince1970 + seconds)
    }

    @Test(arguments: StoreKind.available)
    func `an item is one worker's until its lease is over`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        let jobs = Self.jobs(4)
        _ = try await store.enqueue(jobs, in: "b", reading: 1, at: noon)
        #expect(
          try await store.claim(from: "b", worker: "u", count: 2, lease: 10, at: noon)
            == Array(jobs[..<2]))
        #expect(
          try await store.claim(from: "b", worker: "v", count: 9, lease: 20, at: noon)
            == Array(jobs[2...]))
        #expect(try await store.claim(from: "b", worker: "w", count: 9, lease: 9, at: Self.later(9)) == [])
        #expect(
          try await store.counts(of: "b", at: Self.later(9))
            == JobCounts(waiting: 0, leased: 4, parked: 0, finished: 0))
        _ = try await store.finish(jobs[0].id, in: "b", with: .answer(), at: noon)
        #expect(try await store.extend("b", worker: "u", lease: 10, at: Self.later(9)) == 1)
        #expect(try await store.extend("c", worker: "u", lease: 10, at: Self.later(9)) == 0)
        #expect(try await store.claim(from: "b", worker: "w", count: 9, lease: 9, at: Self.later(18)) == [])
        #expect(
          try await store.claim(from: "b", worker: "w", count: 1, lease: 9, at: Self.later(19)) == [jobs[1]])
        #expect(try await store.extend("b", worker: "u", lease: 9, at: Self.later(19)) == 0)
        #expect(
          try await store.counts(of: "b", at: Self.later(20))
            == JobCounts(waiting: 2, leased: 1, parked: 0, finished: 1))
      }
    }

    @Test(arguments: StoreKind.available)
    func `what is written down about a batch is found by its name`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        #expect(try await store.memos(of: "b") == [:])
        try await store.keep([1, 0, 255], as: "one", of: "b")
        try await store.keep([], as: "two \"'", of: "b")
        try await store.keep([3], as: "one", of: "c")
        #expect(try await store.memos(of: "b") == ["one": [1, 0, 255], "two \"'": []])
        try await store.keep([2], as: "one", of: "b")
        #expect(try await store.memos(of: "b") == ["one": [2], "two \"'": []])
        await #expect(throws: LedgerStoreError.self) { try await store.keep([], as: "", of: "b") }
        await #expect(throws: LedgerStoreError.self) {
          try await store.keep(Array(repeating: 0, count: 65_537), as: "large", of: "b")
        }
      }
    }

    @Test(arguments: StoreKind.available)
    func `a worker does not get what it has let lapse once more`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        let jobs = Self.jobs(2)
        _ = try await store.enqueue(jobs, in: "b", reading: 1, at: noon)
        #expect(try await store.claim(from: "b", worker: "u", count: 2, lease: 10, at: noon) == jobs)
        #expect(try await store.claim(from: "b", worker: "u", count: 2, lease: 10, at: Self.later(60)) == [])
        #expect(
          try await store.claim(from: "b", worker: "v", count: 1, lease: 10, at: Self.later(60)) == [jobs[0]])
        #expect(try await store.release(worker: "u") == 1)
        #expect(
          try await store.claim(from: "b", worker: "u", count: 2, lease: 10, at: Self.later(61)) == [jobs[1]])
      }
    }

    @Test(arguments: StoreKind.available)
    func `an item is finished once, by whoever is first`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        let jobs = Self.jobs(3)
        _ = try await store.enqueue(jobs, in: "b", reading: 1, at: noon)
        _ = try await store.claim(from: "b", worker: "u", count: 2, lease: 10, at: noon)
        func finish(_ id: String, in batch: String = "b", _ word: String) async throws -> JobCompletion {
          try await store.finish(id, in: batch, with: .answer(word), at: noon).completion
        }
        #expect(try await finish(jobs[0].id, "first") == .finished)
        #expect(try await finish(jobs[0].id, "second") == .alreadyFinished)
        #expect(try await finish("row 9", "none") == .unknown)
        #expect(try await finish(jobs[0].id, in: "c", "none") == .unknown)
        // The lease is over and another has the item, but the first was faster.
        _ = try await store.claim(from: "b", worker: "v", count: 1, lease: 10, at: Self.later(10))
        #expect(try await finish(jobs[1].id, "first") == .finished)
        #expect(try await finish(jobs[1].id, "second") == .alreadyFinished)
        #expect(try await store.extend("b", worker: "v", lease: 9, at: noon) == 0)
        let last = try await store.claim(from: "b", worker: "v", count: 9, lease: 9, at: Self.later(90))
        #expect(last.map(\.ordinal) == [2])
        let results = try await store.results(of: "b", from: 0, count: 9)
        #expect(results.map(\.result) == [Array("first".utf8), Array("first".utf8), nil])
        #expect(try await store.results(of: "b", from: 1, count: 1) == [results[1]])
      }
    }

    @Test(arguments: StoreKind.available)
    func `a worker gives back what it holds`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        for batch in ["a", "b"] { _ = try await store.enqueue(Self.jobs(3), in: batch, reading: 1, at: noon) }
        _ = try await store.claim(from: "a", worker: "u", count: 3, lease: 99, at: noon)
        _ = try await store.claim(from: "b", worker: "u", count: 1, lease: 99, at: noon)
        _ = try await store.claim(from: "b", worker: "v", count: 1, lease: 99, at: noon)
        _ = try await store.finish(Self.jobs(1)[0].id, in: "a", with: .answer(), at: noon)
        #expect(try await store.release(worker: "u") == 3)
        #expect(try await store.release(worker: "u") == 0)
        #expect(
          try await store.counts(of: "a", at: noon)
            == JobCounts(waiting: 2, leased: 0, parked: 0, finished: 1))
        #expect(
          try await store.counts(of: "b", at: noon)
            == JobCounts(waiting: 2, leased: 1, parked: 0, finished: 0))
      }
    }

    @Test(arguments: StoreKind.available)
    func `many workers in several processes share a batch without a collision`(
      kind: StoreKind
    ) async throws {
      try await StorePlace.with(kind) { place async throws in
        let count = 600
        let stores = [try await place.open(), try await place.open(), try await place.open()]
        _ = try await stores[0].enqueue(Self.jobs(count), in: "b", reading: 1, at: noon)
        let done = try await withThrowingTaskGroup(of: [Int].self) { group in
          for worker in 0..<12 {
            group.addTask {
              let store = stores[worker % stores.count]
              var mine: [Int] = []
              while true {
                let jobs = try await store.claim(
                  from: "b", worker: "w\(worker)", count: 1 + worker % 5, lease: 60, at: noon)
                if jobs.isEmpty { return mine }
                for job in jobs {
                  let end = try await store.finish(job.id, in: "b", with: .answer(job.id), at: noon)
                  #expect(end.completion == .finished)
                }
                mine += jobs.map(\.ordinal)
              }
            }
          }
          return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(done.sorted() == Array(0..<count))
        let results = try await stores[1].results(of: "b", from: 0, count: count)
        #expect(results.map(\.result) == Self.jobs(count).map { Array($0.id.utf8) })
        for store in stores { await store.close() }
      }
    }

    @Test(arguments: StoreKind.available)
    func `an end and its settlement are one`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        _ = try await store.setBudgets([Budget(name: "all", limit: nano(100))])
        let jobs = Self.jobs(2)
        _ = try await store.enqueue(jobs, in: "b", reading: 1, at: noon)
        for (number, job) in jobs.enumerated() {
          #expect(try await store.reserve(40, key(job.id)) == .held)
          let end = try await store.finish(
            job.id, in: "b", with: .answer(),
            settling: .init(key(job.id), as: .metered(nano(number == 0 ? 7 : 50))),
            at: noon)
          #expect(end.completion == .finished)
          #expect(end.settlement == (number == 0 ? .settled(nano(7)) : .overrun(nano(50), excess: nano(10))))
        }
        // Again, and once more with another attempt, which is settled although the item is not needed.
        let again = try await store.finish(
          jobs[0].id, in: "b", with: .answer(), settling: .init(key(jobs[0].id), as: .metered(nano(7))),
          at: noon)
        #expect(again == (.alreadyFinished, .alreadySettled))
        #expect(try await store.reserve(10, key(jobs[0].id, 2)) == .held)
        let late = try await store.finish(
          jobs[0].id, in: "b", with: .answer(), settling: .init(key(jobs[0].id, 2), as: .unknown), at: noon)
        #expect(late == (.alreadyFinished, .settled(nano(10))))
        #expect(try await store.state() == ["all": [67, 0]])
        #expect(
          try await store.attempts(of: "run", requests: [jobs[0].id, "none"]) == [
            RecordedAttempt(key: key(jobs[0].id), ceiling: nano(40), charge: nano(7), payload: []),
            RecordedAttempt(key: key(jobs[0].id, 2), ceiling: nano(10), charge: nano(10), payload: []),
          ])
      }
    }

    @Test(arguments: StoreKind.available)
    func `counts, leases and outcomes that make no sense are refused`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        for (count, lease) in [(0, 1), (-1, 1), (10_001, 1), (1, 0), (1, -5), (1, .max)] {
          let error = await #expect(throws: LedgerStoreError.self) {
            try await store.claim(from: "b", worker: "w", count: count, lease: lease, at: noon)
          }
          #expect(error?.code == .invalid)
        }
        let many = (0...10_000).map { Job(ordinal: $0, id: "\($0)", digest: 1) }
        await #expect(throws: LedgerStoreError.self) {
          try await store.enqueue(many, in: "b", reading: 1, at: noon)
        }
        let outcomes = [
          JobOutcome(charge: nano(-1), result: []), JobOutcome(attempts: -1, result: []),
          JobOutcome(score: .nan, result: []),
          JobOutcome(code: String(repeating: "c", count: 257), result: []),
        ]
        for outcome in outcomes {
          await #expect(throws: LedgerStoreError.self) {
            try await store.finish("a", in: "b", with: outcome, at: noon)
          }
        }
      }
    }
  }
}

extension JobOutcome {
  /// An answer of this text.
  static func answer(_ text: String = "yes") -> JobOutcome {
    JobOutcome(source: "offer", result: Array(text.utf8))
  }
}
