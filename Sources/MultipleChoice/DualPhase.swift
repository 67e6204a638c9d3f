import LinearOptimization

/// Solves the Lagrangian dual by cutting planes: finds multipliers of the rows that make the bound nearly as
/// good as it gets.
///
/// The master is the Dantzig-Wolfe form: one convexity row per block of groups, one column per block and
/// pass, and for each row a slack at the cost of the multiplier cap, so that it is always feasible. Each pass
/// prices all groups at a query point halfway between the best multipliers so far and the master's (in-out
/// stabilization: W. Ben-Ameur and J. Neto, "Acceleration of cutting-plane and column generation algorithms",
/// Networks 49, 2007), which needs a third fewer passes than the master's own.
struct DualPhase {
  /// What was found.
  struct Result {
    /// The multipliers of the best bound.
    var multipliers: [Double]
    /// The choices of the passes that the master mixes, with the weight of each per block.
    var mixture: [(choice: [Int32], weights: [Double])]
    /// Passes over all pairs.
    var passes: Int
  }

  let scaled: ScaledProblem
  /// The most a multiplier may be.
  let caps: [Double]
  let solver: GLPKSolver
  let deadline: Deadline

  private static let tolerance = 1e-8
  private static let mostPasses = 150

  func run() throws -> Result {
    var pass = PricingPass(scaled)
    var master = Master(scaled, caps: caps, solver: solver)
    var best = Array(repeating: 0.0, count: scaled.rowCount)
    var bestBound = -Double.infinity
    var query = best
    var choices: [[Int32]] = []
    var passes = 0
    var towardsMaster = 0.5
    while passes < Self.mostPasses {
      let bound = pass.run(query)
      passes += 1
      if bound > bestBound {
        bestBound = bound
        best = query
      }
      choices.append(pass.choice)
      let isNew = master.add(pass.cuts(), from: choices.count - 1)
      try master.solve()
      guard master.value - bestBound > Self.tolerance * max(1e-3, abs(master.value)), !deadline.hasPassed
      else { break }
      // A query that cuts nothing off is too far inside: go out to the master's own point, which must.
      if !isNew, towardsMaster == 1 { break }
      towardsMaster = isNew ? 0.5 : 1
      query = zip(best, master.multipliers).map { $0 + towardsMaster * ($1 - $0) }
    }
    let weights = master.weights(passCount: choices.count)
    let mixture = zip(choices, weights).filter { $1.contains { $0 > 1e-9 } }
    return Result(
      multipliers: best, mixture: mixture.map { (choice: $0, weights: $1) }, passes: passes)
  }
}

/// The master problem over the cuts found so far.
private struct Master {
  private let scaled: ScaledProblem
  private let caps: [Double]
  private let solver: GLPKSolver
  private var columns: [(block: Int, pass: Int, cut: Cut)] = []
  private var latest: [Cut?]
  private var basis: Basis?
  private var solution: Solution?

  private(set) var value = Double.infinity
  private(set) var multipliers: [Double]

  init(_ scaled: ScaledProblem, caps: [Double], solver: GLPKSolver) {
    self.scaled = scaled
    self.caps = caps
    self.solver = solver
    multipliers = caps
    latest = Array(repeating: nil, count: scaled.cells.blockCount)
  }

  /// Adds the cuts of a pass that differ from the block's last one and cut the master's solution off; says
  /// whether there were any.
  mutating func add(_ cuts: [Cut], from pass: Int) -> Bool {
    var added = false
    for (block, cut) in cuts.enumerated() where latest[block] != cut {
      if let solution {
        var reduced = cut.objective - solution.rowDuals[scaled.rowCount + block]
        for (multiplier, activity) in zip(multipliers, cut.activity) { reduced += multiplier * activity }
        guard reduced < -1e-13 else { continue }
      }
      latest[block] = cut
      columns.append((block, pass, cut))
      added = true
    }
    return added
  }

  mutating func solve() throws {
    var model = LinearModel()
    for (k, row) in scaled.rows.enumerated() { model.addRow(name: "row\(k)", upper: row.limit) }
    for block in 0..<scaled.cells.blockCount { model.addRow(name: "block\(block)", equals: 1) }
    for k in 0..<scaled.rowCount {
      model.addColumn(name: "slack\(k)", lower: 0, objective: caps[k], entries: [(k, -1)])
    }
    for (at, column) in columns.enumerated() {
      var entries: [(Int, Double)] = []
      for (k, value) in column.cut.activity.enumerated() where abs(value) > ScaledProblem.negligible {
        entries.append((k, value))
      }
      entries.append((scaled.rowCount + column.block, 1))
      model.addColumn(name: "cut\(at)", lower: 0, objective: column.cut.objective, entries: entries)
    }
    let solution = try solver.solve(model, options: SolveOptions(basis: basis))
    guard solution.status == .optimal else {
      throw ChoiceSolverError("the master problem ended with \(solution.status)")
    }
    basis = solution.basis
    self.solution = solution
    value = solution.objective
    multipliers = (0..<scaled.rowCount).map { min(caps[$0], max(0, -solution.rowDuals[$0])) }
  }

  /// The weight of each pass in each block in the master's solution.
  func weights(passCount: Int) -> [[Double]] {
    var weights = Array(repeating: Array(repeating: 0.0, count: scaled.cells.blockCount), count: passCount)
    guard let solution else { return weights }
    for (at, column) in columns.enumerated() {
      weights[column.pass][column.block] += max(0, solution.values[scaled.rowCount + at])
    }
    return weights
  }
}
