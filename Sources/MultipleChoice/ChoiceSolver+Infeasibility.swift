/// Why constraints cannot be kept, and what would resolve it.
extension ChoiceSolver {
  /// Phase one: the least total relative excess over the rows. Positive means infeasible, and its multipliers
  /// prove it; `nil` if they do not.
  func phaseOne(_ problem: ChoiceProblem, _ watch: SolveWatch) throws -> ([Double], Vertex, ScaledProblem)? {
    let scaled = ScaledProblem(problem, ignoringObjective: true)
    let caps = Self.phaseOneCaps(scaled)
    let vertex = try self.vertex(scaled, caps: caps, watch, purpose: .leastExcess)
    let multipliers = scaled.rows.indices.map { vertex.multipliers[$0] * abs(scaled.rows[$0].sum.factor) }
    guard vertex.excess.contains(where: { $0 > 1e-7 }), problem.farkasValue(multipliers: multipliers) > 0
    else { return nil }
    return (multipliers, vertex, scaled)
  }

  /// - Parameters:
  ///   - vertex: that of phase one, which `scaled` is the problem of.
  ///   - isWhole: whether limits are asked for at which whole assignments exist.
  func infeasibility(
    _ problem: ChoiceProblem, _ multipliers: [Double], _ vertex: Vertex, _ scaled: ScaledProblem,
    isWhole: Bool, _ watch: SolveWatch
  ) throws -> ChoiceInfeasibility {
    let together = problem.constraints.indices.map { k in
      problem.constraints[k].limit + vertex.excess[k] / scaled.rows[k].sum.factor
    }
    let largest = vertex.multipliers.max() ?? 0
    let conflict = problem.constraints.indices.filter { vertex.multipliers[$0] > 1e-6 * largest }
    let explaining = watch.quiet(seconds: Self.secondsToExplain)
    return ChoiceInfeasibility(
      isOnlyFractional: false, multipliers: multipliers, conflict: conflict, limitsTogether: together,
      limitsAlone: try conflict.map {
        try limitAlone(problem, row: $0, multipliers: multipliers, isWhole: isWhole, explaining)
      })
  }

  /// What is said where fractional choices keep the constraints and no whole assignment was found: the rows
  /// that bind.
  func onlyFractional(
    _ problem: ChoiceProblem, _ vertex: Vertex?, _ watch: SolveWatch
  ) throws -> ChoiceInfeasibility {
    let binding = problem.constraints.indices.filter { vertex?.multipliers[$0] ?? 0 > 1e-9 }
    let conflict = binding.isEmpty ? Array(problem.constraints.indices) : binding
    let explaining = watch.quiet(seconds: Self.secondsToExplain)
    return ChoiceInfeasibility(
      isOnlyFractional: true, multipliers: Array(repeating: 0, count: problem.constraints.count),
      conflict: conflict, limitsTogether: problem.constraints.map(\.limit),
      limitsAlone: try conflict.map {
        try limitAlone(problem, row: $0, multipliers: nil, isWhole: true, explaining)
      })
  }

  /// The limits that would do take a solve each; those that are not found by then are left out.
  private static let secondsToExplain = 60.0

  /// Whether the constraints are proven to conflict, by multipliers not far from those given.
  private func conflict(_ problem: ChoiceProblem, near multipliers: [Double], _ watch: SolveWatch) throws
    -> Bool
  {
    if problem.farkasValue(multipliers: multipliers) > 0 { return true }
    guard !problem.constraints.isEmpty else { return false }
    let scaled = ScaledProblem(problem, ignoringObjective: true)
    let caps = Self.phaseOneCaps(scaled)
    let start = zip(scaled.rows, multipliers).map { $1 / abs($0.sum.factor) }
    var phase = DualPhase(scaled: scaled, pass: PricingPass(scaled), tolerance: Self.tolerance, watch: watch)
    phase.goodEnough = 1e-9
    let found = try phase.run(in: Box(caps: caps), from: zip(start, caps).map(min))
    guard found.bound > 0 else { return false }
    return problem.farkasValue(
      multipliers: zip(scaled.rows, found.multipliers).map { $1 * abs($0.sum.factor) }) > 0
  }

  /// One over the size of each limit, so that excess counts relative to it.
  private static func phaseOneCaps(_ scaled: ScaledProblem) -> [Double] {
    scaled.rows.map { 1 / max(abs($0.limit), 0.02) }
  }

  /// The limit that row `k` would need if all others stay; `nil` if they conflict without it.
  ///
  /// - Parameter multipliers: a proof that all of them conflict, if there is one.
  private func limitAlone(
    _ problem: ChoiceProblem, row k: Int, multipliers: [Double]?, isWhole: Bool, _ watch: SolveWatch
  ) throws -> Double? {
    do {
      return try limit(problem, row: k, multipliers: multipliers, isWhole: isWhole, watch)
    } catch let error as ChoiceSolverError where error == .outOfTime {
      return nil
    }
  }

  private func limit(
    _ problem: ChoiceProblem, row k: Int, multipliers: [Double]?, isWhole: Bool, _ watch: SolveWatch
  ) throws -> Double? {
    guard !watch.shouldStop else { return nil }
    let others = try problem.makingObjective(ofConstraint: k)
    if var multipliers {
      multipliers.remove(at: k)
      if try conflict(others, near: multipliers, watch) { return nil }
    }
    if isWhole {
      guard
        case .found(let vertex, let scaled, _) = try PurchaseSearch(
          solver: self, options: Options(), watch: watch
        ).run(others), vertex.isFeasible
      else { return nil }
      return try round(vertex, scaled, others, bound: nil, Options(), watch)?.certificate.value
    }
    guard case .solved(let vertex, let scaled) = try relaxed(others, Options(), watch), vertex.isProven else {
      return nil
    }
    return scaled.unscaled(vertex.value)
  }
}

extension ChoiceProblem {
  /// The problem whose objective is the activity of constraint `k`, held to all other constraints.
  func makingObjective(ofConstraint k: Int) throws(ChoiceProblemError) -> ChoiceProblem {
    let row = constraints[k]
    let purchases = purchases.map { purchase in
      Purchase(
        name: purchase.name,
        objective: purchase.entries.first { $0.constraint == k }?.coefficient ?? 0, bounds: purchase.bounds,
        isInteger: purchase.isInteger,
        entries: purchase.entries.filter { $0.constraint != k }.map {
          ($0.constraint > k ? $0.constraint - 1 : $0.constraint, $0.coefficient)
        })
    }
    return try with(
      objective: Objective(
        row.relation == .atMost ? .minimize : .maximize,
        terms: [.init(attribute: row.attribute, options: row.options, classes: row.classes)]),
      constraints: constraints.enumerated().filter { $0.offset != k }.map(\.element), purchases: purchases)
  }
}
