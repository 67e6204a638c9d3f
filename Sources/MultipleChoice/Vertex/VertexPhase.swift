import LinearOptimization

/// From near-optimal multipliers to the exact optimum of the linear relaxation.
///
/// Only pairs whose reduced cost is near zero can be in an optimal basis. They form a residual problem small
/// enough for GLPK; every other group is fixed at its *base*, the option of least score. One pass at the
/// residual problem's prices then either proves that no pair prices out, which makes its vertex optimal for
/// the whole problem, or names those that do.
struct VertexPhase {
  let scaled: ScaledProblem
  let caps: [Double]
  let pass: PricingPass
  let watch: SolveWatch
  let wantsRanges: Bool

  private static let tolerance = 1e-10
  private static let mostRounds = 60
  /// Where so few pairs price out, the residual problem knows enough of what lies further off.
  private static let fewEntering = 100

  /// - Throws: ``ChoiceSolverError`` if GLPK breaks down.
  func run(from dual: DualPhase.Result) throws -> Vertex {
    var center = dual.multipliers
    var near = NearCritical(pass, at: center, mixture: dual.mixture, watch: watch)
    var centerBound = near.bound
    var best = Vertex(
      base: near.base, shares: [], multipliers: center, purchases: dual.purchases, value: .infinity,
      bound: centerBound, excess: [], near: near.members, sums: near.sums, isProven: false)
    let runOf = RunLookup(scaled.columns.layout)
    var box = TrustRegion(caps: caps, width: near.width)
    var choice = Array(repeating: UInt16(0), count: near.base.count)
    for _ in 0..<Self.mostRounds {
      if watch.shouldStop { break }
      var residual = try Residual(scaled, near: near, center: center, box: box)
      let solution: Residual.Solution?
      do {
        solution = try residual.solve(seconds: watch.deadline.remaining)
      } catch {
        // Better an answer without a proof than none.
        guard best.isFeasible else { throw error }
        break
      }
      guard let solution else { break }
      let found = pass.run(solution.multipliers, choice: &choice)
      watch.count(1)
      let violation =
        zip(caps, solution.excess).reduce(0) { $0 + $1.0 * max(0, $1.1 - Vertex.excessTolerance) }
        / scaled.groupCount
      let gap = solution.value + violation - found.bound
      let isProven = abs(gap) <= Self.tolerance * max(scaled.smallValue, abs(solution.value))
      let latest = Vertex(
        base: near.base, shares: solution.shares, multipliers: solution.multipliers,
        purchases: solution.purchases, value: solution.value, bound: found.bound, excess: solution.excess,
        near: near.members, sums: near.sums, isProven: isProven)
      // Stopped early, the best that was found is what is asked for.
      if isProven || !best.isFeasible || (latest.isFeasible && latest.value <= best.value) { best = latest }
      watch.report(
        bound: scaled.unscaled(max(found.bound, centerBound)), value: scaled.unscaled(solution.value))
      if isProven {
        guard wantsRanges else { break }
        // A multiplier at the edge of the region may stand there for the edge's sake.
        if box.widen(where: solution.multipliers, around: center, by: 1e3) { continue }
        best.ranges = try residual.ranges()
        break
      }
      let entering = entering(choice, near, solution.multipliers, runOf)
      let isConfined = box.widen(
        where: solution.multipliers, around: center, by: entering.count < Self.fewEntering ? 16 : 4)
      if entering.isEmpty, !isConfined { break }
      let isBetter = found.bound > centerBound
      if isBetter {
        center = solution.multipliers
        centerBound = found.bound
      }
      if isBetter, entering.count > 2 * NearCritical.target(scaled) {
        near = NearCritical(pass, at: center, mixture: dual.mixture, watch: watch)
        for share in solution.shares { near.consider(share.option, at: share.position) }
        continue
      }
      for entry in entering.prefix(2 * NearCritical.target(scaled)) {
        near.consider(entry.option, at: entry.position)
        guard isBetter else { continue }
        // Each group's best option at the better multipliers becomes its base; what it leaves stays a member,
        // so that the residual problem only grows.
        let old = Int(near.base[entry.position])
        near.rebase(entry.position, to: entry.option, entry.run, scaled)
        near.forget(entry.option, at: entry.position)
        near.consider(old, at: entry.position)
      }
      if isBetter {
        near.trim(to: 2 * NearCritical.target(scaled), pass, at: center, keeping: solution.shares)
      }
    }
    if !best.isProven, centerBound > best.bound {
      (best.multipliers, best.bound) = (center, centerBound)
    }
    return best
  }

  /// The pairs that price out, the worst first.
  private func entering(
    _ choice: [UInt16], _ near: NearCritical, _ multipliers: [Double], _ runOf: RunLookup
  ) -> [(position: Int, option: Int, run: Int, gain: Double)] {
    let weights = pass.weights(multipliers)
    var entering: [(position: Int, option: Int, run: Int, gain: Double)] = []
    for (r, run) in scaled.columns.layout.runs.enumerated() {
      for position in run.positions where choice[position] != near.base[position] {
        let option = Int(choice[position])
        let score = pass.score(weights, position, run.segment, option)
        var incumbent = pass.score(weights, position, run.segment, Int(near.base[position]))
        for member in near.members[position] ?? [] {
          incumbent = min(incumbent, pass.score(weights, position, run.segment, member))
        }
        if score < incumbent - PricingPass.tieTolerance {
          entering.append((position, option, r, incumbent - score))
        }
      }
    }
    entering.sort { ($1.gain, $0.position) < ($0.gain, $1.position) }
    return entering
  }
}

/// A solution of the linear relaxation, by positions and in scaled units.
struct Vertex {
  /// The base option of each position.
  var base: [UInt16]
  /// The pairs other than bases with the part of their position that they get.
  var shares: [(position: Int, option: Int, value: Double)]
  /// The multipliers.
  var multipliers: [Double]
  /// What is bought.
  var purchases: [Double]
  /// The primal value per group, without the cost of excess; infinite if there was no time for one.
  var value: Double
  /// The Lagrangian bound at the multipliers, per group.
  var bound: Double
  /// By how much each row is exceeded, in groups; empty without a value.
  var excess: [Double]
  /// The options other than bases that were considered, by position.
  var near: [Int: [Int]]
  /// The sums over the base, per run, option and plane.
  var sums: [Double]
  /// Whether the value meets the bound.
  var isProven: Bool
  /// Between which limits, scaled and per group, each multiplier stays.
  var ranges: [(least: Double, most: Double)]?

  /// Excess of up to so much, in groups, is rounding.
  static let excessTolerance = 1e-7

  /// How far the value is from the bound.
  var gap: Double { abs(value - bound) }

  /// Whether the rows are kept, but for rounding.
  var isFeasible: Bool { value.isFinite && excess.allSatisfy { $0 <= Self.excessTolerance } }
}
