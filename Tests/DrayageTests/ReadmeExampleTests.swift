import Drayage
import DrayageCore
import Foundation
import Testing

/// The README's example, compiled and run: what stands between the markers is there word for word.
@Suite struct ReadmeExampleTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test func theExampleRuns() throws {
    let folder = Self.root.appending(path: "benchmarks/demo").path()
    var printed: [String] = []
    func print(_ items: Any...) { printed.append(items.map { "\($0)" }.joined(separator: " ")) }
    // README begin
    let profile = try TableProfile(ScoredTable(contentsOf: "\(folder)/history.csv"))
    let catalog = try CatalogLoader.load(directory: "\(folder)/pricing")
    let budget = try Money(decimal: "1.50")

    // Plan for requests like those of the past, and let the router follow the plan's prices and shares.
    let forecast = try Estimator(profile: profile).table(
      profile.requests(maxOutputTokens: 4_096), offers: catalog.offers)
    let answer = try Planner().plan(forecast, PlanSpecification(objective: .quality, budget: budget))
    guard case .plan(let plan) = answer else { return }  // .conflict says what to relax
    let router = try Router(plan: plan, catalog: catalog, profile: profile, budget: budget)

    // Before each request:
    let decision = try router.decide(Request(workload: "gsm", inputTokens: 180, maxOutputTokens: 1_024))
    print(decision.choice.offer.id, "for at most", decision.reserved)
    // ... send it, then settle what it took, or the failure:
    router.settle(Outcome(decision, usage: TokenUsage(input: 181, output: 240)))
    // README end
    #expect(printed.count == 1)
    #expect(router.account?.held == .zero)
    #expect(router.account.map { $0.spent > .zero } == true)
  }

  @Test func theReadmeHasIt() throws {
    let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
    let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let parts = source.components(separatedBy: "// README ")
    let example = try #require(parts.first { $0.hasPrefix("begin\n") })
    for line in example.components(separatedBy: "\n").dropFirst() {
      let code = line.trimmingCharacters(in: .whitespaces)
      guard !code.isEmpty else { continue }
      let isThere = readme.contains(code)
      #expect(isThere, "the README lacks: \(code)")
    }
  }
}
