import CPricing
import LinearOptimization

/// Passes over all pairs, or those of a sample of the groups, at given multipliers: the option of least score
/// per group, and what those choices cost and use.
///
/// The score of a pair is its scaled objective plus the multipliers times its row coefficients. Rows share
/// attributes, so a pass first folds the multipliers into one weight per plane, segment and option, and then
/// costs one multiplication per pair and plane, however many rows there are.
struct PricingPass: Sendable {
  let scaled: ScaledProblem
  /// The part of all groups that a pass looks at.
  let fraction: Double

  private let kernel: PricingKernel
  private let parts: [PricingKernel.Part]
  /// How many groups each looked-at group of a run stands for.
  private let weightOfRun: [Double]

  private static let tilesPerPart = 1_024

  /// - Parameters:
  ///   - sample: look at about so many groups only, spread evenly over each run; `nil` at all.
  ///   - fewestTiles: at so many tiles of each run at least.
  init(_ scaled: ScaledProblem, sample: Int? = nil, fewestTiles: Int = 64) {
    self.scaled = scaled
    let layout = scaled.columns.layout
    kernel = PricingKernel(columns: scaled.columns, planes: scaled.planes)
    var parts: [PricingKernel.Part] = []
    var weightOfRun: [Double] = []
    var looked = 0
    let whole = layout.runs.reduce(0) { $0 + $1.positions.count }
    for (r, run) in layout.runs.enumerated() {
      var stride = 1
      if let sample, sample < whole {
        let wanted = max(fewestTiles, run.tiles.count * sample / whole)
        stride = max(1, run.tiles.count / wanted)
      }
      var left = (run.tiles.count + stride - 1) / stride
      var first = run.tiles.lowerBound
      var seen = 0.0
      while left > 0 {
        let count = min(left, Self.tilesPerPart)
        parts.append(PricingKernel.Part(run: r, first: first, count: count, stride: stride))
        if stride > 1 {
          for at in 0..<count {
            let start = (first + at * stride) * Layout.tile
            for position in start..<min(run.end, start + Layout.tile) { seen += layout.count(at: position) }
          }
        }
        first += count * stride
        left -= count
        looked += count * Layout.tile
      }
      weightOfRun.append(stride == 1 ? 1 : Double(run.groupCount) / seen)
    }
    self.parts = parts
    self.weightOfRun = weightOfRun
    fraction = min(1, Double(looked) / Double(max(1, whole)))
  }

  /// What a pass found.
  struct Result {
    /// The Lagrangian value per group at the multipliers: a lower bound on the scaled objective.
    let bound: Double
    /// Sums over the chosen pairs, per run, option and plane.
    let sums: [Double]
  }

  /// Prices all pairs.
  ///
  /// - Parameter choice: the chosen option by position is stored here unless it is empty.
  func run(_ multipliers: [Double], choice: inout [UInt16]) -> Result {
    let found = kernel.pass(parts, weights: weights(multipliers), choice: &choice)
    let length = scaled.columns.optionCount * scaled.planes.count
    var sums = Array(repeating: 0.0, count: scaled.columns.layout.runs.count * length)
    var bound = CompensatedSum()
    for (at, part) in parts.enumerated() {
      let weight = weightOfRun[part.run]
      for k in 0..<length { sums[part.run * length + k] += weight * found.values[at * length + k] }
      bound += weight * found.bounds[at].0
      bound += weight * found.bounds[at].1
    }
    return Result(bound: value(bound, multipliers), sums: sums)
  }

  /// Prices all pairs, and keeps no choices.
  func run(_ multipliers: [Double]) -> Result {
    var none: [UInt16] = []
    return run(multipliers, choice: &none)
  }

  private func value(_ scores: CompensatedSum, _ multipliers: [Double]) -> Double {
    let n = scaled.groupCount
    var sum = scores
    for (k, row) in scaled.rows.enumerated() { sum += -multipliers[k] * row.limit * n }
    sum += scaled.purchaseValue(multipliers) * n
    return sum.value / n
  }

  /// The pairs that tie with their group's chosen one, or do when multipliers move by `distance`, at most
  /// `most` of each part, and how many there are. Of a group's ties only a few are told.
  func near(
    _ multipliers: [Double], distance: Double, most: Int
  ) -> (pairs: [pricing_pair], total: Int) {
    let ways = Self.ways(multipliers.count)
    let search = pricing_search(
      least: Self.tieTolerance, distance: min(distance, 1e300), tied_distance: Self.tieDistance,
      most_tied: Self.mostTied)
    return kernel.near(
      parts, weights: weights(multipliers), directions: ways.flatMap { weights($0, ignoringObjective: true) },
      directionCount: ways.count, search, mostPerPart: most)
  }

  /// Scores closer than this are tied; scaled scores are of the order of 1.
  static let tieTolerance = 1e-9
  /// So are those that tie when multipliers move by this, which is mostly the rounding of columns in single
  /// precision.
  static let tieDistance = 1e-6
  private static let mostTied: Int32 = 64

  /// Whether a near pair ties with its group's chosen one.
  static func isTied(_ pair: pricing_pair) -> Bool {
    Double(pair.gap) <= tieTolerance + tieDistance * Double(pair.move)
  }

  /// How far a gap is from closing is its size beside what multipliers change it by. Few random directions
  /// tell about as much of that as all rows do: the lemma of W. Johnson and J. Lindenstrauss, "Extensions of
  /// Lipschitz mappings into a Hilbert space", 1984.
  private static func ways(_ rowCount: Int) -> [[Double]] {
    var random = SplitMix64(seed: 1)
    return (0..<2).map { _ in (0..<rowCount).map { _ in random.unit() < 0.5 ? -0.5 : 0.5 } }
  }

  /// By how much the gap between two options of a position changes over the directions that ``near`` looks at.
  func moves(_ rowCount: Int) -> Moves {
    Moves(pass: self, weights: Self.ways(rowCount).map { weights($0, ignoringObjective: true) })
  }

  struct Moves {
    fileprivate let pass: PricingPass
    fileprivate let weights: [[Double]]

    func move(_ position: Int, _ segment: Int, _ j: Int, from base: Int) -> Double {
      weights.reduce(0) {
        $0 + abs(pass.score($1, position, segment, j) - pass.score($1, position, segment, base))
      }
    }
  }

  /// Multipliers folded into weights per segment, option and plane.
  func weights(_ multipliers: [Double], ignoringObjective: Bool = false) -> [Double] {
    let (m, planes) = (scaled.columns.optionCount, scaled.planes)
    var weights = Array(repeating: 0.0, count: scaled.columns.layout.segmentCount * m * planes.count)
    func add(_ sum: ScaledProblem.Sum, _ factor: Double) {
      for segment in sum.segments {
        for j in sum.options {
          let at = (segment * m + j) * planes.count
          planes.parts(of: sum.attribute, scaled.columns, segment: segment, option: j) { plane, coefficient in
            weights[at + plane] += factor * coefficient
          }
        }
      }
    }
    if !ignoringObjective { for term in scaled.objective { add(term, term.factor) } }
    for (k, row) in scaled.rows.enumerated() where multipliers[k] != 0 {
      add(row.sum, multipliers[k] * row.sum.factor)
    }
    return weights
  }

  /// The score of one pair, at `weights`.
  func score(_ weights: [Double], _ position: Int, _ segment: Int, _ j: Int) -> Double {
    let planes = scaled.planes
    let at = (segment * scaled.columns.optionCount + j) * planes.count
    var score = weights[at]
    for (f, feature) in planes.features.enumerated() {
      score += weights[at + 1 + f] * scaled.columns.features[feature, position]
    }
    let cell = scaled.columns.cell(position, j)
    for (d, dense) in planes.dense.enumerated() {
      score += weights[at + 1 + planes.features.count + d] * scaled.columns.dense[dense, cell]
    }
    return score
  }
}

/// What blocks of groups cost and use under one choice, per group of the whole problem.
struct Cuts {
  /// By block.
  var objective: [Double]
  /// By block and row.
  var activity: [Double]
}

extension ScaledProblem {
  /// One cut per block from the sums of a pass.
  func cuts(_ sums: [Double]) -> Cuts {
    let (m, blocks, k) = (columns.optionCount, blockCount, rowCount)
    var cuts = Cuts(
      objective: Array(repeating: 0, count: blocks), activity: Array(repeating: 0, count: blocks * k))
    let length = m * planes.count
    for (r, run) in columns.layout.runs.enumerated() {
      let block = blockOf[r]
      func total(_ sum: Sum) -> Double {
        guard sum.isSegment[run.segment] else { return 0 }
        var total = 0.0
        for j in sum.options {
          let at = r * length + j * planes.count
          guard sums[at] != 0 else { continue }
          planes.parts(of: sum.attribute, columns, segment: run.segment, option: j) { plane, coefficient in
            total += coefficient * sums[at + plane]
          }
        }
        return sum.factor * total / groupCount
      }
      for term in objective { cuts.objective[block] += total(term) }
      for row in rowsOfSegment[run.segment] { cuts.activity[block * k + row] += total(rows[row].sum) }
    }
    return cuts
  }
}
