extension RateLimiter {
  /// Corrects the buckets by what a provider says of its own count.
  ///
  /// Levels are only ever lowered, limits follow. A limit that the quota does not state is kept from now on,
  /// as the provider says it. An attempt is best settled before the headers of its reply are reported, so
  /// that what it gives back does not lift a level above what they say.
  public mutating func correct(by report: RateLimitReport, at now: Double) {
    if let requests = report.requests {
      correct(requests.period == .day ? .requestsPerDay : .requestsPerMinute, by: requests, at: now)
    }
    if let tokens = report.tokens {
      correct(tokens.period == .day ? .tokensPerDay : .tokensPerMinute, by: tokens, at: now)
    }
    if let input = report.inputTokens, input.period == .minute {
      correct(.inputPerMinute, by: input, at: now)
    }
    if let output = report.outputTokens, output.period == .minute {
      correct(.outputPerMinute, by: output, at: now)
    }
  }

  private mutating func correct(
    _ dimension: Dimension, by said: RateLimitReport.Allowance, at now: Double
  ) {
    if buckets[dimension] == nil, let limit = said.limit, limit > 0 {
      buckets[dimension] = TokenBucket(limit: Double(limit), period: dimension.period)
    }
    buckets[dimension]?.correct(
      remaining: said.remaining.map(Double.init), resetIn: said.resetIn, limit: said.limit.map(Double.init),
      at: now)
  }
}
