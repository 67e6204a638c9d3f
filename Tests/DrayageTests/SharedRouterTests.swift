import DrayageCore
import Testing

@testable import Drayage

@Suite("Router of a plan") struct PlannedRouterTests {
  private typealias Fixtures = RouterFixtures

  @Test(arguments: PlanSpecification.Objective.allCases)
  func choosesAsThePlanDoes(objective: PlanSpecification.Objective) throws {
    let table = try Fixtures.table()
    let plan = try Fixtures.plan(table, PlanSpecification(objective: objective))
    let router = try Fixtures.router(table, plan)
    for (i, request) in plan.table.requests.enumerated() {
      let workload = plan.table.workloads[plan.table.workloadOf[i]]
      let decision = try router.decide(Fixtures.request(request, workload: workload), at: Fixtures.instant)
      #expect(decision.choice.offer.id.description == plan.table.offers[plan.assignment[i]])
    }
  }

  /// Prices alone do not reproduce a plan: all of these requests have the same scores, and the plan splits them.
  @Test func splitsRequestsThatAreAlikeAsThePlanDoes() throws {
    let rows = (1...10).map { "r\($0),1000,0.5,0.0014,200,0.75,0.0028,200" }
    let header =
      "query_id,input_tokens,acme/small|score,acme/small|cost_usd,acme/small|out_tok,"
      + "bolt/mid|score,bolt/mid|cost_usd,bolt/mid|out_tok"
    let text = ([header] + rows).joined(separator: "\n")
    let table = try ScoredTable(bytes: Array(text.utf8), file: "scores.csv")
    let profile = try TableProfile(table)
    let expected = try (0..<2).map { try #require(profile.expectation(model: $0, workload: "")).quality }
    let floor = 0.3 * expected[0] + 0.7 * expected[1]
    let offers = try Fixtures.catalog().offers.filter { table.models.contains($0.id.description) }
    let estimates = Estimator(profile: profile).table(
      try profile.requests(maxOutputTokens: 1_000), offers: offers, at: Fixtures.instant)
    guard
      case .plan(let plan) = try Planner().plan(
        estimates, PlanSpecification(objective: .cost, quality: floor - 1e-12))
    else { throw Fixtures.NoPlan() }
    #expect(plan.counts == [3, 7])
    let router = try Fixtures.router(table, plan)
    var counts: [String: Int] = [:]
    var quality = 0.0
    for _ in 0..<1_000 {
      let choice = try router.decide(Fixtures.request(), at: Fixtures.instant).choice
      counts[choice.offer.id.description, default: 0] += 1
      quality += choice.estimate.quality
    }
    #expect(counts == ["acme/small": 300, "bolt/mid": 700])
    #expect(abs(quality / 1_000 - floor) <= 1e-9)
  }
}

/// One router, many threads.
@Suite("Router, shared") struct SharedRouterTests {
  private typealias Fixtures = RouterFixtures

  /// A router that has one offer, which reserves 2 thousandths of a dollar for every request of the fixtures.
  private func router(budget: Int64?) throws -> Router {
    let table = try Fixtures.table().selecting(models: ["acme/small"])
    let plan = try Fixtures.plan(table, PlanSpecification(objective: .cost))
    return try Fixtures.router(table, plan, budget: budget)
  }

  /// What `count` tasks at once get.
  private func decide(
    _ count: Int, _ router: Router, id: String? = nil
  ) async -> (decisions: [Decision], errors: [RouterError]) {
    await withTaskGroup(of: Result<Decision, RouterError>.self) { group in
      for _ in 0..<count {
        group.addTask {
          do throws(RouterError) {
            return .success(try router.decide(Fixtures.request(id), at: Fixtures.instant))
          } catch {
            return .failure(error)
          }
        }
      }
      return await group.reduce(into: ([], [])) { all, result in
        switch result {
        case .success(let decision): all.decisions.append(decision)
        case .failure(let error): all.errors.append(error)
        }
      }
    }
  }

  @Test func aThousandAtOnceDoNotPassABudgetForOneLess() async throws {
    let budget = Int64(999 * 2_000_000)
    let router = try router(budget: budget)
    let (held, errors) = await decide(1_000, router)
    #expect(Set(held.map(\.attempt)).count == 999)
    #expect(held.count == 999)
    #expect(errors.map(\.code) == [.budgetExhausted])
    #expect(router.account?.held == Money(nanodollars: budget))
    #expect(router.account?.available == .zero)
    // All are settled twice at once, and charged once.
    let settlements = await withTaskGroup(of: Ledger.Settlement.self) { group in
      for decision in held + held {
        let outcome = Outcome(decision, usage: TokenUsage(input: 1_000, output: 500))
        group.addTask { router.settle(outcome) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(settlements.count { $0 == .alreadySettled } == 999)
    #expect(settlements.count { $0 == .settled(Money(nanodollars: 2_000_000)) } == 999)
    #expect(router.account?.spent == Money(nanodollars: budget))
    #expect(router.account?.held == .zero)
  }

  @Test func decidingAndSettlingAtOnceNeverPassesTheBudget() async throws {
    // For ten at a time; every second attempt costs all that was reserved, the others nothing.
    let router = try router(budget: 10 * 2_000_000)
    let passed = await withTaskGroup(of: Int.self) { group in
      for i in 0..<1_000 {
        group.addTask {
          let decision = try? router.decide(Fixtures.request(), at: Fixtures.instant)
          let account = router.account
          if let decision {
            router.settle(
              i % 2 == 0
                ? Outcome(decision, usage: TokenUsage(input: 1_000, output: 500))
                : Outcome(decision, failure: .rateLimited))
          }
          return account.map { $0.spent + $0.held > $0.limit ? 1 : 0 } ?? 1
        }
      }
      return await group.reduce(0, +)
    }
    #expect(passed == 0)
    #expect(router.account?.held == .zero)
    // What is left can still be spent, to the last attempt.
    while let decision = try? router.decide(Fixtures.request(), at: Fixtures.instant) {
      router.settle(Outcome(decision, failure: .timeout))
    }
    #expect(router.account?.spent == router.account?.limit)
  }

  @Test func aRequestThatManyOpenAtOnceIsOpenedOnce() async throws {
    let router = try router(budget: nil)
    let (decisions, errors) = await decide(200, router, id: "r-1")
    #expect(decisions.count == 1)
    #expect(errors.count == 199)
    #expect(Set(errors.map(\.code)) == [.requestOpen])
  }
}
