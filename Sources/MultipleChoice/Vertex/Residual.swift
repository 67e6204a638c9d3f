import LinearOptimization

/// The linear problem over the positions that are not fixed at their base. Columns are differences to the
/// base, in groups.
struct Residual: ~Copyable {
  struct Solution {
    /// The pairs other than bases with the part of their position that they get.
    var shares: [(position: Int, option: Int, value: Double)]
    var multipliers: [Double]
    /// What is bought, in the scaled problem's units.
    var purchases: [Double]
    /// The objective per group, without the cost of excess.
    var value: Double
    /// By how much each row is exceeded, in groups.
    var excess: [Double]
  }

  private let scaled: ScaledProblem
  private var session: GLPKSession
  private let pairs: [(position: Int, option: Int)]
  private let base: [UInt16]
  private let baseObjective: Double
  private let baseActivity: [Double]
  private var lastActivity: [Double]
  private var lastMultipliers: [Double] = []
  private let firstPurchase: Int
  private let firstPair: Int

  /// - Parameters:
  ///   - center: multipliers at which no member beats its base by much.
  ///   - box: between what the multipliers are looked for.
  ///   - margins: by how much each row is held below its limit, in groups; `nil` for not at all.
  ///   - purchases: what is bought, if that is settled.
  init(
    _ scaled: ScaledProblem, near: NearCritical, center: [Double], box: TrustRegion, margins: [Double]? = nil,
    purchases: [Double]? = nil
  ) throws {
    let rows = scaled.rowCount
    let n = scaled.groupCount
    let cuts = scaled.cuts(near.sums)
    var activity = Array(repeating: 0.0, count: rows)
    for block in 0..<scaled.blockCount {
      for k in 0..<rows { activity[k] += cuts.activity[block * rows + k] }
    }
    let positions = near.members.keys.sorted()
    let shared = positions.filter { near.members[$0, default: []].count > 1 }
    var session = try GLPKSession(
      lower: Array(repeating: -.infinity, count: rows + shared.count),
      upper: (0..<rows).map { (scaled.rows[$0].limit - activity[$0]) * n - (margins?[$0] ?? 0) }
        + Array(repeating: 1, count: shared.count))
    var columns = GLPKSession.Columns()
    // A column fixed at zero whose cost is minus the multiplier is basic in each row: with it the slack basis
    // is dual feasible at the centre, and the dual simplex needs no first phase.
    for k in 0..<rows {
      columns.append(lower: 0, upper: 0, cost: -center[k], entries: [(k, 1.0)], start: .basic)
    }
    for k in 0..<rows { columns.append(cost: box.upper(k, center), entries: [(k, -1.0)]) }
    for k in 0..<rows { columns.append(cost: -box.lower(k, center), entries: [(k, 1.0)]) }
    let firstPurchase = columns.count
    for (p, purchase) in scaled.purchases.enumerated() {
      let price = purchase.entries.reduce(purchase.objective) { $0 + center[$1.row] * $1.value }
      columns.append(
        lower: (purchases?[p] ?? purchase.lower) * n, upper: (purchases?[p] ?? purchase.upper) * n,
        cost: purchase.objective, entries: purchase.entries.map { ($0.row, $0.value) },
        start: price < 0 ? .atUpper : .atLower)
    }
    let firstPair = columns.count
    var pairs: [(position: Int, option: Int)] = []
    let runOf = RunLookup(scaled.columns.layout)
    var group = rows
    for position in positions {
      let options = near.members[position, default: []]
      let isShared = options.count > 1
      let segment = scaled.columns.layout.runs[runOf[position]].segment
      let base = Int(near.base[position])
      let count = scaled.columns.layout.count(at: position)
      for option in options {
        var (objective, entries) = scaled.differences(position, segment, from: base, to: option, times: count)
        pairs.append((position, option))
        if isShared { entries.append((group, 1)) }
        columns.append(upper: isShared ? .infinity : 1, cost: objective, entries: entries)
      }
      if isShared { group += 1 }
    }
    try session.add(columns)
    try session.setBasic(
      rows: Array(repeating: false, count: rows) + Array(repeating: true, count: shared.count))
    self.scaled = scaled
    self.session = session
    self.pairs = pairs
    base = near.base
    baseObjective = cuts.objective.reduce(0, +)
    baseActivity = activity
    lastActivity = activity
    self.firstPurchase = firstPurchase
    self.firstPair = firstPair
  }

  /// The vertex; `nil` if the time limit came first.
  mutating func solve(seconds: Double?) throws -> Solution? {
    // Two or three per row, and for ties one for every few positions that share, are usual.
    let iterations = 500 + 6 * scaled.rowCount + session.rowCount / 2
    switch try session.solve(dual: true, iterations: iterations, seconds: seconds) {
    case .timeLimit: return nil
    case .failed: throw ChoiceSolverError("the residual problem has no answer")
    case .optimal: break
    }
    let n = scaled.groupCount
    let rows = scaled.rowCount
    var shares: [(position: Int, option: Int, value: Double)] = []
    var value = CompensatedSum()
    value += baseObjective
    var activity = baseActivity
    let runOf = RunLookup(scaled.columns.layout)
    let purchases = scaled.purchases.indices.map { session.values[firstPurchase + $0] / n }
    for (purchase, amount) in zip(scaled.purchases, purchases) {
      value += purchase.objective * amount
      for entry in purchase.entries { activity[entry.row] += entry.value * amount }
    }
    for (at, pair) in pairs.enumerated() {
      let x = min(1, session.values[firstPair + at])
      guard x > 1e-9 else { continue }
      shares.append((pair.position, pair.option, x))
      let segment = scaled.columns.layout.runs[runOf[pair.position]].segment
      let (objective, entries) = scaled.differences(
        pair.position, segment, from: Int(base[pair.position]), to: pair.option,
        times: scaled.columns.layout.count(at: pair.position))
      value += x * objective / n
      for (k, entry) in entries { activity[k] += x * entry / n }
    }
    lastActivity = activity
    lastMultipliers = (0..<rows).map { max(0, -session.rowDuals[$0]) }
    // What GLPK calls excess is not trusted: the rows are added up anew.
    let excess = (0..<rows).map { k -> Double in
      let over = (activity[k] - scaled.rows[k].limit) * n
      return over > 1e-9 + 1e-13 * n ? over : 0
    }
    return Solution(
      shares: shares, multipliers: lastMultipliers, purchases: purchases,
      value: value.value, excess: excess)
  }

  /// Between which limits of each row, scaled and per group, the multipliers stay; `nil` if that is not known.
  mutating func ranges() throws -> [(least: Double, most: Double)]? {
    let n = scaled.groupCount
    let (base, last, multipliers) = (baseActivity, lastActivity, lastMultipliers)
    return try session.ranges(of: scaled.rowCount)?.enumerated().map { k, range in
      // A row that does not bind goes on not to until its limit meets its activity.
      if range.least == -.infinity, range.most == .infinity { return (last[k], .infinity) }
      let (least, most) = (range.least / n + base[k], range.most / n + base[k])
      // More room costs nothing where even this much is not asked for.
      return (least, multipliers[k] == 0 ? .infinity : most)
    }
  }
}
