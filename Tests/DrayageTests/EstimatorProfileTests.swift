import DrayageCore
import DrayageProfiles
import Testing

@testable import Drayage

/// What estimates make of length, latency and quality profiles.
@Suite struct EstimatorProfileTests {
  private typealias Fixtures = RouterFixtures

  private static let day = Double(Fixtures.instant.secondsSince1970) / 86_400

  /// Answers of `acme/small` on math, of 40 to 60 tokens.
  private static func recordedLengths() -> LengthProfiles {
    var lengths = LengthProfiles()
    for tokens in 40...60 {
      lengths.record(tokens: tokens, model: .init("small"), workload: "math", day: day)
    }
    return lengths
  }

  /// First tokens after `seconds`, and a hundred tokens a second from then on.
  private static func latency(_ seconds: Double) -> LatencyProfile {
    var profile = LatencyProfile()
    for at in 0..<200 {
      let first = seconds * (0.9 + 0.001 * Double(at))
      profile.record(firstToken: first, total: first + 0.49, tokens: 50, day: day)
    }
    return profile
  }

  private func estimates(
    _ services: ServiceProfiles, deadline: Double? = nil, workload: String = "math", id: String? = nil
  ) throws -> EstimateTable {
    let offers = try Fixtures.catalog().offers.filter { Fixtures.models.contains($0.id.description) }
    let request = Fixtures.request(id, workload: workload)
    return Estimator(profile: try TableProfile(Fixtures.table()), services: services, deadline: deadline)
      .table([request], offers: offers, at: Fixtures.instant)
  }

  @Test func `recorded lengths come before the table's mean`() throws {
    let without = try estimates(ServiceProfiles())
    let with = try estimates(ServiceProfiles(lengths: Self.recordedLengths()))
    let small = try #require(with.offers.firstIndex(of: "acme/small"))
    // 1,000 tokens in at $1 and 250 or about 50 out at $2 a million.
    #expect(without.cost[small] == 1_500_000)
    #expect((1_095_000...1_105_000).contains(with.cost[small]))
    for other in with.offers.indices where other != small { #expect(with.cost[other] == without.cost[other]) }
  }

  @Test func `a request's own row comes before recorded lengths`() throws {
    let with = try estimates(ServiceProfiles(lengths: Self.recordedLengths()), id: "m2")
    let small = try #require(with.offers.firstIndex(of: "acme/small"))
    #expect(with.cost[small] == 1_600_000)
  }

  @Test func `a prior comes after the table's mean`() throws {
    var lengths = LengthProfiles()
    let percentiles = try PublishedPercentiles(
      [.init(share: 0.5, value: 20), .init(share: 0.9, value: 40)], typicalSlope: LengthPrior.typicalSlope)
    lengths.setPrior(try LengthPrior(percentiles), for: nil)
    let with = try estimates(ServiceProfiles(lengths: lengths))
    let small = try #require(with.offers.firstIndex(of: "acme/small"))
    #expect(with.cost[small] == 1_500_000)
  }

  @Test func `the chance to miss a deadline comes from the profiles`() throws {
    let services = ServiceProfiles(
      lengths: Self.recordedLengths(), latency: ["acme/small": Self.latency(1)])
    for (deadline, expected) in [(0.5, 0.99...1), (1.5, 0.2...0.8), (4, 0...0.01)] {
      let with = try estimates(services, deadline: deadline)
      let small = try #require(with.offers.firstIndex(of: "acme/small"))
      let miss = try #require(with.miss?[small])
      #expect(expected.contains(miss), "\(deadline) s")
      #expect(with.eligible.enumerated().allSatisfy { $0.element == ($0.offset == small) })
    }
  }

  @Test func `why an offer without a latency cannot serve is said`() throws {
    let offers = try Fixtures.catalog().offers.filter { $0.id.description == "acme/large" }
    let profile = try TableProfile(Fixtures.table())
    for (lengths, reason) in [
      (LengthProfiles(), "nothing was recorded yet"), (Self.recordedLengths(), "the length"),
    ] {
      let services = ServiceProfiles(
        lengths: lengths, latency: reason == "the length" ? ["acme/large": Self.latency(1)] : [:])
      let (_, rejections) = Estimator(profile: profile, services: services, deadline: 1).table(
        [Fixtures.request()], offers: offers, at: Fixtures.instant
      ) { _, _ in 500 }
      let rejection = try #require(rejections.values.first)
      guard case .noLatency(let why) = rejection else {
        Issue.record("\(rejection)")
        return
      }
      #expect(why.contains(reason))
    }
  }

  @Test func `a plan with a deadline is followed by a router with the same`() throws {
    var lengths = Self.recordedLengths()
    for tokens in 40...60 {
      lengths.record(tokens: tokens, model: .init("large"), workload: "math", day: Self.day)
    }
    let services = ServiceProfiles(
      lengths: lengths, latency: ["acme/small": Self.latency(8), "acme/large": Self.latency(1)])
    let profile = try TableProfile(Fixtures.table())
    let catalog = try Fixtures.catalog()
    let offers = catalog.offers.filter { ["acme/small", "acme/large"].contains($0.id.description) }
    let requests = (0..<10).map { _ in Fixtures.request(workload: "math") }
    let table = Estimator(profile: profile, services: services, deadline: 4).table(
      requests, offers: offers, at: Fixtures.instant)
    guard
      case .plan(let plan) = try Planner().plan(table, PlanSpecification(objective: .cost, miss: 0.305))
    else { throw Fixtures.NoPlan() }
    let planned = Dictionary(uniqueKeysWithValues: zip(plan.table.offers, plan.counts))
    #expect(planned == ["acme/small": 3, "acme/large": 7])
    #expect(throws: RouterError.self) { try Router(plan: plan, catalog: catalog, profile: profile) }
    let router = try Router(
      plan: plan, catalog: catalog, profile: profile, services: services, deadline: 4)
    var counts: [String: Int] = [:]
    for _ in 0..<1_000 {
      let choice = try router.decide(Fixtures.request(workload: "math"), at: Fixtures.instant).choice
      counts[choice.offer.id.description, default: 0] += 1
    }
    #expect(counts == ["acme/small": 300, "acme/large": 700])
  }

  @Test func `quality without a table`() throws {
    var quality = try QualityProfile()
    for at in 0..<40 {
      try quality.observe(at % 4 == 0 ? 0 : 1, arm: QualityArm(model: "small"), workload: "math")
      try quality.observe(at % 2 == 0 ? 0 : 1, arm: QualityArm(model: "large"), workload: "math")
      try quality.observe(at % 3 == 0 ? 0 : 1, arm: QualityArm(model: "large"), workload: "code")
    }
    quality.refit()
    let profile = TableProfile(quality)
    let sold = try Fixtures.catalog().offers.map { offer in
      profile.model(of: offer).map { profile.models[$0] }
    }
    #expect(Set(sold) == ["small", "large", nil])
    let small = try #require(profile.models.firstIndex(of: "small"))
    let expected = try #require(profile.expectation(model: small, workload: "math"))
    #expect(abs(expected.quality - 0.75) < 0.1 && expected.outputTokens == nil)
    #expect(try #require(expected.standardError) > 0.03)
    // Elsewhere the belief is nearer to what models do on the whole, and less sure.
    let elsewhere = try #require(profile.expectation(model: small, workload: "poetry"))
    #expect(elsewhere.quality < expected.quality)
    #expect(try #require(elsewhere.standardError) > #require(expected.standardError))
  }

  @Test func `feedback counts as scores of the table do`() throws {
    var feedback = try QualityProfile()
    for _ in 0..<200 {
      try feedback.observe(0, arm: QualityArm(model: "acme/large"), workload: "math")
      try feedback.observe(1, arm: QualityArm(model: "core/mini"), workload: "code")
    }
    let plain = try TableProfile(Fixtures.table())
    let told = try TableProfile(Fixtures.table(), and: feedback)
    #expect(told.models == plain.models)
    let before = try #require(plain.expectation(model: 1, workload: "math"))
    let after = try #require(told.expectation(model: 1, workload: "math"))
    #expect(before.quality > 0.6 && after.quality < 0.1)
  }

  @Test func `scores above one are taken at their means`() throws {
    let text = "query_id,a|score,a|cost_usd\nq1,3,0.001\nq2,5,0.001\n"
    let table = try ScoredTable(bytes: Array(text.utf8), file: "scores.csv")
    let profile = try TableProfile(table)
    let expected = try #require(profile.expectation(model: 0, workload: "any"))
    #expect(expected.quality == 4 && expected.standardError == nil)
    let error = #expect(throws: InputError.self) { try TableProfile(table, and: QualityProfile()) }
    #expect(error?.description.contains("above 1") == true)
  }
}
