import LinearOptimization

/// Solves the Lagrangian dual by cutting planes: finds multipliers of the rows that make the bound nearly as
/// good as it gets.
///
/// Each pass prices all groups at a query point halfway between the best multipliers so far and the master's
/// (in-out stabilization: W. Ben-Ameur and J. Neto, "Acceleration of cutting-plane and column generation
/// algorithms", Networks 49, 2007), which needs a third fewer passes than the master's own.
struct DualPhase {
  /// What was found.
  struct Result {
    /// The multipliers of the best bound.
    var multipliers: [Double]
    /// That bound.
    var bound: Double
    /// What the master makes of the cuts: as much as any multipliers in its box could give.
    var value: Double
    /// The multipliers of the passes whose choices the master mixes, with the weight of each per block.
    var mixture: [(multipliers: [Double], weights: [Double])]
    /// What the master takes of each purchase.
    var purchases: [Double]
    /// By how much the master's solution exceeds each row, per group.
    var excess: [Double]
  }

  /// Multipliers at which all groups were priced, and the bound there.
  struct Query {
    let multipliers: [Double]
    /// `nil` if they are still to be priced.
    var bound: Double?
  }

  let scaled: ScaledProblem
  let pass: PricingPass
  /// The relative gap that ends it.
  let tolerance: Double
  let watch: SolveWatch
  /// A bound that is good enough: one above zero where the objective is zero proves that rows conflict.
  var goodEnough = Double.infinity

  private static let mostPasses = 400
  private static let gapToWiden = 1e-3
  private static let passesToWiden = 3

  func run(in box: Box, from start: [Double]) throws -> Result {
    var master = try Master(scaled, box: box)
    var history = [Query(multipliers: start, bound: nil)]
    return try improve(&master, history: &history, shift: { _ in 0 })
  }

  /// Runs passes until the master's value and the best bound agree.
  ///
  /// - Parameters:
  ///   - history: the queries so far, one of which may be without a bound; those made are appended.
  ///   - shift: what the bound at some multipliers differs by under the master's limits.
  func improve(
    _ master: inout Master, history: inout [Query], shift: ([Double]) -> Double
  ) throws -> Result {
    var best = (multipliers: history[0].multipliers, bound: -Double.infinity)
    for query in history {
      guard let bound = query.bound else { continue }
      let shifted = bound + shift(query.multipliers)
      if shifted > best.bound { best = (query.multipliers, shifted) }
    }
    var towardsMaster = 0.5
    // The box is looked at long before the end, but not before the last widening has shown its effect.
    var sinceWidening = 0
    var isFirst = history.contains { $0.bound == nil }
    if !isFirst { _ = try master.solve(seconds: watch.deadline.remaining) }
    let most = history.count + Self.mostPasses
    while history.count < most {
      var isNew = true
      if isFirst || !isDone(master.value, best.bound) {
        let query =
          isFirst
          ? history.removeFirst().multipliers
          : zip(best.multipliers, master.multipliers).map { $0 + towardsMaster * ($1 - $0) }
        isFirst = false
        let found = pass.run(query)
        watch.count(pass.fraction)
        history.append(Query(multipliers: query, bound: found.bound))
        let bound = found.bound + shift(query)
        if bound > best.bound { best = (query, bound) }
        isNew = try master.add(scaled.cuts(found.sums), from: history.count - 1)
        if pass.fraction == 1 { watch.report(bound: scaled.unscaled(best.bound), value: nil) }
        if watch.shouldStop || best.bound > goodEnough { break }
        guard try master.solve(seconds: watch.deadline.remaining) else { break }
      }
      // A query at the master's own point that cuts nothing off: the rest is rounding.
      let isExhausted = isDone(master.value, best.bound) || (!isNew && towardsMaster == 1)
      let gap = (master.value - best.bound) / max(1e-3, abs(master.value))
      sinceWidening += 1
      if isExhausted || (gap < Self.gapToWiden && sinceWidening >= Self.passesToWiden) {
        if try master.widen() {
          sinceWidening = 0
          guard try master.solve(seconds: watch.deadline.remaining) else { break }
        } else if isExhausted {
          break
        }
      }
      // A query that cuts nothing off is too far inside: go out to the master's own point, which must.
      towardsMaster = isNew ? 0.5 : 1
    }
    let count = scaled.blockCount
    let weights = master.weights(passCount: history.count)
    let mixture = history.indices.compactMap { t -> (multipliers: [Double], weights: [Double])? in
      let own = Array(weights[t * count..<(t + 1) * count])
      return own.contains { $0 > 1e-9 } ? (history[t].multipliers, own) : nil
    }
    return Result(
      multipliers: best.multipliers, bound: best.bound, value: master.value, mixture: mixture,
      purchases: master.purchases, excess: master.excess)
  }

  private func isDone(_ value: Double, _ bound: Double) -> Bool {
    value - bound <= tolerance * max(1e-3, abs(value))
  }
}
