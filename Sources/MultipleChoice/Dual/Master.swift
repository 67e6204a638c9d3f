import LinearOptimization

/// The master problem of the dual phase over the cuts found so far, in the form of G. Dantzig and P. Wolfe
/// ("Decomposition principle for linear programs", Operations Research 8, 1960): one convexity row per block,
/// one column per block and pass, the purchases, and for each row two columns whose costs are the ends of the
/// multiplier's box, so that it is always feasible.
struct Master: ~Copyable {
  private let scaled: ScaledProblem
  private var session: GLPKSession
  private var blocks: [Int] = []
  private var passes: [Int] = []
  private var latest: [[Double]]
  /// How many solves in a row did without each cut.
  private var idle: [Int] = []
  private var isSolved = false
  /// Whether the last solve knew all columns and limits.
  private var isCurrent = false

  /// The master's value: no multipliers in the box give a better bound.
  private(set) var value = Double.infinity
  private(set) var multipliers: [Double]
  private(set) var box: Box

  private let firstPurchase: Int
  private let firstCut: Int

  init(_ scaled: ScaledProblem, box: Box) throws {
    let (k, blocks) = (scaled.rowCount, scaled.blockCount)
    let ones = Array(repeating: 1.0, count: blocks)
    var session = try GLPKSession(
      lower: Array(repeating: -.infinity, count: k) + ones, upper: scaled.rows.map(\.limit) + ones)
    var columns = GLPKSession.Columns()
    for row in 0..<k { columns.append(cost: box.upper[row], entries: [(row, -1.0)]) }
    for row in 0..<k { columns.append(cost: -box.lower[row], entries: [(row, 1.0)]) }
    for purchase in scaled.purchases {
      columns.append(
        lower: purchase.lower, upper: purchase.upper, cost: purchase.objective,
        entries: purchase.entries.map { ($0.row, $0.value) })
    }
    try session.add(columns)
    self.scaled = scaled
    self.session = session
    self.box = box
    firstPurchase = 2 * k
    firstCut = columns.count
    multipliers = box.upper
    latest = Array(repeating: [], count: blocks)
  }

  /// Holds the rows to other limits.
  mutating func setLimits(_ limits: [Double]) throws {
    try session.setRows(lower: Array(repeating: -.infinity, count: limits.count), upper: limits)
    let left = idle.indices.filter { idle[$0] >= Self.solvesToLeave }
    try session.setUpper(.infinity, of: left.map { firstCut + $0 })
    for at in left { idle[at] = 0 }
    isSolved = false
    isCurrent = false
  }

  /// Widens the box where the optimum touches it; says whether it does.
  mutating func widen() throws -> Bool {
    guard box.widen(where: multipliers) else { return false }
    try session.setCosts(box.upper + box.lower.map { -$0 }, of: 0..<2 * scaled.rowCount)
    return true
  }

  /// Adds the cuts of a pass that differ from the block's last one and cut the master's solution off; says
  /// whether there were any.
  mutating func add(_ cuts: Cuts, from pass: Int) throws -> Bool {
    let k = scaled.rowCount
    var columns = GLPKSession.Columns()
    for block in 0..<scaled.blockCount {
      let activity = cuts.activity[block * k..<(block + 1) * k]
      let key = [cuts.objective[block]] + activity
      guard latest[block] != key else { continue }
      if isSolved {
        var reduced = cuts.objective[block] - session.rowDuals[k + block]
        for (multiplier, activity) in zip(multipliers, activity) { reduced += multiplier * activity }
        guard reduced < -1e-13 else { continue }
      }
      latest[block] = key
      var entries: [(Int, Double)] = []
      for (row, value) in activity.enumerated() where abs(value) > ScaledProblem.negligible {
        entries.append((row, value))
      }
      entries.append((k + block, 1))
      columns.append(cost: cuts.objective[block], entries: entries)
      blocks.append(block)
      passes.append(pass)
      idle.append(0)
    }
    try session.add(columns)
    if columns.count > 0 { isCurrent = false }
    return columns.count > 0
  }

  /// Solves for the value and the multipliers; `false` if the time limit came first, or GLPK lost its way: what
  /// was found before stands, and the vertex phase goes on from there.
  mutating func solve(seconds: Double?) throws -> Bool {
    guard try session.solve(dual: false, seconds: seconds) == .optimal else { return false }
    isSolved = true
    isCurrent = true
    let k = scaled.rowCount
    multipliers = (0..<k).map { min(box.upper[$0], max(box.lower[$0], -session.rowDuals[$0])) }
    var sum = CompensatedSum()
    for row in 0..<k {
      sum += box.upper[row] * session.values[row]
      sum += -box.lower[row] * session.values[k + row]
    }
    for (at, purchase) in scaled.purchases.enumerated() {
      sum += purchase.objective * session.values[firstPurchase + at]
    }
    for at in blocks.indices { sum += costs(at) * session.values[firstCut + at] }
    value = sum.value
    try leaveIdleCuts()
    return true
  }

  /// A solve takes as long as there are cuts; one that is needed again comes back with a pass.
  private mutating func leaveIdleCuts() throws {
    var left: [Int] = []
    for at in idle.indices where idle[at] < Self.solvesToLeave {
      idle[at] = session.values[firstCut + at] > 0 ? 0 : idle[at] + 1
      if idle[at] == Self.solvesToLeave { left.append(firstCut + at) }
    }
    try session.setUpper(0, of: left)
  }

  private static let solvesToLeave = 5

  private func costs(_ at: Int) -> Double { session.cost(of: firstCut + at) }

  /// The weight of each pass in each block in the master's solution: `pass * blockCount + block`.
  func weights(passCount: Int) -> [Double] {
    let count = scaled.blockCount
    var weights = Array(repeating: 0.0, count: passCount * count)
    guard isCurrent else { return weights }
    for (at, block) in blocks.enumerated() {
      weights[passes[at] * count + block] += max(0, session.values[firstCut + at])
    }
    return weights
  }

  /// What the master's solution takes of each purchase, in the scaled problem's units.
  var purchases: [Double] {
    scaled.purchases.indices.map {
      isCurrent ? session.values[firstPurchase + $0] : scaled.purchases[$0].lower
    }
  }

  /// By how much the master's solution exceeds each row.
  var excess: [Double] { (0..<scaled.rowCount).map { isCurrent ? session.values[$0] : 0 } }
}
