/// A token bucket of requests: full at the start, refilled evenly. Times are simulated seconds from the
/// start.
struct RequestBucket {
  let requestsPerMinute: Int
  private var level: Double
  private var filled = 0.0

  init(_ limit: RequestLimit) {
    requestsPerMinute = limit.requestsPerMinute
    level = Double(limit.requestsPerMinute)
  }

  /// Whole requests that would be accepted now.
  var remaining: Int { Int(level) }

  /// Simulated seconds until the bucket is full.
  var secondsToFull: Double { (Double(requestsPerMinute) - level) / perSecond }

  /// Takes one request; nil if there was one, else the simulated seconds until there is.
  mutating func take(at now: Double) -> Double? {
    level = min(Double(requestsPerMinute), level + max(0, now - filled) * perSecond)
    filled = max(filled, now)
    guard level < 1 else {
      level -= 1
      return nil
    }
    return (1 - level) / perSecond
  }

  private var perSecond: Double { Double(requestsPerMinute) / 60 }
}
