/// Holds requests back so that a quota is kept: one per allowance, shared by the offers that draw on it.
///
/// Each limit is a bucket that begins full and refills continuously; a request takes from all of them or from
/// none. What it takes is an estimate, corrected by ``settle(_:input:output:cachedInput:at:)``. A provider's
/// window that starts afresh at fixed times may admit less than such a bucket near its start and more near
/// its end; ``correct(by:at:)`` and ``rateLimited(for:at:)`` follow what the provider says.
///
/// A value without clock or lock; times are seconds on any scale that does not run backwards. Each call costs
/// O(1).
public struct RateLimiter: Sendable {
  /// The permission for one attempt: to be settled, or released if it is never sent.
  public struct Ticket: Hashable, Sendable {
    fileprivate let number: Int
  }

  /// The answer to an attempt.
  public enum Admission: Hashable, Sendable {
    /// It may be sent.
    case admitted(Ticket)
    /// It may not; seconds until there is room in every bucket if nothing else is admitted, infinite if
    /// never; `nil` if there is no telling: until one of those under way ends.
    case wait(Double?)
  }

  /// One limit of a quota.
  enum Dimension: Hashable, CaseIterable {
    case requestsPerMinute, requestsPerDay, inputPerMinute, outputPerMinute, tokensPerMinute, tokensPerDay
  }

  /// The most attempts under way at a time; nil if not limited.
  public let concurrency: Int?
  /// Whether cached reads do not count as input tokens.
  public let excludesCachedInput: Bool

  var buckets: [Dimension: TokenBucket] = [:]
  /// What each attempt under way has taken.
  private var held: [Int: [Dimension: Double]] = [:]
  private var ticketsGiven = 0
  private var blockedUntil = -Double.infinity

  /// The longest that one refusal blocks, in seconds: a day, the longest period of a quota.
  static let longestBlock = 86_400.0

  /// A limiter with full buckets.
  ///
  /// - Parameter concurrency: the offers' own limit beside the quota's; the lower one holds.
  public init(_ quota: Quota, concurrency: Int? = nil) {
    self.concurrency = [quota.concurrency, concurrency].compactMap(\.self).min()
    excludesCachedInput = quota.excludesCachedInput
    for dimension in Dimension.allCases {
      guard let limit = dimension.limit(of: quota) else { continue }
      buckets[dimension] = TokenBucket(limit: Double(limit), period: dimension.period)
    }
  }

  /// What a limit counts.
  public enum Measure: Hashable, Sendable {
    /// Requests.
    case requests
    /// Input tokens.
    case input
    /// Output tokens.
    case output
    /// Input and output tokens together.
    case tokens
  }

  /// What one limit lets through in a span of time.
  public struct Allowance: Hashable, Sendable {
    /// What it counts.
    public let measure: Measure
    /// Seconds in which the limit begins anew: 60 or 86,400.
    public let period: Double
    /// How much.
    public let amount: Double
  }

  /// What each limit lets through in so many seconds, 0 or more, from now on: what is there, and what is refilled.
  public mutating func allowances(within seconds: Double, at now: Double) -> [Allowance] {
    Dimension.allCases.compactMap { dimension in
      guard let amount = buckets[dimension]?.amount(within: seconds, at: now) else { return nil }
      return Allowance(measure: dimension.measure, period: dimension.period, amount: amount)
    }
  }

  /// The attempts under way.
  public var underWay: Int { held.count }

  /// Asks for one attempt of about so many tokens, each 0 or more. If it has to wait, nothing is taken.
  public mutating func admit(input: Int, output: Int, at now: Double) -> Admission {
    // With none under way, a limit of nothing never ends.
    if let concurrency, held.count >= concurrency { return .wait(held.isEmpty ? .infinity : nil) }
    let use = Use(input: input, output: output)
    var wait = max(0, blockedUntil - now)
    for dimension in buckets.keys {
      wait = max(wait, buckets[dimension]?.wait(for: use.of(dimension), at: now) ?? 0)
    }
    // A wait that was rounded is not followed by another.
    guard wait <= 1e-6 else { return .wait(wait) }
    var taken: [Dimension: Double] = [:]
    for dimension in buckets.keys {
      taken[dimension] = use.of(dimension)
      buckets[dimension]?.take(use.of(dimension), at: now)
    }
    ticketsGiven += 1
    held[ticketsGiven] = taken
    return .admitted(Ticket(number: ticketsGiven))
  }

  /// Ends an attempt whose usage is known; a second call changes nothing. One that the provider refused used
  /// no tokens, but it was a request.
  ///
  /// - Parameters:
  ///   - input: input tokens without cached reads.
  ///   - cachedInput: input tokens read from the provider's cache: counted unless the quota excludes them.
  public mutating func settle(
    _ ticket: Ticket, input: Int, output: Int, cachedInput: Int = 0, at now: Double
  ) {
    let cached = excludesCachedInput ? 0 : max(0, cachedInput)
    let (sum, overflow) = max(0, input).addingReportingOverflow(cached)
    close(ticket, at: now, as: Use(input: overflow ? .max : sum, output: output).of)
  }

  /// Ends an attempt whose usage is not known: the estimate stands.
  public mutating func settle(_ ticket: Ticket) { held[ticket.number] = nil }

  /// Ends an attempt that was never sent: all it took is given back.
  public mutating func release(_ ticket: Ticket, at now: Double) { close(ticket, at: now) { _ in 0 } }

  /// Notes that the provider refused for the rate: nothing is admitted for so many seconds from now, a day at
  /// most.
  public mutating func rateLimited(for seconds: Double, at now: Double) {
    guard seconds > 0 else { return }
    blockedUntil = max(blockedUntil, now + min(seconds, Self.longestBlock))
  }

  private mutating func close(_ ticket: Ticket, at now: Double, as used: (Dimension) -> Double) {
    guard let taken = held.removeValue(forKey: ticket.number) else { return }
    for (dimension, estimate) in taken {
      let excess = used(dimension) - estimate
      if excess > 0 {
        buckets[dimension]?.take(excess, at: now)
      } else {
        buckets[dimension]?.giveBack(-excess, at: now)
      }
    }
  }
}
