import LinearOptimization

extension SolverConformance {
  /// Models without an optimum, and models that are none.
  static let statusCases: [SolverCase] = [
    SolverCase(name: "infeasible") { check in
      var model = LinearModel()
      let x = model.variable("x", in: 0...)
      let y = model.variable("y", in: 0...)
      model.minimize(x + y)
      model.constrain("least", x + 2 * y >= 10)
      model.constrain("most", 3 * x + 3 * y <= 12)
      try check.expectStatus(.infeasible, model)
    },
    SolverCase(name: "infeasible by equalities") { check in
      var model = LinearModel()
      let x = model.variables(over: 1...3, in: .free)
      model.minimize(sum(over: 1...3) { x[$0] })
      model.constrain("a", x[1] + x[2] == 1)
      model.constrain("b", x[2] + x[3] == 1)
      model.constrain("c", x[1] + 2 * x[2] + x[3] == 3)
      try check.expectStatus(.infeasible, model)
    },
    SolverCase(name: "unbounded") { check in
      var model = LinearModel()
      let x = model.variable("x", in: 0...)
      let y = model.variable("y", in: 0...)
      model.maximize(x + y)
      model.constrain("line", x - y <= 1)
      try check.expectStatus(.unbounded, model)
    },
    SolverCase(name: "unbounded along a free column") { check in
      var model = LinearModel()
      let x = model.variable("x", in: .free)
      let y = model.variable("y", in: 0...5)
      model.minimize(x + y)
      model.constrain("most", x + y <= 4)
      try check.expectStatus(.unbounded, model)
    },
    SolverCase(name: "infeasible, and unbounded without the rows") { check in
      var model = LinearModel()
      let x = model.variable("x", in: 0...)
      let y = model.variable("y", in: 0...)
      model.maximize(x + y)
      model.constrain("least", x - y >= 1)
      model.constrain("most", x - y <= 0)
      try check.expectStatus(.infeasible, model)
    },
    SolverCase(name: "not a model") { check in
      var model = LinearModel()
      let x = model.variable("x", in: 0...)
      model.minimize(.nan * x)
      do throws(ModelError) {
        _ = try check.solver.solve(model, options: SolveOptions())
        check.fail("a cost that is not a number was accepted")
      } catch {
        check.expect(error.code == .notANumber, "the error is \(error)")
      }
    },
  ]
}
