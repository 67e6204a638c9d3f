import LinearOptimization

extension SolverConformance {
  /// Limits and starting bases.
  static let limitCases: [SolverCase] = [
    SolverCase(name: "time limit on a hard integer program") { check in
      let model = marketSplit(rows: 5, seed: 7)
      let solution = try check.solver.solve(model, options: SolveOptions(timeLimit: 0.2))
      check.expect(solution.status == .timeLimit, "the status is \(solution.status), not timeLimit")
      check.expect(solution.primal != .optimal, "an optimum is claimed")
      check.checkVectors(solution, model)
    },
    SolverCase(name: "no time at all") { check in
      let model = SolverInstance(rows: 30, columns: 40, seed: 3).model
      let solution = try check.solver.solve(model, options: SolveOptions(timeLimit: 0))
      check.expect(solution.status == .timeLimit, "the status is \(solution.status), not timeLimit")
      check.checkVectors(solution, model)
    },
    SolverCase(name: "iteration limit") { check in
      let model = SolverInstance(rows: 30, columns: 40, seed: 3).model
      let solution = try check.solver.solve(model, options: SolveOptions(iterationLimit: 1))
      check.expect(solution.status == .iterationLimit, "the status is \(solution.status), not iterationLimit")
      check.checkVectors(solution, model)
    },
    SolverCase(name: "warm start") { check in
      let instance = SolverInstance(rows: 30, columns: 40, seed: 5)
      var model = instance.model
      let cold = try check.expectOptimum(model, instance.optimum, size: instance.size)
      guard let basis = cold.basis else { return check.fail("there is no basis") }
      let warm = try check.expectOptimum(
        model, instance.optimum, size: instance.size, options: SolveOptions(basis: basis))
      check.expect(warm.iterations == 0, "\(warm.iterations) iterations from an optimal basis")
      // A column too expensive to enter and a row that holds, both unknown to the basis.
      model.addColumn(
        name: "late", lower: 0, objective: model.sense == .minimize ? 1e4 : -1e4, entries: [(0, 1)])
      model.addRow(name: "late", upper: instance.point[0] + 1e4, entries: [(0, 1)])
      let extended = try check.expectOptimum(
        model, instance.optimum, size: instance.size, options: SolveOptions(basis: basis))
      check.expect(
        extended.iterations == 0, "\(extended.iterations) iterations from an optimal basis, extended")
    },
    SolverCase(name: "useless bases") { check in
      let instance = SolverInstance(rows: 12, columns: 15, seed: 6)
      for status in [Basis.Status.basic, .atLower] {
        let basis = Basis(
          rows: Array(repeating: status, count: 12), columns: Array(repeating: status, count: 15))
        try check.expectOptimum(
          instance.model, instance.optimum, size: instance.size, options: SolveOptions(basis: basis))
      }
      let tooLong = Basis(rows: Array(repeating: .basic, count: 13), columns: [])
      do throws(ModelError) {
        _ = try check.solver.solve(instance.model, options: SolveOptions(basis: tooLong))
        check.fail("a basis with too many rows was accepted")
      } catch {
        check.expect(error.code == .badBasis, "the error is \(error)")
      }
    },
  ]

  /// A small market split problem, far out of reach in a moment: G. Cornuéjols and M. Dawande, "A class of
  /// hard small 0-1 programs", INFORMS Journal on Computing 11, 1999.
  private static func marketSplit(rows: Int, seed: UInt64) -> LinearModel {
    var random = SplitMix64(seed: seed)
    var model = LinearModel()
    let customers = 0..<(10 * (rows - 1))
    let x = model.binaries(over: customers)
    let over = model.variables("over", over: 0..<rows, in: 0...)
    let under = model.variables("under", over: 0..<rows, in: 0...)
    model.minimize(sum(over: 0..<rows) { over[$0] + under[$0] })
    for i in 0..<rows {
      let demand = customers.map { _ in Double(Int.random(in: 0..<100, using: &random)) }
      let half = (demand.reduce(0, +) / 2).rounded(.down)
      model.constrain("product\(i)", sum(over: customers) { demand[$0] * x[$0] } + under[i] - over[i] == half)
    }
    return model
  }
}
