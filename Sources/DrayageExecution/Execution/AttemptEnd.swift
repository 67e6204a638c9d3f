import DrayageCore

/// How one attempt over the wire ended.
struct AttemptEnd: Sendable {
  /// The answer, or why there is none.
  var result: Result<ChatAnswer, AttemptFailure>
  /// Whether the provider may bill it, as far as is known from the way it failed. An answer is billed.
  var mayBeBilled = true
  /// What had reached the caller when a stream broke.
  var partial: ChatAnswer?
  /// The reply as it came, if it was not streamed.
  var reply: HTTPReply?
  /// What the reply's fields say of rate limits.
  var limits: RateLimitReport?
  /// A score that was stated in the field `x-drayage-score`: by a judge in front of the provider, or a simulated
  /// provider, at an address of the user's own.
  var score: Double?
  /// The provider's name for the exchange.
  var requestID: String?
  /// Seconds from sending to the first token of a stream; nil for a whole reply.
  var firstToken: Double?
  /// Seconds from sending to the end.
  var seconds = 0.0

  /// Why there is no usable answer.
  var failure: AttemptFailure {
    if case .failure(let failure) = result {
      failure
    } else {
      AttemptFailure(.malformed, "the reply is no answer")
    }
  }
}

extension TransportFailure {
  /// What the failure means for retry and fallback, before anything of an answer has reached the caller.
  var failureClass: FailureClass {
    switch kind {
    // The request is at fault, but only in how this offer is reached: its address or its key.
    case .invalidRequest: .notFound
    case .resolve, .connect: .unreachable
    case .tls: .untrusted
    case .timeout(phase: .connect): .connectTimeout
    case .timeout(phase: .stall): .stalled
    case .timeout: .timeout
    case .reset: .connectionLost
    case .truncated: .truncated
    case .tooLarge, .protocolError: .malformed
    case .cancelled: .cancelled
    }
  }
}
