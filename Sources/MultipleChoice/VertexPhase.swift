import LinearOptimization

/// From near-optimal multipliers to the exact optimum of the linear relaxation.
///
/// Only pairs whose reduced cost is near zero can be in an optimal basis. They form a residual problem small
/// enough for GLPK; every other group is fixed at its *base*, the option of least score. One pass at the
/// residual problem's prices then either proves that no pair prices out, which makes its vertex optimal for
/// the whole problem, or names those that do.
struct VertexPhase {
  /// An optimal vertex.
  struct Result {
    /// The base option of each group.
    var base: [Int32]
    /// The pairs other than bases with their values above zero.
    var shares: [(group: Int, option: Int32, value: Double)]
    /// The multipliers.
    var multipliers: [Double]
    /// The primal value, scaled and per group, without slacks.
    var value: Double
    /// The Lagrangian bound at the multipliers, scaled and per group.
    var bound: Double
    /// By how much each scaled row is exceeded, summed over the groups.
    var excess: [Double]
    /// The scores at the multipliers, option-major.
    var scores: [Double]
    /// Passes over all pairs.
    var passes: Int
    /// Whether the value meets the bound.
    var isProven: Bool
  }

  let scaled: ScaledProblem
  let caps: [Double]
  let solver: GLPKSolver
  let deadline: Deadline

  /// Scores closer than this are tied; scaled scores are of the order of 1.
  private static let tieTolerance = 1e-9
  private static let tolerance = 1e-10
  private static let mostRounds = 60

  func run(from dual: DualPhase.Result) throws -> Result {
    let n = scaled.problem.groupCount
    var pass = PricingPass(scaled)
    var center = dual.multipliers
    var centerBound = pass.run(center)
    var passes = 1
    var base = drawnBase(pass, dual.mixture)
    var members = nearCritical(pass, base)
    var result: Result?
    for _ in 0..<Self.mostRounds {
      let model = try Residual(scaled, caps: caps, base: base, members: members, center: center)
      guard let residual = try model.solve(solver, deadline) else { break }
      let bound = pass.run(residual.multipliers)
      passes += 1
      let violation = zip(caps, residual.excess).reduce(0) { $0 + $1.0 * $1.1 } / Double(n)
      let proven = residual.value + violation - bound <= Self.tolerance * max(1, abs(residual.value))
      result = Result(
        base: base, shares: residual.shares, multipliers: residual.multipliers, value: residual.value,
        bound: bound, excess: residual.excess, scores: pass.scores, passes: passes, isProven: proven)
      if proven || deadline.hasPassed { break }
      // Pairs that price out join; the better multipliers become the centre, and each group's best option
      // there its base.
      var entered = false
      for i in 0..<n {
        let incumbent = members[i].reduce(pass.scores[Int(base[i]) * n + i]) {
          min($0, pass.scores[Int($1) * n + i])
        }
        if pass.best[i] < incumbent - Self.tieTolerance {
          members[i].append(pass.choice[i])
          entered = true
        }
      }
      if !entered { break }
      if bound > centerBound {
        center = residual.multipliers
        centerBound = bound
        for i in 0..<n where pass.best[i] < pass.scores[Int(base[i]) * n + i] - Self.tieTolerance {
          // The option just left stays a member, so that the residual problem only grows.
          members[i].append(base[i])
          base[i] = pass.choice[i]
          members[i].removeAll { $0 == base[i] }
        }
      }
    }
    guard let result else { throw ChoiceSolverError.outOfTime }
    return result
  }

  /// The option of least score per group; where several tie, one drawn from the master's mixture, so that the
  /// rows come out nearly right from the start.
  private func drawnBase(
    _ pass: PricingPass, _ mixture: [(choice: [Int32], weights: [Double])]
  ) -> [Int32] {
    let n = scaled.problem.groupCount
    var base = pass.choice
    var random = SplitMix64(seed: 0x9E37_79B9_7F4A_7C15)
    for i in 0..<n {
      let limit = pass.best[i] + Self.tieTolerance
      var tied = 0
      for j in 0..<scaled.problem.optionCount where pass.scores[j * n + i] <= limit { tied += 1 }
      guard tied > 1 else { continue }
      let block = scaled.cells.blockOf[scaled.cells.cellOf[i]]
      var draw = random.unit() * mixture.reduce(0) { $0 + $1.weights[block] }
      for entry in mixture {
        draw -= entry.weights[block]
        if draw <= 0 {
          if pass.scores[Int(entry.choice[i]) * n + i] <= limit { base[i] = entry.choice[i] }
          break
        }
      }
    }
    return base
  }

  /// The pairs of least reduced cost, without the bases: about 1,000 + 12 K + 0.006 n of them, and a random
  /// few thousand of those that tie.
  private func nearCritical(_ pass: PricingPass, _ base: [Int32]) -> [[Int32]] {
    let n = scaled.problem.groupCount
    let target = 1_000 + 12 * scaled.rowCount + n * 6 / 1_000
    let tiedTarget = 3_000 + 40 * scaled.rowCount
    var pairs: [(gap: Double, group: Int32, option: Int32)] = []
    var tied: [(order: UInt64, group: Int32, option: Int32)] = []
    var random = SplitMix64(seed: 1)
    for j in 0..<scaled.problem.optionCount {
      for i in 0..<n where Int(base[i]) != j {
        let gap = pass.scores[j * n + i] - pass.best[i]
        guard gap < .infinity, !isSame(i, j, Int(base[i])) else { continue }
        if gap <= Self.tieTolerance {
          tied.append((random.next(), Int32(i), Int32(j)))
        } else {
          pairs.append((gap, Int32(i), Int32(j)))
        }
      }
    }
    pairs.sort { $0.gap < $1.gap }
    tied.sort { $0.order < $1.order }
    var members = Array(repeating: [Int32](), count: n)
    for pair in pairs.prefix(target) { members[Int(pair.group)].append(pair.option) }
    for pair in tied.prefix(tiedTarget) { members[Int(pair.group)].append(pair.option) }
    return members
  }

  /// Whether two options are the same to every row and the objective for a group, so that exchanging them
  /// changes nothing.
  private func isSame(_ i: Int, _ a: Int, _ b: Int) -> Bool {
    func isSame(_ x: Double, _ y: Double) -> Bool { abs(x - y) <= ScaledProblem.negligible }
    return isSame(scaled.objectiveCoefficient(i, a), scaled.objectiveCoefficient(i, b))
      && scaled.rows.indices.allSatisfy { isSame(scaled.coefficient($0, i, a), scaled.coefficient($0, i, b)) }
  }
}

/// The linear problem over the groups that are not fixed at their base; columns are differences to the base.
private struct Residual {
  struct Solution {
    var shares: [(group: Int, option: Int32, value: Double)]
    var multipliers: [Double]
    var value: Double
    var excess: [Double]
  }

  private let scaled: ScaledProblem
  private let model: LinearModel
  private let start: Basis
  private let pairs: [(group: Int, option: Int32)]
  private let firstPair: Int
  private let baseObjective: Double

  init(
    _ scaled: ScaledProblem, caps: [Double], base: [Int32], members: [[Int32]], center: [Double]
  ) throws {
    self.scaled = scaled
    let n = scaled.problem.groupCount
    let rows = scaled.rowCount
    var objective = 0.0
    var activity = Array(repeating: 0.0, count: rows)
    for cut in scaled.cuts(of: base) {
      objective += cut.objective
      for k in 0..<rows { activity[k] += cut.activity[k] }
    }
    baseObjective = objective
    var model = LinearModel()
    // A member may differ from its base by no more than rounding.
    model.allowsEmpty = true
    var rowStatus: [Basis.Status] = []
    var columnStatus: [Basis.Status] = []
    for (k, row) in scaled.rows.enumerated() {
      model.addRow(name: "row\(k)", upper: (row.limit - activity[k]) * Double(n))
      rowStatus.append(.atUpper)
    }
    // A column fixed at zero whose cost is minus the multiplier is basic in each row: with it the slack basis
    // is dual feasible at the centre, and the dual simplex needs no first phase.
    for k in 0..<rows {
      model.addColumn(name: "centre\(k)", lower: 0, upper: 0, objective: -center[k], entries: [(k, 1)])
      columnStatus.append(.basic)
    }
    for k in 0..<rows {
      model.addColumn(name: "excess\(k)", lower: 0, objective: caps[k], entries: [(k, -1)])
      columnStatus.append(.atLower)
    }
    firstPair = 2 * rows
    var pairs: [(group: Int, option: Int32)] = []
    for (i, options) in members.enumerated() where !options.isEmpty {
      let b = Int(base[i])
      var group: Int?
      if options.count > 1 {
        group = model.rowCount
        model.addRow(name: "group\(i)", upper: 1)
        rowStatus.append(.basic)
      }
      for option in options {
        let j = Int(option)
        var entries: [(Int, Double)] = []
        for k in 0..<rows {
          let difference = scaled.coefficient(k, i, j) - scaled.coefficient(k, i, b)
          if abs(difference) > ScaledProblem.negligible { entries.append((k, difference)) }
        }
        if let group { entries.append((group, 1)) }
        model.addColumn(
          name: "x\(i),\(j)", lower: 0, upper: group == nil ? 1 : nil,
          objective: scaled.objectiveCoefficient(i, j) - scaled.objectiveCoefficient(i, b), entries: entries)
        columnStatus.append(.atLower)
        pairs.append((i, option))
      }
    }
    self.pairs = pairs
    self.model = model
    start = Basis(rows: rowStatus, columns: columnStatus)
  }

  /// The vertex; `nil` if the time limit came first.
  func solve(_ solver: GLPKSolver, _ deadline: Deadline) throws -> Solution? {
    let solution = try solver.solve(
      model, options: SolveOptions(timeLimit: deadline.remaining, method: .dual, basis: start))
    if solution.status == .timeLimit || solution.status == .cancelled { return nil }
    guard solution.status == .optimal else {
      throw ChoiceSolverError("the residual problem ended with \(solution.status)")
    }
    let n = Double(scaled.problem.groupCount)
    let rows = scaled.rowCount
    let excess = (0..<rows).map { max(0, solution.values[rows + $0]) }
    var shares: [(group: Int, option: Int32, value: Double)] = []
    var value = baseObjective
    for (at, pair) in pairs.enumerated() {
      let x = solution.values[firstPair + at]
      guard x > 1e-9 else { continue }
      shares.append((pair.group, pair.option, min(1, x)))
      value += x * model.columns[firstPair + at].objective / n
    }
    return Solution(
      shares: shares, multipliers: (0..<rows).map { max(0, -solution.rowDuals[$0]) }, value: value,
      excess: excess)
  }
}

/// A solve without an answer, for numerical reasons or lack of time; the message says which.
public struct ChoiceSolverError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What happened.
  public let description: String

  init(_ description: String) {
    self.description = "the solver broke down: " + description
  }

  private init(asIs description: String) { self.description = description }

  /// The time limit, or a cancellation, came before any answer.
  static let outOfTime = ChoiceSolverError(asIs: "no answer within the time limit; allow more")
}

/// A small seeded generator: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number from 0 up to 1.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
