/// A way in which a provider fails a request.
public enum FaultKind: String, CaseIterable, Hashable, Sendable {
  /// Status 429 with `Retry-After`.
  case tooManyRequests = "429"
  /// Status 500.
  case serverError = "500"
  /// Status 503.
  case unavailable = "503"
  /// The request is accepted and never answered.
  case hang
  /// The connection is reset after the answer was generated and before any of it is sent.
  case reset
  /// A length is announced, fewer bytes are sent, and the connection is closed.
  case truncated
  /// Status 200 with a body that is not JSON.
  case malformed

  /// Whether the provider generated an answer, and bills it although it does not arrive.
  public var isBilled: Bool {
    switch self {
    case .tooManyRequests, .serverError, .unavailable: false
    case .hang, .reset, .truncated, .malformed: true
    }
  }
}
