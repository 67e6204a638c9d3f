/// A refusal, in words that every wire format can put into its own shape.
struct APIError: Error, Equatable {
  /// Why, as far as formats tell refusals apart.
  enum Reason {
    case invalid, unauthorized, unpaid, forbidden, notFound, notAllowed, tooLarge, contextLength,
      contentFilter
    case rateLimited, server, unavailable, overloaded
  }

  /// The HTTP status in OpenAI's API; other formats may have another for the same reason.
  let status: Int
  let reason: Reason
  /// OpenAI's type.
  let type: String
  /// OpenAI's code.
  let code: String?
  let param: String?
  let message: String
  /// Seconds after which to try again, where the provider says so.
  var retryAfter: Double?

  init(
    _ status: Int, _ reason: Reason? = nil, type: String = "invalid_request_error", code: String?,
    param: String? = nil, _ message: String
  ) {
    self.status = status
    self.reason = reason ?? Self.reason(of: status)
    self.type = type
    self.code = code
    self.param = param
    self.message = message
  }

  private static func reason(of status: Int) -> Reason {
    switch status {
    case 401: .unauthorized
    case 402: .unpaid
    case 403: .forbidden
    case 404: .notFound
    case 405: .notAllowed
    case 413: .tooLarge
    case 429: .rateLimited
    case 503: .unavailable
    case 529: .overloaded
    case 500...: .server
    default: .invalid
    }
  }
}
