import LinearOptimization

extension SolverConformance {
  /// Linear programs with known optima.
  static let linearCases: [SolverCase] = [
    SolverCase(name: "diet") { check in
      // Foods with a price, energy and protein; at least 2,000 of energy and 50 of protein. Bread has the
      // cheapest protein, 0.25 per unit, and energy enough.
      let foods = ["bread": (2.0, 400.0, 8.0), "beans": (3.0, 200.0, 9.0), "steak": (20.0, 300.0, 30.0)]
      var model = LinearModel()
      let names = foods.keys.sorted()
      let x = model.variables(over: names, in: 0...)
      model.minimize(sum(over: names) { (foods[$0]?.0 ?? 0) * x[$0] })
      let energy = model.constrain("energy", sum(over: names) { (foods[$0]?.1 ?? 0) * x[$0] } >= 2000)
      let protein = model.constrain("protein", sum(over: names) { (foods[$0]?.2 ?? 0) * x[$0] } >= 50)
      let solution = try check.expectOptimum(model, 12.5)
      check.expect(abs(solution[x["bread"]] - 6.25) < 1e-6, "bread is \(solution[x["bread"]]), not 6.25")
      check.expect(
        abs(solution.dual(of: protein) - 0.25) < 1e-6, "protein is worth \(solution.dual(of: protein))")
      check.expect(
        abs(solution.dual(of: energy)) < 1e-6, "energy is worth \(solution.dual(of: energy)), not 0")
    },
    SolverCase(name: "maximization") { check in
      // V. Chvátal, "Linear Programming", 1983, page 13: 13 at (2, 0, 1).
      var model = LinearModel()
      let x = model.variables(over: 1...3, in: 0...)
      model.maximize(5 * x[1] + 4 * x[2] + 3 * x[3])
      let first = model.constrain("a", 2 * x[1] + 3 * x[2] + x[3] <= 5)
      model.constrain("b", 4 * x[1] + x[2] + 2 * x[3] <= 11)
      let third = model.constrain("c", 3 * x[1] + 4 * x[2] + 2 * x[3] <= 8)
      let solution = try check.expectOptimum(model, 13)
      check.expect(
        abs(solution.dual(of: first) - 1) < 1e-6, "row a is worth \(solution.dual(of: first)), not 1")
      check.expect(
        abs(solution.dual(of: third) - 1) < 1e-6, "row c is worth \(solution.dual(of: third)), not 1")
    },
    SolverCase(name: "degenerate, known to cycle") { check in
      // E. Beale, "Cycling in the dual simplex algorithm", 1955.
      var model = LinearModel()
      let x = model.variables(over: 1...4, in: 0...)
      model.minimize(-0.75 * x[1] + 150 * x[2] - 0.02 * x[3] + 6 * x[4])
      model.constrain("a", 0.25 * x[1] - 60 * x[2] - 0.04 * x[3] + 9 * x[4] <= 0)
      model.constrain("b", 0.5 * x[1] - 90 * x[2] - 0.02 * x[3] + 3 * x[4] <= 0)
      model.constrain("c", x[3] <= 1)
      try check.expectOptimum(model, -0.05)
    },
    SolverCase(name: "alternate optima") { check in
      var model = LinearModel()
      let x = model.variables(over: 0..<6, in: 0...1)
      model.maximize(sum(over: 0..<6) { x[$0] })
      model.constrain("room", sum(over: 0..<6) { x[$0] } <= 2.5)
      try check.expectOptimum(model, 2.5)
    },
    SolverCase(name: "free, fixed and negative columns, a range, an equality, a constant") { check in
      var model = LinearModel()
      let x = model.variable("x", in: .free)
      let y = model.variable("y", in: .fixed(3))
      let z = model.variable("z", in: ...(-1))
      model.minimize(x + 2 * y - z + 10)
      model.constrain("range", x + y, in: -4...8)
      model.constrain("equality", x - z == 0)
      // x = z, at least -7 by the range; the objective is x - z + 16 = 16 everywhere.
      try check.expectOptimum(model, 16)
      model.minimize(2 * x - z)
      try check.expectOptimum(model, -7)
      model.maximize(2 * x - z)
      try check.expectOptimum(model, -1)
    },
    SolverCase(name: "no rows") { check in
      var model = LinearModel()
      let x = model.variable("x", in: -2...5)
      let y = model.variable("y", in: 1...)
      model.minimize(x + y + 0.5)
      try check.expectOptimum(model, -0.5)
      try check.expectStatus(
        .unbounded,
        {
          model.maximize(x + y); return model
        }())
    },
    SolverCase(name: "no columns") { check in
      var model = LinearModel()
      model.allowsEmpty = true
      model.objectiveConstant = 7
      try check.expectOptimum(model, 7)
      model.addRow(name: "holds", upper: 1)
      try check.expectOptimum(model, 7)
      model.addRow(name: "cannot hold", lower: 5)
      try check.expectStatus(.infeasible, model)
    },
    SolverCase(name: "tiny costs") { check in
      // Costs of the order of 1e-8, where a tolerance that is not scaled sees zeros.
      var model = LinearModel()
      let x = model.variables(over: 1...3, in: 0...10)
      model.minimize(3e-8 * x[1] + 2e-8 * x[2] + 1e-8 * x[3])
      model.constrain("need", x[1] + x[2] + x[3] >= 15)
      try check.expectOptimum(model, 2e-7, size: 2e-7)
    },
    SolverCase(name: "one huge cost among small ones") { check in
      var model = LinearModel()
      let x = model.variables(over: 1...3, in: 0...10)
      let missing = model.variable("missing", in: 0...)
      model.minimize(3 * x[1] + 2 * x[2] + x[3] + 2e11 * missing)
      model.constrain("need", x[1] + x[2] + x[3] + missing >= 15)
      try check.expectOptimum(model, 20)
    },
  ]
}
