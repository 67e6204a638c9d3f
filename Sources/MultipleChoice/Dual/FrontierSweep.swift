/// Solves the dual for several limits of one row with one master.
struct FrontierSweep {
  let scaled: ScaledProblem
  let watch: SolveWatch
  let constraint: Int

  private static let tolerance = 1e-6
  private static let cap = 1e4
  private static let sample = 50_000

  func run(_ limits: [Double], startPrices: [Double]?) throws -> [ChoiceFrontierPoint] {
    let pass = PricingPass(scaled)
    let box = Box(caps: Array(repeating: Self.cap, count: scaled.rowCount))
    let phase = DualPhase(scaled: scaled, pass: pass, tolerance: Self.tolerance, watch: watch)
    let known = startPrices.flatMap { $0.count == scaled.rowCount && $0.allSatisfy(\.isFinite) ? $0 : nil }
    var start = known.map(scaled.multipliers) ?? Array(repeating: 0, count: scaled.rowCount)
    if known == nil, scaled.columns.layout.positionCount > 2 * Self.sample {
      let sample = PricingPass(scaled, sample: Self.sample)
      start = try DualPhase(scaled: scaled, pass: sample, tolerance: 1e-4, watch: watch)
        .run(in: box, from: start).multipliers
    }
    // Not before the sample's master is gone: one thread has one program in GLPK at a time.
    var master = try Master(scaled, box: box)
    /// Every query with its bound at the first limits.
    var history = [DualPhase.Query(multipliers: start, bound: nil)]
    var points: [ChoiceFrontierPoint] = []
    let reference = scaled.rows.map(\.limit)
    for limit in limits {
      var now = reference
      // A limit far out of reach binds as little as one that is just so.
      let scaledLimit = limit * scaled.rows[constraint].sum.factor / scaled.groupCount
      now[constraint] = min(1e4, max(-1e4, scaledLimit))
      try master.setLimits(now)
      let shift = { (multipliers: [Double]) in
        multipliers[constraint] * (reference[constraint] - now[constraint])
      }
      let found = try phase.improve(&master, history: &history, shift: shift)
      if watch.shouldStop { break }
      let excess = master.excess.contains { $0 > 1e-9 }
      points.append(
        ChoiceFrontierPoint(
          limit: limit, value: excess ? nil : scaled.unscaled(master.value),
          bound: scaled.unscaled(found.bound), prices: scaled.prices(from: found.multipliers)))
    }
    return points
  }
}
