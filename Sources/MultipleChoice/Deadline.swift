/// A time limit, by the monotonic clock; never passed if there is none.
struct Deadline {
  private let instant: ContinuousClock.Instant?

  init(seconds: Double?) {
    instant = seconds.map { ContinuousClock.now + .seconds($0 > 0 ? min($0, 1e9) : 0) }
  }

  var hasPassed: Bool { instant.map { ContinuousClock.now >= $0 } ?? false }

  /// Seconds left, or `nil` if there is no limit.
  var remaining: Double? { instant.map { _ in remaining(otherwise: 0) } }

  /// Seconds left, or `otherwise` if there is no limit.
  func remaining(otherwise: Double) -> Double {
    guard let instant else { return otherwise }
    let left = ContinuousClock.now.duration(to: instant) / .seconds(1)
    return max(0.001, left)
  }
}
