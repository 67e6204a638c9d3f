extension CircuitBreaker {
  /// When it opens, and when it closes again. Times are in seconds.
  public struct Policy: Hashable, Sendable {
    /// It opens after so many failures without a success between them, 1 or more.
    public var consecutiveFailures: Int
    /// It opens when this share of the attempts within ``window`` failed, above 0 and at most 1.
    public var failureShare: Double
    /// Fewer attempts than this within ``window`` say nothing about the share, 1 or more.
    public var fewestAttempts: Int
    /// The time that the share is taken over, above 0; a slice of a twelfth of it is forgotten at a time.
    public var window: Double
    /// How long it stays open at first, 0 or more; doubled with each failed probe.
    public var firstOpen: Double
    /// How long it stays open at most, at least ``firstOpen``.
    public var longestOpen: Double
    /// The successful probes that close it, 1 or more.
    public var probesToClose: Int
    /// The most probes under way at a time, 1 or more.
    public var probesAtOnce: Int

    /// A policy.
    ///
    /// - Precondition: every figure is finite and in its range.
    public init(
      consecutiveFailures: Int = 5, failureShare: Double = 0.5, fewestAttempts: Int = 20,
      window: Double = 60, firstOpen: Double = 5, longestOpen: Double = 300, probesToClose: Int = 2,
      probesAtOnce: Int = 1
    ) {
      precondition(
        consecutiveFailures >= 1 && fewestAttempts >= 1 && probesToClose >= 1 && probesAtOnce >= 1,
        "counts are one or more")
      precondition(failureShare > 0 && failureShare <= 1, "a share is above 0 and at most 1")
      precondition(window > 0 && window.isFinite, "a window is above 0 and finite")
      precondition(
        firstOpen >= 0 && longestOpen >= firstOpen && longestOpen.isFinite, "times are zero or more")
      self.consecutiveFailures = consecutiveFailures
      self.failureShare = failureShare
      self.fewestAttempts = fewestAttempts
      self.window = window
      self.firstOpen = firstOpen
      self.longestOpen = longestOpen
      self.probesToClose = probesToClose
      self.probesAtOnce = probesAtOnce
    }
  }
}
