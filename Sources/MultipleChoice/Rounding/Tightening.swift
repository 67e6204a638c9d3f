/// A vertex of the same residual problem with every row held below its limit by what rounding is likely to
/// add to it, so that the rounded assignment keeps the limits themselves.
struct Tightening {
  let scaled: ScaledProblem
  let watch: SolveWatch

  private static let cap = 1e2

  /// - Parameter factor: how many standard deviations of randomized rounding are left.
  /// - Returns: `nil` if there is no such vertex in time.
  func apply(_ factor: Double, to vertex: Vertex) throws -> Vertex? {
    guard !vertex.sums.isEmpty else { return nil }
    let caps = Array(repeating: Self.cap, count: scaled.rowCount)
    var residual = try Residual(
      scaled, near: NearCritical(vertex), center: zip(vertex.multipliers, caps).map(min),
      box: TrustRegion(caps: caps, width: Self.cap), margins: margins(vertex).map { $0 * factor },
      purchases: vertex.purchases)
    guard let solution = try residual.solve(seconds: watch.deadline.remaining) else { return nil }
    var tightened = vertex
    tightened.shares = solution.shares
    return tightened
  }

  /// The standard deviation of each row under randomized rounding, in groups, at least half of what one of the
  /// split positions could add.
  private func margins(_ vertex: Vertex) -> [Double] {
    let runOf = RunLookup(scaled.columns.layout)
    var variance = Array(repeating: 0.0, count: scaled.rowCount)
    var largest = variance
    for share in vertex.shares where share.value < 1 - 1e-7 {
      let segment = scaled.columns.layout.runs[runOf[share.position]].segment
      let (_, entries) = scaled.differences(
        share.position, segment, from: Int(vertex.base[share.position]), to: share.option, times: 1)
      for (k, value) in entries {
        variance[k] += value * value * share.value * (1 - share.value)
        largest[k] = max(largest[k], abs(value))
      }
    }
    return zip(variance, largest).map { max($0.squareRoot(), 0.5 * $1) }
  }
}
