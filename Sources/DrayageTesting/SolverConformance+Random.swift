import LinearOptimization

extension SolverConformance {
  /// Cases made from a seed.
  static let random: [RandomSolverCase] = [
    RandomSolverCase(name: "random with known optimum") { check, random in
      let rows = Int.random(in: 1...30, using: &random)
      let instance = SolverInstance(
        rows: rows, columns: Int.random(in: 1...40, using: &random), using: &random)
      for method in [SolveOptions.Method.primal, .dual] {
        try check.expectOptimum(
          instance.model, instance.optimum, size: instance.size, options: SolveOptions(method: method))
      }
      try check.expectOptimum(
        instance.model, instance.optimum, size: instance.size, options: SolveOptions(presolve: true))
    },
    RandomSolverCase(name: "random and badly scaled") { check, random in
      let instance = SolverInstance(rows: 10, columns: 15, decades: 3, using: &random)
      try check.expectOptimum(instance.model, instance.optimum, size: instance.size)
    },
    RandomSolverCase(name: "random and infeasible") { check, random in
      // Two rows hold at a point; a third wants their sum to be less than they require together.
      let instance = SolverInstance(rows: 8, columns: 12, using: &random)
      var model = instance.model
      let short = Double.random(in: 0.1...2, using: &random)
      let rows = (0..<2).map { _ in (0..<12).map { _ in Double(Int.random(in: 1...9, using: &random)) } }
      let required = rows.map { row in (0..<12).reduce(0) { $0 + row[$1] * instance.point[$1] } }
      for k in 0..<2 {
        model.addRow(name: "required\(k)", lower: required[k], entries: (0..<12).map { ($0, rows[k][$0]) })
      }
      model.addRow(
        name: "sum", upper: required[0] + required[1] - short,
        entries: (0..<12).map { ($0, rows[0][$0] + rows[1][$0]) })
      try check.expectStatus(.infeasible, model)

      let weights: [Double?] = Array(repeating: nil, count: 8) + [1, 1, 1]
      let relaxed = try ElasticRelaxation(model).solve(with: check.solver)
      check.expect(
        relaxed.certificate?.verify(against: model) == true, "the duals of the elastic model prove nothing")
      check.expect(
        relaxed.total > 0 && relaxed.total <= short + 1e-6,
        "the least relaxation is \(relaxed.total), not \(short)")
      let chosen = try ElasticRelaxation(model, weights: weights).solve(with: check.solver)
      check.expect(
        chosen.relaxations.prefix(8).allSatisfy { $0 == 0 }, "a row was relaxed that was to stay as it is")
      check.expect(chosen.total >= relaxed.total - 1e-6, "relaxing fewer rows costs less: \(chosen.total)")
    },
    RandomSolverCase(name: "random knapsack") { check, random in
      // Two dimensions, ten items; the optimum by trying all choices.
      let values = (0..<10).map { _ in Int.random(in: 1...30, using: &random) }
      let weights = (0..<2).map { _ in (0..<10).map { _ in Int.random(in: 1...20, using: &random) } }
      let limits = weights.map { $0.reduce(0, +) / 2 }
      var model = LinearModel()
      let x = model.binaries(over: 0..<10)
      model.maximize(sum(over: 0..<10) { Double(values[$0]) * x[$0] })
      for k in 0..<2 {
        model.constrain(
          "limit\(k)", sum(over: 0..<10) { Double(weights[k][$0]) * x[$0] } <= Double(limits[k]))
      }
      func total(_ numbers: [Int], _ choice: Int) -> Int {
        numbers.indices.reduce(0) { $0 + (choice >> $1 & 1) * numbers[$1] }
      }
      let best = (0..<1024).filter { choice in (0..<2).allSatisfy { total(weights[$0], choice) <= limits[$0] }
      }
      .map { total(values, $0) }.max()
      try check.expectOptimum(model, Double(best ?? 0))
    },
  ]
}
