import CPricing
import LinearOptimization

/// The pairs of near-zero reduced cost at some multipliers, and an option for every position to start from.
struct NearCritical {
  /// The option of each position: that of least score; where several tie, one drawn from a mixture.
  private(set) var base: [UInt16]
  /// Other options worth considering, by position.
  private(set) var members: [Int: [Int]] = [:]
  /// The sums over the base, per run, option and plane.
  private(set) var sums: [Double]
  /// The bound at the multipliers.
  let bound: Double
  /// How far multipliers may move without making much more pairs near.
  let width: Double

  /// About 1,000 + 12 K + 0.006 n pairs, fewer per group beyond a million, and a random few thousand of those
  /// that tie.
  static func target(_ scaled: ScaledProblem) -> Int {
    let n = scaled.columns.layout.positionCount
    return 1_000 + 12 * scaled.rowCount + min(n * 6 / 1_000, 3_000 + n * 3 / 1_000)
  }

  init(
    _ pass: PricingPass, at multipliers: [Double], mixture: [(multipliers: [Double], weights: [Double])],
    watch: SolveWatch
  ) {
    let scaled = pass.scaled
    let layout = scaled.columns.layout
    var choice = Array(repeating: UInt16(0), count: layout.positionCount)
    let result = pass.run(multipliers, choice: &choice)
    watch.count(1)
    bound = result.bound
    base = choice
    sums = result.sums
    let target = Self.target(scaled)
    let (pairs, distance) = Self.pairs(pass, multipliers, target: target, watch: watch)
    width = 16 * distance
    var tied: [pricing_pair] = []
    for pair in pairs {
      if PricingPass.isTied(pair) {
        tied.append(pair)
      } else {
        members[Int(pair.position), default: []].append(Int(pair.option))
      }
    }
    drawBases(tied, pass, mixture)
    // The least part of a hash instead of a random order, so that a pair's luck does not hang on others.
    let tiedTarget = 3_000 + 40 * scaled.rowCount
    let threshold =
      tied.count <= tiedTarget ? UInt64.max : UInt64.max / UInt64(tied.count) * UInt64(tiedTarget)
    for pair in tied {
      var random = SplitMix64(seed: UInt64(pair.position) << 16 ^ UInt64(pair.option))
      guard random.next() <= threshold else { continue }
      let position = Int(pair.position)
      for option in [Int(pair.option), Int(choice[position])]
      where !scaled.isSame(position, option, Int(base[position])) { consider(option, at: position) }
    }
  }

  /// What a vertex was found among.
  init(_ vertex: Vertex) {
    (base, members, sums, bound, width) = (vertex.base, vertex.near, vertex.sums, vertex.bound, 0)
  }

  /// The pairs near enough, found with a width that a sample suggests.
  private static func pairs(
    _ pass: PricingPass, _ multipliers: [Double], target: Int, watch: SolveWatch
  ) -> (pairs: [pricing_pair], distance: Double) {
    let scaled = pass.scaled
    let layout = scaled.columns.layout
    let m = scaled.columns.optionCount
    let pilotPairs = min(mostPilotPairs, fewPairs * layout.positionCount * m / target)
    let pilot = PricingPass(scaled, sample: max(512, pilotPairs / m), fewestTiles: 1)
    let sampled = pilot.near(multipliers, distance: .infinity, most: 4 * pilotPairs + 512 * m).pairs
    watch.count(pilot.fraction)
    let scale = Double(sampled.count) / Double(max(1, layout.positionCount * m))
    let ties = Double(sampled.count(where: PricingPass.isTied)) / max(scale, 1e-12)
    var distance = max(least, quantile(sampled, count: Int(Double(target) * pilot.fraction)))
    while true {
      let most = 4 * target + Int(1.5 * ties) + 4_096
      let found = pass.near(multipliers, distance: distance, most: most)
      watch.count(2)
      if found.total <= found.pairs.count || distance <= least { return (found.pairs, distance) }
      distance = max(least, distance * 0.25)
    }
  }

  private static let mostPilotPairs = 250_000
  /// So many near pairs in the pilot say well enough how far the others are.
  private static let fewPairs = 100
  /// Nearer than this, next to nothing but ties is found.
  private static let least = 10 * PricingPass.tieDistance

  /// A distance, a little rounded up, within which about so many pairs that do not tie lie.
  private static func quantile(_ pairs: [pricing_pair], count: Int) -> Double {
    // Eight bins per power of two: the exponent and three bits of the fraction.
    let shift = Double.significandBitCount - 3
    var bins = Array(repeating: 0, count: Int(Double.infinity.bitPattern >> shift) + 1)
    for pair in pairs where !PricingPass.isTied(pair) {
      let distance = Double(pair.gap) / Double(pair.move)
      if distance < .infinity { bins[Int(distance.bitPattern >> shift)] += 1 }
    }
    var seen = 0
    var last = 0
    for (bin, size) in bins.enumerated() where size > 0 {
      seen += size
      last = bin
      if seen > count { break }
    }
    return Double(bitPattern: UInt64(last + 1) << shift)
  }

  /// Where several options tie, the master's mixture says how often each is taken, so that the rows come out
  /// nearly right from the start.
  private mutating func drawBases(
    _ tied: [pricing_pair], _ pass: PricingPass,
    _ mixture: [(multipliers: [Double], weights: [Double])]
  ) {
    guard !mixture.isEmpty, !tied.isEmpty else { return }
    let scaled = pass.scaled
    let weights = mixture.map { pass.weights($0.multipliers) }
    let totals = (0..<scaled.blockCount).map { block in mixture.reduce(0) { $0 + $1.weights[block] } }
    let layout = scaled.columns.layout
    var (run, end) = (-1, 0)
    var at = 0
    while at < tied.count {
      let position = Int(tied[at].position)
      let first = at
      while at < tied.count, Int(tied[at].position) == position { at += 1 }
      while position >= end {
        run += 1
        end = layout.runs[run].tiles.upperBound * Layout.tile
      }
      let segment = layout.runs[run].segment
      let block = scaled.blockOf[run]
      var random = SplitMix64(seed: UInt64(position))
      var draw = random.unit() * totals[block]
      for (t, entry) in mixture.enumerated() {
        draw -= entry.weights[block]
        guard draw <= 0 else { continue }
        var best = Int(base[position])
        var least = pass.score(weights[t], position, segment, best)
        for pair in tied[first..<at] {
          let score = pass.score(weights[t], position, segment, Int(pair.option))
          if score < least { (best, least) = (Int(pair.option), score) }
        }
        rebase(position, to: best, run, scaled)
        break
      }
    }
  }

  /// Makes another option the base of a position, and the old one a member.
  mutating func rebase(_ position: Int, to option: Int, _ run: Int, _ scaled: ScaledProblem) {
    let old = Int(base[position])
    guard option != old else { return }
    let planes = scaled.planes
    let length = scaled.columns.optionCount * planes.count
    let count = scaled.columns.layout.count(at: position)
    for (j, sign) in [(old, -count), (option, count)] {
      let at = run * length + j * planes.count
      sums[at] += sign
      for (f, feature) in planes.features.enumerated() {
        sums[at + 1 + f] += sign * scaled.columns.features[feature, position]
      }
      let cell = scaled.columns.cell(position, j)
      for (d, dense) in planes.dense.enumerated() {
        sums[at + 1 + planes.features.count + d] += sign * scaled.columns.dense[dense, cell]
      }
    }
    base[position] = UInt16(option)
  }

  /// Lets a position consider an option besides its base.
  mutating func consider(_ option: Int, at position: Int) {
    if option != Int(base[position]), !(members[position]?.contains(option) ?? false) {
      members[position, default: []].append(option)
    }
  }

  /// Keeps only about so many members, those of the least score above their base at some multipliers, and
  /// those that a solution uses.
  mutating func trim(
    to count: Int, _ pass: PricingPass, at multipliers: [Double],
    keeping shares: [(position: Int, option: Int, value: Double)]
  ) {
    let scaled = pass.scaled
    let weights = pass.weights(multipliers)
    let runOf = RunLookup(scaled.columns.layout)
    var distances: [(distance: Double, position: Int, option: Int)] = []
    let moves = pass.moves(multipliers.count)
    for (position, options) in members {
      let segment = scaled.columns.layout.runs[runOf[position]].segment
      let own = pass.score(weights, position, segment, Int(base[position]))
      for option in options {
        let gap = abs(pass.score(weights, position, segment, option) - own)
        let move = max(moves.move(position, segment, option, from: Int(base[position])), 1e-300)
        distances.append((gap / move, position, option))
      }
    }
    guard distances.count > count else { return }
    distances.sort { ($0.distance, $0.position, $0.option) < ($1.distance, $1.position, $1.option) }
    members = [:]
    for entry in distances.prefix(count) { members[entry.position, default: []].append(entry.option) }
    for share in shares { consider(share.option, at: share.position) }
  }

  /// Stops a position from considering an option, its base for one.
  mutating func forget(_ option: Int, at position: Int) {
    members[position]?.removeAll { $0 == option }
    if members[position]?.isEmpty ?? false { members[position] = nil }
  }
}

/// Finds the run of a position.
struct RunLookup {
  private let ends: [Int]

  init(_ layout: Layout) { ends = layout.runs.map { $0.tiles.upperBound * Layout.tile } }

  subscript(position: Int) -> Int {
    var (low, high) = (0, ends.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > position { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
