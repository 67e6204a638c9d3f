/// A token bucket of requests or tokens: full at the start, refilled evenly. Times are simulated seconds from
/// the start.
struct MinuteBucket {
  let perMinute: Int
  private var level: Double
  private var filled = 0.0

  init(perMinute: Int) {
    self.perMinute = perMinute
    level = Double(perMinute)
  }

  /// Whole units that would be accepted now.
  var remaining: Int { Int(level) }

  /// Simulated seconds until the bucket is full.
  var secondsToFull: Double { (Double(perMinute) - level) / perSecond }

  /// Simulated seconds until `units` are there, or a full bucket if that is less; 0 if they are.
  mutating func wait(for units: Int = 1, at now: Double) -> Double {
    level = min(Double(perMinute), level + max(0, now - filled) * perSecond)
    filled = max(filled, now)
    return max(0, (Double(min(units, perMinute)) - level) / perSecond)
  }

  /// Takes `units`, or all there is; nil if they were there, else the simulated seconds until they are.
  mutating func take(_ units: Int = 1, at now: Double) -> Double? {
    let wait = wait(for: units, at: now)
    guard wait == 0 else { return wait }
    level -= Double(min(units, perMinute))
    return nil
  }

  private var perSecond: Double { Double(perMinute) / 60 }
}
