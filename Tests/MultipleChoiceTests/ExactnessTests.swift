import DrayageTesting
import LinearOptimization
import MultipleChoice
import Testing

/// The relaxation against the simplex method on the whole linear program, and every proof by plain loops.
@Suite struct ExactnessTests {
  struct Case: Sendable, CustomStringConvertible {
    let family: ChoiceInstances
    let goal: ChoiceInstances.Goal
    let storage: ChoiceInstances.Storage
    let seed: UInt64

    var description: String { "\(family.name), \(goal.rawValue), \(storage.rawValue), seed \(seed)" }

    /// 64 to 80 groups, 6 to 9 options.
    func problem() throws -> ChoiceProblem {
      try family.problem(
        groups: 64 + Int(seed * 20 % 17), options: 6 + Int(seed % 4), seed: seed, goal: goal, storage: storage
      )
    }
  }

  /// Every family, goal and storage, conflicts in one storage each.
  static let cases = ChoiceInstances.families.enumerated().flatMap { f, family in
    ChoiceInstances.Goal.allCases.enumerated().flatMap { g, goal in
      ChoiceInstances.Storage.allCases.enumerated().compactMap { s, storage -> Case? in
        if goal == .infeasible, f % 3 != s { return nil }
        return Case(family: family, goal: goal, storage: storage, seed: UInt64(100 + 9 * f + 3 * g + s))
      }
    }
  }

  @Test(arguments: cases) func `families agree with the simplex method`(_ which: Case) throws {
    try Self.check(which.problem(), isFeasible: which.goal != .infeasible, "\(which)")
  }

  @Test func `larger ones do, too`() throws {
    let cases: [(ChoiceInstances, ChoiceInstances.Goal, UInt64)] = [
      (.realistic, .minimizeCost, 3), (.realistic, .maximizeQuality, 4),
    ]
    for (family, goal, seed) in cases {
      let problem = try family.problem(groups: 300, options: 20, seed: seed, goal: goal)
      try Self.check(problem, isFeasible: true, "\(family.name), \(goal.rawValue), seed \(seed)")
    }
  }

  /// - Parameter isFeasible: what the problem is, if that is known.
  static func check(_ problem: ChoiceProblem, isFeasible: Bool? = nil, _ place: Comment) throws {
    let reference = try GLPKSolver().solve(problem.linearModel(integral: false))
    let plain = PlainProblem(problem)
    switch try ChoiceSolver().relaxation(of: problem) {
    case .solved(let relaxation):
      #expect(isFeasible != false, place)
      #expect(relaxation.isProven, place)
      // Where a problem is feasible by a hair, the simplex method's tolerance can miss it, and a proof stands.
      if reference.status == .optimal || isFeasible != true {
        #expect(agree(relaxation.objective, reference.objective, 1e-7), "\(place): \(reference.status)")
      }
      checkProof(relaxation, plain, place)
    case .infeasible(let infeasibility):
      #expect(isFeasible != true && reference.status == .infeasible, place)
      #expect(!infeasibility.isOnlyFractional, place)
      #expect(infeasibility.multipliers.allSatisfy { $0 >= 0 }, place)
      #expect(plain.farkasValue(multipliers: infeasibility.multipliers) > 0, place)
    }
  }

  /// The prices prove the objective, and the shares are a choice per group that keeps what counts choices.
  static func checkProof(_ relaxation: ChoiceRelaxation, _ plain: PlainProblem, _ place: Comment) {
    let problem = plain.problem
    let minimizes = problem.objective.sense == .minimize
    for (price, row) in zip(relaxation.prices, problem.constraints) {
      #expect((row.relation == .atMost) == minimizes ? price <= 0 : price >= 0, "\(place): \(row.name)")
    }
    let proven = plain.lagrangianBound(prices: relaxation.prices)
    #expect(agree(proven, relaxation.bound, 1e-10), place)
    #expect(agree(proven, relaxation.objective, 1e-8), place)
    #expect(relaxation.fractionalGroups.count <= problem.constraints.count, place)
    #expect(relaxation.fractionalGroups == Set(relaxation.fractionalGroups).sorted(), place)
    let m = problem.optionCount
    var sizes = Array(repeating: 0.0, count: problem.classCount)
    for c in problem.classOf { sizes[c] += 1 }
    for c in 0..<problem.classCount {
      #expect(abs(relaxation.shares[c * m..<(c + 1) * m].reduce(0, +) - sizes[c]) < 1e-6, place)
    }
    for row in problem.constraints where row.attribute == nil {
      var count = 0.0
      for c in 0..<problem.classCount where row.classes?.contains(c) ?? true {
        for j in 0..<m where row.options?.contains(j) ?? true { count += relaxation.shares[c * m + j] }
      }
      let excess = row.relation == .atMost ? count - row.limit : row.limit - count
      #expect(excess < 1e-5, "\(place): \(row.name)")
    }
  }

  @Test(arguments: [0, 3, 4, 6])
  func `two thousand groups are proven by the prices alone`(f: Int) throws {
    let family = ChoiceInstances.families[f]
    let goals: [ChoiceInstances.Goal] = [.minimizeCost, .maximizeQuality]
    let problem = try family.problem(groups: 2_000, options: 5, seed: UInt64(f) + 40, goal: goals[f % 2])
    let relaxation = try relaxation(of: problem, "\(family.name)")
    #expect(relaxation.isProven)
    Self.checkProof(relaxation, PlainProblem(problem), "\(family.name), seed \(f + 40)")
  }

  @Test(arguments: [0, 1, 2, 4, 7]) func `whole assignments of families hold`(f: Int) throws {
    let family = ChoiceInstances.families[f]
    let goals: [ChoiceInstances.Goal] = [.maximizeQuality, .minimizeCost]
    let problem = try family.problem(
      groups: 350, options: 6, seed: UInt64(f) + 31, goal: goals[f % 2], margin: 3)
    let place: Comment = "\(family.name), seed \(f + 31)"
    switch try ChoiceSolver().solve(problem, options: .init(relativeGap: 0.05)) {
    case .solved(let solution): PlainProblem(problem).check(solution, place)
    case .infeasible(let why): #expect(why.isOnlyFractional, place)
    }
  }

  @Test func `rows that all bind do not break the solver down`() throws {
    let family = try #require(ChoiceInstances.named("allRowsTight"))
    let problem = try family.problem(groups: 350, options: 6, seed: 5, goal: .maximizeQuality)
    let found = try relaxation(of: problem, "allRowsTight")
    Self.checkProof(found, PlainProblem(problem), "allRowsTight")
  }
}
