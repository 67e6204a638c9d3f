import DrayageTesting
import Drayage
import DrayageCore
import DrayageSimulation
import Testing

@testable import DrayageExecution

@Suite(.timeLimit(.minutes(2))) struct BatchJobLimitsTests {
  @Test func `the limits are those of the documentation`() throws {
    let transport = directTransport()
    func limits(_ kind: BatchKind) throws -> BatchJobLimits {
      try #require(
        BatchServices.service(
          for: try BatchServiceRig.target(kind, at: "http://127.0.0.1:9"), over: transport)
      ).limits
    }
    let openAI = try limits(.openAI)
    #expect(openAI.mostItems == 50_000 && openAI.mostBytes == 200_000_000 && openAI.window == 86_400)
    #expect(openAI.retention == .fromEnd(30 * 86_400))
    let anthropic = try limits(.anthropic)
    #expect(anthropic.mostItems == 100_000 && anthropic.mostBytes == 256_000_000)
    #expect(anthropic.window == 86_400 && anthropic.retention == .fromCreation(29 * 86_400))
  }

  @Test func `items are shared out in order, within the limits, and none is lost`() throws {
    for seed in UInt64(0)..<200 {
      var random = SplitMix64(seed: seed)
      var limits = BatchJobLimits(
        mostItems: Int.random(in: 1...7, using: &random), mostBytes: Int.random(in: 60...400, using: &random),
        window: 1, retention: .fromEnd(1), itemFrame: Int.random(in: 0...30, using: &random),
        jobFrame: Int.random(in: 0...20, using: &random))
      limits.mostBytes += limits.jobFrame
      let items = (0..<Int.random(in: 0...40, using: &random)).map { number in
        BatchItem(
          id: "\(number)",
          body: [UInt8](
            repeating: 0x20,
            count: Int.random(in: 0...Int.random(in: 1...450, using: &random), using: &random)))
      }
      let split = limits.split(items)
      #expect((split.jobs.flatMap { $0 } + split.tooLarge).sorted() == Array(items.indices), "seed \(seed)")
      #expect(split.jobs.flatMap { $0 } == split.jobs.flatMap { $0 }.sorted(), "seed \(seed)")
      func bytes(_ job: [Int]) -> Int { job.reduce(limits.jobFrame) { $0 + limits.bytes(of: items[$1]) } }
      for job in split.jobs {
        #expect(
          !job.isEmpty && job.count <= limits.mostItems && bytes(job) <= limits.mostBytes, "seed \(seed)")
      }
      // A job ends only where the next item does not fit.
      for (job, next) in zip(split.jobs, split.jobs.dropFirst()) {
        #expect(
          job.count == limits.mostItems || bytes(job) + limits.bytes(of: items[next[0]]) > limits.mostBytes,
          "seed \(seed)")
      }
      for item in split.tooLarge { #expect(bytes([item]) > limits.mostBytes, "seed \(seed)") }
    }
  }

  /// Passes requests on and keeps their bodies.
  private final class KeepingTransport: Transport {
    let base: any Transport
    let bodies = Locked<[[UInt8]]>([])

    init(_ base: any Transport) { self.base = base }

    func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPReply {
      if !request.body.isEmpty { bodies.withLock { $0.append(request.body) } }
      return try await base.send(request)
    }
  }

  @Test(arguments: BatchKind.allCases)
  func `a job has the bytes that the limits count`(kind: BatchKind) async throws {
    try await BatchServiceRig.run(kind) { rig in
      let transport = KeepingTransport(rig.transport)
      let service = try #require(BatchServices.service(for: rig.target, over: transport))
      let counted = rig.items.reduce(service.limits.jobFrame) { $0 + service.limits.bytes(of: $1) }
      _ = try await service.submit(rig.items, mark: rig.mark)
      let body = try #require(transport.bodies.withLock { $0.first })
      if kind == .anthropic {
        // The last request has no comma after it.
        #expect(body.count == counted - 1)
      } else {
        let lines = body.split(separator: 0x0A).filter { $0.first == UInt8(ascii: "{") }
        #expect(lines.count == 10 && lines.reduce(0) { $0 + $1.count + 1 } == counted)
      }
    }
  }

  @Test(arguments: BatchKind.allCases)
  func `the parts of a split job are answered once each`(kind: BatchKind) async throws {
    try await BatchServiceRig.run(kind, { $0.speed = .infinity }) { rig in
      var limits = rig.service.limits
      limits.mostItems = 3
      let split = limits.split(rig.items)
      #expect(split.jobs == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]])
      var answered: Set<String> = []
      for (part, job) in split.jobs.enumerated() {
        let items = job.map { rig.items[$0] }
        let mark = try #require(BatchMark("run, part \(part)"))
        let id = try await rig.service.submit(items, mark: mark)
        let (outcomes, report) = try await BatchServiceRig.drain(
          try await rig.service.results(of: id, mark: mark, ids: Set(items.map(\.id))))
        #expect(report.answered == job.count && report.isClean)
        answered.formUnion(outcomes.keys)
      }
      #expect(answered == rig.ids)
      #expect(rig.provider.ledger().billedAnswers.values.allSatisfy { $0 == 1 })
      #expect(rig.provider.ledger().total.answers == 10)
    }
  }

  @Test func `lines are cut alike however the bytes come, and no more than one is held`() {
    for seed in UInt64(0)..<300 {
      var random = SplitMix64(seed: seed)
      let most = Int.random(in: 1...20, using: &random)
      let alphabet = Array("ab{}  \r\n\n".utf8)
      let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
        alphabet.randomElement(using: &random)!
      }
      var cutter = LineCutter(most: most)
      var cuts: [LineCutter.Cut] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...30, using: &random))
        rest = rest.dropFirst(piece.count)
        cutter.take(Array(piece), into: &cuts)
        #expect(cutter.held <= most, "seed \(seed)")
      }
      cutter.finish(into: &cuts)
      let wanted: [LineCutter.Cut] = bytes.split(separator: 0x0A).compactMap { line in
        if line.count > most { return .tooLong }
        return line.allSatisfy { [0x20, 0x09, 0x0D].contains($0) } ? nil : .line(Array(line))
      }
      #expect(cuts == wanted, "seed \(seed)")
    }
  }
}
