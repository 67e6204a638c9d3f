import DrayageTesting
import LinearOptimization
import Testing

@testable import MultipleChoice

/// Between which limits shadow prices hold, by solving again inside and outside of them.
@Suite struct RangingTests {
  @Test(arguments: 0..<4) func `inside its range a price is the slope, outside it is not`(seed: Int) throws {
    let problem = try InstanceGenerator(groups: 70, minimizes: seed % 2 == 1).problem(seed: UInt64(seed) + 21)
    try Self.check(problem, "seed \(seed)")
  }

  @Test(arguments: [ChoiceInstances.Goal.maximizeQuality])
  func `likewise for a family`(goal: ChoiceInstances.Goal) throws {
    let problem = try ChoiceInstances.realistic.problem(
      groups: 64, options: 6, seed: 5, goal: goal, storage: .double)
    try Self.check(problem, "\(goal.rawValue)")
  }

  private static func check(_ problem: ChoiceProblem, _ place: Comment) throws {
    let options = ChoiceSolver.Options(wantsRanges: true)
    let found = try relaxation(of: problem, options: options, place)
    let ranges = try #require(found.ranges, place)
    try #require(ranges.count == problem.constraints.count)
    for (k, range) in ranges.enumerated() {
      let row = problem.constraints[k]
      let here: Comment = "\(place): \(row.name) from \(range.lowerBound) to \(range.upperBound)"
      let scale = max(1, abs(row.limit))
      #expect(range.lowerBound <= row.limit + 1e-9 * scale, here)
      #expect(range.upperBound >= row.limit - 1e-9 * scale, here)
      func at(_ limit: Double) throws -> ChoiceRelaxation? {
        let moved = try problem.with(
          objective: problem.objective,
          constraints: problem.constraints.enumerated().map { $0 == k ? $1.with(limit: limit) : $1 })
        guard case .solved(let answer) = try ChoiceSolver().relaxation(of: moved) else { return nil }
        return answer
      }
      let price = found.prices[k]
      if price == 0 {
        // A row that does not bind goes on not to until its limit meets its activity.
        #expect((row.relation == .atMost ? range.upperBound : -range.lowerBound) == .infinity, here)
        let edge = row.relation == .atMost ? range.lowerBound : range.upperBound
        let there = try #require(try at(edge), here)
        #expect(agree(there.objective, found.objective, 1e-7), here)
        continue
      }
      #expect(range.lowerBound.isFinite && range.upperBound.isFinite, here)
      for part in [0.0, 1] {
        let limit = range.lowerBound + part * (range.upperBound - range.lowerBound)
        guard limit.isFinite else { continue }
        let there = try #require(try at(limit), "\(here), at \(limit)")
        let change = price * (limit - row.limit)
        #expect(
          abs(there.objective - found.objective - change) <= 1e-7 * max(abs(found.objective), abs(change)),
          "\(here), at \(limit)")
      }
      // Prices only rise on one side and fall on the other, so that a step beyond shows another one.
      let width = range.upperBound - range.lowerBound
      for limit in [range.lowerBound - 0.2 * width, range.upperBound + 0.2 * width] where width > 1e-6 * scale
      {
        guard let there = try at(limit) else { continue }
        #expect(abs(there.prices[k] - price) > 1e-9 * abs(price), "\(here), at \(limit)")
      }
    }
  }

  @Test func `a row that touches nothing has its range from nothing on`() throws {
    let problem = try ChoiceProblem(
      groupCount: 2, optionCount: 1, attributes: [.init(name: "cost", values: [1.0, 2])],
      objective: .init(.minimize, attribute: 0),
      constraints: [.init(name: "none", attribute: nil, options: [], .atMost, 0)])
    let found = try relaxation(of: problem, options: .init(wantsRanges: true), "nothing")
    let ranges = try #require(found.ranges)
    #expect(found.prices == [0] && ranges[0].lowerBound == 0)
    #expect(ranges[0].upperBound == .infinity)
  }

  @Test func `a row that does not bind has its range from its activity on`() throws {
    // The best is option 1 for everyone, at a cost of 2 each.
    let n = 10
    let problem = try ChoiceProblem(
      groupCount: n, optionCount: 2,
      attributes: [
        .init(name: "cost", values: (0..<2 * n).map { $0 < n ? 1.0 : 2 }),
        .init(name: "quality", values: (0..<2 * n).map { $0 < n ? 0.5 : 0.9 + 0.001 * Double($0) }),
      ],
      objective: .init(.maximize, attribute: 1),
      constraints: [
        .init(name: "cost", attribute: 0, .atMost, 35), .init(name: "floor", attribute: 0, .atLeast, 3),
        .init(name: "count", attribute: nil, options: [1], .atMost, 11),
      ])
    let found = try relaxation(of: problem, options: .init(wantsRanges: true), "slack")
    let ranges = try #require(found.ranges)
    #expect(found.prices == [0, 0, 0])
    #expect(agree(ranges[0].lowerBound, 20, 1e-9) && ranges[0].upperBound == .infinity)
    #expect(agree(ranges[1].upperBound, 20, 1e-9) && ranges[1].lowerBound == -.infinity)
    #expect(agree(ranges[2].lowerBound, 10, 1e-9) && ranges[2].upperBound == .infinity)
  }

  /// A continuous knapsack, whose ranges can be told by hand.
  @Test func `a budget holds its price until the next group is through`() throws {
    let n = 6
    let problem = try ChoiceProblem(
      groupCount: n, optionCount: 2,
      attributes: [
        .init(name: "cost", values: (0..<2 * n).map { $0 < n ? 1.0 : 2 }),
        .init(name: "quality", values: (0..<2 * n).map { $0 < n ? 0.0 : Double($0 - n + 1) }),
      ],
      objective: .init(.maximize, attribute: 1),
      constraints: [.init(name: "budget", attribute: 0, .atMost, 8.5)])
    let found = try relaxation(of: problem, options: .init(wantsRanges: true), "knapsack")
    let ranges = try #require(found.ranges)
    // Groups 6 and 5 are through, group 4 is halfway.
    #expect(agree(found.objective, 6 + 5 + 0.5 * 4, 1e-12))
    #expect(agree(found.prices[0], 4, 1e-9))
    #expect(agree(ranges[0].lowerBound, 8, 1e-9) && agree(ranges[0].upperBound, 9, 1e-9))
    #expect(try relaxation(of: problem, "not asked").ranges == nil)
  }
}
