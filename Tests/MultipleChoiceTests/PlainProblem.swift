import LinearOptimization
import Testing

@testable import MultipleChoice

typealias SplitMix64 = MultipleChoice.SplitMix64

/// A problem's numbers, read one at a time, and what follows from them by plain loops: arithmetic that shares
/// nothing with what is tested.
struct PlainProblem {
  let problem: ChoiceProblem
  /// The eligible options of each group.
  let options: [[Int]]
  /// By group, and by place among its options.
  let objective: [[Double]]
  /// By constraint, group, and place among the group's options.
  let coefficients: [[[Double]]]

  init(_ problem: ChoiceProblem) {
    let options = (0..<problem.groupCount).map { i in
      (0..<problem.optionCount).filter { problem.isEligible(group: i, option: $0) }
    }
    self.problem = problem
    self.options = options
    objective = options.enumerated().map { i, own in
      own.map { problem.objectiveCoefficient(group: i, option: $0) }
    }
    coefficients = problem.constraints.indices.map { k in
      options.enumerated().map { i, own in
        own.map { problem.coefficient(constraint: k, group: i, option: $0) }
      }
    }
  }

  private var sign: Double { problem.objective.sense == .minimize ? 1 : -1 }

  /// What no assignment can be better than, by weak duality at `prices`; those of the wrong sign count as 0.
  func lagrangianBound(prices: [Double]) -> Double {
    sign * dual(signed(prices.map { -sign * $0 }), objective: sign)
  }

  /// By how much the constraints, weighted by `multipliers` of zero or more, ask for less than the least
  /// possible, less what rounding could account for.
  func farkasValue(multipliers: [Double]) -> Double {
    let weights = zip(problem.constraints, multipliers).map { $0.relation == .atMost ? $1 : -$1 }
    let scale = zip(weights, problem.constraints).reduce(0) { $0 + abs($1.0 * $1.1.limit) }
    return dual(signed(weights), objective: 0) - 1e-11 * scale
  }

  /// Zero or more where a row is "at most", zero or less where it is "at least".
  private func signed(_ weights: [Double]) -> [Double] {
    zip(problem.constraints, weights).map { $0.relation == .atMost ? max(0, $1) : min(0, $1) }
  }

  private func dual(_ weights: [Double], objective factor: Double) -> Double {
    var total = 0.0
    let used = weights.indices.filter { weights[$0] != 0 }
    for i in options.indices {
      var least = Double.infinity
      for place in options[i].indices {
        var score = factor * objective[i][place]
        for k in used { score += weights[k] * coefficients[k][i][place] }
        least = min(least, score)
      }
      total += least
    }
    for k in used { total -= weights[k] * problem.constraints[k].limit }
    for purchase in problem.purchases {
      var price = factor * purchase.objective
      for entry in purchase.entries { price += weights[entry.constraint] * entry.coefficient }
      total += min(price * purchase.bounds.lowerBound, price * purchase.bounds.upperBound)
    }
    return total
  }

  /// The objective and the activities; `nil` if a group's option is not one of its own.
  func totals(_ assignment: [Int], purchases: [Double] = []) -> (value: Double, activities: [Double])? {
    guard assignment.count == options.count, purchases.count == problem.purchases.count else { return nil }
    var value = 0.0
    var activities = Array(repeating: 0.0, count: problem.constraints.count)
    for (i, j) in assignment.enumerated() {
      guard let place = options[i].firstIndex(of: j) else { return nil }
      value += objective[i][place]
      for k in activities.indices { activities[k] += coefficients[k][i][place] }
    }
    for (purchase, amount) in zip(problem.purchases, purchases) {
      value += purchase.objective * amount
      for entry in purchase.entries { activities[entry.constraint] += entry.coefficient * amount }
    }
    return (value, activities)
  }

  /// Checks an integral answer: every row and bound kept, its value as said, its bound on the right side.
  func check(_ solution: ChoiceSolution, _ place: Comment, _ location: SourceLocation = #_sourceLocation) {
    guard let totals = totals(solution.assignment, purchases: solution.purchases) else {
      Issue.record("\(place): not an assignment", sourceLocation: location)
      return
    }
    let certificate = solution.certificate
    for (k, row) in problem.constraints.enumerated() {
      let activity = totals.activities[k]
      let excess = row.relation == .atMost ? activity - row.limit : row.limit - activity
      #expect(excess <= 1e-9 * max(1, abs(row.limit)), "\(place): row \(row.name)", sourceLocation: location)
      #expect(
        abs(certificate.rows[k].activity - activity) <= 1e-9 * max(1, abs(activity)),
        "\(place): row \(row.name)", sourceLocation: location)
    }
    for (purchase, amount) in zip(problem.purchases, solution.purchases) {
      let room = 1e-9 * max(1, abs(amount))
      #expect(
        amount >= purchase.bounds.lowerBound - room && amount <= purchase.bounds.upperBound + room
          && (!purchase.isInteger || amount == amount.rounded()),
        "\(place): \(purchase.name) is \(amount)", sourceLocation: location)
    }
    #expect(certificate.isFeasible, place, sourceLocation: location)
    #expect(certificate.bound == solution.bound, place, sourceLocation: location)
    let scale = max(1e-9, abs(totals.value))
    #expect(abs(certificate.value - totals.value) <= 1e-9 * scale, place, sourceLocation: location)
    #expect(sign * (certificate.value - certificate.bound) >= -1e-7 * scale, place, sourceLocation: location)
  }
}

/// Whether two numbers agree to a part of the larger one, or of `least` if both are smaller.
func agree(_ a: Double, _ b: Double, _ tolerance: Double, least: Double = 1e-6) -> Bool {
  abs(a - b) <= tolerance * max(least, max(abs(a), abs(b)))
}

/// The relaxation of a problem that has one.
func relaxation(
  of problem: ChoiceProblem, options: ChoiceSolver.Options = .init(), _ place: Comment,
  _ location: SourceLocation = #_sourceLocation
) throws -> ChoiceRelaxation {
  guard case .solved(let relaxation) = try ChoiceSolver().relaxation(of: problem, options: options) else {
    Issue.record("\(place): infeasible", sourceLocation: location)
    throw ChoiceSolverError("infeasible")
  }
  return relaxation
}

/// The answer to a problem that has one.
func solution(
  of problem: ChoiceProblem, options: ChoiceSolver.Options = .init(), _ place: Comment,
  _ location: SourceLocation = #_sourceLocation
) throws -> ChoiceSolution {
  guard case .solved(let solution) = try ChoiceSolver().solve(problem, options: options) else {
    Issue.record("\(place): infeasible", sourceLocation: location)
    throw ChoiceSolverError("infeasible")
  }
  return solution
}
