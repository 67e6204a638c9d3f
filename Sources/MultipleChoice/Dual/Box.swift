/// Between what each multiplier is looked for: at most its cap, and near a starting point if there is one.
struct Box {
  private(set) var lower: [Double]
  private(set) var upper: [Double]
  /// The most each multiplier may be.
  let caps: [Double]

  /// Everything from zero to the caps.
  init(caps: [Double]) {
    self.caps = caps
    lower = Array(repeating: 0, count: caps.count)
    upper = caps
  }

  /// The neighbourhood of a starting point; it is widened where an optimum touches it. A multiplier at its cap
  /// says nothing about where it belongs.
  init(around center: [Double], caps: [Double]) {
    self.caps = caps
    lower = zip(center, caps).map { $0 > 0.5 * $1 ? 0 : max(0, $0 * 0.8 - Self.least) }
    upper = zip(center, caps).map { min($1, $0 > 0.5 * $1 ? $1 : $0 * 1.2 + Self.least) }
  }

  /// Multipliers are of the order of one.
  private static let least = 5e-2

  /// Widens the box where `multipliers` touch it; says whether it did.
  mutating func widen(where multipliers: [Double]) -> Bool {
    var widened = false
    for k in multipliers.indices {
      let width = upper[k] - lower[k]
      let touch = 1e-6 * width
      if multipliers[k] >= upper[k] - touch, upper[k] < caps[k] {
        upper[k] = min(caps[k], upper[k] + 4 * width + Self.least)
        widened = true
      }
      if multipliers[k] <= lower[k] + touch, lower[k] > 0 {
        lower[k] = max(0, lower[k] - 4 * width - Self.least)
        if lower[k] < Self.least { lower[k] = 0 }
        widened = true
      }
    }
    return widened
  }
}
