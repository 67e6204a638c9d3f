import LinearOptimization
@testable import MultipleChoice
import Testing

/// Numbers and shapes at the edge of what a problem may have. Whatever they are, an answer is one that holds,
/// or an error; never a crash, and never a claim that plain arithmetic refutes.
@Suite struct HostileNumbersTests {
  private typealias Row = ChoiceProblem.SideConstraint

  /// Costs and qualities of a small ordinary problem, times factors.
  private static func scaled(
    cost: Double, quality: Double, seed: UInt64, duplicates: Int = 1, room: Double = 0.4
  ) throws -> ChoiceProblem {
    var random = SplitMix64(seed: seed)
    let (n, m) = (40, 4)
    let costs = (0..<n * m).map { (1 + Double($0 / n)) * (0.5 + random.unit()) * cost }
    let qualities = (0..<n * m).map { (0.2 + 0.15 * Double($0 / n) + 0.3 * random.unit()) * quality }
    let least = (0..<n).reduce(0) { total, i in total + ((0..<m).map { costs[$0 * n + i] }.min() ?? 0) }
    let most = (0..<n).reduce(0) { total, i in total + ((0..<m).map { costs[$0 * n + i] }.max() ?? 0) }
    return try ChoiceProblem(
      groupCount: n, optionCount: m, classOf: (0..<n).map { $0 % 2 },
      attributes: [.init(name: "cost", values: costs), .init(name: "quality", values: qualities)],
      objective: .init(.maximize, attribute: 1),
      constraints: (0..<duplicates).map {
        Row(name: "budget \($0)", attribute: 0, .atMost, least + room * (most - least))
      } + [Row(name: "class", attribute: nil, options: [3], classes: [1], .atMost, 7)])
  }

  /// What the same problem in ordinary units comes to, times the factor.
  @Test(arguments: [1e-300, 1e-200, 1e-100, 1e-30, 1e-12, 1e12, 1e30, 1e100, 1e200, 1e300])
  func `units do not matter`(factor: Double) throws {
    for (cost, quality) in [(factor, 1.0), (1.0, factor), (factor, factor), (factor, 1 / factor)] {
      let place: Comment = "cost in units of \(cost), quality of \(quality)"
      let ordinary = try Self.scaled(cost: 1, quality: 1, seed: 3)
      let problem = try Self.scaled(cost: cost, quality: quality, seed: 3)
      let reference = try relaxation(of: ordinary, place)
      let found = try solution(of: problem, place)
      #expect(agree(found.lpObjective / quality, reference.objective, 1e-8), place)
      #expect(found.certificate.isFeasible, place)
      #expect(found.isProven, place)
      #expect(agree(found.certificate.value / quality, reference.objective, 0.05), place)
    }
  }

  @Test func `the same constraint many times over`() throws {
    for seed in UInt64(0)..<3 {
      let one = try relaxation(of: Self.scaled(cost: 1, quality: 1, seed: seed), "seed \(seed)")
      let problem = try Self.scaled(cost: 1, quality: 1, seed: seed, duplicates: 12)
      let found = try solution(of: problem, "seed \(seed)")
      PlainProblem(problem).check(found, "seed \(seed)")
      #expect(agree(found.lpObjective, one.objective, 1e-9), "seed \(seed)")
      ExactnessTests.checkProof(found.relaxation, PlainProblem(problem), "seed \(seed)")
    }
  }

  /// Against the simplex method where that has an answer, and by proof.
  private static func check(_ problem: ChoiceProblem, _ place: Comment) throws {
    let plain = PlainProblem(problem)
    var model = problem.linearModel(integral: false)
    model.allowsEmpty = true
    let reference = try? GLPKSolver().solve(model)
    switch try ChoiceSolver().solve(problem) {
    case .solved(let found):
      plain.check(found, place)
      #expect(found.isProven, place)
      #expect(agree(plain.lagrangianBound(prices: found.prices), found.lpObjective, 1e-8), place)
      #expect(reference?.status != .infeasible, place)
      if let reference, reference.status == .optimal {
        #expect(agree(found.lpObjective, reference.objective, 1e-7), place)
      }
    case .infeasible(let why):
      #expect(reference?.status != .optimal || why.isOnlyFractional, place)
      #expect(why.isOnlyFractional || plain.farkasValue(multipliers: why.multipliers) > 0, place)
    }
  }

  @Test(arguments: [(1, 1), (1, 5), (5, 1), (1, 300), (20, 300), (2, 2)])
  func `few groups, few options, and many`(n: Int, m: Int) throws {
    for seed in UInt64(0)..<(m > 5 ? 1 : 3) {
      var random = SplitMix64(seed: seed + UInt64(1_000 * n + m))
      let costs = (0..<n * m).map { _ in random.unit() }
      let qualities = (0..<n * m).map { costs[$0] * 0.5 + 0.5 * random.unit() }
      let total = costs.reduce(0, +) / Double(m)
      let problem = try ChoiceProblem(
        groupCount: n, optionCount: m,
        attributes: [.init(name: "cost", values: costs), .init(name: "quality", values: qualities)],
        objective: .init(.maximize, attribute: 1),
        constraints: [
          Row(name: "budget", attribute: 0, .atMost, total * 0.8),
          Row(name: "last", attribute: nil, options: [m - 1], .atMost, Double(n) / 2),
        ])
      try Self.check(problem, "\(n) groups, \(m) options, seed \(seed)")
    }
  }

  @Test func `limits of nothing, and attributes of nothing`() throws {
    for seed in UInt64(0)..<4 {
      var random = SplitMix64(seed: seed)
      let (n, m) = (30, 3)
      let costs = (0..<n * m).map { $0 < n ? 0 : random.unit() }
      let signed = (0..<n * m).map { _ in random.unit() - 0.5 }
      let zero = Array(repeating: 0.0, count: n * m)
      func problem(_ objective: ChoiceProblem.Objective, _ rows: [Row]) throws -> ChoiceProblem {
        try ChoiceProblem(
          groupCount: n, optionCount: m, classOf: (0..<n).map { $0 % 2 == 0 ? 0 : 4 },
          attributes: [
            .init(name: "cost", values: costs), .init(name: "signed", values: signed),
            .init(name: "zero", values: zero),
          ], objective: objective, constraints: rows)
      }
      let most = ChoiceProblem.Objective(.maximize, attribute: 1)
      let cases: [(String, ChoiceProblem.Objective, [Row])] = [
        ("no cost allowed", most, [Row(name: "cost", attribute: 0, .atMost, 0)]),
        ("signed at zero", .init(.maximize, attribute: 0), [Row(name: "signed", attribute: 1, .atMost, 0)]),
        ("zero at most zero", most, [Row(name: "zero", attribute: 2, .atMost, 0)]),
        ("zero at least zero", most, [Row(name: "zero", attribute: 2, .atLeast, 0)]),
        ("zero at least one", most, [Row(name: "zero", attribute: 2, .atLeast, 1)]),
        ("zero at most minus one", most, [Row(name: "zero", attribute: 2, .atMost, -1)]),
        (
          "nothing to optimize", .init(.minimize, attribute: 2),
          [Row(name: "signed", attribute: 1, .atLeast, 3), Row(name: "cost", attribute: 0, .atMost, 12)]
        ),
        ("a class without groups", most, [Row(name: "empty", attribute: 1, classes: [2], .atMost, 0)]),
        (
          "a class without groups, conflict", most,
          [Row(name: "empty", attribute: 1, classes: [2], .atLeast, 1)]
        ),
        ("a class beyond all", most, [Row(name: "far", attribute: nil, classes: [1_000_000], .atMost, 0)]),
        ("no class at all", most, [Row(name: "none", attribute: nil, classes: [], .atLeast, 0)]),
        ("no option at all", most, [Row(name: "none", attribute: nil, options: [], .atMost, 0)]),
        ("no option, conflict", most, [Row(name: "none", attribute: nil, options: [], .atLeast, 1)]),
        (
          "from both sides", most,
          [
            Row(name: "most", attribute: nil, options: [0], .atMost, 11),
            Row(name: "least", attribute: nil, options: [0], .atLeast, 11),
          ]
        ),
        (
          "from both sides, apart", most,
          [
            Row(name: "most", attribute: nil, options: [0], .atMost, 10),
            Row(name: "least", attribute: nil, options: [0], .atLeast, 11),
          ]
        ),
        ("all to one", most, [Row(name: "all", attribute: nil, options: [2], .atLeast, Double(n))]),
        ("more than all", most, [Row(name: "all", attribute: nil, options: [2], .atLeast, Double(n) + 1e-3)]),
        ("tiny limit", most, [Row(name: "cost", attribute: 0, .atMost, 1e-300)]),
        ("huge limit", most, [Row(name: "cost", attribute: 0, .atMost, 1e300)]),
        ("huge floor", most, [Row(name: "cost", attribute: 0, .atLeast, 1e300)]),
        ("huge negative limit", most, [Row(name: "cost", attribute: 0, .atMost, -1e300)]),
        ("weights of nothing", .init(.minimize, terms: [.init(attribute: 0, weight: 0)]), []),
        ("counts", .init(.minimize, terms: [.init(attribute: nil, options: [1, 2])]), []),
      ]
      for (name, objective, rows) in cases {
        try Self.check(problem(objective, rows), "\(name), seed \(seed)")
      }
    }
  }

  /// One coefficient of another order of magnitude than all others.
  @Test(arguments: [1e-300, 1e-20, 1e-9, 1e6, 1e9, 1e12, 1e15])
  func `one number far from all others`(size: Double) throws {
    for seed in UInt64(0)..<2 {
      var random = SplitMix64(seed: seed + 40)
      let (n, m) = (30, 3)
      var costs = (0..<n * m).map { _ in 0.5 + random.unit() }
      let qualities = (0..<n * m).map { costs[$0] * 0.4 + 0.5 * random.unit() }
      costs[n + 3] = size
      for floor in [false, true] {
        let problem = try ChoiceProblem(
          groupCount: n, optionCount: m,
          attributes: [.init(name: "cost", values: costs), .init(name: "quality", values: qualities)],
          objective: floor ? .init(.minimize, attribute: 0) : .init(.maximize, attribute: 1),
          constraints: [
            floor
              ? Row(name: "floor", attribute: 1, .atLeast, 0.75 * Double(n))
              : Row(name: "budget", attribute: 0, .atMost, 0.9 * Double(n))
          ])
        try Self.check(problem, "\(size), floor \(floor), seed \(seed)")
      }
    }
  }

  @Test func `qualities of both signs, and budgets below zero`() throws {
    for seed in UInt64(0)..<6 {
      var random = SplitMix64(seed: seed + 90)
      let (n, m) = (50, 4)
      let a = (0..<n * m).map { _ in random.unit() - 0.5 }
      let b = (0..<n * m).map { _ in random.unit() - 0.5 }
      let problem = try ChoiceProblem(
        groupCount: n, optionCount: m,
        attributes: [.init(name: "a", values: a.map(Float.init)), .init(name: "b", values: b)],
        objective: .init(
          .minimize, terms: [.init(attribute: 0), .init(attribute: 1, options: [1, 2], weight: -0.3)]),
        constraints: [
          Row(name: "below zero", attribute: 1, .atMost, -10 - Double(seed)),
          Row(name: "above", attribute: 0, options: [0, 1], .atLeast, -3),
        ])
      try Self.check(problem, "seed \(seed)")
    }
  }
}
