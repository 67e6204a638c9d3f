import DrayageCore
import DrayageLedger
import Testing

extension Stores {
  /// Batches that begin again, with items that are the same, others, or changed.
  @Suite struct Readings {
    private typealias Jobs = Stores.Jobs

    @Test(arguments: StoreKind.available)
    func `of two items of one id the first stands`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        let jobs = [
          Job(ordinal: 1, id: "a", digest: 1), Job(ordinal: 2, id: "b", digest: 2),
          Job(ordinal: 3, id: "a", digest: 3),
        ]
        let first = try await store.enqueue(jobs, in: "b", reading: 1, at: noon)
        #expect(first == Enqueued(stored: 2, repeated: [3: 1]))
        let more = [Job(ordinal: 4, id: "b", digest: 2), Job(ordinal: 5, id: "c", digest: 2)]
        let second = try await store.enqueue(more, in: "b", reading: 1, at: noon)
        #expect(second == Enqueued(stored: 1, repeated: [4: 2]))
        // The same once more, as after a lost acknowledgement, or by another worker.
        #expect(try await store.enqueue(more, in: "b", reading: 1, at: noon) == second)
        let all = try await store.claim(from: "b", worker: "w", count: 9, lease: 9, at: noon)
        #expect(all == [jobs[0], jobs[1], more[1]])
        #expect(
          try await store.enqueue(jobs, in: "other", reading: 1, at: noon)
            == Enqueued(stored: 2, repeated: [3: 1]))
      }
    }

    @Test(arguments: StoreKind.available)
    func `unfinished items may change, finished ones may only move`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        let old = ["a", "b", "c", "d"].enumerated().map { Job(ordinal: $0, id: $1, digest: 1) }
        _ = try await store.enqueue(old, in: "b", reading: 1, at: noon)
        for id in ["a", "c"] { _ = try await store.finish(id, in: "b", with: .answer(id), at: noon) }
        let new = [
          Job(ordinal: 0, id: "b", digest: 2, payload: [1]), Job(ordinal: 1, id: "a", digest: 1),
          Job(ordinal: 2, id: "e", digest: 1),
        ]
        #expect(try await store.enqueue(new, in: "b", reading: 2, at: noon) == Enqueued(stored: 3))
        let edited = [Job(ordinal: 3, id: "c", digest: 2)]
        #expect(
          try await store.enqueue(edited, in: "b", reading: 2, at: noon) == Enqueued(stored: 0, changed: [3]))
        try await store.endReading(2, of: "b")
        // d is gone, and c, which was answered, is hidden.
        #expect(
          try await store.counts(of: "b", at: noon)
            == JobCounts(waiting: 2, leased: 0, parked: 0, finished: 1))
        #expect(
          try await store.results(of: "b", from: 0, count: 9).map {
            [$0.id, $0.result.map { String(decoding: $0, as: UTF8.self) } ?? "-"]
          }
            == [["b", "-"], ["a", "a"], ["e", "-"]])
        #expect(
          try await store.claim(from: "b", worker: "w", count: 9, lease: 9, at: noon) == [new[0], new[2]])
        // It comes back as it was, and is still answered.
        let back = [Job(ordinal: 9, id: "c", digest: 1)]
        #expect(try await store.enqueue(back, in: "b", reading: 3, at: noon) == Enqueued(stored: 1))
        #expect(try await store.results(of: "b", from: 9, count: 1).first?.result == Array("c".utf8))
      }
    }

    @Test(arguments: StoreKind.available)
    func `what ended for now is taken up again by the next beginning`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        let first = try await store.begin("b", payload: [1], alone: true, at: noon)
        #expect(first.reading == 1 && first.payload == [1] && !first.isCancelled && first.createdAt == noon)
        let jobs = Jobs.jobs(3)
        _ = try await store.enqueue(jobs, in: "b", reading: 1, at: noon)
        _ = try await store.claim(from: "b", worker: "w", count: 3, lease: 60, at: noon)
        let failure = JobOutcome(
          code: "unaffordable", charge: nano(5), attempts: 1, result: [7], isFinal: false)
        #expect(
          try await store.finish(jobs[0].id, in: "b", with: failure, at: noon).completion == .finished)
        #expect(
          try await store.counts(of: "b", at: noon)
            == JobCounts(waiting: 0, leased: 2, parked: 1, finished: 0))
        #expect(try await store.failures(of: "b", count: 9).map(\.code) == ["unaffordable"])
        // While somebody works on the batch it is not taken up again.
        _ = try await store.begin("b", payload: [], alone: false, at: noon)
        #expect(try await store.counts(of: "b", at: noon).parked == 1)
        let second = try await store.begin("b", payload: [2], alone: true, at: Jobs.later(1))
        #expect(second.run == first.run && second.reading == 3 && second.payload == [2])
        #expect(second.createdAt == noon)
        #expect(
          try await store.counts(of: "b", at: noon)
            == JobCounts(waiting: 3, leased: 0, parked: 0, finished: 0))
        #expect(try await store.failures(of: "b", count: 9) == [])
        #expect(try await store.results(of: "b", from: 0, count: 9).allSatisfy { $0.result == nil })
        #expect(try await store.claim(from: "b", worker: "v", count: 9, lease: 60, at: noon) == jobs)
        _ = try await store.finish(jobs[0].id, in: "b", with: .answer(), at: noon)
        #expect(try await store.failures(of: "b", count: 9) == [])
        #expect(try await store.begin("c", payload: [], alone: true, at: noon).run != first.run)
        #expect(try await store.batches().map(\.name) == ["b", "c"])
      }
    }

    @Test(arguments: StoreKind.available)
    func `a batch is cancelled until it begins again`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        #expect(try await store.batch(named: "b") == nil)
        try await store.cancel("b")
        _ = try await store.begin("b", payload: [], alone: false, at: noon)
        #expect(try await store.batch(named: "b")?.isCancelled == false)
        try await store.cancel("b")
        #expect(try await store.batch(named: "b")?.isCancelled == true)
        #expect(try await store.begin("b", payload: [], alone: false, at: noon).isCancelled == false)
      }
    }

    @Test(arguments: StoreKind.available)
    func `ends are tallied by how they came`(kind: StoreKind) async throws {
      try await withStore(kind) { store async throws in
        let jobs = Jobs.jobs(6)
        let over = Job(
          ordinal: 6, id: "over", digest: 0, outcome: JobOutcome(code: "invalid", result: [1]))
        _ = try await store.enqueue(jobs + [over], in: "b", reading: 1, at: noon)
        let outcomes = [
          JobOutcome(source: "x", charge: nano(.max), score: 1, expected: 0.5, result: []),
          JobOutcome(source: "x", charge: nano(.max), score: 0.25, expected: 0.25, result: []),
          JobOutcome(source: "y", charge: nano(3), expected: 1, result: []),
          JobOutcome(code: "late", charge: nano((1 << 40) + 3), result: []),
          JobOutcome(code: "late", charge: nano(1 << 33), result: [], isFinal: false),
        ]
        for (job, outcome) in zip(jobs, outcomes) {
          _ = try await store.finish(job.id, in: "b", with: outcome, at: noon)
        }
        let tallies = try await store.tallies(of: "b").sorted {
          ($0.source ?? "", $0.code ?? "") < ($1.source ?? "", $1.code ?? "")
        }
        #expect(
          tallies == [
            JobTally(
              source: nil, code: "invalid", count: 1, charge: nano(0), scored: 0, scores: 0, expected: 0),
            JobTally(
              source: nil, code: "late", count: 2, charge: nano((1 << 40) + (1 << 33) + 3), scored: 0,
              scores: 0,
              expected: 0),
            JobTally(
              source: "x", code: nil, count: 2, charge: nano(.max), scored: 2, scores: 1.25, expected: 0.75),
            JobTally(source: "y", code: nil, count: 1, charge: nano(3), scored: 0, scores: 0, expected: 1),
          ])
        let late = Jobs.later(60)
        _ = try await store.finish(
          jobs[5].id, in: "b", with: JobOutcome(source: "y", charge: nano(4), result: []), at: late)
        let moments = try await store.timeline(of: "b")
        #expect(moments.map(\.at) == [noon, late])
        #expect(moments.map(\.answered) == [3, 1] && moments.map(\.failed) == [3, 0])
        #expect(moments.map(\.charge) == [nano(.max), nano(4)])
        // What was over before it began is so at every reading.
        #expect(try await store.enqueue([over], in: "b", reading: 2, at: noon) == Enqueued(stored: 1))
        #expect(try await store.counts(of: "b", at: noon).finished == 6)
      }
    }
  }
}
