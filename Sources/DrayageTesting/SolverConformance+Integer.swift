import LinearOptimization

extension SolverConformance {
  /// Integer programs with known optima.
  static let integerCases: [SolverCase] = [
    SolverCase(name: "integer knapsack") { check in
      // The relaxation takes 2.8 of a and is worth 56; whole, the best is 2 of a and 1 of b.
      var model = LinearModel()
      let a = model.variable("a", in: 0...3, kind: .integer)
      let b = model.variable("b", in: 0...3, kind: .integer)
      let c = model.variable("c", in: 0...3, kind: .integer)
      model.maximize(20 * a + 15 * b + 6 * c)
      model.constrain("weight", 5 * a + 4 * b + 2 * c <= 14)
      try check.expectOptimum(
        model,
        best(3) {
          20 * $0 + 15 * $1 + 6 * $2
        } where: {
          5 * $0 + 4 * $1 + 2 * $2 <= 14
        })
    },
    SolverCase(name: "binary assignment") { check in
      let cost = [[9.0, 2, 7, 8], [6, 4, 3, 7], [5, 8, 1, 8], [7, 6, 9, 4]]
      var model = LinearModel()
      let pairs = (0..<4).flatMap { i in (0..<4).map { [i, $0] } }
      let x = model.binaries(over: pairs)
      model.minimize(sum(over: pairs) { cost[$0[0]][$0[1]] * x[$0] })
      for i in 0..<4 {
        model.constrain("row\(i)", sum(over: 0..<4) { x[[i, $0]] } == 1)
        model.constrain("column\(i)", sum(over: 0..<4) { x[[$0, i]] } == 1)
      }
      try check.expectOptimum(model, 13)
    },
    SolverCase(name: "integer and continuous") { check in
      // Opening costs 10 and allows up to 4; what is not delivered costs 3 each: one opening, and 1.5
      // missing.
      var model = LinearModel()
      let open = model.variable("open", in: 0...5, kind: .integer)
      let amount = model.variable("amount", in: 0...)
      let missing = model.variable("missing", in: 0...)
      model.minimize(10 * open + 3 * missing + 0.5)
      model.constrain("capacity", amount <= 4 * open)
      model.constrain("demand", amount + missing == 5.5)
      try check.expectOptimum(model, 15)
    },
    SolverCase(name: "integer bounds between whole numbers") { check in
      var model = LinearModel()
      let x = model.variable("x", in: 0.5...3.7, kind: .integer)
      model.maximize(x)
      try check.expectOptimum(model, 3)
      model.setBounds(0.2...0.8, of: x)
      try check.expectStatus(.infeasible, model)
    },
    SolverCase(name: "integer infeasible") { check in
      var model = LinearModel()
      let x = model.variable("x", in: 0...10, kind: .integer)
      let y = model.variable("y", in: 0...10, kind: .integer)
      model.minimize(x + y)
      model.constrain("parity", 2 * x + 2 * y == 7)
      try check.expectStatus(.infeasible, model)
    },
    SolverCase(name: "integer unbounded") { check in
      var model = LinearModel()
      let x = model.variable("x", in: 0..., kind: .integer)
      model.maximize(x)
      model.constrain("least", x >= 3)
      try check.expectStatus(.unbounded, model)
    },
  ]

  /// The greatest value over three whole numbers from 0 to `most`, by trying all.
  private static func best(
    _ most: Int, _ value: (Int, Int, Int) -> Int, where allowed: (Int, Int, Int) -> Bool
  ) -> Double {
    var best = Int.min
    for a in 0...most {
      for b in 0...most {
        for c in 0...most where allowed(a, b, c) { best = max(best, value(a, b, c)) }
      }
    }
    return Double(best)
  }
}
