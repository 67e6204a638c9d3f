import DrayageTesting
import Testing

@testable import MultipleChoice

/// Instances that once went wrong. They stay.
@Suite struct NamedInstances {
  /// Options of one cost and quality per group.
  private func problem(
    cost: [[Double]], quality: [[Double]], sense: ChoiceProblem.Sense = .maximize,
    under constraints: [ChoiceProblem.SideConstraint]
  ) throws -> ChoiceProblem {
    let (n, m) = (cost.count, cost[0].count)
    func dense(_ rows: [[Double]]) -> [Double] { (0..<m).flatMap { j in (0..<n).map { rows[$0][j] } } }
    return try ChoiceProblem(
      groupCount: n, optionCount: m,
      attributes: [.init(name: "cost", values: dense(cost)), .init(name: "quality", values: dense(quality))],
      objective: .init(sense, attribute: sense == .maximize ? 1 : 0), constraints: constraints)
  }

  private func solution(
    _ problem: ChoiceProblem, _ location: SourceLocation = #_sourceLocation
  ) throws -> ChoiceSolution {
    guard
      case .solved(let solution) = try ChoiceSolver().solve(
        problem, options: .init(then: .init(.minimize, attribute: 0)))
    else {
      Issue.record("infeasible", sourceLocation: location)
      throw ChoiceSolverError("infeasible")
    }
    #expect(solution.certificate.isFeasible, sourceLocation: location)
    #expect(solution.isProven, sourceLocation: location)
    return solution
  }

  private func least(_ share: Double, of option: Int, _ n: Int) -> ChoiceProblem.SideConstraint {
    .init(name: "least \(option)", attribute: nil, options: [option], .atLeast, share * Double(n))
  }

  @Test func `shares that must be met exactly`() throws {
    let quality: [[Double]] = (0..<10).map { i -> [Double] in
      [0.5 + 0.01 * Double(i), 0.9 - 0.013 * Double(i * i % 7)]
    }
    let cost: [[Double]] = (0..<10).map { i -> [Double] in [1.0 + Double(i % 3), 3.0 + Double(i * 7 % 5)] }
    let problem = try problem(
      cost: cost, quality: quality,
      under: [
        least(0.5, of: 0, 10), least(0.5, of: 1, 10), .init(name: "budget", attribute: 0, .atMost, 35.5),
      ])
    #expect(try solution(problem).assignment.count { $0 == 0 } == 5)
  }

  @Test func `ten equal options with a share each`() throws {
    let cost = (0..<40).map { _ in Array(repeating: 1.0, count: 10) }
    let quality = (0..<40).map { i -> [Double] in
      (0..<10).map { j -> Double in 0.5 + 0.01 * Double((i * 3 + j) % 4) }
    }
    let problem = try problem(
      cost: cost, quality: quality,
      under: (0..<10).map { least(0.1, of: $0, 40) } + [.init(name: "quality", attribute: 1, .atLeast, 20.3)])
    let counts = try solution(problem).assignment.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    #expect((0..<10).allSatisfy { counts[$0] == 4 })
  }

  @Test func `options that differ by rounding only`() throws {
    let cost = (0..<30).map { _ in [1.0, 1.0, 2.0] }
    let quality = (0..<30).map { i in [0.3, 0.1 + 0.2, 0.5 + 0.001 * Double(i)] }
    _ = try solution(
      problem(
        cost: cost, quality: quality, sense: .minimize,
        under: [.init(name: "quality", attribute: 1, .atLeast, 12)]))
    let unreachable = try problem(
      cost: cost, quality: quality, sense: .minimize,
      under: [.init(name: "quality", attribute: 1, .atLeast, 20)])
    guard case .infeasible(let why) = try ChoiceSolver().solve(unreachable) else {
      Issue.record("a floor above the best is kept")
      return
    }
    #expect(unreachable.farkasValue(multipliers: why.multipliers) > 0)
  }

  @Test func `coefficients near nothing`() throws {
    let problem = try problem(
      cost: [[1, 5], [1, 5], [2, 3]], quality: [[1e-15, 0.9], [1e-16, 0.8], [1e-300, 0.7]], sense: .minimize,
      under: [.init(name: "quality", attribute: 1, .atLeast, 1.5)])
    #expect(try solution(problem).certificate.value == 9)
  }

  @Test func `limits meant as none`() throws {
    let cost = (0..<20).map { i in [1.0, 2.0 + Double(i)] }
    let quality = (0..<20).map { _ in [0.2, 0.9] }
    let limits: [ChoiceProblem.SideConstraint] = [
      .init(name: "cost", attribute: 0, .atMost, 1e18), .init(name: "count", attribute: nil, .atMost, 1e16),
      .init(name: "quality", attribute: 1, .atLeast, -1e17),
    ]
    let found = try solution(problem(cost: cost, quality: quality, under: limits))
    #expect(found.assignment.allSatisfy { $0 == 1 } && found.prices.allSatisfy { $0 == 0 })
  }

  @Test func `one offer a million times dearer`() throws {
    let cost = (0..<50).map { i in [1e4, 2e4 + Double(i), 2e11] }
    let quality = (0..<50).map { i in [0.3, 0.9 - 0.001 * Double(i), 0.95] }
    let problem = try problem(
      cost: cost, quality: quality, under: [.init(name: "budget", attribute: 0, .atMost, 7.5e5)])
    let found = try solution(problem)
    #expect(found.certificate.value <= found.bound + 1e-9 && found.assignment.count { $0 == 1 } == 24)
  }

  /// HiGHS 1.15 finds 0.0432514541944 with a dual solution of the same value. Where a limit of a millionth of
  /// the row's usual coefficient drowned in them, 0.04325100 was claimed.
  @Test func `limits far below most coefficients`() throws {
    let family = try #require(ChoiceInstances.named("hugeRanges"))
    let problem = try family.problem(
      groups: 3_000, options: 35, seed: 2, rows: 25, goal: .minimizeCost, storage: .features)
    let found = try relaxation(of: problem, "hugeRanges")
    #expect(agree(found.objective, 0.0432514541944, 1e-10, least: 1e-3))
  }

  @Test func `all alike`() throws {
    let cost = Array(repeating: [1.0, 2.0, 4.0], count: 3_000)
    let quality = Array(repeating: [0.5, 0.7, 0.8], count: 3_000)
    let problem = try problem(
      cost: cost, quality: quality, under: [.init(name: "budget", attribute: 0, .atMost, 5_000)])
    #expect(abs(try solution(problem).certificate.value - (0.5 * 1_000 + 0.7 * 2_000)) < 1e-9)
  }

  @Test func `no time at all`() throws {
    let problem = try InstanceGenerator(groups: 200, options: 6).problem(seed: 3)
    for limit in [1e-9, 1e30] {
      do {
        let answer = try ChoiceSolver().solve(problem, options: .init(timeLimit: limit))
        if case .solved(let solution) = answer { #expect(solution.certificate.isFeasible) }
      } catch {
        #expect(error == .outOfTime)
      }
    }
  }
}
