import LinearOptimization

/// Moves single groups to better options while every constraint stays kept, until no move helps.
struct LocalSearch {
  let scaled: ScaledProblem
  /// What is preferred where the objective does not change.
  let then: ChoiceProblem.Objective?
  let watch: SolveWatch

  private static let mostSweeps = 8

  func improve(
    _ assignment: inout [Int], _ activities: inout Activities, among groups: [CriticalGroups.Group]
  ) {
    let second = then.flatMap {
      scaled.columns.tellsApart([], $0) ? SecondObjective($0, scaled.problem) : nil
    }
    for _ in 0..<Self.mostSweeps {
      var moved = false
      for group in groups {
        let from = assignment[group.index]
        let own = scaled.objectiveCoefficient(group.position, group.segment, from)
        var best: (gain: Double, tie: Double, option: Int)?
        for option in group.options where option != from {
          let gain = scaled.objectiveCoefficient(group.position, group.segment, option) - own
          guard gain <= 0 else { continue }
          let tie =
            second.map {
              $0.value(group.position, group.segment, option) - $0.value(group.position, group.segment, from)
            } ?? 0
          guard gain < 0 || tie < 0 else { continue }
          if let best, (best.gain, best.tie) <= (gain, tie) { continue }
          guard activities.allows(group.position, group.segment, from: from, to: option) else { continue }
          best = (gain, tie, option)
        }
        guard let best else { continue }
        activities.move(group.position, group.segment, from: from, to: best.option)
        assignment[group.index] = best.option
        moved = true
      }
      if !moved || watch.shouldStop { return }
    }
  }
}

/// Another objective of the same problem, smaller being better.
struct SecondObjective {
  private let columns: PackedColumns
  private let sums: [ScaledProblem.Sum]

  init(_ objective: ChoiceProblem.Objective, _ problem: ChoiceProblem) {
    columns = problem.columns
    let sign = objective.sense == .minimize ? 1.0 : -1.0
    sums = objective.terms.map {
      ScaledProblem.Sum(
        attribute: $0.attribute, options: $0.options, classes: $0.classes, factor: sign * $0.weight,
        in: problem)
    }
  }

  func value(_ position: Int, _ segment: Int, _ j: Int) -> Double {
    sums.reduce(0) { total, sum in
      guard sum.isOption[j], sum.isSegment[segment] else { return total }
      return total + sum.factor * (sum.attribute.map { columns.value($0, at: position, segment, j) } ?? 1)
    }
  }
}
