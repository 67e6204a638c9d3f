/// Refusals, headers and limits as OpenAI and Azure write them.
///
/// https://platform.openai.com/docs/guides/error-codes and
/// https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter
enum OpenAIRefusals {
  static func refusal(_ error: APIError, isAzure: Bool) -> WireRefusal {
    var inner: [(key: String, value: JSONValue)] = [
      ("message", .string(error.message)), ("type", .string(error.type)), ("param", JSONValue(error.param)),
      ("code", JSONValue(error.code)),
    ]
    if isAzure, error.reason == .contentFilter {
      inner = [
        ("message", .string(error.message)), ("type", nil), ("param", "prompt"), ("code", "content_filter"),
        ("status", 400),
        (
          "innererror",
          [
            "code": "ResponsibleAIPolicyViolation",
            "content_filter_result": ["violence": ["filtered": true, "severity": "high"]],
          ]
        ),
      ]
    }
    return WireRefusal(status: error.status, body: ["error": .object(inner)])
  }

  static let retryHeaders = ["retry-after", "retry-after-ms"]

  static func limitHeaders(_ limits: LimitReport) -> [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = []
    for (name, status) in [("requests", limits.requests), ("tokens", limits.tokens)] {
      guard let status else { continue }
      headers.append(("x-ratelimit-limit-\(name)", String(status.limit)))
      headers.append(("x-ratelimit-remaining-\(name)", String(status.remaining)))
      headers.append(("x-ratelimit-reset-\(name)", "\(Milliseconds.of(status.reset))ms"))
    }
    return headers
  }

  static func headers(serial: UInt64, latency: Double) -> [(name: String, value: String)] {
    [("x-request-id", "req-sim\(serial)"), ("openai-processing-ms", String(Milliseconds.of(latency)))]
  }
}

/// Whole milliseconds.
enum Milliseconds {
  /// Rounded up; what is longer than thirty years is as good as thirty years.
  static func of(_ seconds: Double) -> Int { Int((min(max(seconds, 0), 1e9) * 1000).rounded(.up)) }
}
