public import LinearOptimization

extension ChoiceProblem {
  /// The whole problem as a linear or integer program: a row per group and constraint, a column per eligible
  /// pair.
  ///
  /// For writing it down and for checking; ``ChoiceSolver`` never hands it over whole.
  ///
  /// - Parameters:
  ///   - integral: whether the columns take whole numbers only.
  ///   - groupName: names a group; `g0`, `g1`, ... by default.
  ///   - optionName: names an option; `o0`, `o1`, ... by default.
  public func linearModel(
    integral: Bool, groupName: (Int) -> String = { "g\($0)" }, optionName: (Int) -> String = { "o\($0)" }
  ) -> LinearModel {
    var model = LinearModel()
    model.sense = objective.sense == .minimize ? .minimize : .maximize
    // A constraint that touches no pair is a statement about zero; it stays out if it holds, and cannot be
    // kept if it does not.
    var rowOf: [Int?] = []
    for k in constraints.indices {
      let constraint = constraints[k]
      let touches = (0..<optionCount).contains { j in
        (0..<groupCount).contains {
          isEligible(group: $0, option: j) && coefficient(constraint: k, group: $0, option: j) != 0
        }
      }
      let isBought = purchases.contains { $0.entries.contains { $0.constraint == k && $0.coefficient != 0 } }
      guard touches || isBought || constraint.violation(of: 0) > 0 else {
        rowOf.append(nil)
        continue
      }
      rowOf.append(
        constraint.relation == .atMost
          ? model.addRow(name: constraint.name, upper: constraint.limit).index
          : model.addRow(name: constraint.name, lower: constraint.limit).index)
    }
    let firstGroup = model.rowCount
    for i in 0..<groupCount { model.addRow(name: "choose(\(groupName(i)))", equals: 1) }
    for i in 0..<groupCount {
      for j in 0..<optionCount where isEligible(group: i, option: j) {
        var entries: [(Int, Double)] = [(firstGroup + i, 1)]
        for k in constraints.indices {
          guard let row = rowOf[k] else { continue }
          let value = coefficient(constraint: k, group: i, option: j)
          if value != 0 { entries.append((row, value)) }
        }
        model.addColumn(
          name: "x(\(groupName(i)),\(optionName(j)))", lower: 0, upper: 1,
          objective: objectiveCoefficient(group: i, option: j),
          kind: integral ? .integer : .continuous, entries: entries)
      }
    }
    for purchase in purchases {
      model.addColumn(
        name: "buy(\(purchase.name))", lower: purchase.bounds.lowerBound, upper: purchase.bounds.upperBound,
        objective: purchase.objective, kind: integral && purchase.isInteger ? .integer : .continuous,
        entries: purchase.entries.compactMap { entry in
          rowOf[entry.constraint].map { ($0, entry.coefficient) }
        })
    }
    return model
  }
}
