import DrayageTesting
import LinearOptimization
import MultipleChoice
import Testing

/// Frontiers against one relaxation per limit.
@Suite struct FrontierTests {
  private func problem(_ goal: ChoiceInstances.Goal, seed: UInt64) throws -> ChoiceProblem {
    try ChoiceInstances.realistic.problem(groups: 90, options: 6, seed: seed, goal: goal, margin: 2)
  }

  /// The first constraint is a floor of quality, the sixth the budget.
  static let sweeps: [(goal: ChoiceInstances.Goal, constraint: Int)] = [
    (.minimizeCost, 0), (.maximizeQuality, 5), (.minimizeCost, 5), (.maximizeQuality, 13),
  ]

  private func check(
    _ points: [ChoiceFrontierPoint], _ problem: ChoiceProblem, _ constraint: Int, _ place: Comment
  ) throws {
    let minimizes = problem.objective.sense == .minimize
    for point in points {
      let moved = try problem.with(
        objective: problem.objective,
        constraints: problem.constraints.enumerated().map {
          $0 == constraint ? $1.with(limit: point.limit) : $1
        })
      let here: Comment = "\(place): at \(point.limit)"
      guard case .solved(let one) = try ChoiceSolver().relaxation(of: moved) else {
        #expect(point.value == nil, here)
        continue
      }
      let value = try #require(point.value, here)
      #expect(agree(value, one.objective, 2e-6), "\(here): \(value), alone \(one.objective)")
      #expect(agree(point.bound, one.objective, 2e-6), here)
      let room = (minimizes ? 1.0 : -1) * (value - point.bound)
      #expect(room >= -1e-9 * abs(value), "\(here): value \(value), bound \(point.bound)")
      // The prices of a point prove its bound.
      let proven = PlainProblem(moved).lagrangianBound(prices: point.prices)
      #expect(agree(proven, point.bound, 1e-9), "\(here): proven \(proven), said \(point.bound)")
    }
  }

  @Test(arguments: sweeps.indices) func `a frontier is what separate relaxations say`(s: Int) throws {
    let (goal, constraint) = Self.sweeps[s]
    let problem = try problem(goal, seed: UInt64(s) + 2)
    let place: Comment = "\(goal.rawValue), \(problem.constraints[constraint].name), seed \(s + 2)"
    let limit = problem.constraints[constraint].limit
    // Not in order, one of them twice.
    let limits = [1.01, 0.97, 1.2, 1, 0.9, 1.01, 0.3, 1.05].map { limit * $0 }
    let points = try ChoiceSolver().frontier(of: problem, constraint: constraint, limits: limits)
    #expect(points.map(\.limit) == limits, place)
    try check(points, problem, constraint, place)
    checkShape(points, problem, constraint, place)
    let (one, again) = (points[0], points[5])
    #expect(agree(one.value ?? -1, again.value ?? -1, 2e-6), place)
  }

  /// Less room is never better, and each unit of room is worth no more than the one before.
  private func checkShape(
    _ points: [ChoiceFrontierPoint], _ problem: ChoiceProblem, _ constraint: Int, _ place: Comment
  ) {
    let row = problem.constraints[constraint]
    let sign = problem.objective.sense == .minimize ? 1.0 : -1.0
    let known = points.filter { $0.value != nil }.sorted { $0.limit < $1.limit }
      .map { (limit: $0.limit, cost: sign * ($0.value ?? .nan)) }
    let scale = known.map { abs($0.cost) }.max() ?? 1
    for (a, b) in zip(known, known.dropFirst()) {
      #expect(
        row.relation == .atMost ? b.cost <= a.cost + 2e-6 * scale : a.cost <= b.cost + 2e-6 * scale, place)
    }
    for ((a, b), c) in zip(zip(known, known.dropFirst()), known.dropFirst(2)) where c.limit > a.limit {
      let part = (b.limit - a.limit) / (c.limit - a.limit)
      #expect(b.cost <= a.cost + part * (c.cost - a.cost) + 4e-6 * scale, "\(place): at \(b.limit)")
    }
  }

  @Test(arguments: sweeps.indices) func `steps go from the least to where the limit does not bind`(
    s: Int
  ) throws {
    let (goal, constraint) = Self.sweeps[s]
    let problem = try problem(goal, seed: UInt64(s) + 12)
    let row = problem.constraints[constraint]
    let place: Comment = "\(goal.rawValue), \(row.name), seed \(s + 12)"
    let points = try ChoiceSolver().frontier(of: problem, constraint: constraint, steps: 5)
    try #require(points.count == 5, place)
    checkShape(points, problem, constraint, place)
    let inner = Array(points[1...])
    #expect(inner.allSatisfy { $0.value != nil }, place)
    try check(inner, problem, constraint, place)
    // The last point is the optimum without the constraint, the first the least it can be held to.
    let free = try problem.with(
      objective: problem.objective,
      constraints: problem.constraints.enumerated().map {
        $0 == constraint ? $1.with(limit: row.relation == .atMost ? 1e9 : -1e9) : $1
      })
    #expect(agree(points[4].value ?? .nan, try relaxation(of: free, place).objective, 2e-6), place)
    let width = points[4].limit - points[0].limit
    #expect(row.relation == .atMost ? width >= 0 : width <= 0, place)
    let step = 0.01 * max(abs(width), abs(points[0].limit))
    let before = try ChoiceSolver().frontier(
      of: problem, constraint: constraint,
      limits: [points[0].limit + (row.relation == .atMost ? -step : step)])
    #expect(before.map(\.value) == [nil], place)
  }

  @Test func `an unreachable limit has no value, and those after it do`() throws {
    let problem = try problem(.minimizeCost, seed: 2)
    let limit = problem.constraints[0].limit
    let points = try ChoiceSolver().frontier(
      of: problem, constraint: 0, limits: [2 * limit, limit, 1e9, 0.98 * limit, 0])
    #expect(points.map { $0.value != nil } == [false, true, false, true, true])
    try check(points, problem, 0, "unreachable")
  }

  @Test func `a limit far off does not cost the bound its digits`() throws {
    let problem = try problem(.minimizeCost, seed: 2)
    let limit = problem.constraints[0].limit
    let points = try ChoiceSolver().frontier(
      of: problem, constraint: 0, limits: [2 * limit, limit, 1e9, 0.98 * limit, -1e9])
    try check(points, problem, 0, "far")
  }

  @Test func `conflicting constraints have no frontier`() throws {
    let problem = try ChoiceInstances.realistic.problem(groups: 80, options: 6, seed: 0, goal: .infeasible)
    // Requests per provider conflict whatever the budget is.
    #expect(try ChoiceSolver().frontier(of: problem, constraint: 5, steps: 3).isEmpty)
    let points = try ChoiceSolver().frontier(of: problem, constraint: 5, limits: [1, 1e6])
    #expect(points.map(\.value) == [nil, nil])
    #expect(try ChoiceSolver().frontier(of: problem, constraint: 5, limits: []).isEmpty)
  }

  @Test func `prices to start from do not change a frontier`() throws {
    let problem = try problem(.minimizeCost, seed: 4)
    let prices = try relaxation(of: problem, "cold").prices
    let limits = [0.95, 1, 1.01].map { $0 * problem.constraints[0].limit }
    let cold = try ChoiceSolver().frontier(of: problem, constraint: 0, limits: limits)
    let warm = try ChoiceSolver().frontier(
      of: problem, constraint: 0, limits: limits, options: .init(startPrices: prices))
    for (a, b) in zip(cold, warm) { #expect(agree(a.value ?? .nan, b.value ?? .nan, 2e-6), "at \(a.limit)") }
    for bad in [[Double.nan], [], prices.map { _ in .nan }, prices.map { _ in .infinity }] {
      let points = try ChoiceSolver().frontier(
        of: problem, constraint: 0, limits: limits, options: .init(startPrices: bad))
      for (a, b) in zip(cold, points) {
        #expect(agree(a.value ?? .nan, b.value ?? .nan, 2e-6), "from \(bad)")
      }
    }
  }
}
