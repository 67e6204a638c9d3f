package import DrayageCore

/// Reads the header fields in which providers report their rate limits.
///
/// - `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`: OpenAI and Groq, with durations such as `6m0s`
///   (https://platform.openai.com/docs/guides/rate-limits, https://console.groq.com/docs/rate-limits); Azure
///   sends limit and remaining.
/// - The same with `-minute`, `-hour`, `-day` or `-month` behind: Cerebras
///   (https://inference-docs.cerebras.ai/support/rate-limits); Mistral says `req` for requests
///   (https://github.com/mistralai/client-ts/issues/169). The shortest window is taken, but one with
///   nothing left comes first.
/// - `x-ratelimit-limit`, `-remaining`, `-reset` alone: requests; and `x-tokenlimit-…`: tokens (Together,
///   https://docs.together.ai/docs/rate-limits; OpenRouter counts the reset in milliseconds since 1970).
/// - `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}`, with dates
///   of RFC 3339 (https://platform.claude.com/docs/en/api/rate-limits).
package enum RateLimitHeaders {
  /// What `fields` say; nil if they say nothing of limits.
  ///
  /// - Parameters:
  ///   - provider: who sent them: Groq counts requests by the day and says so only in its documentation.
  ///   - now: in Unix seconds.
  package static func report(
    _ fields: HTTPFields, provider: String = "", now: Double = WallClock.now
  ) -> RateLimitReport? {
    // Every name below is looked for among all fields, most of which say something else.
    let fields = HTTPFields(
      fields.entries.filter { field in prefixes.contains { HTTPFields.name(field.name, beginsWith: $0) } })
    guard !fields.entries.isEmpty else { return nil }
    let plain: RateLimitReport.Allowance.Period = provider == "groq" ? .day : .minute
    var report = RateLimitReport()
    report.requests =
      allowance(fields, ["requests", "req"], plain, now: now) ?? bare(fields, "x-ratelimit", plain, now: now)
    report.tokens =
      allowance(fields, ["tokens"], .minute, now: now) ?? bare(fields, "x-tokenlimit", .minute, now: now)
    report.inputTokens = allowance(fields, ["input-tokens"], .minute, now: now)
    report.outputTokens = allowance(fields, ["output-tokens"], .minute, now: now)
    return report == RateLimitReport() ? nil : report
  }

  /// How the names of all these fields begin.
  private static let prefixes = ["x-ratelimit-", "x-tokenlimit-", "anthropic-ratelimit-"]

  private static func allowance(
    _ fields: HTTPFields, _ names: [String], _ plain: RateLimitReport.Allowance.Period, now: Double
  ) -> RateLimitReport.Allowance? {
    let periods: [(suffix: String, period: RateLimitReport.Allowance.Period?)] = [
      ("", plain), ("-minute", .minute), ("-hour", nil), ("-day", .day), ("-month", nil),
    ]
    var found: [RateLimitReport.Allowance] = []
    for name in names {
      found.append(read(fields, .minute, now: now) { "anthropic-ratelimit-\(name)-\($0)" })
      for (suffix, period) in periods {
        found.append(read(fields, period, now: now) { "x-ratelimit-\($0)-\(name)\(suffix)" })
      }
    }
    found.removeAll { $0.isEmpty }
    return found.first { $0.remaining == 0 } ?? found.first
  }

  private static func bare(
    _ fields: HTTPFields, _ prefix: String, _ period: RateLimitReport.Allowance.Period, now: Double
  ) -> RateLimitReport.Allowance? {
    let allowance = read(fields, period, now: now) { "\(prefix)-\($0)" }
    return allowance.isEmpty ? nil : allowance
  }

  /// - Parameter period: nil for one that no quota is stated for: then only what is left is of use, not the limit.
  private static func read(
    _ fields: HTTPFields, _ period: RateLimitReport.Allowance.Period?, now: Double, _ name: (String) -> String
  ) -> RateLimitReport.Allowance {
    var allowance = RateLimitReport.Allowance(
      limit: fields[name("limit")].flatMap(count), remaining: fields[name("remaining")].flatMap(count),
      resetIn: fields[name("reset")].flatMap { seconds($0, now: now) }, period: period ?? .minute)
    guard period == nil else { return allowance }
    allowance.limit = nil
    // What is left of an hour says nothing of the minute, unless it is nothing.
    if allowance.remaining != 0 { allowance = .init() }
    return allowance
  }

  /// A count of 0 to 10^15; a fraction is dropped.
  private static func count(_ text: String) -> Int? {
    var scanner = ByteScanner(text)
    guard text.utf8.count <= 40, let value = scanner.decimal(), scanner.isAtEnd, value <= 1e15 else {
      return nil
    }
    return Int(value)
  }

  /// The seconds until a reset that is stated as a duration, a date, seconds, or seconds or milliseconds
  /// since 1970; nil if it makes no sense.
  ///
  /// A number beyond ``RetryAfter/mostSeconds`` can only be since 1970, and one beyond 10^11 only in
  /// milliseconds.
  static func seconds(_ text: String, now: Double) -> Double? {
    guard text.utf8.count <= 100 else { return nil }
    var scanner = ByteScanner(text)
    let seconds: Double?
    if let value = scanner.decimal(), scanner.isAtEnd {
      seconds =
        if value <= RetryAfter.mostSeconds { value } else {
          max(0, (value > 1e11 ? value / 1_000 : value) - now)
        }
    } else {
      seconds = duration(text) ?? HTTPDate.seconds(text, now: now).map { max(0, $0 - now) }
    }
    return seconds.flatMap { (0...RetryAfter.mostSeconds).contains($0) ? $0 : nil }
  }

  /// A duration as Go writes it: `1h2m3.5s`, `12ms`, `7.66s`; nil if it is none.
  static func duration(_ text: String) -> Double? {
    var scanner = ByteScanner(text)
    var total = 0.0
    var last = Double.infinity
    repeat {
      guard let value = scanner.decimal() else { return nil }
      // Units in the order of their size, each once.
      let unit: Double
      switch scanner.unit() {
      case "d": unit = 86_400
      case "h": unit = 3_600
      case "m": unit = 60
      case "s": unit = 1
      case "ms": unit = 1e-3
      case "us": unit = 1e-6
      case "ns": unit = 1e-9
      default: return nil
      }
      guard unit < last else { return nil }
      last = unit
      total += value * unit
    } while !scanner.isAtEnd
    return total
  }
}

extension ByteScanner {
  /// Reads the unit of a duration.
  fileprivate mutating func unit() -> String? {
    if take("µs") || take("μs") { return "us" }
    return word()
  }
}

extension RateLimitReport.Allowance {
  /// Whether nothing is said.
  fileprivate var isEmpty: Bool { limit == nil && remaining == nil && resetIn == nil }
}
