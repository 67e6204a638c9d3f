internal import Drayage
internal import DrayageCore

/// An error of a provider of this family, in whichever of its shapes.
///
/// OpenAI's is `{"error": {"message", "type", "code"}}`
/// (https://platform.openai.com/docs/guides/error-codes). Others have `error` as a text; `message`, which may
/// hold a list of faults (Mistral); `detail`, a text or a list of faults (FastAPI, so vLLM and Cohere);
/// `errors` (Cloudflare); `error_code` (Databricks); or all of it in a list of one (Google).
struct OpenAIError {
  /// The words that name the kind of error, in lower case.
  private var codes: [String] = []
  /// The provider's own words.
  private var message = ""
  /// The status that the error states within itself.
  private var status: Int?
  /// How long to wait, as the error states it.
  private var retryAfter: Double?
  /// OpenRouter's mark of a request that was moderated.
  private var isModerated = false

  /// The error in the body of a reply.
  init(_ body: [UInt8]) {
    guard let node = JSONNode.reply(body) else {
      // A page of a proxy: its text says more than nothing unless it is markup.
      let text = String(decoding: body.prefix(1_000), as: UTF8.self)
      if !text.contains("<") { message = text }
      return
    }
    read(node)
  }

  /// The error that an event or a choice holds beside or instead of an answer; nil if it holds none.
  init?(within node: JSONNode) {
    switch node["error"]?.value {
    case .object, .string: read(node)
    default: return nil
    }
  }

  /// An error event, which is the error itself.
  init(event node: JSONNode) {
    readDetails(node)
  }

  // MARK: Reading

  private mutating func read(_ node: JSONNode) {
    if case .array(let items) = node.value {
      if let first = items.first { read(first) }
      return
    }
    if let error = node["error"], error.isObject { readDetails(error) }
    if let text = node["error"]?.string { message = text }
    if case .array(let errors)? = node["errors"]?.value, let first = errors.first { readDetails(first) }
    readDetails(node)
  }

  private mutating func readDetails(_ node: JSONNode) {
    for key in ["code", "type", "status", "error_code"] {
      if let code = node[named: key]?.string {
        codes.append(code.lowercased())
      } else if let number = node[named: key]?.integer {
        codes.append(String(number))
        if (400...599).contains(number) { status = status ?? number }
      }
    }
    if let code = node["innererror"]?["code"]?.string { codes.append(code.lowercased()) }
    for key in ["message", "detail", "Message"] where message.isEmpty {
      message = Self.words(node[named: key])
    }
    if case .array(let details)? = node["details"]?.value {
      for detail in details {
        if let reason = detail["reason"]?.string { codes.append(reason.lowercased()) }
        // google.rpc.RetryInfo
        retryAfter = retryAfter ?? detail["retryDelay"]?.string.flatMap { RateLimitHeaders.duration($0) }
      }
    }
    if let metadata = node["metadata"], metadata["reasons"] != nil || metadata["flagged_input"] != nil {
      isModerated = true
    }
  }

  private static func words(_ node: JSONNode?) -> String {
    if let text = node?.string { return text }
    let items = node?["detail"]?.elements ?? node?.elements
    return items?.prefix(8).compactMap { $0["msg"]?.string ?? $0.string }.joined(separator: "; ") ?? ""
  }

  // MARK: Meaning

  /// What a reply of `status` means.
  func failure(status: Int, fields: HTTPFields) -> AttemptFailure {
    AttemptFailure(
      kind(status), "status \(status)" + shown, retryAfter: RetryAfter.seconds(in: fields) ?? wait)
  }

  /// What the error means where it came with an answer that had begun.
  func failure(usage: MeteredUsage?) -> AttemptFailure {
    AttemptFailure(kind(status ?? 500), "the provider broke off" + shown, retryAfter: wait, usage: usage)
  }

  private var wait: Double? { retryAfter.flatMap { $0 <= RetryAfter.mostSeconds ? $0 : nil } }

  private var shown: String {
    let text = ProviderText.shown(message)
    return text.isEmpty ? "" : ": " + text
  }

  private func kind(_ status: Int) -> FailureClass {
    if (400..<500).contains(status) || status == 500, let named = named(status) { return named }
    return switch status {
    case 401, 403: .unauthorized
    case 402: .quotaExhausted
    case 404, 410: .notFound
    // 499 is a proxy's word for a caller who left.
    case 408, 499: .timeout
    case 413: .contextTooLong
    // 409: the key of an attempt that is still being answered. 498: Groq's flex tier is full
    // (https://console.groq.com/docs/flex-processing).
    case 409, 425, 498: .overloaded
    case 424: .serverError
    case 429: .rateLimited
    case 503, 529: .overloaded
    // A gateway that gave up says nothing of what the model behind it did.
    case 504, 524: .timeout
    case 502, 520: .connectionLost
    case 500...: .serverError
    case 400...: .badRequest
    default: .malformed
    }
  }

  /// What the error's own words say, where they say more than the status.
  private func named(_ status: Int) -> FailureClass? {
    if isModerated || codes.contains(where: Self.filtered.contains) { return .contentFilter }
    if codes.contains(where: Self.exhausted.contains) { return .quotaExhausted }
    if codes.contains(where: Self.tooLong.contains) { return .contextTooLong }
    if codes.contains(where: Self.unknownModel.contains) { return .notFound }
    if codes.contains(where: Self.unauthorized.contains) { return .unauthorized }
    if codes.contains(where: Self.busy.contains) { return .overloaded }
    if codes.contains(where: Self.limited.contains), status != 413 { return .rateLimited }
    guard status == 400 || status == 422 || status == 500 else { return nil }
    let text = message.prefix(2_000).lowercased()
    if Self.tooLongPhrases.contains(where: { text.contains($0) }) { return .contextTooLong }
    if text.contains("content exists risk") { return .contentFilter }
    if text.contains("api key not valid") || text.hasPrefix("incorrect api key") { return .unauthorized }
    return nil
  }

  /// OpenAI, Azure (https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter), Alibaba
  /// (https://www.alibabacloud.com/help/en/model-studio/error-code), Z.AI (1301,
  /// https://docs.z.ai/api-reference/api-code).
  private static let filtered: Set = [
    "content_filter", "content_policy_violation", "responsibleaipolicyviolation", "data_inspection_failed",
    "datainspectionfailed", "1301", "bio_policy", "cyber_policy", "image_content_policy_violation",
    "moderation_blocked", "invalid_prompt",
  ]
  /// OpenAI, Moonshot (`exceeded_current_quota_error`), Z.AI (1113), Alibaba (`arrearage`). Google's
  /// `resource_exhausted` is not among them: it is what an ordinary rate limit is called there.
  private static let exhausted: Set = [
    "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "exceeded_current_quota_error",
    "insufficient_balance", "insufficient_credits", "credit_balance_exhausted", "1113", "arrearage",
    "payment_required",
  ]
  private static let tooLong: Set = [
    "context_length_exceeded", "context_window_exceeded", "string_above_max_length", "prompt_too_long",
  ]
  private static let unknownModel: Set = [
    "model_not_found", "model_decommissioned", "invalid_model", "deploymentnotfound", "modelnotfound",
    "model_not_available", "resource_not_found_error",
  ]
  private static let unauthorized: Set = ["invalid_api_key", "api_key_invalid", "invalidapikey"]
  /// Moonshot's `engine_overloaded_error` comes with status 429.
  private static let busy: Set = [
    "engine_overloaded_error", "engine_overloaded", "overloaded_error", "capacity_exceeded", "slow_down",
    "server_overloaded", "overloaded",
  ]
  private static let limited: Set = [
    "rate_limit_exceeded", "rate_limit_error", "rate_limited", "too_many_requests",
  ]
  /// Of OpenAI and vLLM, Groq, Google, Anthropic behind a gateway, Mistral, Together, llama.cpp.
  private static let tooLongPhrases = [
    "maximum context length", "context length", "context window", "reduce the length of the messages",
    "exceeds the maximum number of tokens", "prompt is too long", "too large for model with",
    "exceeds the available context size", "input is too long",
  ]
}
