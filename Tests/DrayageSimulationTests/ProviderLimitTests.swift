import Foundation
import Testing

@testable import DrayageSimulation

/// Rate limits and refusals in each provider's own words.
@Suite(.timeLimit(.minutes(5))) struct ProviderLimitTests {
  private func service(
    _ limit: String, _ change: (inout SimulationOptions) -> Void = { _ in }
  ) throws -> SimulatedService {
    try Fixtures.service(Fixtures.table()) {
      $0.speed = 1
      $0.limits = [try RequestLimit(parsing: limit)]
      change(&$0)
    }
  }

  private func post(_ wire: Wire, _ service: inout SimulatedService, at now: Double = 0) throws -> Reply {
    let body = try JSONSerialization.data(withJSONObject: wire.body("slow:1", nil, false))
    return service.post(
      body, to: wire.path.replacingOccurrences(of: "MODEL", with: "slow:1"), query: "q1", at: now)
  }

  @Test(arguments: Wire.chats) func `a limit is told in the provider's own headers`(wire: Wire) throws {
    // An answer to q1 has 12 and 400 tokens.
    var service = try service("slow:1:rpm=60,tpm=1000")
    let first = try post(wire, &service)
    #expect(first.status == 200)
    #expect(try post(wire, &service).status == 200)
    let refused = try post(wire, &service)
    #expect(refused.status == 429)
    #expect(service.ledger.total.limited == 1)
    switch wire.name {
    case "anthropic":
      #expect(first.header("anthropic-ratelimit-requests-remaining") == "59")
      #expect(first.header("anthropic-ratelimit-tokens-limit") == "1000")
      #expect(first.header("anthropic-ratelimit-tokens-remaining") == "588")
      #expect(refused.header("anthropic-ratelimit-tokens-reset") == "2023-11-14T22:14:10Z")
      #expect(refused.header("retry-after") == "15")
    case "gemini":
      #expect(refused.header("retry-after") == nil)
      let details = Wire.at(try refused.json(), ["error", "details", 0, "retryDelay"])
      #expect(details as? String == "14.16s")
    case "bedrock":
      #expect(refused.header("retry-after") == nil)
      #expect(refused.header("x-amzn-errortype") == "ThrottlingException")
    case "cohere": #expect(refused.header("retry-after") == "15")
    default:
      #expect(first.header("x-ratelimit-remaining-requests") == "59")
      #expect(first.header("x-ratelimit-limit-tokens") == "1000")
      #expect(first.header("x-ratelimit-remaining-tokens") == "588")
      #expect(refused.header("retry-after-ms") == "14160")
      #expect(Wire.at(try refused.json(), ["error", "type"]) as? String == "tokens")
    }
    // What was refused for its tokens has taken no request; they are there after 14.16 s.
    #expect(try post(wire, &service, at: 14.2).status == 200)
  }

  @Test func `an answer larger than the limit waits for a full minute`() throws {
    var service = try service("slow:1:tpm=100")
    #expect(try post(Wire.chats[0], &service).status == 200)
    #expect(try post(Wire.chats[0], &service, at: 59).status == 429)
    #expect(try post(Wire.chats[0], &service, at: 60).status == 200)
  }

  @Test func `Retry-After can be a date`() throws {
    var service = try service("slow:1:rpm=1") { $0.retryAfterForm = .date }
    #expect(try post(Wire.chats[0], &service).status == 200)
    let refused = try post(Wire.chats[0], &service, at: 10)
    #expect(refused.header("retry-after") == "Tue, 14 Nov 2023 22:14:20 GMT")
    #expect(refused.header("retry-after-ms") == nil)
  }

  @Test(arguments: [
    (0.0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
    (951_782_399, "2000-02-28T23:59:59Z", "Mon, 28 Feb 2000 23:59:59 GMT"),
    (951_782_399.5, "2000-02-29T00:00:00Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
    (1_795_219_200, "2026-11-21T00:00:00Z", "Sat, 21 Nov 2026 00:00:00 GMT"),
    (4_107_542_399, "2100-02-28T23:59:59Z", "Sun, 28 Feb 2100 23:59:59 GMT"),
    (4_107_542_400, "2100-03-01T00:00:00Z", "Mon, 01 Mar 2100 00:00:00 GMT"),
  ]) func `dates are those of the calendar`(seconds: Double, short: String, long: String) {
    #expect(CalendarText.rfc3339(seconds) == short)
    #expect(CalendarText.http(seconds) == long)
  }

  @Test func `only so many requests are in progress at once`() async throws {
    try await Fixtures.withProvider({
      $0.limits = [try RequestLimit(parsing: "slow:1:concurrency=2")]
      $0.schedule = ["slow:1": [.stall, .hang]]
    }) { provider in
      do {
        let open = [try WireClient(port: provider.port), try WireClient(port: provider.port)]
        for (client, streams) in zip(open, [true, false]) {
          client.send(try Wire.chats[0].request(streams: streams))
          while provider.ledger().total.attempts < (streams ? 1 : 2) { await Task.yield() }
        }
        let client = try WireClient(port: provider.port)
        #expect(try client.post(try Fixtures.body("q1", "slow:1")).status == 429)
        #expect(try client.post(try Fixtures.body("q1", "org/fast")).status == 200)
      }
      // When both are gone there is room again, and it is given back every time.
      let client = try WireClient(port: provider.port)
      while try client.post(try Fixtures.body("q1", "slow:1")).status != 200 { try Task.checkCancellation() }
      for _ in 0..<5 { #expect(try client.post(try Fixtures.body("q1", "slow:1")).status == 200) }
      try provider.schedule(["slow:1": [.serverError, .wrongType, .cutEarly, .tooManyRequests]])
      for _ in 0..<2 { _ = try client.post(try Fixtures.body("q1", "slow:1")) }
      _ = try WireClient(port: provider.port).post(try Fixtures.body("q1", "slow:1"))
      let last = try WireClient(port: provider.port)
      #expect(try last.post(try Fixtures.body("q1", "slow:1")).status == 429)
      #expect(try last.post(try Fixtures.body("q1", "slow:1")).status == 200)
    }
  }

  @Test(arguments: [
    ("openai", "402", 429, "insufficient_quota"), ("openai", "context", 400, "context_length_exceeded"),
    ("openai", "filter", 400, "invalid_prompt"), ("azure", "filter", 400, "ResponsibleAIPolicyViolation"),
    ("responses", "401", 401, "invalid_api_key"), ("anthropic", "402", 402, "billing_error"),
    ("anthropic", "529", 529, "overloaded_error"), ("anthropic", "401", 401, "authentication_error"),
    ("anthropic", "context", 400, "prompt is too long"), ("anthropic", "404", 404, "not_found_error"),
    ("gemini", "402", 429, "QuotaFailure"), ("gemini", "filter", 200, "PROHIBITED_CONTENT"),
    ("gemini", "503", 503, "UNAVAILABLE"), ("gemini", "context", 400, "exceeds the maximum number of tokens"),
    ("bedrock", "402", 400, "service quota"), ("bedrock", "401", 403, "security token"),
    ("bedrock", "context", 400, "Input is too long"), ("cohere", "402", 402, "payment method"),
    ("cohere", "context", 400, "too many tokens"), ("cohere", "500", 500, "server had an error"),
  ]) func `refusals are in the provider's words`(name: String, fault: String, status: Int, words: String)
    throws
  {
    let wire = try #require(Wire.chats.first { $0.name == name })
    var service = try service("slow:1:rpm=60") { $0.schedule = ["slow:1": [FaultKind(rawValue: fault)]] }
    let reply = try post(wire, &service)
    #expect(reply.status == status)
    #expect(String(decoding: reply.body, as: UTF8.self).contains(words))
    #expect(service.ledger.total.nanodollars == 0)
  }
}
