/// One point of a frontier: the best objective under one limit of a constraint.
public struct ChoiceFrontierPoint: Sendable {
  /// The constraint's limit.
  public let limit: Double
  /// The objective of a fractional solution that keeps every constraint, in the problem's units; `nil` if
  /// the limit leaves none.
  public let value: Double?
  /// Nothing is better than this.
  public let bound: Double
  /// The shadow price of each constraint.
  public let prices: [Double]
}

extension ChoiceSolver {
  /// What the relaxation comes to as one constraint's limit takes several values, each to a relative gap of
  /// 10⁻⁶ between value and bound.
  ///
  /// Cutting planes do not depend on limits: all points share one master problem, so that a sweep costs
  /// little more than its first point.
  ///
  /// - Parameters:
  ///   - constraint: the index of the constraint whose limit changes.
  ///   - limits: finite; ascending or descending ones are fastest.
  /// - Throws: ``ChoiceSolverError`` as ``solve(_:options:)`` does. Stopped early, it returns the points so far.
  public func frontier(
    of problem: ChoiceProblem, constraint: Int, limits: [Double], options: Options = Options()
  ) throws(ChoiceSolverError) -> [ChoiceFrontierPoint] {
    precondition(problem.constraints.indices.contains(constraint) && limits.allSatisfy(\.isFinite))
    guard !limits.isEmpty else { return [] }
    return try translatingErrors {
      let watch = SolveWatch(Deadline(seconds: options.timeLimit), progress: options.progress)
      return try frontier(problem, constraint, limits, options, watch)
    }
  }

  private func frontier(
    _ problem: ChoiceProblem, _ constraint: Int, _ limits: [Double], _ options: Options, _ watch: SolveWatch
  ) throws -> [ChoiceFrontierPoint] {
    let points = try FrontierSweep(scaled: ScaledProblem(problem), watch: watch, constraint: constraint)
      .run(limits, startPrices: options.startPrices)
    // A limit out of reach, or one that only prices above the sweep's own reach: a solve of its own says.
    return try points.map { point in
      guard point.value == nil, !watch.shouldStop else { return point }
      let row = problem.constraints[constraint].with(limit: point.limit)
      let there = try problem.with(
        objective: problem.objective,
        constraints: problem.constraints.enumerated().map { $0 == constraint ? row : $1 })
      guard case .solved(let vertex, let scaled) = try relaxed(there, Options(), watch.quiet),
        vertex.isFeasible
      else { return point }
      return ChoiceFrontierPoint(
        limit: point.limit, value: scaled.unscaled(vertex.value), bound: scaled.unscaled(vertex.bound),
        prices: scaled.prices(from: vertex.multipliers))
    }
  }

  /// The frontier at `steps` limits, evenly from the least at which the other constraints can be kept to the
  /// one from which on the constraint does not bind; empty if the other constraints conflict.
  public func frontier(
    of problem: ChoiceProblem, constraint: Int, steps: Int, options: Options = Options()
  ) throws(ChoiceSolverError) -> [ChoiceFrontierPoint] {
    precondition(problem.constraints.indices.contains(constraint) && steps > 1)
    return try translatingErrors {
      let watch = SolveWatch(Deadline(seconds: options.timeLimit), progress: options.progress)
      guard let ends = try ends(problem, constraint, watch.quiet) else { return [] }
      let limits = (0..<steps).map { step in
        ends.least + (ends.most - ends.least) * Double(step) / Double(steps - 1)
      }
      return try frontier(problem, constraint, limits, options, watch)
    }
  }

  private func ends(
    _ problem: ChoiceProblem, _ constraint: Int, _ watch: SolveWatch
  ) throws -> (least: Double, most: Double)? {
    let alone = try problem.makingObjective(ofConstraint: constraint)
    guard case .solved(let least, let scaled) = try relaxed(alone, Options(), watch), least.isFeasible else {
      return nil
    }
    // Without the constraint, its activity at the optimum is where it stops to bind.
    let row = problem.constraints[constraint]
    let far = ScaledProblem(problem).reach(of: constraint)
    let free = try problem.with(
      objective: problem.objective,
      constraints: problem.constraints.enumerated().map { $0 == constraint ? row.with(limit: far) : $1 })
    guard case .solved(let most, let freeScaled) = try relaxed(free, Options(), watch) else { return nil }
    let (from, to) = (scaled.unscaled(least.value), freeScaled.activity(of: constraint, at: most))
    // Where the objective is what the constraint holds down, both ends are one.
    return (from, row.relation == .atMost ? max(from, to) : min(from, to))
  }
}

extension ScaledProblem {
  /// A limit of constraint `k` that never binds, in the problem's units.
  func reach(of k: Int) -> Double {
    let far = 1e6 * groupCount / rows[k].sum.factor
    return problem.constraints[k].relation == .atMost
      ? max(far, problem.constraints[k].limit) : min(far, problem.constraints[k].limit)
  }

  /// The activity of constraint `k` at a vertex, in the problem's units.
  func activity(of k: Int, at vertex: Vertex) -> Double {
    let layout = columns.layout
    let runOf = RunLookup(layout)
    var total = 0.0
    for run in layout.runs {
      for position in run.positions {
        total +=
          layout.count(at: position) * coefficient(k, position, run.segment, Int(vertex.base[position]))
      }
    }
    for share in vertex.shares {
      let segment = layout.runs[runOf[share.position]].segment
      total +=
        share.value * layout.count(at: share.position)
        * (coefficient(k, share.position, segment, share.option)
          - coefficient(k, share.position, segment, Int(vertex.base[share.position])))
    }
    for (purchase, amount) in zip(purchases, vertex.purchases) {
      for entry in purchase.entries where entry.row == k { total += entry.value * amount * groupCount }
    }
    return total / rows[k].sum.factor
  }
}
