import Drayage
import DrayageCore
import DrayageTesting
import Testing

@testable import DrayageExecution

@Suite struct AdmissionTests {
  /// Two models of one account that allows three requests at a time, and one of another with a limit of two
  /// for each model.
  private static let sellers: [ExecutorFixture.Seller] = [
    .init(
      provider: "north", model: "alpha", quota: #"{"plan": "*", "per": "account", "concurrency": 3}"#),
    .init(provider: "north", model: "beta"),
    .init(provider: "south", model: "gamma", quota: #"{"plan": "*", "concurrency": 2}"#),
  ]

  private func admission(
    _ sellers: [ExecutorFixture.Seller], breakerAfter: Int = 5, retries: RetryBudget.Policy = .init()
  ) throws -> (Admission, [String]) {
    let catalog = try ExecutorFixture.catalog(sellers)
    let options = ExecutionOptions(
      breaker: .init(consecutiveFailures: breakerAfter, firstOpen: 1, longestOpen: 1), retries: retries)
    return (
      Admission(catalog.offers, quotas: catalog.quotas, options: options), catalog.offers.map(\.wireModel)
    )
  }

  private static func end(_ random: inout SplitMix64) -> Admission.End {
    let failures: [FailureClass] = [
      .serverError, .rateLimited, .timeout, .unauthorized, .badRequest, .cancelled,
    ]
    return switch Int.random(in: 0..<5, using: &random) {
    case 0: .notSent
    case 1: .answered(nil)
    case 2: .answered(MeteredUsage(TokenUsage(input: 10, output: 3)))
    default:
      .failed(
        failures[Int.random(in: failures.indices, using: &random)],
        retryAfter: Bool.random(using: &random) ? 0.5 : nil)
    }
  }

  @Test func `concurrency is kept whatever happens, and every place comes back`() throws {
    for seed in UInt64(0)..<100 {
      var random = SplitMix64(seed: seed)
      var (admission, models) = try admission(
        Self.sellers, retries: .init(share: 0.1, window: 10, perSecond: 0.1))
      try #require(models == ["alpha", "beta", "gamma"])
      var open: [Admission.Pass] = []
      var now = 0.0
      func underWay(_ targets: Set<Int>) -> Int { open.count { targets.contains($0.target) } }
      for _ in 0..<400 {
        now += Double.random(in: 0...0.3, using: &random)
        if Bool.random(using: &random), !open.isEmpty {
          let pass = open.remove(at: Int.random(in: open.indices, using: &random))
          admission.end(pass, as: Self.end(&random), at: now)
        } else {
          let kinds: [Admission.Kind] = [.first, .retry, .repetition]
          let kind = kinds[Int.random(in: kinds.indices, using: &random)]
          let target = Int.random(in: 0..<3, using: &random)
          if case .admitted(let pass) = admission.admit(target, input: 10, output: 10, as: kind, at: now) {
            #expect(pass.target == target, "seed \(seed)")
            open.append(pass)
          }
        }
        #expect(underWay([0, 1]) <= 3 && underWay([2]) <= 2, "seed \(seed)")
      }
      for pass in open { admission.end(pass, as: .notSent, at: now) }
      // Long after, as many are admitted as at first, and no more.
      now += 1_000
      // Two successes close a breaker that is half-open.
      for target in [0, 1, 2, 0, 1, 2] {
        guard case .admitted(let pass) = admission.admit(target, input: 1, output: 1, as: .first, at: now)
        else {
          Issue.record("seed \(seed): target \(target) is shut for good")
          continue
        }
        admission.end(pass, as: .answered(nil), at: now)
      }
      for (targets, most) in [([0, 1], 3), ([2], 2)] {
        var admitted = 0
        for place in 0..<10 {
          let target = targets[place % targets.count]
          if case .admitted = admission.admit(target, input: 1, output: 1, as: .first, at: now) {
            admitted += 1
          }
        }
        #expect(admitted == most, "seed \(seed), targets \(targets)")
      }
    }
  }

  @Test func `a report corrects what belongs to the model, not what all models share`() throws {
    let account = #"{"plan": "*", "per": "account", "rpm": 100}"#
    var (admission, _) = try admission([
      .init(provider: "north", model: "alpha", quota: account), .init(provider: "north", model: "beta"),
    ])
    func isAdmitted(_ target: Int, at now: Double) -> Bool {
      guard case .admitted(let pass) = admission.admit(target, input: 1, output: 1, as: .first, at: now)
      else {
        return false
      }
      admission.end(pass, as: .notSent, at: now)
      return true
    }
    guard case .admitted(let pass) = admission.admit(0, input: 1, output: 1, as: .first, at: 0) else {
      Issue.record("the first is refused")
      return
    }
    let report = RateLimitReport(requests: .init(limit: 10, remaining: 0, resetIn: 60))
    admission.end(pass, as: .answered(nil), report: report, at: 0)
    #expect(!isAdmitted(0, at: 0.01))
    #expect(isAdmitted(1, at: 0.01))
    #expect(isAdmitted(0, at: 61))
  }

  @Test func `what is refused takes nothing from the limits before the one that is full`() throws {
    // One at a time for each model; ten a minute for the account.
    var (admission, _) = try admission([
      .init(
        provider: "north", model: "alpha",
        quota: #"{"plan": "*", "per": "account", "rpm": 2, "concurrency": 1}"#),
      .init(provider: "north", model: "beta"),
    ])
    guard case .admitted(let pass) = admission.admit(0, input: 1, output: 1, as: .first, at: 0) else {
      Issue.record("the first is refused")
      return
    }
    for _ in 0..<10 {
      if case .admitted = admission.admit(1, input: 1, output: 1, as: .first, at: 0) {
        Issue.record("a second one at a time")
      }
    }
    admission.end(pass, as: .answered(nil), at: 0)
    // One of the two of the first minute is left.
    guard case .admitted(let second) = admission.admit(1, input: 1, output: 1, as: .first, at: 0) else {
      Issue.record("refusals were counted as requests")
      return
    }
    admission.end(second, as: .answered(nil), at: 0)
    if case .admitted = admission.admit(1, input: 1, output: 1, as: .first, at: 0) {
      Issue.record("a third request in the minute")
    }
  }

  @Test func `a key that is dead shuts its provider, a model that fails only itself`() throws {
    for (failure, isShared) in [(FailureClass.unauthorized, true), (.serverError, false)] {
      var (admission, _) = try admission(Self.sellers, breakerAfter: 1)
      guard case .admitted(let pass) = admission.admit(0, input: 1, output: 1, as: .first, at: 0) else {
        Issue.record("the first is refused")
        return
      }
      admission.end(pass, as: .failed(failure, retryAfter: nil), at: 0)
      let answers = (0..<3).map { admission.admit($0, input: 1, output: 1, as: .first, at: 0.1) }
      let isAdmitted = answers.map { if case .admitted = $0 { true } else { false } }
      #expect(isAdmitted == [false, !isShared, true], "\(failure)")
      // A repetition is asked for all the same: what it may have cost is not known.
      if case .admitted = admission.admit(0, input: 1, output: 1, as: .repetition, at: 0.1) {
      } else {
        Issue.record("a repetition is held back by a breaker")
      }
    }
  }

  @Test func `retries are bounded and take no place when they are refused`() throws {
    var (admission, _) = try admission(
      Self.sellers, retries: .init(share: 0.5, window: 10, perSecond: 0))
    var passes: [Admission.Pass] = []
    func admit(_ kind: Admission.Kind) -> Bool? {
      switch admission.admit(2, input: 1, output: 1, as: kind, at: 0) {
      case .admitted(let pass):
        passes.append(pass)
        return true
      case .retryRefused: return false
      case .unavailable: return nil
      }
    }
    #expect(admit(.retry) == false)
    for _ in 0..<2 {
      #expect(admit(.first) == true)
      admission.end(passes.removeLast(), as: .answered(nil), at: 0)
    }
    #expect(admit(.retry) == true)
    #expect(admit(.retry) == false)
    // The refused ones hold none of the two places.
    #expect(admit(.first) == true)
    #expect(admit(.first) == nil)
  }
}
