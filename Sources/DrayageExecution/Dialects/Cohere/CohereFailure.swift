import DrayageCore

/// Cohere's errors: a status and one message (https://docs.cohere.com/v2/reference/errors).
enum CohereFailure {
  static func failure(status: Int, fields: HTTPFields, message: String) -> AttemptFailure {
    let text = message.lowercased()
    let kind: FailureClass =
      switch status {
      case 400, 422: isTooLong(message) ? .contextTooLong : isBlocked(text) ? .contentFilter : .badRequest
      case 401, 403: .unauthorized
      case 402: .quotaExhausted
      // A model that is gone is told of so too.
      case 404, 410, 501: .notFound
      case 408, 504, 524: .timeout
      case 413: .contextTooLong
      // Trial keys have a number of calls each month besides one each minute.
      case 429: text.contains("month") || text.contains("billing") ? .quotaExhausted : .rateLimited
      // The package names it an invalid token, the documentation what its filter blocked.
      case 498: isBlocked(text) ? .contentFilter : .unauthorized
      case 499: .connectionLost
      case 409, 503, 529: .overloaded
      case 502, 520: .connectionLost
      case 500...: .serverError
      case 405...: .badRequest
      default: .malformed
      }
    return AttemptFailure(
      kind, "status \(status)" + ProviderText.suffix(message),
      retryAfter: RetryAfter.seconds(fields["retry-after"]))
  }

  /// Both too long a prompt and too high a limit on output are told of so.
  static func isTooLong(_ message: String) -> Bool { message.lowercased().contains("too many tokens") }

  private static func isBlocked(_ text: String) -> Bool {
    ["blocked input", "blocked output"].contains(where: text.contains)
  }
}
