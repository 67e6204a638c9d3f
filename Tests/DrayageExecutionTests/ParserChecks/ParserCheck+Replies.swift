@testable import Drayage
@testable import DrayageCore
@testable import DrayageExecution

extension ParserCheck {
  /// A moment in 2026, in Unix seconds.
  private static let now = 1_790_000_000.0
  private static let mostBodyBytes = 1 << 14
  private static let statuses = [
    400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 499, 500, 502, 503, 529, 999,
  ]

  static let dialects: [any Dialect] =
    Dialects.names.compactMap { Dialects.named($0, provider: "openai") }
    + ["groq", "mistral", "perplexity", "xai"].compactMap { Dialects.named(.openAIChat, provider: $0) }

  static func checkAnswer(_ input: inout ChoosingBytes) throws(Violation) {
    let dialect = input.pick(dialects)
    let bytes = Array(input.rest)
    let reply = HTTPReply(
      status: 200, fields: [:], body: bytes, timing: .init(connect: .zero, firstByte: .zero, total: .zero))
    func read() -> Result<ChatAnswer, AttemptFailure> {
      Result { () throws(AttemptFailure) in try dialect.answer(in: reply) }
    }
    let result = read()
    try require(read() == result, "read again it reads otherwise")
    switch result {
    case .success(let answer): try check(answer, of: bytes.count)
    case .failure(let failure): try check(failure)
    }
  }

  /// - Parameter size: of what the answer was read from, in bytes.
  static func check(_ answer: ChatAnswer, of size: Int) throws(Violation) {
    let texts =
      [answer.id ?? "", answer.model ?? "", answer.text, answer.reasoning, answer.refusal ?? ""]
      + answer.toolCalls.flatMap { [$0.id, $0.name, $0.arguments, $0.signature ?? ""] }
    let length = texts.reduce(0) { $0 + $1.utf8.count }
    // Names for calls without one, and `[hidden]`, may be longer than what they stand for.
    try require(length <= 3 * size + 2_000, "\(size) bytes become \(length)")
    try checkShown(answer.finish.name, most: 80)
    if let usage = answer.usage { try check(usage) }
    let completion = Array(answer.completion(model: "model", created: 0).utf8)
    try require(parse(completion)?["choices"] != nil, "the completion is no JSON object with choices")
  }

  private static func check(_ usage: MeteredUsage) throws(Violation) {
    let tokens = usage.tokens
    let counts =
      [tokens.input, tokens.output, tokens.cachedInput, tokens.cacheWrite, usage.reasoning]
      + usage.besides.values
    try require(
      counts.allSatisfy { (0...2 * ReplyLimits.tokens).contains($0) }, "these counts are metered: \(counts)")
  }

  private static func check(_ failure: AttemptFailure) throws(Violation) {
    // A name and a message, each cut.
    try checkShown(failure.message, most: 2 * ProviderText.mostCharacters + 100)
    if let seconds = failure.retryAfter { try checkWait(seconds) }
    if let usage = failure.usage { try check(usage) }
  }

  private static func checkWait(_ seconds: Double) throws(Violation) {
    try require((0...RetryAfter.mostSeconds).contains(seconds), "a wait of \(seconds) s is asked for")
  }

  /// The bytes are a dialect, a status, header lines, a blank line and a body.
  static func checkFailure(_ input: inout ChoosingBytes) throws(Violation) {
    let dialect = input.pick(dialects)
    let status = input.pick(statuses)
    let (collector, body) = collect(input.rest)
    let failure = dialect.failure(status: status, fields: collector.fields, body: Array(body))
    try check(failure)
    let again = dialect.failure(status: status, fields: collector.fields, body: Array(body))
    try require(
      again.kind == failure.kind && again.message == failure.message, "read again it reads otherwise")
  }

  /// Takes lines until the blank one.
  private static func collect(_ bytes: ArraySlice<UInt8>) -> (ReplyCollector, ArraySlice<UInt8>) {
    var collector = ReplyCollector(limits: HTTPRequest.Limits(headerBytes: 1 << 14, bodyBytes: mostBodyBytes))
    var rest = bytes
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
      let line = rest[..<end]
      rest = rest[end...]
      guard line.withUnsafeBytes({ collector.takeLine($0) }), !line.elementsEqual("\n".utf8) else { break }
    }
    return (collector, rest)
  }

  static func checkHeaders(_ bytes: [UInt8]) throws(Violation) {
    var (collector, rest) = collect(bytes[...])
    let goesOn = rest.withUnsafeBytes { collector.takeBody($0) }
    try require(goesOn == (rest.count <= mostBodyBytes), "it goes on beyond the limit, or stops before")
    try require(collector.body.capacity <= 2 << 20, "\(collector.body.capacity) bytes are reserved")
    try require((0...999).contains(collector.status), "the status is \(collector.status)")
    // Bytes that are no UTF-8 become three each.
    let size = collector.fields.entries.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    try require(size <= 3 * bytes.count, "\(bytes.count) bytes become \(size)")
    for (_, value) in collector.fields.entries {
      if let wait = RetryAfter.seconds(value, now: now) { try checkWait(wait) }
      if let wait = RateLimitHeaders.seconds(value, now: now) { try checkWait(wait) }
      if let date = HTTPDate.seconds(value, now: now) {
        try require(date.isFinite && abs(date) < 1e12, "\(value) is the instant \(date)")
      }
    }
    if let wait = RetryAfter.seconds(in: collector.fields, now: now) { try checkWait(wait) }
    guard let report = RateLimitHeaders.report(collector.fields, provider: "groq", now: now) else { return }
    for allowance in [report.requests, report.tokens, report.inputTokens, report.outputTokens] {
      for count in [allowance?.limit, allowance?.remaining].compactMap(\.self) {
        try require((0...1_000_000_000_000_000).contains(count), "\(count) is allowed")
      }
      if let wait = allowance?.resetIn { try checkWait(wait) }
    }
  }

  /// No secret is shown, whatever stands around it.
  static func checkProviderText(_ bytes: [UInt8]) throws(Violation) {
    let secret = "sk-proj-Zx81Qw0Rt55Lk2Mn"
    let half = bytes.count / 2
    let before = String(decoding: bytes[..<half], as: UTF8.self)
    let after = String(decoding: bytes[half...], as: UTF8.self)
    for text in [before + secret + after, before + " " + secret + " " + after, before + after] {
      let shown = ProviderText.shown(text)
      try checkShown(shown, most: ProviderText.mostCharacters)
      try require(!shown.contains("Zx81Qw0Rt55Lk2Mn"), "a secret is shown: \(shown.debugDescription)")
      try require(ProviderText.shown(text) == shown, "read again it reads otherwise")
    }
  }
}
