import Drayage
import DrayageCore

/// OpenAI's chat completions, which most providers speak.
///
/// Wire format: https://platform.openai.com/docs/api-reference/chat
package struct OpenAIChat: Dialect {
  /// The largest reply accepted, in bytes: a line of the journal holds it whole, and must be read again.
  private static let mostReplyBytes = 16 << 20
  /// The deepest reply accepted, for the same reason: in the journal it stands a few levels deeper.
  private static let mostReplyDepth = 100
  /// No model reads or writes as many tokens; a count beyond is a mistake, not a bill.
  private static let mostTokens = 100_000_000

  package init() {}

  package func request(
    _ body: RequestBody, to target: Target, maxOutputTokens: Int?, idempotencyKey: String, timeouts: Timeouts
  ) -> HTTPRequest {
    var fields: HTTPFields = ["content-type": "application/json", "accept": "application/json"]
    if let key = target.key { fields.append("Bearer \(key)", for: "authorization") }
    if let header = target.offer.endpoint?.idempotencyHeader { fields.append(idempotencyKey, for: header) }
    var base = target.baseURL
    while base.hasSuffix("/") { base.removeLast() }
    return HTTPRequest(
      method: "POST", url: base + "/chat/completions", fields: fields,
      body: body.spliced(for: target.offer, maxOutputTokens: maxOutputTokens), timeouts: timeouts,
      limits: HTTPRequest.Limits(bodyBytes: Self.mostReplyBytes))
  }

  package func interpret(_ reply: HTTPReply) -> AttemptResult {
    guard reply.status == 200 else { return failure(reply) }
    guard let node = try? JSONNode.parse(reply.body, file: "reply"), node.depth <= Self.mostReplyDepth,
      case .array(let choices)? = node["choices"]?.value, !choices.isEmpty
    else {
      return .failed(.malformed, message: "the answer is not a chat completion", retryAfter: nil)
    }
    return .answered(
      .init(
        body: reply.body, status: reply.status, requestID: reply.fields["x-request-id"],
        usage: usage(node["usage"]),
        score: reply.fields["x-drayage-score"].flatMap(Double.init).flatMap {
          $0.isFinite && $0 >= 0 ? $0 : nil
        },
        isTruncated: choices.contains { $0["finish_reason"]?.string == "length" }))
  }

  /// Metered tokens; `nil` if they are missing or make no sense.
  private func usage(_ node: JSONNode?) -> TokenUsage? {
    guard let prompt = node?["prompt_tokens"]?.integer, let completion = node?["completion_tokens"]?.integer,
      (0...Self.mostTokens).contains(prompt), (0...Self.mostTokens).contains(completion)
    else { return nil }
    // Both are parts of the prompt (https://developers.openai.com/api/docs/guides/prompt-caching).
    let details = node?["prompt_tokens_details"]
    let cached = details?["cached_tokens"]?.integer ?? 0
    let written = details?["cache_write_tokens"]?.integer ?? 0
    guard cached >= 0, cached <= prompt, written >= 0, written <= prompt - cached else { return nil }
    return TokenUsage(
      input: prompt - cached - written, output: completion, cachedInput: cached, cacheWrite: written)
  }

  private func failure(_ reply: HTTPReply) -> AttemptResult {
    let error = (try? JSONNode.parse(reply.body, file: "reply"))?["error"]
    let code = error?["code"]?.string ?? error?["type"]?.string ?? ""
    let text = error?["message"]?.string.map { ": " + String($0.unicodeScalars.prefix(300)) } ?? ""
    let failure: FailureClass =
      switch reply.status {
      case 401, 403: .unauthorized
      case 402: .quotaExhausted
      case 404: .notFound
      case 408: .timeout
      case 413: .contextTooLong
      // The key of an attempt that is still being answered: to be asked again.
      case 409: .overloaded
      case 429: code == "insufficient_quota" ? .quotaExhausted : .rateLimited
      case 400 where code == "context_length_exceeded": .contextTooLong
      case 503, 529: .overloaded
      // A gateway that gave up says nothing of what the model behind it did.
      case 504, 524: .timeout
      case 502, 520: .connectionLost
      case 500...: .serverError
      case 400...: .badRequest
      default: .malformed
      }
    return .failed(
      failure, message: "status \(reply.status)\(text)",
      retryAfter: RetryAfter.seconds(reply.fields["retry-after"]))
  }
}

extension JSONNode {
  /// How deep lists and objects nest; 0 for a plain value.
  fileprivate var depth: Int {
    switch value {
    case .array(let elements): 1 + (elements.map(\.depth).max() ?? 0)
    case .object(let members): 1 + (members.map(\.node.depth).max() ?? 0)
    case .null, .bool, .number, .string: 0
    }
  }
}
