/// What the headers of a reply say about the provider's own count of a quota.
public struct RateLimitReport: Hashable, Sendable {
  /// One allowance. What is nil is not said.
  public struct Allowance: Hashable, Sendable {
    /// The time that a limit is stated for.
    public enum Period: Hashable, Sendable {
      /// 60 seconds.
      case minute
      /// 86,400 seconds.
      case day
    }

    /// The most per ``period``.
    public var limit: Int?
    /// What is left of it.
    public var remaining: Int?
    /// Seconds until all of it is there again.
    public var resetIn: Double?
    /// The time that the limit is stated for.
    public var period: Period

    /// An allowance.
    public init(
      limit: Int? = nil, remaining: Int? = nil, resetIn: Double? = nil, period: Period = .minute
    ) {
      self.limit = limit
      self.remaining = remaining
      self.resetIn = resetIn
      self.period = period
    }
  }

  /// Requests.
  public var requests: Allowance?
  /// Input and output tokens together.
  public var tokens: Allowance?
  /// Input tokens; providers state them per minute only.
  public var inputTokens: Allowance?
  /// Output tokens; providers state them per minute only.
  public var outputTokens: Allowance?

  /// A report.
  public init(
    requests: Allowance? = nil, tokens: Allowance? = nil, inputTokens: Allowance? = nil,
    outputTokens: Allowance? = nil
  ) {
    self.requests = requests
    self.tokens = tokens
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
  }
}
