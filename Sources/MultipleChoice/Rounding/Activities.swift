import LinearOptimization

/// What each side constraint comes to under an assignment, kept up to date move by move, in the problem's own
/// units.
struct Activities {
  let scaled: ScaledProblem
  private(set) var sums: [CompensatedSum]
  /// The scaled objective, without purchases.
  private(set) var objective: CompensatedSum
  /// What excess of each row counts, 1 at first: raised for rows that stay missed.
  var weights: [Double]

  /// O(n) per attribute, and O(rows) per run and option.
  init(_ scaled: ScaledProblem, _ assignment: [Int], purchases: [Double]) {
    self.scaled = scaled
    weights = Array(repeating: 1, count: scaled.rowCount)
    let totals = AssignmentTotals(scaled.problem, assignment)
    objective = CompensatedSum()
    objective.add(totals.value(of: scaled.problem.objective), times: scaled.objectiveFactor)
    sums = scaled.problem.constraints.indices.map { k in
      var sum = totals.activity(of: scaled.problem.constraints[k])
      for (p, purchase) in scaled.problem.purchases.enumerated() {
        for entry in purchase.entries where entry.constraint == k { sum += entry.coefficient * purchases[p] }
      }
      return sum
    }
  }

  /// The coefficient of row `k`.
  private func coefficient(_ k: Int, _ position: Int, _ segment: Int, _ j: Int) -> Double {
    let sum = scaled.rows[k].sum
    guard sum.isOption[j] else { return 0 }
    return sum.attribute.map { scaled.columns.value($0, at: position, segment, j) } ?? 1
  }

  /// Exchanges an option of a group for another.
  mutating func move(_ position: Int, _ segment: Int, from: Int, to: Int) {
    for k in scaled.rowsOfSegment[segment] {
      sums[k] += coefficient(k, position, segment, to)
      sums[k] += -coefficient(k, position, segment, from)
    }
    objective += scaled.objectiveCoefficient(position, segment, to)
    objective += -scaled.objectiveCoefficient(position, segment, from)
  }

  /// By how much row `k` would be missed at an activity, scaled, with a margin for rounding.
  private func excess(_ k: Int, _ activity: Double) -> Double {
    let row = scaled.problem.constraints[k]
    let margin = row.attribute == nil ? 0 : 1e-12 * abs(row.limit)
    let over = row.relation == .atMost ? activity - row.limit : row.limit - activity
    return max(0, over + margin) * abs(scaled.rows[k].sum.factor) * weights[k]
  }

  /// The rows that are missed.
  var missed: [Int] { sums.indices.filter { excess($0, sums[$0].value) > 0 } }

  /// Whether a move lessens what row `k` is missed by.
  func helps(_ k: Int, _ position: Int, _ segment: Int, from: Int, to: Int) -> Bool {
    guard scaled.rows[k].sum.isSegment[segment] else { return false }
    let step = coefficient(k, position, segment, to) - coefficient(k, position, segment, from)
    return scaled.problem.constraints[k].relation == .atMost ? step < 0 : step > 0
  }

  /// What a move adds to the excess.
  func change(_ position: Int, _ segment: Int, from: Int, to: Int) -> Double {
    var change = 0.0
    for k in scaled.rowsOfSegment[segment] {
      let step = coefficient(k, position, segment, to) - coefficient(k, position, segment, from)
      guard step != 0 else { continue }
      let activity = sums[k].value
      change += excess(k, activity + step) - excess(k, activity)
    }
    return change
  }

  /// Whether every row that is kept stays kept, with a margin for the rounding of running sums unless the move
  /// only helps it.
  func allows(_ position: Int, _ segment: Int, from: Int, to: Int) -> Bool {
    scaled.rowsOfSegment[segment].allSatisfy { k in
      let step = coefficient(k, position, segment, to) - coefficient(k, position, segment, from)
      let row = scaled.problem.constraints[k]
      guard row.relation == .atMost ? step > 0 : step < 0 else { return true }
      let after = sums[k].value + step
      let room = row.relation == .atMost ? row.limit - after : after - row.limit
      // Counts are exact.
      return room >= (row.attribute == nil ? 0 : 1e-10 * max(1e-30, abs(row.limit)))
    }
  }

  /// Whether every row is kept as a certificate asks.
  var isFeasible: Bool {
    sums.indices.allSatisfy { scaled.problem.constraints[$0].violation(of: sums[$0].value) == 0 }
  }
}

/// Sums of every attribute over an assignment, by segment and option, from which any row follows.
struct AssignmentTotals {
  private let problem: ChoiceProblem
  /// `(segment * optionCount + option) * (attributes + 1) + attribute`; the last attribute counts.
  private var sums: [CompensatedSum]

  private static let tilesPerChunk = 1_024

  /// O(n) per attribute, on all cores.
  ///
  /// - Precondition: every choice is an eligible pair.
  init(_ problem: ChoiceProblem, _ assignment: [Int]) {
    self.problem = problem
    let layout = problem.columns.layout
    let (m, planes) = (problem.optionCount, problem.attributeNames.count + 1)
    sums = Array(repeating: CompensatedSum(), count: layout.segmentCount * m * planes)
    guard layout.counts == nil else {
      // The groups at a position may have different options.
      let runOf = RunLookup(layout)
      for (i, j) in assignment.enumerated() {
        let position = layout.position(of: i)
        add(position, layout.runs[runOf[position]].segment, j, to: &sums, at: nil)
      }
      return
    }
    let chunks = layout.runs.flatMap { run in
      stride(from: run.positions.lowerBound, to: run.end, by: Self.tilesPerChunk * Layout.tile).map {
        (segment: run.segment, positions: $0..<min(run.end, $0 + Self.tilesPerChunk * Layout.tile))
      }
    }
    let found = concurrently(chunks.count) { at in
      var sums = Array(repeating: CompensatedSum(), count: m * planes)
      let segment = chunks[at].segment
      for position in chunks[at].positions {
        add(position, segment, assignment[Int(layout.groupAt[position])], to: &sums, at: 0)
      }
      return sums
    }
    for (chunk, part) in zip(chunks, found) {
      let first = chunk.segment * m * planes
      for (k, sum) in part.enumerated() { sums[first + k].add(sum) }
    }
  }

  /// Adds one pair to the sums of its segment, which begin at `first`; `nil` for where they are among all.
  @inline(__always)
  private func add(
    _ position: Int, _ segment: Int, _ j: Int, to sums: inout [CompensatedSum], at first: Int?
  ) {
    let planes = problem.attributeNames.count + 1
    let at = (first ?? segment * problem.optionCount * planes) + j * planes
    for a in 0..<planes - 1 { sums[at + a] += problem.columns.value(a, at: position, segment, j) }
    sums[at + planes - 1] += 1
  }

  /// The sum of a constraint's left-hand side, without purchases.
  func activity(of constraint: ChoiceProblem.SideConstraint) -> CompensatedSum {
    sum(constraint.attribute, constraint.options, constraint.classes)
  }

  /// The objective, without purchases.
  func value(of objective: ChoiceProblem.Objective) -> CompensatedSum {
    var total = CompensatedSum()
    for term in objective.terms {
      total.add(sum(term.attribute, term.options, term.classes), times: term.weight)
    }
    return total
  }

  private func sum(_ attribute: Int?, _ options: Set<Int>?, _ classes: Set<Int>?) -> CompensatedSum {
    let (m, planes) = (problem.optionCount, problem.attributeNames.count + 1)
    var total = CompensatedSum()
    for (segment, isIn) in problem.columns.segments(in: classes).enumerated() where isIn {
      for j in 0..<m where options?.contains(j) ?? true {
        total.add(sums[(segment * m + j) * planes + (attribute ?? planes - 1)], times: 1)
      }
    }
    return total
  }
}
