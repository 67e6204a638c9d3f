import LinearOptimization

/// A random linear program whose optimum is known, because a primal and a dual point that satisfy
/// complementary slackness are drawn first.
///
/// It has free, bounded, boxed and fixed columns, rows of all kinds, degenerate and alternate optima, and
/// either sense.
struct SolverInstance {
  let model: LinearModel
  let optimum: Double
  /// An optimal value for each column.
  let point: [Double]
  /// The sum of the magnitudes of the objective's terms at the optimum.
  let size: Double

  init(rows: Int, columns: Int, seed: UInt64, decades: Int = 0) {
    var random = SplitMix64(seed: seed)
    self.init(rows: rows, columns: columns, decades: decades, using: &random)
  }

  /// - Parameter decades: rows and columns are scaled by powers of ten up to this exponent, either way.
  init(rows: Int, columns: Int, decades: Int = 0, using random: inout SplitMix64) {
    let isMaximum = Bool.random(using: &random)
    let sign = isMaximum ? -1.0 : 1.0
    let rowScale = (0..<rows).map { _ in Self.powerOfTen(Int.random(in: -decades...decades, using: &random)) }
    let columnScale = (0..<columns).map { _ in
      Self.powerOfTen(Int.random(in: -decades...decades, using: &random))
    }
    var activities = Array(repeating: 0.0, count: rows)
    var entries: [[(Int, Double)]] = []
    var points: [(bounds: Bounds, value: Double, reducedCost: Double)] = []
    for j in 0..<columns {
      let scale = columnScale[j]
      let point = Self.point(at: Double.random(in: -5...5, using: &random), sign, using: &random)
      points.append(
        (
          Bounds(lower: point.bounds.lower / scale, upper: point.bounds.upper / scale), point.value / scale,
          point.multiplier * scale
        ))
      var column: [(Int, Double)] = []
      for i in 0..<rows where i % columns == j || Double.random(in: 0..<1, using: &random) < 0.3 {
        let value = Double.random(in: -3...3, using: &random) * rowScale[i] * scale
        column.append((i, value))
        activities[i] += value * point.value / scale
      }
      entries.append(column)
    }
    var model = LinearModel()
    model.allowsEmpty = true
    model.sense = isMaximum ? .maximize : .minimize
    var duals: [Double] = []
    for i in 0..<rows {
      let row = Self.point(at: activities[i] / rowScale[i], sign, using: &random)
      model.addRow(
        name: "r\(i)", lower: row.bounds.lower * rowScale[i], upper: row.bounds.upper * rowScale[i])
      duals.append(row.multiplier / rowScale[i])
    }
    var (optimum, size) = (0.0, 0.0)
    for j in 0..<columns {
      let cost = entries[j].reduce(points[j].reducedCost) { $0 + duals[$1.0] * $1.1 }
      let (bounds, value) = (points[j].bounds, points[j].value)
      model.addColumn(
        name: "c\(j)", lower: bounds.lower, upper: bounds.upper, objective: cost, entries: entries[j])
      optimum += cost * value
      size += abs(cost * value)
    }
    self.model = model
    self.optimum = optimum
    point = points.map(\.value)
    self.size = max(size, 1e-3)
  }

  private static func powerOfTen(_ exponent: Int) -> Double {
    (0..<abs(exponent)).reduce(1.0) { result, _ in exponent < 0 ? result / 10 : result * 10 }
  }

  /// Bounds around a value, and a multiplier that satisfies complementary slackness there. `sign` is -1 for a
  /// maximum.
  private static func point(
    at value: Double, _ sign: Double, using random: inout SplitMix64
  ) -> (bounds: Bounds, value: Double, multiplier: Double) {
    let room = Double.random(in: 0.5...4, using: &random)
    // One in five at a bound has no multiplier, which makes the optimum degenerate or not unique.
    let push = Int.random(in: 0..<5, using: &random) == 0 ? 0 : Double.random(in: 0.1...3, using: &random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return (Bounds(), value, 0)
    case 1: return (Bounds(lower: value - room, upper: value + room), value, 0)
    case 2:
      return (Bounds(lower: value, upper: value), value, sign * (Bool.random(using: &random) ? push : -push))
    case 3, 4: return (Bounds(lower: value), value, sign * push)
    case 5: return (Bounds(upper: value), value, -sign * push)
    case 6: return (Bounds(lower: value, upper: value + room), value, sign * push)
    default: return (Bounds(lower: value - room, upper: value), value, -sign * push)
    }
  }
}
