import LinearOptimization
import Testing

@testable import MultipleChoice

/// Purchases against every combination of whole amounts, and against an integer program of everything.
@Suite struct PurchaseTests {
  /// Requests that are served by two offers: one by the unit of a provisioned capacity with a fixed fee, one
  /// as a last resort. `continuous` adds a purchase that need not be whole.
  static func problem(
    groups n: Int, seed: UInt64, minimizes: Bool = true, continuous: Bool = false
  ) throws -> ChoiceProblem {
    var random = SplitMix64(seed: seed)
    let m = 3
    let sizes = (0..<n).map { _ in 1 + 4 * random.unit() }
    let prices = [0.2, 1, 1.6 + random.unit()]
    let cost = (0..<n * m).map { prices[$0 / n] * sizes[$0 % n] * (0.9 + 0.2 * random.unit()) }
    let quality = (0..<n * m).map { [0.3, 0.6, 0.8][$0 / n] + 0.2 * random.unit() }
    let total = sizes.reduce(0, +)
    var constraints: [ChoiceProblem.SideConstraint] = [
      // What option 1 is used for is at most what was bought: fixed capacity per unit.
      .init(name: "capacity", attribute: 2, options: [1], .atMost, 0),
      .init(name: "second", attribute: 2, options: [2], .atMost, 0.1 * total),
      .init(name: "units", attribute: 0, options: [], .atMost, 3),
    ]
    constraints.append(
      minimizes
        ? .init(name: "quality", attribute: 1, .atLeast, 0.6 * Double(n))
        : .init(name: "budget", attribute: 0, .atMost, 0.9 * total))
    var purchases: [ChoiceProblem.Purchase] = [
      .init(
        name: "unit", objective: minimizes ? 0.3 + 0.5 * random.unit() : -0.05, bounds: 0...3,
        isInteger: true,
        entries: [(0, -0.3 * total), (2, 1)]),
      .init(
        name: "contract", objective: minimizes ? 0.4 + random.unit() : -0.1, bounds: 0...1, isInteger: true,
        entries: [(1, -total), (2, 1)]),
    ]
    if continuous {
      purchases.append(
        .init(
          name: "burst", objective: minimizes ? 0.1 : -0.02, bounds: 0...total, isInteger: false,
          entries: [(0, -0.5)]))
    }
    return try ChoiceProblem(
      groupCount: n, optionCount: m,
      attributes: [
        .init(name: "cost", values: cost), .init(name: "quality", values: quality),
        .init(name: "size", values: (0..<n * m).map { sizes[$0 % n] }),
      ],
      objective: .init(minimizes ? .minimize : .maximize, attribute: minimizes ? 0 : 1),
      constraints: constraints, purchases: purchases)
  }

  /// The best of the linear programs over choices, one per combination of whole amounts; `nil` if none has a
  /// solution.
  static func bestOfAll(_ problem: ChoiceProblem) throws -> Double? {
    var fixed: [[ChoiceProblem.Purchase]] = [[]]
    for purchase in problem.purchases {
      let amounts =
        purchase.isInteger
        ? Array(Int(purchase.bounds.lowerBound.rounded(.up))...Int(purchase.bounds.upperBound.rounded(.down)))
          .map { Double($0)...Double($0) } : [purchase.bounds]
      fixed = fixed.flatMap { before in
        amounts.map { bounds in
          before + [
            ChoiceProblem.Purchase(
              name: purchase.name, objective: purchase.objective, bounds: bounds, isInteger: false,
              entries: purchase.entries)
          ]
        }
      }
    }
    var best: Double?
    for purchases in fixed {
      let one = try problem.with(
        objective: problem.objective, constraints: problem.constraints, purchases: purchases)
      let found = try GLPKSolver().solve(one.linearModel(integral: false))
      guard found.status == .optimal else { continue }
      let minimizes = problem.objective.sense == .minimize
      best = best.map { minimizes ? min($0, found.objective) : max($0, found.objective) } ?? found.objective
    }
    return best
  }

  static func check(_ problem: ChoiceProblem, wholeGap: Double, _ place: Comment) throws {
    let best = try bestOfAll(problem)
    let exact = try GLPKSolver().solve(problem.linearModel(integral: true))
    switch try ChoiceSolver().solve(problem) {
    case .solved(let found):
      PlainProblem(problem).check(found, place)
      #expect(exact.status == .optimal, place)
      let sign = problem.objective.sense == .minimize ? 1.0 : -1.0
      let slack = 1e-6 * max(1, abs(exact.objective))
      let said: Comment = "\(place): bound \(found.bound), best \(best ?? .nan)"
      #expect(sign * ((best ?? .nan) - found.bound) >= -slack, said)
      // Where choices can be made whole under the best whole purchases, the bound is that of these.
      if zip(found.purchases, found.relaxation.purchases).allSatisfy({ abs($0 - $1) < 1e-6 }) {
        #expect(agree(found.bound, best ?? .nan, 3e-6), said)
      }
      #expect(sign * (exact.objective - found.bound) >= -slack, place)
      let value = found.certificate.value
      #expect(sign * (value - exact.objective) >= -slack, place)
      #expect(abs(value - exact.objective) <= found.certificate.gap + slack, place)
      #expect(
        abs(value - exact.objective) <= wholeGap * max(1, abs(exact.objective)),
        "\(place): \(value), best \(exact.objective)")
    case .infeasible(let why):
      #expect(exact.status == .infeasible, place)
      if !why.isOnlyFractional {
        #expect(PlainProblem(problem).farkasValue(multipliers: why.multipliers) > 0, place)
      }
    }
  }

  @Test(arguments: 0..<12) func `whole purchases are the best of all combinations`(seed: Int) throws {
    for minimizes in [true, false] {
      let problem = try Self.problem(
        groups: 14, seed: UInt64(seed) * 13 + 1, minimizes: minimizes, continuous: seed % 3 == 0)
      try Self.check(problem, wholeGap: 0.1, "seed \(seed), minimizes \(minimizes)")
    }
  }

  /// As many groups as make what rounding costs small.
  @Test(arguments: 0..<3) func `the gap closes as groups become many`(seed: Int) throws {
    let problem = try Self.problem(groups: 300, seed: UInt64(seed) + 301)
    let found = try solution(of: problem, "seed \(seed)")
    PlainProblem(problem).check(found, "seed \(seed)")
    let best = try Self.bestOfAll(problem)
    #expect(agree(found.bound, best ?? .nan, 3e-6), "seed \(seed)")
    #expect(found.certificate.relativeGap < 2e-3, "seed \(seed)")
  }

  /// sum x <= cap y with y 0 or 1: the fee is paid in full or not at all.
  @Test(arguments: [0.5, 3, 8, 40]) func `a fixed charge is paid where it pays`(fee: Double) throws {
    let n = 20
    // Option 1 saves 1 for each group, up to 10 of them.
    let problem = try ChoiceProblem(
      groupCount: n, optionCount: 2,
      attributes: [.init(name: "cost", values: (0..<2 * n).map { $0 < n ? 3.0 : 2 })],
      objective: .init(.minimize, attribute: 0),
      constraints: [.init(name: "open", attribute: nil, options: [1], .atMost, 0)],
      purchases: [
        .init(name: "contract", objective: fee, bounds: 0...1, isInteger: true, entries: [(0, -10)])
      ])
    let found = try solution(of: problem, "fee \(fee)")
    PlainProblem(problem).check(found, "fee \(fee)")
    #expect(found.purchases == [fee < 10 ? 1 : 0])
    #expect(agree(found.certificate.value, fee < 10 ? 50 + fee : 60, 1e-12))
    #expect(agree(found.bound, found.certificate.value, 1e-6))
  }

  /// What is spent on option 1 plus what is paid for nothing is at least the commitment.
  @Test(arguments: [0.0, 10, 25, 70]) func `a commitment is used up before it is paid for nothing`(
    commitment: Double
  ) throws {
    let n = 20
    // Option 0 costs 2, option 1 costs 3, which counts towards the commitment.
    let problem = try ChoiceProblem(
      groupCount: n, optionCount: 2,
      attributes: [.init(name: "cost", values: (0..<2 * n).map { $0 < n ? 2.0 : 3 })],
      objective: .init(.minimize, attribute: 0),
      constraints: [.init(name: "commitment", attribute: 0, options: [1], .atLeast, commitment)],
      purchases: [
        .init(name: "unused", objective: 1, bounds: 0...100, isInteger: false, entries: [(0, 1)])
      ])
    let found = try solution(of: problem, "commitment \(commitment)")
    PlainProblem(problem).check(found, "commitment \(commitment)")
    // By a unit of commitment, using it costs 1/3 more and wasting it 1.
    let relaxed = 40 + min(commitment, 60) / 3 + max(0, commitment - 60)
    #expect(agree(found.lpObjective, relaxed, 1e-9), "\(commitment)")
    // Best of all numbers of groups that use option 1.
    var best = Double.infinity
    for used in 0...n {
      let unused: Double = max(0, commitment - 3 * Double(used))
      best = min(best, 40 + Double(used) + unused)
    }
    let gap = found.certificate.value - best
    #expect(gap >= -1e-9 && gap <= found.certificate.gap + 1e-9, "\(commitment)")
  }

  @Test func `purchases of negative amounts and either sign of cost`() throws {
    for seed in 0..<6 {
      var random = SplitMix64(seed: UInt64(seed) + 700)
      let (n, m) = (10, 2)
      let problem = try ChoiceProblem(
        groupCount: n, optionCount: m,
        attributes: [.init(name: "a", values: (0..<n * m).map { _ in random.unit() * 4 - 2 })],
        objective: .init(.maximize, attribute: 0),
        constraints: [
          .init(name: "less", attribute: nil, options: [0], .atMost, 4),
          .init(name: "more", attribute: 0, options: [1], .atLeast, -2),
        ],
        purchases: [
          .init(
            name: "y", objective: random.unit() - 0.5, bounds: -2.5...2, isInteger: true,
            entries: [(0, -1.5), (1, 0.7)]),
          .init(
            name: "z", objective: random.unit() - 0.5, bounds: -1 ... -0.25, isInteger: false,
            entries: [(0, 2.5 * random.unit()), (1, -1)]),
        ])
      try Self.check(problem, wholeGap: 0.6, "seed \(seed)")
    }
  }

  /// Nothing but purchases in the objective and in the rows.
  @Test func `a knapsack of purchases alone`() throws {
    let weights = [5.0, 4, 6, 3]
    let values = [10.0, 40, 30, 50]
    let problem = try ChoiceProblem(
      groupCount: 1, optionCount: 1, attributes: [], objective: .init(.maximize, terms: []),
      constraints: [.init(name: "weight", attribute: nil, options: [], .atMost, 10)],
      purchases: values.indices.map {
        .init(
          name: "p\($0)", objective: values[$0], bounds: 0...1, isInteger: true, entries: [(0, weights[$0])])
      })
    let found = try solution(of: problem, "knapsack")
    #expect(found.purchases == [0, 1, 0, 1])
    #expect(agree(found.certificate.value, 90, 1e-9) && agree(found.bound, 90, 1e-5))
    try Self.check(problem, wholeGap: 1e-6, "knapsack")
  }

  @Test func `no whole amount fits`() throws {
    let problem = try ChoiceProblem(
      groupCount: 2, optionCount: 1, attributes: [.init(name: "a", values: [1.0, 1])],
      objective: .init(.minimize, attribute: 0),
      constraints: [
        .init(name: "low", attribute: nil, options: [], .atLeast, 0.4),
        .init(name: "high", attribute: nil, options: [], .atMost, 0.6),
      ],
      purchases: [
        .init(name: "y", objective: 1, bounds: 0...3, isInteger: true, entries: [(0, 1), (1, 1)])
      ])
    guard case .infeasible(let why) = try ChoiceSolver().solve(problem) else {
      Issue.record("solved")
      return
    }
    #expect(why.isOnlyFractional)
    #expect(try relaxation(of: problem, "split").purchases[0] == 0.4)
  }
}
