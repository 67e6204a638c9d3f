extension RateLimiter.Dimension {
  /// What a quota says of it.
  func limit(of quota: Quota) -> Int? {
    switch self {
    case .requestsPerMinute: quota.requestsPerMinute
    case .requestsPerDay: quota.requestsPerDay
    case .inputPerMinute: quota.inputTokensPerMinute
    case .outputPerMinute: quota.outputTokensPerMinute
    case .tokensPerMinute: quota.tokensPerMinute
    case .tokensPerDay: quota.tokensPerDay
    }
  }

  /// What it counts.
  var measure: RateLimiter.Measure {
    switch self {
    case .requestsPerMinute, .requestsPerDay: .requests
    case .inputPerMinute: .input
    case .outputPerMinute: .output
    case .tokensPerMinute, .tokensPerDay: .tokens
    }
  }

  /// Seconds in which its bucket fills.
  var period: Double {
    switch self {
    case .requestsPerMinute, .inputPerMinute, .outputPerMinute, .tokensPerMinute: 60
    case .requestsPerDay, .tokensPerDay: 86_400
    }
  }
}

extension RateLimiter {
  /// What one attempt draws on each limit.
  struct Use {
    let input: Double
    let output: Double

    /// Counts below 0 are nothing.
    init(input: Int, output: Int) {
      self.input = Double(max(0, input))
      self.output = Double(max(0, output))
    }

    func of(_ dimension: Dimension) -> Double {
      switch dimension {
      case .requestsPerMinute, .requestsPerDay: 1
      case .inputPerMinute: input
      case .outputPerMinute: output
      case .tokensPerMinute, .tokensPerDay: input + output
      }
    }
  }
}
