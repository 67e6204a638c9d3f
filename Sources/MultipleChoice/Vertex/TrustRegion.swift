/// How far from their centre a residual problem's multipliers may go: a residual problem knows little of pairs
/// whose scores differ by much more than those of its own.
struct TrustRegion {
  private let caps: [Double]
  private var below: [Double]
  private var above: [Double]

  init(caps: [Double], width: Double) {
    self.caps = caps
    below = Array(repeating: width, count: caps.count)
    above = below
  }

  func lower(_ k: Int, _ center: [Double]) -> Double { max(0, center[k] - below[k]) }

  func upper(_ k: Int, _ center: [Double]) -> Double { min(caps[k], center[k] + above[k]) }

  /// Lets multipliers that stand at its edge go further the next time; says whether any did.
  mutating func widen(
    where multipliers: [Double], around center: [Double], by factor: Double
  ) -> Bool {
    var widened = false
    for k in caps.indices {
      let touch = 1e-6 * (below[k] + above[k])
      let (lower, upper) = (lower(k, center), upper(k, center))
      if lower > 0, multipliers[k] <= lower + touch {
        below[k] *= factor
        widened = true
      }
      if upper < caps[k], multipliers[k] >= upper - touch {
        above[k] *= factor
        widened = true
      }
    }
    return widened
  }
}
