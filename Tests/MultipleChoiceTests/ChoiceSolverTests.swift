import LinearOptimization
import Testing

@testable import MultipleChoice

@Suite struct ChoiceSolverTests {
  /// The whole linear relaxation, handed to the simplex method as it is: the slow reference.
  static func reference(_ problem: ChoiceProblem) throws -> Solution {
    try GLPKSolver().solve(problem.linearModel(integral: false))
  }

  static let families: [(name: String, generator: InstanceGenerator)] = [
    ("plain", InstanceGenerator()),
    ("tight", InstanceGenerator(room: 0.08)),
    ("loose", InstanceGenerator(room: 0.95)),
    ("ties", InstanceGenerator(groups: 90, ties: true)),
    ("binary", InstanceGenerator(groups: 120, options: 8, binary: true)),
    ("one option", InstanceGenerator(groups: 7, options: 1, classes: 1, room: 1)),
    ("tiny", InstanceGenerator(groups: 4, options: 3, classes: 2)),
    ("many classes", InstanceGenerator(groups: 80, options: 4, classes: 40)),
  ]

  @Test(arguments: 0..<12) func `agrees with the whole linear program`(seed: Int) throws {
    for (name, generator) in Self.families {
      let problem = try generator.problem(seed: UInt64(seed) * 7_919 + 1)
      let reference = try Self.reference(problem)
      switch try ChoiceSolver().solve(problem, options: .init(tieBreaker: 0)) {
      case .solved(let solution):
        #expect(reference.status == .optimal, "\(name), seed \(seed)")
        let scale = max(1, abs(reference.objective))
        #expect(abs(solution.lpObjective - reference.objective) <= 1e-7 * scale, "\(name), seed \(seed)")
        #expect(abs(solution.bound - reference.objective) <= 1e-7 * scale, "\(name), seed \(seed)")
        #expect(solution.fractionalGroups.count <= problem.constraints.count, "\(name), seed \(seed)")
        guard let assignment = solution.assignment, let certificate = solution.certificate else { continue }
        let fresh = problem.certificate(assignment: assignment, prices: solution.prices)
        #expect(fresh.isFeasible, "\(name), seed \(seed)")
        #expect(fresh.value == certificate.value, "\(name), seed \(seed)")
        #expect(fresh.value <= reference.objective + 1e-7 * scale, "\(name), seed \(seed)")
      case .infeasible(let infeasibility):
        #expect(reference.status == .infeasible, "\(name), seed \(seed)")
        #expect(problem.farkasValue(multipliers: infeasibility.multipliers) > 0, "\(name), seed \(seed)")
      }
    }
  }
}
