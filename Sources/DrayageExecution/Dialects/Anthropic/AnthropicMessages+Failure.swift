internal import Drayage
internal import DrayageCore

extension AnthropicMessages {
  package func failure(status: Int, fields: HTTPFields, body: [UInt8]) -> AttemptFailure {
    var failure = Self.failure((try? JSONNode.parse(body, file: "reply"))?["error"], status: status)
    failure.retryAfter = RetryAfter.seconds(fields["retry-after"])
    return failure
  }

  /// What an error object means (https://platform.claude.com/docs/en/api/errors).
  ///
  /// - Parameter status: of the reply; nil for an error that a stream tells of.
  static func failure(_ error: JSONNode?, status: Int?) -> AttemptFailure {
    let type = error?["type"]?.string
    let text = error?["message"]?.string ?? ""
    let kind = kind(type: type, code: error?["details"]?["error_code"]?.string, text: text, status: status)
    let head = status.map { "status \($0)" } ?? type.map { ProviderText.shown($0) } ?? "an error"
    return AttemptFailure(kind, head + (text.isEmpty ? "" : ": " + ProviderText.shown(text)))
  }

  private static func kind(type: String?, code: String?, text: String, status: Int?) -> FailureClass {
    if let code, spent.contains(code) { return .quotaExhausted }
    switch (type, status) {
    case (_, 413): return .contextTooLong
    case ("authentication_error", _), ("permission_error", _): return .unauthorized
    case ("billing_error", _): return .quotaExhausted
    case ("not_found_error", _): return .notFound
    case ("request_too_large", _): return .contextTooLong
    case ("rate_limit_error", _): return .rateLimited
    case ("overloaded_error", _): return .overloaded
    case ("timeout_error", _): return .timeout
    // The key of an attempt that is still being answered: to be asked again.
    case ("conflict_error", _): return .overloaded
    case ("api_error", nil), ("api_error", 500): return .serverError
    case ("invalid_request_error", _) where code == "organization_on_hold": return .unauthorized
    case ("invalid_request_error", nil), ("invalid_request_error", 400): return invalidRequest(text)
    case (_, let status?): return kind(status: status)
    case (_, nil): return .serverError
    }
  }

  /// The codes of spending limits, which answer with status 400, 402 or 429.
  private static let spent: Set<String> = [
    "contract_spend_limit_reached", "enforced_spend_limit_reached", "linked_organization_spend_limit_reached",
    "linked_organization_billing_unavailable",
  ]

  /// Nothing but the text tells these apart: the code is always that of an invalid request.
  private static func invalidRequest(_ text: String) -> FailureClass {
    let text = text.lowercased()
    func says(_ phrases: String...) -> Bool { phrases.contains { text.contains($0) } }
    if says("prompt is too long", "exceed context limit", "exceeds the context window") {
      return .contextTooLong
    }
    if says("credit balance", "api usage limits", "spend limit") { return .quotaExhausted }
    if says("content filtering") { return .contentFilter }
    return .badRequest
  }

  private static func kind(status: Int) -> FailureClass {
    switch status {
    case 401, 403: .unauthorized
    case 402: .quotaExhausted
    case 404: .notFound
    case 408, 504, 524: .timeout
    case 409: .overloaded
    case 429: .rateLimited
    case 503, 529: .overloaded
    // A gateway that gave up says nothing of what the model behind it did.
    case 502, 520: .connectionLost
    case 500...: .serverError
    case 400...: .badRequest
    default: .malformed
    }
  }
}
