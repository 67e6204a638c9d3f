import DrayageCore
import Testing

@testable import DrayageExecution

struct RateLimitHeadersTests {
  /// 6 November 1994, 08:49:37 UTC.
  private let now = 784_111_777.0
  private typealias Window = RateLimitReport.Allowance

  private func report(_ fields: HTTPFields) -> RateLimitReport? { RateLimitHeaders.report(fields, now: now) }

  @Test func `OpenAI and Groq state durations`() {
    let fields: HTTPFields = [
      "x-ratelimit-limit-requests": "14400", "x-ratelimit-limit-tokens": "18000",
      "x-ratelimit-remaining-requests": "14370", "x-ratelimit-remaining-tokens": "17997",
      "x-ratelimit-reset-requests": "2m59.56s", "x-ratelimit-reset-tokens": "7.66s",
    ]
    #expect(
      report(fields)
        == RateLimitReport(
          requests: Window(limit: 14_400, remaining: 14_370, resetIn: 179.56),
          tokens: Window(limit: 18_000, remaining: 17_997, resetIn: 7.66)))
  }

  @Test(arguments: [
    ("6m0s", 360.0), ("12ms", 0.012), ("7.66s", 7.66), ("1h", 3_600), ("1d2h3m4s", 93_784), ("0s", 0),
    ("500us", 0.0005), ("500µs", 0.0005), ("20ns", 2e-8), ("59.8", 59.8), ("0", 0),
    ("784111807", 30), ("784111807000", 30), ("784111700", 0), ("1994-11-06T08:50:07Z", 30),
    ("Sun, 06 Nov 1994 08:50:07 GMT", 30),
  ])
  func `resets are read`(text: String, seconds: Double) throws {
    let read = try #require(RateLimitHeaders.seconds(text, now: now))
    #expect(abs(read - seconds) < 1e-9)
  }

  @Test(arguments: [
    "", "s", "6m0", "-1s", "1s1m", "1s1s", "1 s", "1x", "nan", "1e3s", "99999999d", "soon", "784111807000000",
  ])
  func `resets that make no sense are not read`(text: String) {
    #expect(RateLimitHeaders.seconds(text, now: now) == nil)
  }

  @Test func `Anthropic states dates and each direction`() {
    let fields: HTTPFields = [
      "anthropic-ratelimit-requests-limit": "4000", "anthropic-ratelimit-requests-remaining": "3999",
      "anthropic-ratelimit-requests-reset": "1994-11-06T08:49:38Z",
      "anthropic-ratelimit-tokens-limit": "480000", "anthropic-ratelimit-tokens-remaining": "479000",
      "anthropic-ratelimit-tokens-reset": "1994-11-06T08:49:37Z",
      "anthropic-ratelimit-input-tokens-limit": "400000",
      "anthropic-ratelimit-input-tokens-remaining": "399000",
      "anthropic-ratelimit-input-tokens-reset": "1994-11-06T08:49:39Z",
      "anthropic-ratelimit-output-tokens-limit": "80000",
      "anthropic-ratelimit-output-tokens-remaining": "80000",
      "anthropic-ratelimit-output-tokens-reset": "1994-11-06T08:49:00Z",
    ]
    #expect(
      report(fields)
        == RateLimitReport(
          requests: Window(limit: 4_000, remaining: 3_999, resetIn: 1),
          tokens: Window(limit: 480_000, remaining: 479_000, resetIn: 0),
          inputTokens: Window(limit: 400_000, remaining: 399_000, resetIn: 2),
          outputTokens: Window(limit: 80_000, remaining: 80_000, resetIn: 0)))
  }

  @Test func `of several windows the shortest counts unless another is empty`() {
    var fields: HTTPFields = [
      "x-ratelimit-limit-requests-day": "1000", "x-ratelimit-remaining-requests-day": "10",
      "x-ratelimit-reset-requests-day": "33011.382867", "x-ratelimit-limit-tokens-minute": "60000",
      "x-ratelimit-remaining-tokens-minute": "59000", "x-ratelimit-reset-tokens-minute": "11.38",
      "x-ratelimit-limit-tokens-day": "1000000", "x-ratelimit-remaining-tokens-day": "5",
    ]
    #expect(
      report(fields)?.requests == Window(limit: 1_000, remaining: 10, resetIn: 33_011.382867, period: .day))
    #expect(report(fields)?.tokens == Window(limit: 60_000, remaining: 59_000, resetIn: 11.38))
    fields["x-ratelimit-remaining-tokens-day"] = "0"
    #expect(report(fields)?.tokens == Window(limit: 1_000_000, remaining: 0, period: .day))
  }

  @Test func `Mistral's requests and Together's bare fields are read`() {
    #expect(
      report(["x-ratelimit-limit-req-minute": "720", "x-ratelimit-remaining-req-minute": "717"])?.requests
        == Window(limit: 720, remaining: 717))
    let together = report([
      "x-ratelimit-limit": "10", "x-ratelimit-remaining": "9", "x-ratelimit-reset": "1",
      "x-tokenlimit-limit": "3000", "x-tokenlimit-remaining": "2990",
    ])
    #expect(together?.requests == Window(limit: 10, remaining: 9, resetIn: 1))
    #expect(together?.tokens == Window(limit: 3_000, remaining: 2_990))
  }

  @Test func `nothing, or nothing that makes sense, is no report`() {
    #expect(report([:]) == nil)
    #expect(report(["content-type": "text/html", "retry-after": "3"]) == nil)
    for text in ["-1", "", "many", "1e400", "99999999999999999999", "1,000"] {
      #expect(report(["x-ratelimit-limit-requests": text, "x-ratelimit-remaining-tokens": text]) == nil)
    }
    #expect(report(["x-ratelimit-remaining-tokens": "1234.5"])?.tokens?.remaining == 1_234)
  }
}
