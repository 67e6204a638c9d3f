extension ChoiceRelaxation {
  init(_ vertex: Vertex, _ scaled: ScaledProblem, passes: Double) {
    objective = scaled.unscaled(vertex.value)
    bound = scaled.unscaled(vertex.bound)
    prices = scaled.prices(from: vertex.multipliers)
    isProven = vertex.isProven
    purchases = zip(vertex.purchases, scaled.purchases).map { $0 * $1.size }
    self.passes = passes
    ranges = vertex.ranges?.enumerated().map { k, range in
      let factor = scaled.rows[k].sum.factor / scaled.groupCount
      // A limit that does not bind may go on as it is in the direction that does not matter.
      let ends = [range.least / factor, range.most / factor]
      return min(ends[0], ends[1])...max(ends[0], ends[1])
    }
    fractionalGroups = SplitGroups(scaled, vertex).fractional.sorted()
    shares = Self.shares(vertex, scaled)
  }

  private static func shares(_ vertex: Vertex, _ scaled: ScaledProblem) -> [Double] {
    let (problem, layout) = (scaled.problem, scaled.columns.layout)
    let m = problem.optionCount
    var shares = Array(repeating: 0.0, count: problem.classCount * m)
    // Classes that all rows treat alike are one segment: of those the sums say nothing.
    if layout.segmentsOfClass.reduce(0, { $0 + $1.count }) == layout.segmentCount {
      for (r, run) in layout.runs.enumerated() {
        let first = scaled.columns.classOf[run.segment] * m
        for j in 0..<m { shares[first + j] += vertex.sums[(r * m + j) * scaled.planes.count] }
      }
    } else {
      for i in 0..<problem.groupCount {
        shares[problem.classOf[i] * m + Int(vertex.base[layout.position(of: i)])] += 1
      }
    }
    let groups = layout.groups(at: vertex.shares.map(\.position), groupCount: problem.groupCount)
    for share in vertex.shares {
      let base = Int(vertex.base[share.position])
      for i in groups[share.position] ?? [] {
        shares[problem.classOf[i] * m + share.option] += share.value
        shares[problem.classOf[i] * m + base] -= share.value
      }
    }
    return shares.map { max(0, $0) }
  }
}
