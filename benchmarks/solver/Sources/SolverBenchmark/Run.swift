public import ArgumentParser
public import DrayageTesting
import Foundation
import MultipleChoice

extension ChoiceInstances.Goal: @retroactive ExpressibleByArgument {}
extension ChoiceInstances.Storage: @retroactive ExpressibleByArgument {}

/// What is timed.
enum Mode: String, CaseIterable, ExpressibleByArgument, Codable {
  /// The linear relaxation.
  case relaxation
  /// The relaxation and an assignment next to it.
  case assignment
  /// Relaxations at fifty limits of the first constraint, or of the budget where quality is maximized.
  case frontier
  /// The relaxation under other limits, once from nothing and once from the prices before.
  case warm
  /// The proof that the limits contradict one another.
  case infeasible
}

/// Builds one instance, solves it, and reports.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Solves one instance several times and reports time, memory, passes and proof.")

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
  }

  @Option(help: "The family of instances; `families` lists them.")
  var family = "realistic"

  @Option(help: "The number of requests.")
  var groups = 10_000

  @Option(help: "The number of offers.")
  var options = 20

  @Option(help: "The number of constraints: 1, or 13 and 12 per time bucket: 25, 109, 397.")
  var rows = 25

  @Option(help: "The seed of the instance.")
  var seed: UInt64 = 1

  @Option(help: "The objective.")
  var goal = ChoiceInstances.Goal.minimizeCost

  @Option(help: "How the numbers of the pairs are held.")
  var storage = ChoiceInstances.Storage.single

  @Option(help: "Multiplies the room that the limits leave; the less, the more of them bind.")
  var margin = 1.0

  @Option(help: "What is timed.")
  var mode = Mode.relaxation

  @Option(help: "How often it is solved.")
  var `repeat` = 1

  @Option(help: "The most seconds that each solve may take.")
  var timeLimit: Double?

  @Option(help: "A folder to write the instance to, for other solvers.")
  var export: String?

  @Option(help: "How the report is printed.")
  var format = Format.text

  func validate() throws {
    guard ChoiceInstances.named(family) != nil else {
      throw ValidationError("'\(family)' is no family; `solver-benchmark families` lists them.")
    }
    guard rows == 1 || rows >= 25 && (rows - 13) % 12 == 0 else {
      throw ValidationError("--rows is 1, or 13 and 12 per time bucket: 25, 37, ... 109, ... 397.")
    }
    let kinds = max(16, (family == "workloadPerRequest" ? 16 : 4) * max(1, (rows - 13) / 12))
    guard groups >= kinds else { throw ValidationError("--groups is at least \(kinds) here.") }
    guard options > 0, `repeat` > 0 else { throw ValidationError("--options and --repeat are at least 1.") }
    guard margin >= 0 else { throw ValidationError("--margin is at least 0.") }
  }

  func run() throws {
    let instances = ChoiceInstances.named(family) ?? .realistic
    let goal = mode == .infeasible ? .infeasible : goal
    let clock = Stopwatch()
    let problem = try instances.problem(
      groups: groups, options: options, seed: seed, rows: rows, goal: goal, storage: storage,
      margin: margin)
    let buildSeconds = clock.wallSeconds
    let buildPeak = Memory.peakMegabytes
    Memory.resetPeak()
    let resident = Memory.residentMegabytes
    let outcome = try solve(problem, instances, goal)
    let report = Report(
      family: family, goal: goal.rawValue, storage: storage.rawValue, mode: mode, seed: seed,
      margin: margin, groups: problem.groupCount, options: problem.optionCount,
      rows: problem.constraints.count,
      threads: ProcessInfo.processInfo.activeProcessorCount, buildSeconds: buildSeconds,
      columnMegabytes: columnMegabytes, buildPeakMegabytes: buildPeak, residentMegabytes: resident,
      solvePeakMegabytes: Memory.peakMegabytes, runs: outcome.runs)
    if let export {
      try InstanceExport(folder: URL(fileURLWithPath: export)).write(problem, assignment: outcome.assignment)
    }
    switch format {
    case .text: print(report.text)
    case .json: print(try report.json)
    }
  }

  /// Megabytes of the columns that the solver reads, padding and layout not counted.
  private var columnMegabytes: Double {
    let perRequest = family == "workloadPerRequest"
    let bytes = storage == .double ? 8 : 4
    let columns = perRequest ? 4 : storage == .features ? 1 : 2
    return Double(groups * (options * columns + (perRequest ? 0 : 2)) * bytes) / 1e6
  }

  private func solve(
    _ problem: ChoiceProblem, _ instances: ChoiceInstances, _ goal: ChoiceInstances.Goal
  ) throws -> (runs: [Report.Run], assignment: [Int]?) {
    let solver = ChoiceSolver()
    let options = ChoiceSolver.Options(timeLimit: timeLimit)
    switch mode {
    case .relaxation, .infeasible:
      return ([try relaxation(mode.rawValue, of: problem, solver, options)], nil)
    case .assignment:
      var assignment: [Int]?
      let run = try Report.Run.measured(mode.rawValue, count: `repeat`) {
        switch try solver.solve(problem, options: options) {
        case .solved(let solution):
          assignment = solution.assignment
          return Outcome(solution)
        case .infeasible(let infeasibility): return Outcome(infeasibility, problem)
        }
      }
      return ([run], assignment)
    case .frontier:
      let k = goal == .maximizeQuality ? problem.constraints.firstIndex { $0.name == "budget" } ?? 0 : 0
      let limit = problem.constraints[k].limit
      // Each is easier to keep than the instance's own, so all are feasible.
      let step = goal == .maximizeQuality ? 0.02 : -0.001
      let limits = (0..<50).map { limit * (1 + step * Double($0)) }
      let run = try Report.Run.measured(mode.rawValue, count: `repeat`) {
        Outcome(try solver.frontier(of: problem, constraint: k, limits: limits, options: options))
      }
      return ([run], nil)
    case .warm:
      let before = try relaxation("before", of: problem, solver, options)
      let moved = try problem.with(
        objective: problem.objective,
        constraints: instances.constraints(
          groups: groups, options: self.options, seed: seed, rows: rows, goal: goal, storage: storage,
          margin: 0.6 * margin))
      let cold = try relaxation("cold", of: moved, solver, options)
      let prices = before.outcome.prices
      let warmOptions = ChoiceSolver.Options(timeLimit: timeLimit, startPrices: prices)
      let warm = try relaxation("warm", of: moved, solver, warmOptions)
      return ([before, cold, warm], nil)
    }
  }

  private func relaxation(
    _ name: String, of problem: ChoiceProblem, _ solver: ChoiceSolver, _ options: ChoiceSolver.Options
  ) throws -> Report.Run {
    try Report.Run.measured(name, count: `repeat`) {
      switch try solver.relaxation(of: problem, options: options) {
      case .solved(let relaxation): Outcome(relaxation)
      case .infeasible(let infeasibility): Outcome(infeasibility, problem)
      }
    }
  }
}
