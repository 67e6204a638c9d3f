/// What went wrong with an attempt.
///
/// What that means for everything else is one table: ``meaning``.
public enum FailureClass: String, Hashable, Sendable, CaseIterable {
  /// Status 429: too many requests or tokens for now.
  case rateLimited = "rate_limited"
  /// Status 503 or 529: the provider has no capacity for now.
  case overloaded
  /// Another status of 500 or more.
  case serverError = "server_error"
  /// No first byte in time after the request was handed over, or the total time is over.
  case timeout
  /// It began to answer, then sent nothing for too long, before its first token.
  case stalled
  /// No connection in time. Nothing was handed over.
  case connectTimeout = "connect_timeout"
  /// No connection: refused, or the name not resolved. Nothing was handed over.
  case unreachable
  /// No TLS that can be trusted. Nothing was handed over.
  case untrusted
  /// The connection broke after the request was handed over.
  case connectionLost = "connection_lost"
  /// The answer ended before its end, and before its first token reached the caller.
  case truncated
  /// A stream broke after its first token reached the caller: what came is partial.
  case interrupted
  /// The answer is not what the dialect says it is.
  case malformed
  /// The provider refused the prompt for its content.
  case contentFilter = "content_filter"
  /// Status 401 or 403.
  case unauthorized
  /// Status 402, or a 429 that says the account has no credit left.
  case quotaExhausted = "quota_exhausted"
  /// Status 404: the provider does not know this model.
  case notFound = "not_found"
  /// The request is longer than this model's context.
  case contextTooLong = "context_too_long"
  /// Another status from 400 to 499: the request itself is at fault.
  case badRequest = "bad_request"
  /// Cancelled by the caller.
  case cancelled
}
