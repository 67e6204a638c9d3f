import DrayageCore
import DrayageProfiles
import Testing

@testable import Drayage

/// What a router keeps of the answers that it settles, and what it does with profiles that have learned.
@Suite("Router, learning") struct RouterLearningTests {
  private typealias Fixtures = RouterFixtures

  /// A router whose offers are ranked by their quality.
  private func router(deadline: Double? = nil) throws -> Router {
    try Router(
      book: book, catalog: Fixtures.catalog(),
      estimator: Estimator(profile: TableProfile(Fixtures.table()), deadline: deadline))
  }

  private var book: PriceBook {
    let weights = Fixtures.models.flatMap { _ in
      [PriceBook.Weights(quality: 1), PriceBook.Weights(quality: 1)]
    }
    return PriceBook(
      unit: .quality, offers: Fixtures.models, workloads: ["math", "code"], weights: weights,
      shares: weights.map { _ in 0 }, tieTolerance: 0)
  }

  private let large = OfferID("acme/large")
  private var day: Double { Double(Fixtures.instant.secondsSince1970) / 86_400 }

  @Test func `an answer is observed once, when it is settled`() throws {
    let router = try router()
    for _ in 0..<2 {
      let decision = try router.decide(Fixtures.request(), at: Fixtures.instant)
      #expect(decision.choice.offer.id == large)
      let outcome = Outcome(
        decision, usage: TokenUsage(input: 1_000, output: 400), latency: 2.5, firstToken: 0.5, quality: 0.25)
      _ = router.settle(outcome)
      #expect(router.settle(outcome) == .alreadySettled)
    }
    let file = try router.takeObservations().file(source: "host", at: Fixtures.instant)
    #expect(file.entries.map(\.kind).sorted() == ["latency", "lengths", "quality"])
    #expect(file.entries.allSatisfy { $0.provenance.map(\.count) == [2] })
    let latency = try #require(file.latency(offer: "acme/large"))
    let (first, speed) = (latency.firstToken, latency.speed)
    #expect(try #require(first.distribution(day: day).value).quantile(0.5).isAbout(0.5))
    // 399 tokens in the two seconds after the first one.
    #expect(try #require(speed.distribution(day: day).value).quantile(0.5).isAbout(199.5))
    let forecast = try #require(file.lengths().forecast(model: .init("large"), workload: "math", day: day))
    #expect(forecast.tokens(cap: 10_000).mean.isAbout(400) && !forecast.isLowerBound)
    let seen = try #require(try file.quality()).seen()
    #expect(seen.map(\.arm) == [QualityArm(model: "acme/large")] && seen.map(\.workload) == ["math"])
    #expect(seen.map(\.evidence.scores.mean) == [0.25] && seen.map(\.evidence.scores.weight) == [2])
    #expect(router.takeObservations().isEmpty)
  }

  @Test func `an answer that was cut off says only that it would have been as long`() throws {
    let router = try router()
    let decision = try router.decide(Fixtures.request(), at: Fixtures.instant)
    _ = router.settle(
      Outcome(decision, usage: TokenUsage(input: 1_000, output: 500), isTruncated: true))
    let file = try router.takeObservations().file(source: "host", at: Fixtures.instant)
    #expect(file.entries.map(\.kind) == ["lengths"])
    let forecast = try #require(file.lengths().forecast(model: .init("large"), workload: "math", day: day))
    #expect(forecast.isLowerBound)
  }

  @Test func `what was not answered, or not metered, teaches nothing`() throws {
    let router = try router()
    let results: [Outcome.Result] = [
      .notSent, .unmetered, .failed(.timeout),
      .failed(.contentFilter, metered: MeteredUsage(TokenUsage(input: 1_000, output: 7))),
    ]
    for result in results {
      let decision = try router.decide(Fixtures.request(), at: Fixtures.instant)
      _ = router.settle(
        Outcome(
          attempt: decision.attempt, offer: decision.choice.offer.id, result: result,
          sentAt: Fixtures.instant, latency: 1, quality: 0))
    }
    #expect(router.takeObservations().isEmpty)
  }

  @Test func `answers that come after a fallback count for who gave them`() throws {
    let router = try router()
    let first = try router.decide(Fixtures.request(), at: Fixtures.instant)
    let second = try router.fallBack(from: first, after: .overloaded, at: Fixtures.instant)
    _ = router.settle(Outcome(second, usage: TokenUsage(input: 1_000, output: 100), latency: 1))
    let file = try router.takeObservations().file(source: "host", at: Fixtures.instant)
    #expect(file.latency(offer: second.choice.offer.id.description)?.count == 1)
    #expect(file.latency(offer: first.choice.offer.id.description) == nil)
  }

  @Test func `judged answers move the choice once the router is given what was learned`() throws {
    let router = try router()
    var file = ProfileFile()
    var choices: [String] = []
    for round in 0..<30 {
      let decision = try router.decide(Fixtures.request(), at: Fixtures.instant)
      choices.append(decision.choice.offer.id.description)
      _ = router.settle(Outcome(decision, usage: TokenUsage(input: 1_000, output: 200)))
      // The table says that the large model is the best at mathematics; whoever reads its answers does not.
      let score = decision.choice.offer.id == large ? 0.0 : 1.0
      #expect(router.judge(decision, quality: score, at: Fixtures.instant))
      if round == 9 {
        #expect(Set(choices) == ["acme/large"])
      }
      if round % 10 == 9 {
        try file.merge(
          try router.takeObservations().file(source: "round \(round)", at: Fixtures.instant))
        let profile = try TableProfile(Fixtures.table(), and: file.quality(), at: Fixtures.instant)
        try router.update(Estimator(profile: profile, services: ServiceProfiles(file)))
      }
    }
    #expect(!choices[10...].contains("acme/large"), "\(choices)")
    let other = try router.decide(Fixtures.request(), at: Fixtures.instant)
    #expect(other.choice.estimate.quality > 0.7)
  }

  @Test func `recorded lengths take the place of the table's`() throws {
    let router = try router()
    let before = try router.decide(Fixtures.request(), at: Fixtures.instant)
    for _ in 0..<20 {
      let decision = try router.decide(Fixtures.request(), at: Fixtures.instant)
      _ = router.settle(Outcome(decision, usage: TokenUsage(input: 1_000, output: 400)))
    }
    let services = try ServiceProfiles(
      router.takeObservations().file(source: "host", at: Fixtures.instant))
    try router.update(Estimator(profile: TableProfile(Fixtures.table()), services: services))
    let after = try router.decide(Fixtures.request(), at: Fixtures.instant)
    #expect(after.choice.offer.id == before.choice.offer.id)
    #expect(before.choice.estimate.outputTokens == 250 && after.choice.estimate.outputTokens.isAbout(400))
    #expect(after.choice.estimate.cost > before.choice.estimate.cost)
    // The reservation is of the limit, whatever is expected.
    #expect(after.choice.estimate.ceiling == before.choice.estimate.ceiling)
  }

  @Test func `input counted by families is priced by each offer's own, as bills correct it`() throws {
    let router = try router()
    let unknown = try #require(TokenFamily.all.firstIndex(of: .unknown))
    var request = Fixtures.request()
    request.inputTokensByFamily = Array(repeating: 0, count: TokenFamily.all.count)
    // A count that is missing leaves the request's own number.
    #expect(try router.decide(request, at: Fixtures.instant).choice.estimate.inputTokens == 1_000)
    request.inputTokensByFamily[unknown] = 800
    let before = try router.decide(request, at: Fixtures.instant)
    #expect(before.choice.estimate.inputTokens == 800 && before.request.inputTokens == 1_000)
    // 800 tokens at $10 and 250 at $20 per million; 1,000 and 500 are the most.
    #expect(before.choice.estimate.cost == Money(nanodollars: 13_000_000))
    #expect(before.reserved == Money(nanodollars: 20_000_000) && before.outputLimit == 500)
    for _ in 0..<200 {
      let decision = try router.decide(request, at: Fixtures.instant)
      _ = router.settle(Outcome(decision, usage: TokenUsage(input: 880, output: 250)))
    }
    let file = try router.takeObservations().file(source: "host", at: Fixtures.instant)
    let correction = try #require(file.tokenCorrection(model: "large"))
    #expect(correction.count == 200 && abs(correction.ratio - 1.1) < 0.02)
    try router.update(
      Estimator(profile: TableProfile(Fixtures.table()), services: ServiceProfiles(file)))
    let after = try router.decide(request, at: Fixtures.instant)
    #expect((870...885).contains(after.choice.estimate.inputTokens))
    #expect(after.reserved == before.reserved)
    // Others are not corrected, and nobody expects more than the bound.
    #expect(after.fallbacks.allSatisfy { $0.estimate.inputTokens == 800 })
    request.inputTokensByFamily[unknown] = 5_000
    #expect(try router.decide(request, at: Fixtures.instant).choice.estimate.inputTokens == 1_000)
  }

  @Test func `an update that cannot serve leaves the router as it is`() throws {
    let router = try router()
    let few = try TableProfile(Fixtures.table().selecting(models: ["acme/small", "acme/large", "bolt/mid"]))
    let error = #expect(throws: RouterError.self) { try router.update(Estimator(profile: few)) }
    #expect(error?.code == .unknownModel && error?.description.contains("core/mini") == true)
    let decision = try router.decide(Fixtures.request(), at: Fixtures.instant)
    #expect(decision.choice.offer.id == large && decision.fallbacks.count == 3)

    let weights = Fixtures.models.flatMap { _ in
      [PriceBook.Weights(quality: 1, miss: 1), PriceBook.Weights(quality: 1, miss: 1)]
    }
    let timed = PriceBook(
      unit: .quality, offers: Fixtures.models, workloads: ["math", "code"], weights: weights,
      shares: weights.map { _ in 0 }, tieTolerance: 0)
    let profile = try TableProfile(Fixtures.table())
    let other = try Router(
      book: timed, catalog: Fixtures.catalog(), estimator: Estimator(profile: profile, deadline: 5))
    #expect(throws: RouterError.self) { try other.update(Estimator(profile: profile)) }
  }

  @Test func `names and numbers that cannot be kept are left out`() throws {
    let router = try router()
    for name in ["", "a\u{7}b", String(repeating: "w", count: 201)] {
      let decision = try router.decide(Fixtures.request(workload: name), at: Fixtures.instant)
      let settlement = router.settle(
        Outcome(decision, usage: TokenUsage(input: 1_000, output: 9), latency: 1, quality: 1))
      #expect(settlement != .alreadySettled)
      #expect(!router.judge(decision, quality: 1))
    }
    let decision = try router.decide(Fixtures.request(), at: Fixtures.instant)
    for score in [-0.1, 1.1, .nan, .infinity] { #expect(!router.judge(decision, quality: score)) }
    #expect(router.takeObservations().isEmpty)
    for seconds in [-Double.infinity, .nan, .infinity] {
      let decision = try router.decide(Fixtures.request(), at: Fixtures.instant)
      _ = router.settle(Outcome(decision, usage: TokenUsage(input: 1, output: 9), latency: seconds))
    }
    let file = try router.takeObservations().file(source: "host", at: Fixtures.instant)
    #expect(file.entries.map(\.kind) == ["lengths"])
  }

  @Test func `workloads without end do not fill the memory`() throws {
    var observations = Observations()
    let offer = try #require(try Fixtures.catalog().offers.first)
    var taken = (lengths: 0, scores: 0)
    for number in 0..<30_000 {
      let workload = "w\(number)"
      if observations.record(outputTokens: 5, of: offer, workload: workload, at: Fixtures.instant) {
        taken.lengths += 1
      }
      let arm = QualityArm(model: "m\(number % 2)")
      if observations.record(score: 1, of: arm, workload: workload, at: Fixtures.instant) {
        taken.scores += 1
      }
    }
    #expect(taken == (20_000, 10_000))
    // What has a place keeps it.
    let isLonger = observations.record(outputTokens: 5, of: offer, workload: "w2", at: Fixtures.instant)
    let arm = QualityArm(model: "m0")
    let isBetter = observations.record(score: 1, of: arm, workload: "w2", at: Fixtures.instant)
    #expect(isLonger && isBetter)
    let file = try observations.file(source: "host", at: Fixtures.instant)
    #expect(file.entries.count == 30_000)
    #expect(throws: ProfileMismatch.self) { try observations.file(source: "a\nb") }
  }
}

extension Double {
  /// Whether it is within the width of a bucket of `other`.
  fileprivate func isAbout(_ other: Double) -> Bool { abs(self / other - 1) < 0.02 }
}
