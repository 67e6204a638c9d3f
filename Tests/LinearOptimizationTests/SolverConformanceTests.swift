import DrayageTesting
import LinearOptimization
import Testing

@Suite struct SolverConformanceTests {
  @Test func glpkConforms() {
    let failures = SolverConformance().failures(of: GLPKSolver())
    #expect(failures.isEmpty, "\(failures.map(\.description).joined(separator: "\n"))")
  }

  /// A suite that accepts these accepts anything.
  @Test(arguments: TamperedSolver.all) func wrongSolversAreFoundOut(_ solver: TamperedSolver) {
    let failures = SolverConformance(seeds: 0..<3).failures(of: solver)
    #expect(!failures.isEmpty, "\(solver.testDescription) passed")
  }

  @Test func failuresNameCaseAndSeed() {
    let wrong = TamperedSolver("objective") { $0.objective += 1 }
    let failures = SolverConformance(seeds: 5..<6).failures(of: wrong)
    #expect(failures.contains { $0.name == "diet" && $0.seed == nil })
    #expect(failures.contains { $0.seed == 5 && $0.description.contains("seed 5: ") })
  }
}

/// A solver whose answers are changed on their way out.
struct TamperedSolver: LinearSolver, CustomTestStringConvertible {
  let testDescription: String
  private let tamper: @Sendable (inout Solution) -> Void

  init(_ name: String, _ tamper: @escaping @Sendable (inout Solution) -> Void) {
    testDescription = name
    self.tamper = tamper
  }

  func solve(_ model: LinearModel, options: SolveOptions) throws(ModelError) -> Solution {
    var solution = try GLPKSolver().solve(model, options: options)
    tamper(&solution)
    return solution
  }

  static let all = [
    TamperedSolver("values off by a little") { solution in
      for j in solution.values.indices { solution.values[j] += 1e-4 }
    },
    TamperedSolver("duals of the other sign") { solution in
      for i in solution.rowDuals.indices { solution.rowDuals[i] *= -1 }
    },
    TamperedSolver("duals off by a little") { solution in
      for i in solution.rowDuals.indices { solution.rowDuals[i] *= 1.001 }
    },
    TamperedSolver("reduced costs of the other sign") { solution in
      for j in solution.reducedCosts.indices { solution.reducedCosts[j] *= -1 }
    },
    TamperedSolver("wrong activities") { solution in
      for i in solution.rowActivities.indices { solution.rowActivities[i] += 1 }
    },
    TamperedSolver("objective off by a little") { $0.objective *= 1.0001 },
    TamperedSolver("infeasible called unbounded") { if $0.status == .infeasible { $0.status = .unbounded } },
    TamperedSolver("unbounded called optimal") { if $0.status == .unbounded { $0.status = .optimal } },
    TamperedSolver("limits called optimal") { solution in
      if solution.status == .timeLimit { solution.status = .optimal }
    },
    TamperedSolver("feasible called optimal") { if $0.primal == .feasible { $0.primal = .optimal } },
    TamperedSolver("bound beyond the objective") { $0.bound += $0.primal == .none ? 0 : 1 },
    TamperedSolver("everything basic") { solution in
      guard let basis = solution.basis else { return }
      solution.basis = Basis(rows: basis.rows.map { _ in .basic }, columns: basis.columns.map { _ in .basic })
    },
  ]
}
