import LinearOptimization

/// The problem as the solver sees it: minimized, every row written as "at most", in natural units.
///
/// The objective and each row are divided by the median magnitude of their coefficients per group, and
/// right-hand sides by the number of groups, so that prices, values and activities are of the order of 1
/// whatever the units were.
struct ScaledProblem: Sendable {
  /// One attribute over some options and segments, times a factor: a row's left-hand side or a term of the
  /// objective.
  struct Sum: Sendable {
    let attribute: Int?
    let options: [Int]
    let isOption: [Bool]
    let segments: [Int]
    let isSegment: [Bool]
    /// The factor from the problem's units to the scaled ones, sign included.
    let factor: Double

    init(
      attribute: Int?, options: Set<Int>?, classes: Set<Int>?, factor: Double, in problem: ChoiceProblem
    ) {
      self.attribute = attribute
      let m = problem.optionCount
      self.options = options.map { $0.sorted() } ?? Array(0..<m)
      isOption = (0..<m).map { options?.contains($0) ?? true }
      isSegment = problem.columns.segments(in: classes)
      segments = isSegment.indices.filter { [isSegment] in isSegment[$0] }
      self.factor = factor
    }
  }

  struct Row: Sendable {
    let sum: Sum
    /// The limit times the factor, per group.
    let limit: Double
  }

  /// A purchase in parts of its size, from `lower` to `upper`, of which one is 1 or -1.
  struct Purchase: Sendable {
    /// Units of the problem per unit here.
    let size: Double
    let objective: Double
    let lower: Double
    let upper: Double
    let entries: [(row: Int, value: Double)]
  }

  let problem: ChoiceProblem
  /// How many of the objective's natural units are one here.
  let objectiveUnit: Double
  /// Its columns.
  let columns: PackedColumns
  let objective: [Sum]
  /// The factor from the problem's objective to the scaled one, sign included.
  let objectiveFactor: Double
  let rows: [Row]
  let purchases: [Purchase]
  /// The rows that each segment has a part in.
  let rowsOfSegment: [[Int]]
  /// The columns that passes read.
  let planes: Planes
  /// The block of each run: each block contributes one cut per pass.
  let blockOf: [Int]
  let blockCount: Int
  /// For options that no row tells apart, the same number.
  let signatures: [Int]

  /// A scaled coefficient, or a difference of two, that is rounding and nothing else; coefficients are of the
  /// order of 1.
  static let negligible = 1e-12

  /// Limits per group below the first become the unit of their row, down to the second, beyond which GLPK would
  /// fail; those below the third are as good as zero. All relative to the mean of the row's coefficients.
  private static let tinyLimit = 1e-4
  private static let leastUnit = 1e-6
  private static let zeroLimit = 1e-9

  /// - Parameters:
  ///   - objectiveUnit: how many of the objective's natural units are one here.
  ///   - ignoringObjective: for phase one, where only the rows matter.
  init(_ problem: ChoiceProblem, objectiveUnit: Double = 1, ignoringObjective: Bool = false) {
    self.problem = problem
    self.objectiveUnit = objectiveUnit
    columns = problem.columns
    let n = Double(problem.groupCount)
    let sign = problem.objective.sense == .minimize ? 1.0 : -1.0
    let magnitudes = Magnitudes(problem)
    let terms = problem.objective.terms
    let objectiveScale =
      objectiveUnit
      * (magnitudes.ofObjective(terms)
        ?? problem.purchases.map { abs($0.objective) * Self.size($0) / n }.max().flatMap { $0 > 0 ? $0 : nil }
        ?? 1)
    let objectiveFactor = ignoringObjective ? 0 : sign / objectiveScale
    objective =
      ignoringObjective
      ? []
      : terms.map {
        Sum(
          attribute: $0.attribute, options: $0.options, classes: $0.classes,
          factor: $0.weight * sign / objectiveScale, in: problem)
      }
    let factors = problem.constraints.enumerated().map { k, constraint -> Double in
      let bought = problem.purchases.lazy.flatMap { purchase in
        purchase.entries.filter { $0.constraint == k }.map { abs($0.coefficient) * Self.size(purchase) / n }
      }.max()
      let usual =
        magnitudes.of(constraint.attribute, constraint.options, constraint.classes)
        ?? bought.flatMap { $0 > 0 ? $0 : nil } ?? 1
      // Tolerances are absolute: a limit far below the coefficients would drown in them.
      let limit = abs(constraint.limit) / n
      let isTiny = limit < Self.tinyLimit * usual && limit > Self.zeroLimit * usual
      let scale = isTiny ? max(limit, Self.leastUnit * usual) : usual
      return (constraint.relation == .atMost ? 1.0 : -1.0) / scale
    }
    let purchases = problem.purchases.map { purchase in
      let size = Self.size(purchase)
      return Purchase(
        size: size, objective: purchase.objective * size * objectiveFactor / n,
        lower: purchase.bounds.lowerBound / size, upper: purchase.bounds.upperBound / size,
        entries: purchase.entries.map { ($0.constraint, $0.coefficient * size * factors[$0.constraint] / n) })
    }
    let rows = problem.constraints.enumerated().map { k, constraint in
      let sum = Sum(
        attribute: constraint.attribute, options: constraint.options, classes: constraint.classes,
        factor: factors[k], in: problem)
      // A limit far out of reach binds as little as one that is just so, and its size is no trouble.
      var most = Self.largestActivity(sum, problem) / n
      for purchase in purchases {
        for entry in purchase.entries where entry.row == k {
          most += max(entry.value * purchase.lower, entry.value * purchase.upper)
        }
      }
      return Row(sum: sum, limit: min(constraint.limit * factors[k] / n, most + 1))
    }
    self.objectiveFactor = objectiveFactor
    self.purchases = purchases
    self.rows = rows
    var rowsOfSegment = Array(repeating: [Int](), count: problem.columns.layout.segmentCount)
    for (k, row) in rows.enumerated() {
      for segment in row.sum.segments { rowsOfSegment[segment].append(k) }
    }
    self.rowsOfSegment = rowsOfSegment
    (blockOf, blockCount) = Self.blocks(problem.columns.layout, rows, rowsOfSegment)
    planes = Planes(problem.columns, used: Set((rows.map(\.sum) + objective).compactMap(\.attribute)))
    signatures = Self.signatures(rows.map(\.sum) + objective, problem.optionCount)
  }

  var rowCount: Int { rows.count }
  /// A value per group of no more than this is next to nothing beside the objective's coefficients, and proven
  /// to an absolute gap.
  var smallValue: Double { 1e-3 / objectiveUnit }
  /// The number of groups.
  var groupCount: Double { Double(problem.groupCount) }

  /// The value of a sum's attribute for a pair, times its factor; the segment is that of the position.
  func coefficient(_ sum: Sum, _ position: Int, _ segment: Int, _ j: Int) -> Double {
    guard sum.isOption[j], sum.isSegment[segment] else { return 0 }
    return sum.factor * (sum.attribute.map { columns.value($0, at: position, segment, j) } ?? 1)
  }

  /// The scaled objective coefficient.
  func objectiveCoefficient(_ position: Int, _ segment: Int, _ j: Int) -> Double {
    objective.reduce(0) { $0 + coefficient($1, position, segment, j) }
  }

  /// The scaled coefficient of row `k`.
  func coefficient(_ k: Int, _ position: Int, _ segment: Int, _ j: Int) -> Double {
    coefficient(rows[k].sum, position, segment, j)
  }

  /// What the objective and the rows change by when a position goes from one option to another, times a
  /// factor; differences that are rounding are left out.
  func differences(
    _ position: Int, _ segment: Int, from: Int, to: Int, times factor: Double
  ) -> (objective: Double, entries: [(Int, Double)]) {
    // Rows share attributes, so each is looked up once.
    var values = Array(repeating: (0.0, 0.0), count: columns.attributes.count)
    for a in planes.attributes {
      values[a] = (
        columns.value(a, at: position, segment, from), columns.value(a, at: position, segment, to)
      )
    }
    func difference(_ sum: Sum) -> Double {
      guard sum.isSegment[segment] else { return 0 }
      let value = sum.attribute.map { values[$0] } ?? (1, 1)
      return sum.factor * ((sum.isOption[to] ? value.1 : 0) - (sum.isOption[from] ? value.0 : 0))
    }
    var entries: [(Int, Double)] = []
    entries.reserveCapacity(rowsOfSegment[segment].count)
    for k in rowsOfSegment[segment] {
      let difference = difference(rows[k].sum)
      if abs(difference) > Self.negligible { entries.append((k, difference * factor)) }
    }
    return (objective.reduce(0) { $0 + difference($1) } * factor, entries)
  }

  /// Whether two options are the same to every row and the objective for a position, so that exchanging them
  /// changes nothing.
  func isSame(_ position: Int, _ a: Int, _ b: Int) -> Bool {
    guard signatures[a] == signatures[b] else { return false }
    return planes.attributes.allSatisfy {
      abs(columns.value($0, at: position, a) - columns.value($0, at: position, b))
        <= Self.negligible * abs(columns.value($0, at: position, a))
    }
  }

  /// What purchases add to the Lagrangian value: the least that they can be made to cost at `multipliers`.
  func purchaseValue(_ multipliers: [Double]) -> Double {
    var sum = CompensatedSum()
    for purchase in purchases {
      let price = purchase.entries.reduce(purchase.objective) { $0 + multipliers[$1.row] * $1.value }
      sum += min(price * purchase.lower, price * purchase.upper)
    }
    return sum.value
  }

  /// Prices in the problem's own units and sign convention, the change of the optimal objective per unit of
  /// the limit, from multipliers of zero or more of the scaled rows.
  func prices(from multipliers: [Double]) -> [Double] {
    rows.indices.map { k in
      // d(scaled objective per group)/d(scaled limit per group) is -lambda; both are per group, so n cancels.
      -multipliers[k] * rows[k].sum.factor / objectiveFactor
    }
  }

  /// The multipliers that `prices` mean; a price of the wrong sign is taken as 0.
  func multipliers(from prices: [Double]) -> [Double] {
    rows.indices.map { k in
      let value = -prices[k] * objectiveFactor / rows[k].sum.factor
      return value.isFinite ? max(0, value) : 0
    }
  }

  /// The scaled objective per group, in the problem's own units.
  func unscaled(_ value: Double) -> Double { value * groupCount / objectiveFactor }

  private static func size(_ purchase: ChoiceProblem.Purchase) -> Double {
    let size = max(abs(purchase.bounds.lowerBound), abs(purchase.bounds.upperBound))
    return size > 0 ? size : 1
  }

  /// No activity of the sum is more than this.
  private static func largestActivity(_ sum: Sum, _ problem: ChoiceProblem) -> Double {
    var total = 0.0
    for run in problem.columns.layout.runs where sum.isSegment[run.segment] {
      var most = sum.options.count < problem.optionCount ? 0 : -Double.infinity
      for j in sum.options {
        guard let a = sum.attribute else {
          most = max(most, sum.factor)
          continue
        }
        let span = problem.columns.span(a, segment: run.segment, option: j)
        guard span.least <= span.most else { continue }
        most = max(most, sum.factor * span.least, sum.factor * span.most)
      }
      if most.isFinite { total += most * Double(run.groupCount) }
    }
    return total
  }

  private static let mostBlocks = 32

  /// Runs that the same rare rows cover are put into the same block, so that each cut touches few rows.
  private static func blocks(
    _ layout: Layout, _ rows: [Row], _ rowsOfSegment: [[Int]]
  ) -> (blockOf: [Int], count: Int) {
    let runs = layout.runs.indices
    if runs.count <= mostBlocks { return (Array(runs), runs.count) }
    let keys = rowsOfSegment.map { own in
      own.map { (rows[$0].sum.segments.count, $0) }.sorted(by: <).map(\.1)
    }
    let sorted = runs.sorted { a, b in
      let (left, right) = (keys[layout.runs[a].segment], keys[layout.runs[b].segment])
      return left == right ? a < b : left.lexicographicallyPrecedes(right)
    }
    var blockOf = Array(repeating: 0, count: runs.count)
    for (rank, run) in sorted.enumerated() { blockOf[run] = rank * mostBlocks / runs.count }
    return (blockOf, mostBlocks)
  }

  private static func signatures(_ sums: [Sum], _ m: Int) -> [Int] {
    var known: [[Bool]: Int] = [:]
    return (0..<m).map { j in
      let signature = sums.map { $0.isOption[j] }
      if let number = known[signature] { return number }
      known[signature] = known.count
      return known.count - 1
    }
  }
}

/// The columns that a pass reads, and where an attribute's sums are found among a pass's sums.
struct Planes: Sendable {
  /// The attributes in use.
  let attributes: [Int]
  /// Indices of dense columns and of features.
  let dense: [Int]
  let features: [Int]

  /// The plane of each dense attribute; -1 for others.
  private let planeOf: [Int]
  private let planeOfFeature: [Int]

  /// Sums per option: the count, the features, the dense columns.
  var count: Int { 1 + features.count + dense.count }

  init(_ columns: PackedColumns, used: Set<Int>) {
    attributes = used.sorted()
    var dense: Set<Int> = []
    var features: Set<Int> = []
    for a in used {
      switch columns.attributes[a] {
      case .dense(let d): dense.insert(d)
      case .linear(let terms): features.formUnion(terms.compactMap(\.feature))
      }
    }
    // A dense column also says which pairs are eligible.
    if dense.isEmpty, columns.dense.columnCount > 0 { dense.insert(0) }
    let (denseList, featureList) = (dense.sorted(), features.sorted())
    self.dense = denseList
    self.features = featureList
    planeOf = columns.attributes.map { source in
      guard case .dense(let d) = source, let at = denseList.firstIndex(of: d) else { return -1 }
      return 1 + featureList.count + at
    }
    planeOfFeature = (0..<columns.features.columnCount).map { (featureList.firstIndex(of: $0) ?? -1) + 1 }
  }

  /// What an attribute is made of: planes and their coefficients for a class and option.
  @inline(__always)
  func parts(
    of attribute: Int?, _ columns: PackedColumns, segment: Int, option j: Int, _ body: (Int, Double) -> Void
  ) {
    guard let attribute else { return body(0, 1) }
    if planeOf[attribute] >= 0 { return body(planeOf[attribute], 1) }
    guard case .linear(let terms) = columns.attributes[attribute] else { return }
    for term in terms {
      let coefficient = term.coefficients[columns.classOf[segment] * columns.optionCount + j]
      body(term.feature.map { planeOfFeature[$0] } ?? 0, coefficient)
    }
  }
}

/// Median magnitudes of coefficients, from a sample of the groups.
///
/// A mean would be that of one offer a million times dearer than the others.
private struct Magnitudes {
  let problem: ChoiceProblem

  private static let sampledPairs = 1_024

  init(_ problem: ChoiceProblem) { self.problem = problem }

  func of(_ attribute: Int?, _ options: Set<Int>?, _ classes: Set<Int>?) -> Double? {
    if let options, options.isEmpty { return nil }
    guard let attribute else { return 1 }
    let options = options.map { $0.sorted() } ?? Array(0..<problem.optionCount)
    return median(in: classes, optionCount: options.count) { position, magnitudes in
      for j in options { magnitudes.append(abs(problem.columns.value(attribute, at: position, j))) }
    }
  }

  func ofObjective(_ terms: [ChoiceProblem.Objective.Term]) -> Double? {
    let terms = terms.filter { $0.weight != 0 }
    if terms.isEmpty { return nil }
    let classes =
      terms.contains { $0.classes == nil }
      ? nil : terms.reduce(into: Set()) { $0.formUnion($1.classes ?? []) }
    return median(in: classes, optionCount: problem.optionCount) { position, magnitudes in
      for j in 0..<problem.optionCount {
        let c = problem.columns.classOf[problem.columns.layout.segment(at: position)]
        magnitudes.append(
          abs(
            terms.reduce(0) { sum, term in
              guard term.options?.contains(j) ?? true, term.classes?.contains(c) ?? true else { return sum }
              return sum + term.weight
                * (term.attribute.map { problem.columns.value($0, at: position, j) } ?? 1)
            }))
      }
    }
  }

  private func median(
    in classes: Set<Int>?, optionCount: Int, _ append: (Int, inout [Double]) -> Void
  ) -> Double? {
    let isSegment = problem.columns.segments(in: classes)
    let runs = problem.columns.layout.runs.filter { isSegment[$0.segment] }
    let total = runs.reduce(0) { $0 + $1.positions.count }
    // What a sample of the groups misses, all of them have.
    for step in [max(1, total * max(1, optionCount) / Self.sampledPairs), 1] {
      var magnitudes: [Double] = []
      var next = 0
      for run in runs {
        while next < run.positions.count {
          append(run.positions.lowerBound + next, &magnitudes)
          next += step
        }
        next -= run.positions.count
      }
      magnitudes.removeAll { !($0 > 0) }
      magnitudes.sort()
      if let median = magnitudes.isEmpty ? nil : magnitudes[magnitudes.count / 2], (1 / median).isFinite {
        return median
      }
      if step == 1 { break }
    }
    return nil
  }
}
