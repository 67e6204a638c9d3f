/// An allowance that refills continuously: so much at once, so much per second.
///
/// What was admitted over any t seconds is at most `capacity + rate x t`, as long as each amount is at most
/// the capacity and no more than was estimated. The token bucket of J. Turner, "New directions in
/// communications", IEEE Communications Magazine 24(10), 1986.
///
/// Amounts are requests or tokens; times are seconds on any scale that does not run backwards. Each call
/// costs O(1).
public struct TokenBucket: Sendable {
  /// What it holds when full, 0 or more. A bucket that holds nothing admits nothing.
  public private(set) var capacity: Double
  /// What is refilled per second, 0 or more.
  public private(set) var rate: Double
  /// Seconds in which an empty bucket fills.
  public let period: Double
  /// What it holds as of the latest call; below 0 where more was used than was there.
  public private(set) var level: Double

  private var clock = -Double.infinity
  /// Until then it refills more slowly: as the provider's own allowance does.
  private var slow = (rate: 0.0, until: -Double.infinity)

  /// A full bucket of `limit` per `period`.
  ///
  /// - Precondition: the period is above 0 and finite; the limit is finite.
  public init(limit: Double, period: Double) {
    precondition(period > 0 && period.isFinite && limit.isFinite, "a bucket has a limit and a period")
    capacity = max(0, limit)
    rate = capacity / period
    self.period = period
    level = capacity
  }

  /// Seconds until `amount` may be taken: 0 if now, infinite if never.
  ///
  /// An amount above the capacity waits until the bucket is full. What is refilled within a microsecond may
  /// be missing, so that a wait that was rounded is not followed by another.
  public mutating func wait(for amount: Double, at now: Double) -> Double {
    refill(at: now)
    guard amount > 0 else { return 0 }
    guard capacity > 0 else { return .infinity }
    let missing = min(amount, capacity) - level
    guard missing > rate * 1e-6 else { return 0 }
    guard slow.until > clock else { return missing / rate }
    let soon = slow.rate * (slow.until - clock)
    return missing <= soon ? missing / slow.rate : slow.until - clock + (missing - soon) / rate
  }

  /// What can be taken in so many seconds, 0 or more, from now on: 0 or more.
  public mutating func amount(within seconds: Double, at now: Double) -> Double {
    refill(at: now)
    let slowly = max(0, min(seconds, slow.until - now))
    return max(0, level + slow.rate * slowly + rate * (seconds - slowly))
  }

  /// Takes `amount`, whether or not it is there; one below 0 or no number is nothing.
  public mutating func take(_ amount: Double, at now: Double) {
    refill(at: now)
    guard amount > 0 else { return }
    // A usage that a provider made up does not close the bucket for longer than ten periods.
    level = max(level - amount, -10 * capacity)
  }

  /// Puts back what was taken and not used; what does not fit is lost.
  public mutating func giveBack(_ amount: Double, at now: Double) {
    refill(at: now)
    guard amount > 0 else { return }
    level = min(capacity, level + amount)
  }

  /// Corrects the bucket by what its provider says of its own.
  ///
  /// The level is lowered to `remaining`, never raised. Until `resetIn` it refills no faster than leads from
  /// `remaining` to the limit by then; a reset later than ``period`` counts as one after a period. The
  /// capacity and with it the rate follow `limit`, in either direction. A figure below 0 (for the limit, 0
  /// too) or no number counts as not said.
  ///
  /// - Parameters:
  ///   - remaining: what the provider would admit now.
  ///   - resetIn: seconds until all of it is there again.
  ///   - limit: per ``period``.
  public mutating func correct(remaining: Double?, resetIn: Double?, limit: Double?, at now: Double) {
    refill(at: now)
    if let limit, limit > 0, limit.isFinite {
      capacity = limit
      rate = limit / period
      level = min(level, capacity)
    }
    guard let remaining, remaining >= 0 else { return }
    level = min(level, remaining)
    guard let resetIn, resetIn > 0 else { return }
    let reset = min(resetIn, period)
    slow = (min(rate, max(0, capacity - remaining) / reset), clock + reset)
  }

  private mutating func refill(at now: Double) {
    guard now > clock, now.isFinite else { return }
    defer { clock = now }
    guard clock.isFinite else { return }
    let slowly = max(0, min(now, slow.until) - clock)
    level = min(capacity, level + slow.rate * slowly + rate * (now - clock - slowly))
  }
}
