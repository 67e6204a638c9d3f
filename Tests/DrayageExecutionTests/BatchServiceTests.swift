import DrayageTesting
import Drayage
import DrayageCore
import DrayageSimulation
import Testing

@testable import DrayageExecution

@Suite(.timeLimit(.minutes(3))) struct BatchServiceTests {
  @Test(arguments: BatchKind.allCases)
  func `a job is submitted, watched and collected, and the books of both sides agree`(
    kind: BatchKind
  ) async throws {
    for seed in UInt64(1)...2 {
      try await BatchServiceRig.run(kind, seed: seed) { rig in
        let job = try await rig.service.submit(rig.items, mark: rig.mark)
        var status = try await rig.service.status(of: job)
        #expect(status.state == .inProgress && !status.state.isFinal)
        #expect(rig.provider.ledger().total.answers == 0)
        status = try await rig.status(of: job, after: 500)
        #expect(status.state == .inProgress)
        // Anthropic tells nothing before the end.
        #expect(status.counts.answered == (kind == .anthropic ? 0 : 5))
        #expect(status.counts.total == 10)
        #expect(rig.provider.ledger().total.answers == 5)
        status = try await rig.status(of: job, after: 501)
        #expect(status.state == .ended && status.state.isFinal)
        #expect(status.counts == .init(total: 10, answered: 10, errored: 0, open: 0))
        let created = try #require(status.created)
        #expect(status.expires?.secondsSince1970 == created.secondsSince1970 + rig.service.limits.window)
        #expect(status.ended?.secondsSince1970 == created.secondsSince1970 + 1_000)
        #expect(try #require(status.resultsKept(rig.service.limits)) > created)

        let (outcomes, report) = try await rig.results(of: job)
        #expect(report.isClean && report.answered == 10 && report.missing.isEmpty)
        #expect(Set(outcomes.keys) == rig.ids)
        var spent = Money.zero
        for (id, outcome) in outcomes {
          let reply = try #require(outcome.reply, "seed \(seed), \(id): \(outcome)")
          #expect(reply.status == 200 && reply.score == 0.5)
          let usage = try #require(reply.answer.usage)
          #expect(usage == MeteredUsage(try rig.tokens(of: id)), "seed \(seed), \(id)")
          #expect(reply.answer.text.contains(id) && reply.answer.finish == .stop, "seed \(seed), \(id)")
          #expect(outcome.end.reply?.body == reply.body && outcome.end.mayBeBilled)
          spent += try rig.target.offer.price(usage, at: .now).total
        }
        let ledger = rig.provider.ledger()
        #expect(ledger.total.nanodollars == spent.nanodollars, "seed \(seed)")
        #expect(ledger.total.answers == 10 && ledger.total.batched == 10 && ledger.total.attempts == 10)
        #expect(ledger.billedAnswers == Dictionary(uniqueKeysWithValues: rig.ids.map { ($0, 1) }))

        // What was paid once is read again for nothing.
        let again = try await rig.results(of: job)
        #expect(again.report == report)
        #expect(rig.provider.ledger() == ledger)
      }
    }
  }

  @Test(arguments: BatchKind.allCases)
  func `a cancelled job keeps what was answered, and bills no more`(kind: BatchKind) async throws {
    try await BatchServiceRig.run(kind) { rig in
      let job = try await rig.service.submit(rig.items, mark: rig.mark)
      #expect(try await rig.status(of: job, after: 300).state == .inProgress)
      let early = await BatchServiceRig.failure { () async throws(BatchServiceError) in
        try await rig.service.results(of: job, mark: rig.mark, ids: rig.ids)
      }
      #expect(early?.code == .notEnded)
      try await rig.service.cancel(job)
      let status = try await rig.status(of: job, after: 5_000)
      #expect(status.state == .cancelled)
      #expect(status.counts == .init(total: 10, answered: 3, errored: 0, open: 7))
      let (outcomes, report) = try await rig.results(of: job)
      #expect(report.answered == 3 && report.cancelled == 7 && report.isClean && report.missing.isEmpty)
      for outcome in outcomes.values where outcome.isCancelled {
        #expect(outcome.failure?.kind == .cancelled && !outcome.mayBeBilled && !outcome.end.mayBeBilled)
      }
      #expect(rig.provider.ledger().total.answers == 3)
      // It has ended: there is nothing to cancel, and nothing wrong with that.
      try await rig.service.cancel(job)
      #expect(try await rig.service.status(of: job).state == .cancelled)
    }
  }

  @Test(arguments: BatchKind.allCases)
  func `a job that runs out of time keeps what was answered`(kind: BatchKind) async throws {
    for (window, share) in [(400.0, 0.0), (86_400, 1)] {
      try await BatchServiceRig.run(kind) {
        $0.batches.window = window
        $0.batches.expiringJobs = share
      } _: { rig in
        let answered = share > 0 ? 5 : 4
        let job = try await rig.service.submit(rig.items, mark: rig.mark)
        let status = try await rig.status(of: job, after: 2_000)
        #expect(status.state == .expired)
        #expect(status.counts.answered == answered && status.counts.open == 10 - answered)
        let (outcomes, report) = try await rig.results(of: job)
        #expect(report.answered == answered && report.expired == 10 - answered && report.isClean)
        for outcome in outcomes.values where outcome.isExpired {
          #expect(!outcome.mayBeBilled && outcome.failure?.kind.meaning.transient == true)
        }
        #expect(rig.provider.ledger().total.answers == answered)
      }
    }
  }

  @Test(arguments: BatchKind.allCases)
  func `a job that fails as a whole bills nothing`(kind: BatchKind) async throws {
    try await BatchServiceRig.run(kind, { $0.batches.failingJobs = 1 }) { rig in
      let job = try await rig.service.submit(rig.items, mark: rig.mark)
      let status = try await rig.status(of: job, after: 2_000)
      if kind == .anthropic {
        #expect(status.state == .ended && status.counts.errored == 10)
        let (outcomes, _) = try await rig.results(of: job)
        #expect(outcomes.values.allSatisfy { $0.failure?.kind == .serverError && !$0.mayBeBilled })
      } else {
        #expect(status.state == .failed)
        #expect(status.reasons.count == 1 && status.reasons[0].contains("token_limit_exceeded"))
        let error = await BatchServiceRig.failure { () async throws(BatchServiceError) in
          try await rig.service.results(of: job, mark: rig.mark, ids: rig.ids)
        }
        #expect(error?.code == .resultsGone)
        #expect(error?.message.contains("nothing is billed") == true)
      }
      #expect(rig.provider.ledger().total.answers == 0)
      #expect(rig.provider.ledger().total.nanodollars == 0)
    }
  }

  @Test(arguments: BatchKind.allCases)
  func `requests that err say why, each with its class`(kind: BatchKind) async throws {
    let classes: [(FaultKind?, FailureClass?)] = [
      (.badRequest, .badRequest), (nil, nil), (.serverError, .serverError), (.contextLength, .contextTooLong),
      (.contentFilter, .contentFilter), (.unpaid, .quotaExhausted), (.notFound, .notFound), (nil, nil),
      (.overloaded, .overloaded), (.tooManyRequests, .rateLimited),
    ]
    try await BatchServiceRig.run(kind) { rig in
      try rig.provider.schedule([BatchKind.model: classes.map(\.0)])
      let job = try await rig.service.submit(rig.items, mark: rig.mark)
      let status = try await rig.status(of: job, after: 1_001)
      #expect(status.state == .ended)
      #expect(status.counts == .init(total: 10, answered: 2, errored: 8, open: 0))
      let (outcomes, report) = try await rig.results(of: job)
      #expect(report.answered == 2 && report.errored == 8 && report.isClean)
      for (position, (fault, kindOfFailure)) in classes.enumerated() {
        let outcome = try #require(outcomes["q\(position)"])
        #expect(outcome.failure?.kind == kindOfFailure, "\(fault?.rawValue ?? "none"): \(outcome)")
        guard let failure = outcome.failure else { continue }
        // Anthropic promises that such requests are not billed; OpenAI is taken as it is live.
        #expect(outcome.mayBeBilled == (kind != .anthropic && failure.kind.meaning.mayBeBilled))
        expectNoSecret(in: failure)
      }
      let ledger = rig.provider.ledger().total
      #expect(ledger.answers == 2 && ledger.attempts == 10 && ledger.faults.values.reduce(0, +) == 8)
    }
  }

  @Test(arguments: BatchKind.allCases)
  func `faults by seed are counted alike on both sides`(kind: BatchKind) async throws {
    for seed in UInt64(1)...5 {
      try await BatchServiceRig.run(kind, queries: 40, seed: seed) {
        $0.speed = .infinity
        $0.batches.faults = try FaultPlan(parsing: "400=0.2,500=0.2")
      } _: { rig in
        let job = try await rig.service.submit(rig.items, mark: rig.mark)
        let (outcomes, report) = try await rig.results(of: job)
        let ledger = rig.provider.ledger().total
        #expect(report.answered == ledger.answers, "seed \(seed)")
        #expect(report.errored == ledger.faults.values.reduce(0, +) && report.errored > 0, "seed \(seed)")
        #expect(report.answered + report.errored == 40 && report.isClean, "seed \(seed)")
        let bills = try outcomes.values.compactMap {
          try $0.reply?.answer.usage.map { usage in
            try rig.target.offer.price(usage, at: .now).total.nanodollars
          }
        }
        #expect(bills.reduce(0, +) == ledger.nanodollars, "seed \(seed)")
      }
    }
  }

  @Test(arguments: BatchKind.allCases)
  func `what is no job is refused before anything is sent, and an unknown one is named so`(
    kind: BatchKind
  ) async throws {
    try await BatchServiceRig.run(kind) { rig in
      func code(_ items: [BatchItem]) async -> BatchServiceError.Code? {
        await BatchServiceRig.failure { () async throws(BatchServiceError) in
          try await rig.service.submit(items, mark: rig.mark)
        }?.code
      }
      let item = rig.items[0]
      #expect(await code([]) == .invalidJob)
      #expect(await code([item, item]) == .invalidJob)
      for id in ["", "a b", "é", String(repeating: "x", count: 48)] {
        #expect(await code([BatchItem(id: id, body: item.body)]) == .invalidJob, "'\(id)'")
      }
      #expect(rig.provider.ledger().refused == 0)
      let missing = try #require(BatchJobID("batch_none"))
      let error = await BatchServiceRig.failure { () async throws(BatchServiceError) in
        try await rig.service.status(of: missing)
      }
      #expect(error?.code == .unknownJob && error?.failure == .notFound)
      for name in ["", "../x", "a/b", "a?b", "a%2fb", String(repeating: "x", count: 201)] {
        #expect(BatchJobID(name) == nil, "'\(name)'")
      }
      #expect(BatchMark("") == nil && BatchMark("a\nb") == nil && BatchMark("é") == nil)
    }
  }

  @Test(arguments: BatchKind.allCases)
  func `the body of a batch offer is that of a live request`(kind: BatchKind) throws {
    let target = try BatchServiceRig.target(kind, at: "http://127.0.0.1:9/v1")
    let service = try #require(BatchServices.service(for: target, over: directTransport()))
    let item = try service.item(
      "a", Call(try RequestBody(ChatRequest("Hello?", maxOutputTokens: 50)), idempotencyKey: "k"))
    let text = String(decoding: item.body, as: UTF8.self)
    #expect(text.contains("\"\(BatchKind.model)\"") && text.contains("Hello?") && !text.contains("batch"))
    #expect(!text.contains("\"stream\""))
    let lines = BatchItem(id: "a", body: Array("{\n\"a\":\r\n1}".utf8))
    #expect(String(decoding: lines.body, as: UTF8.self) == "{ \"a\":  1}")
  }
}
