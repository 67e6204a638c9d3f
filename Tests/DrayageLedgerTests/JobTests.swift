import DrayageCore
import DrayageLedger
import Testing

extension Stores {
  @Suite struct Jobs {
    private static func jobs(_ count: Int) -> [Job] {
      (0..<count).map {
        Job(
          ordinal: $0, id: "row \"\($0)\"", digest: UInt64($0) &* 0x9E37_79B9_7F4A_7C15,
          payload: Array("p\($0)".utf8))
      }
    }

    private static func later(_ seconds: Int64) -> UTCInstant {
      UTCInstant(secondsSince1970: noon.secondsSince1970 + seconds)
    }

    @Test(arguments: StoreKind.available)
    func `items are put in once, and others of the same number are reported`(
      kind: StoreKind
    ) async throws {
      try await withStore(kind) { store async throws in
        let jobs = Self.jobs(5)
        #expect(try await store.enqueue(Array(jobs[..<3]), in: "b") == Enqueued(added: 3, conflicting: []))
        #expect(try await store.enqueue(jobs, in: "b") == Enqueued(added: 2, conflicting: []))
        #expect(try await store.enqueue([], in: "b") == Enqueued(added: 0, conflicting: []))
        let changed = [
          Job(ordinal: 4, id: jobs[4].id, digest: 1), Job(ordinal: 1, id: "other", digest: jobs[1].digest),
          jobs[2],
        ]
        #expect(try await store.enqueue(changed, in: "b") == Enqueued(added: 0, conflicting: [1, 4]))
        #expect(try await store.enqueue(jobs, in: "other") == Enqueued(added: 5, conflicting: []))
        #expect(
          try await store.claim(from: "b", worker: "w", count: 10, lease: 9, at: noon) == jobs)
      }
    }

    @Test(arguments: StoreKind.available)
    func `an item is one worker's until its lease is over`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        let jobs = Self.jobs(4)
        _ = try await store.enqueue(jobs, in: "b")
        #expect(
          try await store.claim(from: "b", worker: "u", count: 2, lease: 10, at: noon)
            == Array(jobs[..<2]))
        #expect(
          try await store.claim(from: "b", worker: "v", count: 9, lease: 20, at: noon)
            == Array(jobs[2...]))
        #expect(try await store.claim(from: "b", worker: "w", count: 9, lease: 9, at: Self.later(9)) == [])
        #expect(
          try await store.counts(of: "b", at: Self.later(9)) == JobCounts(waiting: 0, leased: 4, finished: 0))
        #expect(
          try await store.extend([1, 3, 7], in: "b", worker: "u", lease: 10, at: Self.later(9)) == [1])
        #expect(
          try await store.claim(from: "b", worker: "w", count: 9, lease: 9, at: Self.later(10))
            == [jobs[0]])
        #expect(try await store.extend([0], in: "b", worker: "u", lease: 9, at: Self.later(10)) == [])
        #expect(
          try await store.counts(of: "b", at: Self.later(19))
            == JobCounts(waiting: 2, leased: 2, finished: 0))
      }
    }

    @Test(arguments: StoreKind.available)
    func `an item is finished once, by whoever is first`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        _ = try await store.enqueue(Self.jobs(3), in: "b")
        _ = try await store.claim(from: "b", worker: "u", count: 2, lease: 10, at: noon)
        #expect(try await store.finish(0, in: "b", at: noon) == .finished)
        #expect(try await store.finish(0, in: "b", at: noon) == .alreadyFinished)
        #expect(try await store.finish(9, in: "b", at: noon) == .unknown)
        #expect(try await store.finish(0, in: "c", at: noon) == .unknown)
        // The lease is over and another has the item, but the first was faster.
        _ = try await store.claim(from: "b", worker: "v", count: 1, lease: 10, at: Self.later(10))
        #expect(try await store.finish(1, in: "b", at: Self.later(11)) == .finished)
        #expect(try await store.finish(1, in: "b", at: Self.later(12)) == .alreadyFinished)
        #expect(try await store.extend([1], in: "b", worker: "v", lease: 9, at: noon) == [])
        let last = try await store.claim(from: "b", worker: "v", count: 9, lease: 9, at: Self.later(90))
        #expect(last.map(\.ordinal) == [2])
        #expect(
          try await store.counts(of: "b", at: Self.later(90))
            == JobCounts(waiting: 0, leased: 1, finished: 2))
      }
    }

    @Test(arguments: StoreKind.available)
    func `a worker gives back what it holds`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        for batch in ["a", "b"] { _ = try await store.enqueue(Self.jobs(3), in: batch) }
        _ = try await store.claim(from: "a", worker: "u", count: 3, lease: 99, at: noon)
        _ = try await store.claim(from: "b", worker: "u", count: 1, lease: 99, at: noon)
        _ = try await store.claim(from: "b", worker: "v", count: 1, lease: 99, at: noon)
        _ = try await store.finish(0, in: "a", at: noon)
        #expect(try await store.release(worker: "u") == 3)
        #expect(try await store.release(worker: "u") == 0)
        #expect(
          try await store.counts(of: "a", at: noon) == JobCounts(waiting: 2, leased: 0, finished: 1))
        #expect(
          try await store.counts(of: "b", at: noon) == JobCounts(waiting: 2, leased: 1, finished: 0))
      }
    }

    @Test(arguments: StoreKind.available)
    func `many workers in several processes share a batch without a collision`(
      kind: StoreKind
    ) async throws {
      try await StorePlace.with(kind) { place async throws in
        let count = 600
        let stores = [try await place.open(), try await place.open(), try await place.open()]
        _ = try await stores[0].enqueue(Self.jobs(count), in: "b")
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
                  #expect(try await store.finish(job.ordinal, in: "b", at: noon) == .finished)
                }
                mine += jobs.map(\.ordinal)
              }
            }
          }
          return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(done.sorted() == Array(0..<count))
        for store in stores { await store.close() }
      }
    }

    @Test(arguments: StoreKind.available)
    func `counts and leases that make no sense are refused`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        for (count, lease) in [(0, 1), (-1, 1), (10_001, 1), (1, 0), (1, -5), (1, .max)] {
          let error = await #expect(throws: LedgerStoreError.self) {
            try await store.claim(from: "b", worker: "w", count: count, lease: lease, at: noon)
          }
          #expect(error?.code == .invalid)
        }
        let many = (0...10_000).map { Job(ordinal: $0, id: "a", digest: 1) }
        await #expect(throws: LedgerStoreError.self) { try await store.enqueue(many, in: "b") }
        let twice = [Job(ordinal: 1, id: "a", digest: 1), Job(ordinal: 1, id: "b", digest: 2)]
        await #expect(throws: LedgerStoreError.self) { try await store.enqueue(twice, in: "b") }
      }
    }
  }
}
