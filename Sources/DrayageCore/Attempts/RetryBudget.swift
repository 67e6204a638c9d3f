/// Bounds retries as a share of requests, so that they do not multiply the load on providers in trouble.
///
/// The scheme of Finagle's `RetryBudget` and Linkerd's retry budgets
/// (finagle.github.io/blog/2016/02/08/retry-budgets; "Retry Budgets" in the Linkerd documentation): each
/// request deposits ``Policy/share`` of a retry, each retry withdraws one, both are forgotten after
/// ``Policy/window``, and on top of that so many per second are always allowed that a quiet client can retry
/// at all.
///
/// Over any window, withdrawals are at most `perSecond x window + share x deposits`. Each call costs O(1).
public struct RetryBudget: Sendable {
  /// How many retries.
  public struct Policy: Hashable, Sendable {
    /// Retries per request, 0 or more; 0.2 is a fifth.
    public var share: Double
    /// Seconds that deposits and withdrawals count, above 0; a slice of a tenth of it is forgotten at a time.
    public var window: Double
    /// Retries per second that are allowed whatever the number of requests, 0 or more.
    public var perSecond: Double

    /// A policy.
    ///
    /// - Precondition: every figure is finite and in its range.
    public init(share: Double = 0.2, window: Double = 10, perSecond: Double = 3) {
      precondition(share >= 0 && perSecond >= 0 && window > 0, "shares and rates are zero or more")
      precondition(share.isFinite && perSecond.isFinite && window.isFinite, "the figures are finite")
      self.share = share
      self.window = window
      self.perSecond = perSecond
    }
  }

  /// The policy.
  public let policy: Policy

  private var deposits: SlidingCount
  private var withdrawals: SlidingCount

  /// A budget to which nothing was paid in yet.
  public init(policy: Policy = Policy()) {
    self.policy = policy
    deposits = SlidingCount(window: policy.window, slices: 10)
    withdrawals = deposits
  }

  /// Counts a request: its first attempt, not its retries.
  ///
  /// - Parameter now: seconds on any scale that does not run backwards.
  public mutating func deposit(at now: Double) { deposits.add(1, at: now) }

  /// Takes one retry; whether there was one to take. If not, nothing changes.
  ///
  /// - Parameter now: seconds on any scale that does not run backwards.
  public mutating func withdraw(at now: Double) -> Bool {
    // A sum of fifths misses a whole by a rounding error.
    guard balance(at: now) >= 1 - 1e-9 else { return false }
    withdrawals.add(1, at: now)
    return true
  }

  /// The retries left; below 0 when deposits were forgotten before what they paid for.
  public mutating func balance(at now: Double) -> Double {
    policy.perSecond * policy.window + policy.share * Double(deposits.total(at: now))
      - Double(withdrawals.total(at: now))
  }
}
