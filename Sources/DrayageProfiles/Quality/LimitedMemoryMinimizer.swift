/// Minimizes a smooth convex function by limited-memory BFGS with a preconditioner (Nocedal and Wright,
/// Numerical Optimization, algorithms 7.4 and 7.5) and backtracking. Deterministic.
struct LimitedMemoryMinimizer {
  /// How many steps are remembered.
  var memory = 6
  /// The most steps that are taken.
  var steps = 100
  /// Stops when a step is expected to gain less than this share of the value.
  var tolerance = 1e-7

  /// Moves `point` to the minimum.
  ///
  /// - Parameters:
  ///   - function: the value at a point; writes the gradient.
  ///   - precondition: multiplies a vector by an approximate inverse of the second derivatives.
  func minimize(
    _ point: inout [Double], function: ([Double], inout [Double]) -> Double,
    precondition: (inout [Double]) -> Void
  ) {
    var gradient = Array(repeating: 0.0, count: point.count)
    var value = function(point, &gradient)
    var history: [(step: [Double], change: [Double], curvature: Double)] = []
    for _ in 0..<steps {
      var direction = gradient
      var factors: [Double] = []
      for pair in history.reversed() {
        let factor = Self.dot(pair.step, direction) / pair.curvature
        Self.add(-factor, pair.change, to: &direction)
        factors.append(factor)
      }
      precondition(&direction)
      for (pair, factor) in zip(history, factors.reversed()) {
        let correction = factor - Self.dot(pair.change, direction) / pair.curvature
        Self.add(correction, pair.step, to: &direction)
      }
      let slope = Self.dot(gradient, direction)
      guard slope > tolerance * max(1, value.magnitude) else { return }
      var length = 1.0
      var next = point
      var nextGradient = gradient
      var nextValue = Double.infinity
      while length > 1e-6 {
        next = point
        Self.add(-length, direction, to: &next)
        nextValue = function(next, &nextGradient)
        if nextValue <= value - 1e-4 * length * slope { break }
        length /= 2
      }
      guard nextValue < value else { return }
      var step = next
      Self.add(-1, point, to: &step)
      var change = nextGradient
      Self.add(-1, gradient, to: &change)
      let curvature = Self.dot(step, change)
      if curvature > 0 {
        history.append((step, change, curvature))
        if history.count > memory { history.removeFirst() }
      }
      (point, gradient, value) = (next, nextGradient, nextValue)
    }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }

  private static func add(_ factor: Double, _ a: [Double], to b: inout [Double]) {
    for i in a.indices { b[i] += factor * a[i] }
  }
}
