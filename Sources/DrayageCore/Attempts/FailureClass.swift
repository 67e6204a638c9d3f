/// What went wrong with an attempt, and, in one table, what that means for everything else.
public enum FailureClass: String, Hashable, Sendable, CaseIterable {
  /// Status 429: too many requests or tokens for now.
  case rateLimited = "rate_limited"
  /// Status 503 or 529: the provider has no capacity for now.
  case overloaded
  /// Another status of 500 or more.
  case serverError = "server_error"
  /// No answer in time after the request was handed over.
  case timeout
  /// No connection: refused, unreachable, not resolved, or no TLS. Nothing was handed over.
  case unreachable
  /// The connection broke after the request was handed over.
  case connectionLost = "connection_lost"
  /// The answer ended before its announced length.
  case truncated
  /// The answer is not what the dialect says it is.
  case malformed
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

  /// What a failure means.
  public struct Meaning: Hashable, Sendable {
    /// Whether the same offer may be tried again for this request.
    public let retrySameOffer: Bool
    /// Whether other offers may be tried for this request.
    public let fallBack: Bool
    /// Whether the provider may have billed the attempt although no usage is known.
    public let mayBeBilled: Bool
    /// Whether a later run may succeed where this one gave up.
    public let transient: Bool
  }

  /// The table.
  public var meaning: Meaning {
    switch self {
    case .rateLimited: Meaning(retrySameOffer: true, fallBack: true, mayBeBilled: false, transient: true)
    case .overloaded: Meaning(retrySameOffer: true, fallBack: true, mayBeBilled: false, transient: true)
    case .serverError: Meaning(retrySameOffer: true, fallBack: true, mayBeBilled: false, transient: true)
    case .timeout: Meaning(retrySameOffer: false, fallBack: true, mayBeBilled: true, transient: true)
    case .unreachable: Meaning(retrySameOffer: true, fallBack: true, mayBeBilled: false, transient: true)
    case .connectionLost: Meaning(retrySameOffer: true, fallBack: true, mayBeBilled: true, transient: true)
    case .truncated: Meaning(retrySameOffer: true, fallBack: true, mayBeBilled: true, transient: true)
    case .malformed: Meaning(retrySameOffer: true, fallBack: true, mayBeBilled: true, transient: true)
    case .unauthorized: Meaning(retrySameOffer: false, fallBack: true, mayBeBilled: false, transient: true)
    case .quotaExhausted: Meaning(retrySameOffer: false, fallBack: true, mayBeBilled: false, transient: true)
    case .notFound: Meaning(retrySameOffer: false, fallBack: true, mayBeBilled: false, transient: true)
    case .contextTooLong: Meaning(retrySameOffer: false, fallBack: true, mayBeBilled: false, transient: false)
    case .badRequest: Meaning(retrySameOffer: false, fallBack: false, mayBeBilled: false, transient: false)
    case .cancelled: Meaning(retrySameOffer: false, fallBack: false, mayBeBilled: true, transient: true)
    }
  }
}
