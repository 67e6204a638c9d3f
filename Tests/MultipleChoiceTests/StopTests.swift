import DrayageTesting
import LinearOptimization
import MultipleChoice
import Synchronization
import Testing

/// Solves that are stopped before their end, by the caller, by a cancellation or by the time limit.
@Suite struct StopTests {
  private static func problem(_ goal: ChoiceInstances.Goal, groups: Int = 120) throws -> ChoiceProblem {
    try ChoiceInstances.realistic.problem(groups: groups, options: 6, seed: 31, goal: goal, margin: 2)
  }

  /// What a stopped solve may say: a whole assignment that holds, with a bound that does, or nothing.
  private func check(
    _ problem: ChoiceProblem, best: Double, _ place: Comment, _ solve: () throws -> ChoiceAnswer
  ) throws {
    let sign = problem.objective.sense == .minimize ? 1.0 : -1.0
    do {
      switch try solve() {
      case .solved(let solution):
        PlainProblem(problem).check(solution, place)
        #expect(sign * (solution.bound - best) <= 1e-7 * abs(best), place)
      case .infeasible(let why):
        #expect(why.isOnlyFractional, "\(place): a problem with an answer is said to have none")
      }
    } catch let error as ChoiceSolverError {
      #expect(error.description.contains("time limit"), place)
    }
  }

  @Test(arguments: [ChoiceInstances.Goal.minimizeCost, .maximizeQuality])
  func `a progress that says no ends it`(goal: ChoiceInstances.Goal) throws {
    let problem = try Self.problem(goal)
    let best = try relaxation(of: problem, "\(goal.rawValue)").objective
    for most in [1, 9] {
      let calls = Mutex(0)
      let options = ChoiceSolver.Options(
        relativeGap: 0.01,
        progress: { _ in
          calls.withLock { calls in
            calls += 1
            return calls < most
          }
        })
      try check(problem, best: best, "\(goal.rawValue), stopped at call \(most)") {
        try ChoiceSolver().solve(problem, options: options)
      }
      // Once told to stop, it may finish what it is at, but starts no further phase.
      #expect(calls.withLock { $0 } <= most + 1, "stopped at call \(most)")
    }
  }

  @Test(arguments: [ChoiceInstances.Goal.minimizeCost, .maximizeQuality])
  func `the bound that is told holds and only improves`(goal: ChoiceInstances.Goal) throws {
    let problem = try Self.problem(goal)
    let told = Mutex([ChoiceProgress]())
    let options = ChoiceSolver.Options(
      relativeGap: 0.01,
      progress: { progress in
        told.withLock { $0.append(progress) }
        return true
      })
    let found = try solution(of: problem, options: options, "\(goal.rawValue)")
    let sign = goal == .minimizeCost ? 1.0 : -1.0
    let reports = told.withLock { $0 }
    try #require(reports.count > 3)
    for (before, after) in zip(reports, reports.dropFirst()) {
      #expect(before.passes <= after.passes)
      if let a = before.bound, let b = after.bound {
        #expect(sign * (b - a) >= -1e-9 * abs(a), "\(goal.rawValue): \(a), then \(b)")
      }
    }
    for report in reports {
      if let bound = report.bound {
        #expect(sign * (bound - found.lpObjective) <= 1e-9 * abs(found.lpObjective), "\(goal.rawValue)")
      }
    }
    #expect(agree(reports.last?.bound ?? .nan, found.bound, 1e-9))
    #expect(agree(reports.last?.value ?? .nan, found.lpObjective, 1e-9))
    #expect((reports.last?.passes ?? 0) <= found.passes)
  }

  @Test func `a cancelled task ends it`() async throws {
    let problem = try Self.problem(.minimizeCost)
    let best = try relaxation(of: problem, "cancelled").objective
    for cancelsAt in [1, 6] {
      let task = Task {
        let calls = Mutex(0)
        let options = ChoiceSolver.Options(
          relativeGap: 0.01,
          progress: { _ in
            let count = calls.withLock { calls in
              calls += 1
              return calls
            }
            if count == cancelsAt { withUnsafeCurrentTask { $0?.cancel() } }
            return true
          })
        try check(problem, best: best, "cancelled at call \(cancelsAt)") {
          try ChoiceSolver().solve(problem, options: options)
        }
        return calls.withLock { $0 }
      }
      #expect(try await task.value <= cancelsAt + 1)
    }
  }

  @Test(arguments: [-1.0, 0, 1e-4, 3e-3, 2e-2, .infinity])
  func `whatever the time limit, what is said holds`(seconds: Double) throws {
    for goal in [ChoiceInstances.Goal.minimizeCost, .maximizeQuality] {
      let problem = try Self.problem(goal)
      let best = try relaxation(of: problem, "\(goal.rawValue)").objective
      try check(problem, best: best, "\(goal.rawValue), \(seconds) s") {
        try ChoiceSolver().solve(problem, options: .init(timeLimit: seconds, relativeGap: 0.01))
      }
    }
  }

  /// A stopped search for whole purchases knows a bound from the nodes that are still open.
  @Test func `a stopped search for purchases has a bound that holds`() throws {
    let problem = try PurchaseTests.problem(groups: 40, seed: 77)
    let best = try #require(try PurchaseTests.bestOfAll(problem))
    for most in [1, 5, 20, 60] {
      let calls = Mutex(0)
      let options = ChoiceSolver.Options(
        relativeGap: 0.01,
        progress: { _ in
          calls.withLock { calls in
            calls += 1
            return calls < most
          }
        })
      try check(problem, best: best, "stopped at call \(most)") {
        try ChoiceSolver().solve(problem, options: options)
      }
    }
  }

  @Test func `a stopped relaxation says that it is not proven`() throws {
    let problem = try Self.problem(.minimizeCost)
    let best = try relaxation(of: problem, "all the time").objective
    do {
      guard
        case .solved(let found) = try ChoiceSolver().relaxation(
          of: problem, options: .init(progress: { _ in false }))
      else {
        Issue.record("infeasible")
        return
      }
      #expect(!found.isProven)
      #expect(found.bound <= best * (1 + 1e-9))
      // A value that no solution has must not be told as one.
      #expect(!(found.objective < best * (1 - 1e-7)), "\(found.objective) is less than the least, \(best)")
    } catch {
      #expect(error.description.contains("time limit"))
    }
  }

  @Test func `a stopped frontier has the points so far`() throws {
    let problem = try Self.problem(.minimizeCost)
    let limit = problem.constraints[0].limit
    let limits = [0.95, 0.97, 0.99, 1].map { $0 * limit }
    let whole = try ChoiceSolver().frontier(of: problem, constraint: 0, limits: limits)
    for most in [1, 8, 20, 30] {
      let calls = Mutex(0)
      let options = ChoiceSolver.Options(
        relativeGap: 0.01,
        progress: { _ in
          calls.withLock { calls in
            calls += 1
            return calls < most
          }
        })
      let points = try ChoiceSolver().frontier(of: problem, constraint: 0, limits: limits, options: options)
      for (a, b) in zip(points, whole) {
        #expect(agree(a.value ?? .nan, b.value ?? .nan, 2e-6), "stopped at call \(most)")
      }
      if most == 1 { #expect(points.isEmpty) }
    }
  }
}
