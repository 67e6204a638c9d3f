extension ChoiceRelaxation {
  init(_ vertex: Vertex, _ scaled: ScaledProblem, passes: Double) {
    let problem = scaled.problem
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
    let start = StartingAssignment(scaled, vertex)
    fractionalGroups = start.fractional.sorted()
    shares = Self.shares(vertex, problem)
  }

  private static func shares(_ vertex: Vertex, _ problem: ChoiceProblem) -> [Double] {
    let m = problem.optionCount
    let layout = problem.columns.layout
    var parts: [Int: [(option: Int, value: Double)]] = [:]
    for share in vertex.shares { parts[share.position, default: []].append((share.option, share.value)) }
    var shares = Array(repeating: 0.0, count: problem.classCount * m)
    for i in 0..<problem.groupCount {
      let position = layout.position(of: i)
      let first = problem.classOf[i] * m
      var rest = 1.0
      if !parts.isEmpty, let own = parts[position] {
        for part in own {
          shares[first + part.option] += part.value
          rest -= part.value
        }
      }
      shares[first + Int(vertex.base[position])] += max(0, rest)
    }
    return shares
  }
}
