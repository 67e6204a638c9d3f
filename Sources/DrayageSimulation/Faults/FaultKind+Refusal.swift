extension FaultKind {
  /// The refusal that a request meets; nil if it meets an answer that then fails.
  func refusal(model: String) -> APIError? {
    switch self {
    case .tooManyRequests:
      APIError(
        429, type: "requests", code: "rate_limit_exceeded", "Rate limit reached for `\(model)`.")
    case .serverError, .errorEarly: Self.failure
    case .unavailable:
      APIError(
        503, type: "server_error", code: nil,
        "The engine is currently overloaded, please try again later.")
    case .overloaded:
      APIError(
        529, type: "server_error", code: "overloaded",
        "The engine is currently overloaded, please try again later.")
    case .badRequest:
      APIError(400, code: "invalid_value", "This request is refused by a simulated fault.")
    case .unauthorized:
      APIError(401, code: "invalid_api_key", "Incorrect API key provided.")
    case .unpaid:
      APIError(
        429, .unpaid, type: "insufficient_quota", code: "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.")
    case .forbidden:
      APIError(
        403, type: "request_forbidden", code: "unsupported_country_region_territory",
        "Country, region, or territory not supported")
    case .notFound:
      APIError(
        404, code: "model_not_found",
        "The model `\(model)` does not exist or you do not have access to it.")
    case .contextLength:
      APIError(
        400, .contextLength, code: "context_length_exceeded", param: "messages",
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 128001 "
          + "tokens. Please reduce the length of the messages.")
    case .contentFilter:
      APIError(
        400, .contentFilter, code: "invalid_prompt",
        "Invalid prompt: your prompt was flagged as potentially violating our usage policy.")
    case .hang, .reset, .truncated, .malformed, .cutEarly, .cut, .cutReset, .stallEarly, .stall, .errorEvent,
      .slowHeaders, .wrongType:
      nil
    }
  }

  /// What a provider says when it fails.
  static var failure: APIError {
    APIError(
      500, type: "server_error", code: nil,
      "The server had an error while processing your request. Sorry about that!")
  }
}
