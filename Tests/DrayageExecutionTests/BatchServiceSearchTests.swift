import Drayage
import DrayageCore
import DrayageSimulation
import Testing

@testable import DrayageExecution

/// Passes requests on, and loses what comes of some of them.
private struct LosingTransport: Transport {
  enum Loss { case request, reply }

  let base: any Transport
  /// The path whose requests or replies are lost, and which of the two.
  let path: String
  let loss: Loss

  func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPReply {
    guard request.method == "POST", request.url.hasSuffix(path) else { return try await base.send(request) }
    if loss == .reply { _ = try await base.send(request) }
    throw TransportFailure(kind: .reset, message: "the connection broke", mayHaveBeenProcessed: true)
  }

  func open(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPStream {
    try await base.open(request)
  }
}

@Suite(.timeLimit(.minutes(3))) struct BatchServiceSearchTests {
  private func service(
    _ rig: BatchServiceRig, losing loss: LosingTransport.Loss, of path: String? = nil
  ) throws -> any BatchService {
    let path = path ?? (rig.kind == .anthropic ? "/messages/batches" : "/batches")
    let transport = LosingTransport(base: rig.transport, path: path, loss: loss)
    return try #require(BatchServices.service(for: rig.target, over: transport))
  }

  private func submit(_ rig: BatchServiceRig, by service: any BatchService) async -> BatchServiceError? {
    await BatchServiceRig.failure { () async throws(BatchServiceError) in
      try await service.submit(rig.items, mark: rig.mark)
    }
  }

  private func find(
    _ rig: BatchServiceRig, _ mark: BatchMark? = nil, later: Int64 = 0
  ) async throws -> BatchSearch {
    let now = UTCInstant.now
    return try await rig.service.find(
      mark ?? rig.mark, count: rig.items.count, sentAt: now,
      now: UTCInstant(secondsSince1970: now.secondsSince1970 + later))
  }

  @Test(arguments: BatchKind.allCases)
  func `a job whose submission got no answer is found, and its results are its own`(
    kind: BatchKind
  ) async throws {
    try await BatchServiceRig.run(kind) { rig in
      // One of another mark with as many requests stands before it and after it.
      let other = try #require(BatchMark("another run"))
      let first = try await rig.service.submit(rig.items, mark: other)
      let error = await submit(rig, by: try service(rig, losing: .reply))
      #expect(error?.code == .inDoubt)
      #expect(error?.message.contains("look for it") == true)
      _ = try await rig.service.submit(rig.items, mark: other)

      if kind == .anthropic {
        // Whose requests they are cannot be seen until they have ended.
        guard case .unknown(_, let candidates) = try await find(rig, later: 3_600) else {
          Issue.record("more is known than can be")
          return
        }
        #expect(candidates.count == 3 && candidates.contains(first))
      }
      try rig.provider.advanceBatches(by: 1_001)
      guard case .found(let jobs) = try await find(rig) else {
        Issue.record("the job was not found")
        return
      }
      #expect(jobs.count == 1 && jobs != [first])
      let (outcomes, report) = try await rig.results(of: jobs[0])
      #expect(outcomes.count == 10 && report.isClean)
      // The other job's results are not taken for this one's.
      let (foreign, strange) = try await rig.results(of: first)
      #expect(foreign.isEmpty && strange.unknown == 10 && strange.missing == rig.ids)
      #expect(rig.provider.ledger().total.answers == 30)
    }
  }

  @Test(arguments: BatchKind.allCases)
  func `a submission that never arrived is known to be missing after a while`(kind: BatchKind) async throws {
    try await BatchServiceRig.run(kind) { rig in
      let error = await submit(rig, by: try service(rig, losing: .request))
      #expect(error?.code == .inDoubt)
      guard case .unknown(let reason, let candidates) = try await find(rig) else {
        Issue.record("it is missing too soon")
        return
      }
      #expect(candidates.isEmpty && reason.contains("look again"))
      #expect(try await find(rig, later: BatchSearch.doubt) == .none)
    }
  }

  @Test(arguments: BatchKind.allCases)
  func `a submission that was taken twice is found twice, oldest first`(kind: BatchKind) async throws {
    try await BatchServiceRig.run(kind, { $0.speed = .infinity }) { rig in
      let first = try await rig.service.submit(rig.items, mark: rig.mark)
      let second = try await rig.service.submit(rig.items, mark: rig.mark)
      #expect(try await find(rig) == .found([first, second]))
    }
  }

  @Test(arguments: BatchKind.allCases)
  func `jobs of other sizes and from before are told apart without their results`(
    kind: BatchKind
  ) async throws {
    try await BatchServiceRig.run(kind) { rig in
      let other = try #require(BatchMark("another run"))
      for count in 1...9 { _ = try await rig.service.submit(Array(rig.items.prefix(count)), mark: other) }
      #expect(try await find(rig, later: BatchSearch.doubt) == .none)
      _ = try await rig.service.submit(rig.items, mark: other)
      let now = UTCInstant.now.secondsSince1970
      let tomorrow = UTCInstant(secondsSince1970: now + 86_400)
      let search = try await rig.service.find(
        rig.mark, count: 10, sentAt: tomorrow, now: UTCInstant(secondsSince1970: now + 90_000))
      #expect(search == .none)
    }
  }

  @Test func `a lost upload leaves no doubt: there is no job without the next step`() async throws {
    try await BatchServiceRig.run(.openAI) { rig in
      let error = await submit(rig, by: try service(rig, losing: .reply, of: "/files"))
      #expect(error?.code == .unreachable && error?.failure == .connectionLost)
      #expect(try await find(rig, later: BatchSearch.doubt) == .none)
    }
  }

  @Test(arguments: BatchKind.allCases)
  func `more jobs than fit on a page are looked through`(kind: BatchKind) async throws {
    try await BatchServiceRig.run(kind, queries: 2, { $0.speed = .infinity }) { rig in
      let job = try await rig.service.submit(rig.items, mark: rig.mark)
      let other = try #require(BatchMark("another run"))
      for _ in 0..<105 { _ = try await rig.service.submit([rig.items[0]], mark: other) }
      #expect(try await find(rig) == .found([job]))
    }
  }
}
