import LinearOptimization

/// The least weighted sum of attributes per group, added up over the groups: what weak duality needs. Plain
/// double precision over the problem's own values, with no use of the solver's passes or units.
struct PairBound {
  private let problem: ChoiceProblem
  /// `(segment * optionCount + option) * (attributes + 1) + attribute`; the last attribute is the constant 1.
  private var weights: [Double]
  private let planes: Int

  init(_ problem: ChoiceProblem) {
    self.problem = problem
    planes = problem.attributeNames.count + 1
    weights = Array(
      repeating: 0, count: problem.columns.layout.segmentCount * problem.optionCount * planes)
  }

  /// Adds an attribute over some options and classes, times a factor.
  mutating func add(_ attribute: Int?, _ options: Set<Int>?, _ classes: Set<Int>?, factor: Double) {
    for (segment, isIn) in problem.columns.segments(in: classes).enumerated() where isIn {
      for j in 0..<problem.optionCount where options?.contains(j) ?? true {
        weights[(segment * problem.optionCount + j) * planes + (attribute ?? planes - 1)] += factor
      }
    }
  }

  private static let tilesPerChunk = 1_024

  /// The sum over the groups.
  func total() -> CompensatedSum {
    let runs = problem.columns.layout.runs
    let chunks = runs.indices.flatMap { r in
      stride(from: runs[r].tiles.lowerBound, to: runs[r].tiles.upperBound, by: Self.tilesPerChunk).map {
        (run: r, first: $0 * Layout.tile, end: min(runs[r].end, ($0 + Self.tilesPerChunk) * Layout.tile))
      }
    }
    return concurrently(chunks.count) { at in
      least(runs[chunks[at].run].segment, chunks[at].first..<chunks[at].end)
    }.reduce(into: CompensatedSum()) { $0.add($1) }
  }

  private func least(_ segment: Int, _ positions: Range<Int>) -> CompensatedSum {
    let columns = problem.columns
    let m = problem.optionCount
    var sum = CompensatedSum()
    var best = Array(repeating: Double.infinity, count: Layout.tile)
    var score = best
    let options = Array(columns.options[segment])
    let used = columns.attributes.indices.filter { a in
      options.contains { weights[(segment * m + Int($0)) * planes + a] != 0 }
    }
    for first in Swift.stride(from: positions.lowerBound, to: positions.upperBound, by: Layout.tile) {
      for lane in 0..<Layout.tile { best[lane] = .infinity }
      let lanes = min(Layout.tile, positions.upperBound - first)
      for option in options {
        let j = Int(option)
        let at = (segment * m + j) * planes
        for lane in 0..<lanes { score[lane] = weights[at + planes - 1] }
        // Says which pairs are not eligible, by NaN.
        if columns.dense.columnCount > 0 {
          let cell = columns.cell(first, j)
          for lane in 0..<lanes { score[lane] += 0 * columns.dense[0, cell + lane] }
        }
        for a in used {
          let weight = weights[at + a]
          for lane in 0..<lanes { score[lane] += weight * columns.value(a, at: first + lane, segment, j) }
        }
        for lane in 0..<lanes where score[lane] < best[lane] { best[lane] = score[lane] }
      }
      for lane in 0..<lanes { sum += columns.layout.count(at: first + lane) * best[lane] }
    }
    return sum
  }
}
