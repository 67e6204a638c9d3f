/// A way in which a provider fails a request.
///
/// Statuses and bodies are those of the provider whose wire format the request is in; a kind that is named by a
/// status has that status wherever the provider itself has no other for it.
public enum FaultKind: String, CaseIterable, Hashable, Sendable {
  /// Status 429, with `Retry-After` or what the provider has instead.
  case tooManyRequests = "429"
  /// Status 500.
  case serverError = "500"
  /// Status 503.
  case unavailable = "503"
  /// The answer is generated and nothing is ever sent.
  case hang
  /// The connection is reset after the answer was generated and before any of it is sent.
  case reset
  /// More is announced than is sent, and the connection is closed; of a stream half, without its end.
  case truncated
  /// Status 200 with a body that is not JSON; of a stream, an event that is not.
  case malformed
  /// Status 529: the provider is overloaded.
  case overloaded = "529"
  /// Status 400: the request is refused.
  case badRequest = "400"
  /// Status 401: the key is refused (Bedrock: 403).
  case unauthorized = "401"
  /// The account has no money or quota left: 402 or what the provider has instead.
  case unpaid = "402"
  /// Status 403: the key may not do this.
  case forbidden = "403"
  /// Status 404: the model is not there.
  case notFound = "404"
  /// The prompt is longer than the model's context: 400.
  case contextLength = "context"
  /// The prompt is stopped by a filter: 400 (Gemini: 200 with a reason and no answer).
  case contentFilter = "filter"
  /// A stream without any event, ended in order; a whole reply of which only the head is sent.
  case cutEarly = "cut-early"
  /// A stream that ends in order after half of its tokens; a whole reply as in ``truncated``.
  case cut
  /// The same, by a reset.
  case cutReset = "cut-reset"
  /// The head, of a stream also the events before the first token, and then silence.
  case stallEarly = "stall-early"
  /// Half of the tokens, or of the body, and then silence.
  case stall
  /// An error event instead of the first token; of a whole reply, status 500.
  case errorEarly = "error-early"
  /// An error event after half of the tokens; of a whole reply, an error in the body with status 200.
  case errorEvent = "error-event"
  /// The answer as it should be, but its head only after ``SimulationOptions/slowHeaders``.
  case slowHeaders = "slow-headers"
  /// Status 200 with a page in HTML.
  case wrongType = "wrong-type"

  /// Whether the provider generated output, and bills it although it does not arrive as it should.
  ///
  /// What was generated is billed: of a stream that ends or falls silent half-way (``cut``, ``cutReset``,
  /// ``stall``, ``errorEvent``) the input and the tokens that were written, of every other reply all of it.
  public var isBilled: Bool {
    switch self {
    case .hang, .reset, .truncated, .malformed, .cut, .cutReset, .stall, .errorEvent, .slowHeaders: true
    case .tooManyRequests, .serverError, .unavailable, .overloaded, .badRequest, .unauthorized, .unpaid,
      .forbidden, .notFound, .contextLength, .contentFilter, .cutEarly, .stallEarly, .errorEarly, .wrongType:
      false
    }
  }

  /// Whether a stream is billed by what of it was written, when it ends.
  var isBilledByPiece: Bool {
    switch self {
    case .cut, .cutReset, .stall, .errorEvent, .slowHeaders: true
    default: false
    }
  }

  /// The kinds that `all` stands for in a ``FaultPlan``: those of a provider that is busy or ill, which pass.
  public static let passing: [FaultKind] = [
    .tooManyRequests, .serverError, .unavailable, .hang, .reset, .truncated, .malformed,
  ]
}
