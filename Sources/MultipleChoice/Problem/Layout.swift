import CPricing

/// Where each group stands in memory.
///
/// Groups that all rows and formulas treat alike form a *segment*; those of a segment and of similar size a
/// *run*. A run's groups stand at consecutive positions in whole tiles, the last tile padded with copies of
/// the last group, so that a pass has one set of weights per run and sums by run come for free. Groups that
/// are equal in every value share a position.
struct Layout: Sendable {
  static let tile = Int(PRICING_TILE)

  struct Run: Sendable {
    let segment: Int
    let tiles: Range<Int>
    /// Positions from here to the end of the last tile are padding.
    let end: Int
    /// The number of groups, those that share a position counted each.
    let groupCount: Int

    /// The positions that are not padding.
    var positions: Range<Int> { tiles.lowerBound * Layout.tile..<end }
  }

  let runs: [Run]
  let segmentCount: Int
  /// A group at each position.
  let groupAt: [Int32]
  /// How many groups stand at each position, if any of them share one; 0 for padding.
  let counts: [Double]?
  /// The segment of each class, were all groups of a class alike; groups may differ further in eligibility.
  let segmentsOfClass: [[Int32]]
  private let positions: [Int32]?

  var positionCount: Int { groupAt.count }
  var tileCount: Int { groupAt.count / Self.tile }

  /// The position of a group.
  func position(of group: Int) -> Int { positions.map { Int($0[group]) } ?? group }

  /// The number of groups at a position.
  func count(at position: Int) -> Double { counts?[position] ?? 1 }

  /// The segment of a position.
  func segment(at position: Int) -> Int {
    let tile = position / Self.tile
    var (low, high) = (0, runs.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].tiles.upperBound > tile { high = middle } else { low = middle + 1 }
    }
    return runs[low].segment
  }

  /// - Parameters:
  ///   - segmentOf: the segment of each group, all of `0 ..< segmentCount` in use.
  ///   - leaderOf: the first group that is equal to each, if some are equal.
  ///   - size: what groups of a segment are told apart by.
  init(
    segmentOf: [Int32], segmentCount: Int, segmentsOfClass: [[Int32]], leaderOf: [Int32]?,
    size: (Int) -> Double
  ) {
    self.segmentCount = segmentCount
    self.segmentsOfClass = segmentsOfClass
    let n = segmentOf.count
    let runCount = segmentOf.count < Self.manyGroups ? Self.runsOfFew : Self.runsOfMany
    let parts = max(1, runCount / segmentCount)
    let leaders = leaderOf.map { leaderOf in leaderOf.indices.count { leaderOf[$0] == $0 } } ?? n
    let isLeader = { (i: Int) in leaderOf.map { $0[i] == i } ?? true }
    let buckets = Self.buckets(segmentOf, segmentCount, parts, size, isLeader)
    // A stable counting sort of the leaders by bucket.
    var lengths = Array(repeating: 0, count: segmentCount * parts)
    for i in 0..<n where isLeader(i) { lengths[Int(buckets[i])] += 1 }
    var starts = Array(repeating: 0, count: lengths.count)
    var next = 0
    for (bucket, length) in lengths.enumerated() {
      starts[bucket] = next
      next += (length + Self.tile - 1) / Self.tile * Self.tile
    }
    var groupAt = Array(repeating: Int32(-1), count: next)
    var positions = Array(repeating: Int32(0), count: n)
    var cursor = starts
    for i in 0..<n where isLeader(i) {
      let bucket = Int(buckets[i])
      groupAt[cursor[bucket]] = Int32(i)
      positions[i] = Int32(cursor[bucket])
      cursor[bucket] += 1
    }
    var counts: [Double]?
    if let leaderOf, leaders < n {
      var filled = Array(repeating: 0.0, count: next)
      for i in 0..<n {
        positions[i] = positions[Int(leaderOf[i])]
        filled[Int(positions[i])] += 1
      }
      counts = filled
    }
    var runs: [Run] = []
    for (bucket, length) in lengths.enumerated() where length > 0 {
      let first = starts[bucket]
      let end = first + length
      let last = (end + Self.tile - 1) / Self.tile
      for position in end..<last * Self.tile { groupAt[position] = groupAt[end - 1] }
      let groups = counts.map { $0[first..<end].reduce(0, +) } ?? Double(length)
      runs.append(
        Run(
          segment: bucket / parts, tiles: first / Self.tile..<last, end: end, groupCount: Int(groups)))
    }
    self.runs = runs
    self.groupAt = groupAt
    self.counts = counts
    let isIdentity = counts == nil && next == (n + Self.tile - 1) / Self.tile * Self.tile && runs.count == 1
    self.positions = isIdentity ? nil : positions
  }

  /// More runs need fewer passes of the dual phase and larger masters, which is a gain where passes take longer.
  private static let runsOfMany = 24
  private static let runsOfFew = 12
  private static let manyGroups = 50_000
  private static let sampled = 512

  /// The bucket of each group: its segment, and within it the quantile of its size.
  private static func buckets(
    _ segmentOf: [Int32], _ segmentCount: Int, _ parts: Int, _ size: (Int) -> Double,
    _ isLeader: (Int) -> Bool
  ) -> [Int32] {
    guard parts > 1 else { return segmentOf }
    var samples = Array(repeating: [Double](), count: segmentCount)
    let stride = max(1, segmentOf.count / (sampled * segmentCount * 4))
    for i in Swift.stride(from: 0, to: segmentOf.count, by: stride) {
      samples[Int(segmentOf[i])].append(size(i))
    }
    let thresholds = samples.map { sizes -> [Double] in
      let sorted = sizes.sorted()
      // Runs of less than a few tiles are not worth their overhead.
      let parts = max(1, min(parts, sorted.count / 4))
      return (1..<max(2, parts)).filter { _ in parts > 1 }.map { sorted[$0 * sorted.count / parts] }
    }
    var buckets = Array(repeating: Int32(0), count: segmentOf.count)
    for i in segmentOf.indices where isLeader(i) {
      let segment = Int(segmentOf[i])
      let own = thresholds[segment]
      var part = 0
      if !own.isEmpty {
        let size = size(i)
        while part < own.count, size >= own[part] { part += 1 }
      }
      buckets[i] = Int32(segment * parts + part)
    }
    return buckets
  }
}
