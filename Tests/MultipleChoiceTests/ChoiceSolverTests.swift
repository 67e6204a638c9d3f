import LinearOptimization
import Testing

@testable import MultipleChoice

@Suite struct ChoiceSolverTests {
  static let families: [(name: String, generator: InstanceGenerator)] = [
    ("plain", InstanceGenerator()),
    ("tight", InstanceGenerator(room: 0.08)),
    ("loose", InstanceGenerator(room: 0.95)),
    ("ties", InstanceGenerator(groups: 90, ties: true)),
    ("binary", InstanceGenerator(groups: 120, options: 8, binary: true)),
    ("one option", InstanceGenerator(groups: 7, options: 1, classes: 1, room: 1)),
    ("tiny", InstanceGenerator(groups: 4, options: 3, classes: 2)),
    ("many classes", InstanceGenerator(groups: 80, options: 4, classes: 40)),
    ("least cost", InstanceGenerator(groups: 70, minimizes: true)),
    ("least cost, ties", InstanceGenerator(groups: 90, ties: true, minimizes: true)),
  ]

  /// The relaxation handed to the simplex method whole is the slow reference.
  @Test(arguments: 0..<12) func `agrees with the whole linear program`(seed: Int) throws {
    for (name, generator) in Self.families {
      let problem = try generator.problem(seed: UInt64(seed) * 7_919 + 1)
      let reference = try GLPKSolver().solve(problem.linearModel(integral: false))
      let place: Comment = "\(name), seed \(seed)"
      switch try ChoiceSolver().solve(
        problem, options: .init(then: .init(.minimize, attribute: 0)))
      {
      case .solved(let solution):
        #expect(reference.status == .optimal, place)
        let scale = max(1, abs(reference.objective))
        #expect(solution.isProven, place)
        #expect(abs(solution.lpObjective - reference.objective) <= 1e-7 * scale, place)
        #expect(abs(solution.bound - reference.objective) <= 1e-7 * scale, place)
        #expect(solution.fractionalGroups.count <= problem.constraints.count, place)
        Self.checkAssignment(solution, problem, place)
      case .infeasible(let infeasibility):
        guard !infeasibility.isOnlyFractional else { continue }
        #expect(reference.status == .infeasible, place)
        #expect(problem.farkasValue(multipliers: infeasibility.multipliers) > 0, place)
      }
    }
  }

  /// The assignment keeps every row, and what is said of it is what a fresh count says.
  static func checkAssignment(_ solution: ChoiceSolution, _ problem: ChoiceProblem, _ place: Comment) {
    let (assignment, certificate) = (solution.assignment, solution.certificate)
    let sign = problem.objective.sense == .minimize ? 1.0 : -1.0
    var value = 0.0
    var activity = Array(repeating: 0.0, count: problem.constraints.count)
    for (i, j) in assignment.enumerated() {
      value += problem.objectiveCoefficient(group: i, option: j)
      for k in activity.indices { activity[k] += problem.coefficient(constraint: k, group: i, option: j) }
    }
    for (k, row) in problem.constraints.enumerated() {
      let excess = row.relation == .atMost ? activity[k] - row.limit : row.limit - activity[k]
      #expect(excess <= 1e-9 * max(1, abs(row.limit)), place)
      #expect(abs(certificate.rows[k].activity - activity[k]) <= 1e-9 * max(1, abs(activity[k])), place)
    }
    #expect(abs(certificate.value - value) <= 1e-9 * max(1, abs(value)), place)
    #expect(sign * (certificate.value - certificate.bound) >= -1e-7 * max(1, abs(value)), place)
  }

  @Test(arguments: 0..<20) func `the best whole assignment lies within the stated gap`(seed: Int) throws {
    for minimizes in [false, true] {
      let generator = InstanceGenerator(groups: 9, options: 4, classes: 2, room: 0.35, minimizes: minimizes)
      let problem = try generator.problem(seed: UInt64(seed) &* 104_729 &+ 3)
      let exact = try GLPKSolver().solve(problem.linearModel(integral: true))
      guard case .solved(let solution) = try ChoiceSolver().solve(problem) else {
        #expect(exact.status == .infeasible, "seed \(seed)")
        continue
      }
      let certificate = solution.certificate
      let sign = minimizes ? 1.0 : -1.0
      let slack = 1e-7 * max(1, abs(exact.objective))
      #expect(exact.status == .optimal, "seed \(seed)")
      #expect(sign * certificate.value >= sign * exact.objective - slack, "seed \(seed)")
      #expect(sign * exact.objective >= sign * certificate.bound - slack, "seed \(seed)")
      // So small a problem is one core: what is found is the best.
      #expect(abs(certificate.value - exact.objective) <= 1e-5 * max(1, abs(exact.objective)), "seed \(seed)")
    }
  }

  @Test(arguments: 0..<30) func `each limit given for a conflict restores it`(seed: Int) throws {
    let generator = InstanceGenerator(groups: 40, options: 5, classes: 2, room: -0.01)
    let problem = try generator.problem(seed: UInt64(seed) * 31 + 5)
    guard case .infeasible(let infeasibility) = try ChoiceSolver().solve(problem) else {
      Issue.record("seed \(seed): a budget below the cheapest assignment is kept")
      return
    }
    #expect(problem.farkasValue(multipliers: infeasibility.multipliers) > 0, "seed \(seed)")
    for (k, limit) in zip(infeasibility.conflict, infeasibility.limitsAlone) {
      guard let limit else {
        let others = try problem.with(limit: Self.without(problem.constraints[k]), ofConstraint: k)
        let reference = try GLPKSolver().solve(others.linearModel(integral: false))
        #expect(
          reference.status == .infeasible,
          "seed \(seed): \(problem.constraints[k].name) alone does restore it")
        continue
      }
      let relaxed = try problem.with(limit: limit, ofConstraint: k)
      guard case .solved(let solution) = try ChoiceSolver().solve(relaxed) else {
        Issue.record("seed \(seed): \(problem.constraints[k].name) at \(limit) is still infeasible")
        continue
      }
      #expect(solution.certificate.isFeasible, "seed \(seed)")
    }
    var together = problem
    for (k, limit) in infeasibility.limitsTogether.enumerated() {
      let row = problem.constraints[k]
      let hair = 1e-6 * max(1, abs(limit))
      together = try together.with(
        limit: row.relation == .atMost ? limit + hair : limit - hair, ofConstraint: k)
    }
    guard case .solved = try ChoiceSolver().solve(together) else {
      Issue.record("seed \(seed): all limits together are still infeasible")
      return
    }
  }

  /// A limit that never binds.
  private static func without(_ row: ChoiceProblem.SideConstraint) -> Double {
    row.relation == .atMost ? 1e12 : -1e12
  }

  @Test func `a certificate cannot be talked up`() throws {
    let problem = try InstanceGenerator().problem(seed: 4)
    guard case .solved(let solution) = try ChoiceSolver().solve(problem) else { return }
    var random = SplitMix64(seed: 9)
    for _ in 0..<50 {
      // Whatever prices are claimed, the bound they prove is never better than the best one.
      let prices = solution.prices.map { $0 * 3 * (random.unit() - 0.3) + (random.unit() - 0.5) * 1e-7 }
      #expect(problem.lagrangianBound(prices: prices) >= solution.bound - 1e-9 * abs(solution.bound))
    }
    let worse = (0..<problem.groupCount).map { i in
      (0..<problem.optionCount).first { problem.isEligible(group: i, option: $0) } ?? 0
    }
    let certificate = problem.certificate(assignment: worse, prices: solution.prices)
    #expect(certificate.gap > solution.certificate.gap || !certificate.isFeasible)
  }

  @Test(arguments: 0..<15) func `of equals the cheapest is chosen`(seed: Int) throws {
    let generator = InstanceGenerator(groups: 7, options: 3, classes: 1, binary: true, room: 0.5)
    let problem = try generator.problem(seed: UInt64(seed) &* 15_485_863 &+ 7)
    guard
      case .solved(let solution) = try ChoiceSolver().solve(
        problem, options: .init(then: .init(.minimize, attribute: 0)))
    else {
      return
    }
    func cost(_ assignment: [Int]) -> Double {
      assignment.enumerated().reduce(0) {
        $0 + problem.value(attribute: 0, group: $1.offset, option: $1.element)
      }
    }
    // All 3^7 assignments.
    var least = Double.infinity
    for code in 0..<2_187 {
      var rest = code
      let assignment = (0..<7).map { _ in
        defer { rest /= 3 }
        return rest % 3
      }
      guard assignment.enumerated().allSatisfy({ problem.isEligible(group: $0.offset, option: $0.element) })
      else { continue }
      let certificate = problem.certificate(assignment: assignment, prices: solution.prices)
      guard certificate.isFeasible, certificate.value >= solution.certificate.value else { continue }
      least = min(least, cost(assignment))
    }
    #expect(cost(solution.assignment) <= least * (1 + 1e-3), "seed \(seed)")
  }

  @Test func `bad problems are refused`() {
    func code(
      groups: Int = 2, options: Int = 2, values: [Double] = [1, 2, 3, 4], eligible: [Bool]? = nil,
      constraints: [ChoiceProblem.SideConstraint] = [], term: Int = 0
    ) -> ChoiceProblemError.Code? {
      do {
        _ = try ChoiceProblem(
          groupCount: groups, optionCount: options, eligible: eligible,
          attributes: [.init(name: "a", values: values)], objective: .init(.minimize, attribute: term),
          constraints: constraints)
        return nil
      } catch {
        return error.code
      }
    }
    #expect(code() == nil)
    #expect(code(groups: 0, values: []) == .empty)
    #expect(code(options: 0, values: []) == .empty)
    #expect(code(groups: -1) == .empty)
    #expect(code(values: [1, 2, 3]) == .shape)
    #expect(code(values: [1, .nan, 3, 4]) == .notFinite)
    #expect(code(values: [1, .infinity, 3, 4]) == .notFinite)
    #expect(code(values: [1, .nan, 3, 4], eligible: [true, false, true, true]) == nil)
    #expect(code(eligible: [true, false, true, false]) == .noOption)
    #expect(code(term: 1) == .index)
    let row = ChoiceProblem.SideConstraint(name: "r", attribute: 0, .atMost, 5)
    #expect(code(constraints: [row, row]) == .duplicateName)
    #expect(code(constraints: [.init(name: "r", attribute: 0, .atMost, .nan)]) == .notFinite)
    #expect(code(constraints: [.init(name: "r", attribute: 7, .atMost, 1)]) == .index)
    #expect(code(constraints: [.init(name: "r", attribute: 0, options: [2], .atMost, 1)]) == .index)
  }

  @Test func `steps close a gap`() throws {
    let problem = try ChoiceProblem(
      groupCount: 2, optionCount: 2, attributes: [.init(name: "q", values: [0.25, 0.5, 0.75, 1])],
      objective: .init(.maximize, attribute: 0), constraints: [])
    #expect(problem.objectiveStep == 0.01)
    #expect(problem.isOptimal(value: 1.5, bound: 1.509, step: 0.01))
    #expect(!problem.isOptimal(value: 1.5, bound: 1.51, step: 0.01))
    #expect(!problem.isOptimal(value: 1.5, bound: 1.509, step: nil))
  }
}

extension ChoiceProblem {
  /// The same problem with another limit of one constraint.
  fileprivate func with(limit: Double, ofConstraint k: Int) throws -> ChoiceProblem {
    try with(
      objective: objective,
      constraints: constraints.enumerated().map { $0 == k ? $1.with(limit: limit) : $1 })
  }
}
