internal import Drayage
internal import DrayageCore

extension BedrockConverse {
  package func failure(status: Int, fields: HTTPFields, body: [UInt8]) -> AttemptFailure {
    let node = try? JSONNode.parse(body, file: "reply")
    // The name may be followed by a colon and an address, or stand behind a namespace and '#'.
    let stated = fields["x-amzn-errortype"] ?? node?["__type"]?.string ?? ""
    let name = stated.prefix { $0 != ":" }.split(separator: "#").last.map(String.init) ?? ""
    let text = node?["message"]?.string ?? node?["Message"]?.string ?? ""
    return AttemptFailure(
      Self.kind(exception: name, text: text) ?? Self.kind(status: status),
      "status \(status)" + (text.isEmpty ? "" : ": " + ProviderText.shown(text)),
      retryAfter: RetryAfter.seconds(fields["retry-after"]))
  }

  /// What an exception within a stream means.
  static func failure(exception name: String, payload: [UInt8]) -> AttemptFailure {
    let node = try? JSONNode.parse(payload, file: "event")
    let text = node?["message"]?.string ?? node?["Message"]?.string ?? ""
    let head = ProviderText.shown(name.isEmpty ? "an exception" : name)
    return AttemptFailure(
      kind(exception: name, text: text) ?? .serverError,
      head + (text.isEmpty ? "" : ": " + ProviderText.shown(text)))
  }

  /// What a documented exception means; nil for others.
  ///
  /// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, "Errors", and
  /// https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html. Streams begin
  /// the names with a small letter.
  private static func kind(exception name: String, text: String) -> FailureClass? {
    switch name.prefix(1).uppercased() + name.dropFirst() {
    // A day's allowance does not come back while one waits.
    case "ThrottlingException": text.contains("per day") ? .quotaExhausted : .rateLimited
    case "TooManyRequestsException": .rateLimited
    case "ServiceQuotaExceededException": .quotaExhausted
    case "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException",
      "ExpiredTokenException", "IncompleteSignatureException", "MissingAuthenticationTokenException",
      "InvalidClientTokenId", "SignatureDoesNotMatch":
      .unauthorized
    case "ResourceNotFoundException": .notFound
    case "ModelTimeoutException": .timeout
    case "ModelErrorException", "ModelStreamErrorException", "InternalServerException", "InternalFailure":
      .serverError
    case "ModelNotReadyException", "ServiceUnavailableException", "ServiceUnavailable": .overloaded
    case "ValidationException": invalid(text)
    default: nil
    }
  }

  /// Nothing but the text tells these apart; it is the model's own in part.
  private static func invalid(_ text: String) -> FailureClass {
    let text = text.lowercased()
    func says(_ phrases: String...) -> Bool { phrases.contains { text.contains($0) } }
    if says(
      "input is too long", "prompt is too long", "too many input tokens", "maximum context length",
      "exceed context limit", "exceeds the context", "input tokens exceeded", "maximum number of input tokens"
    ) {
      return .contextTooLong
    }
    if says("content filtering", "content filter") { return .contentFilter }
    if says("model identifier is invalid", "on-demand throughput isn") { return .notFound }
    return .badRequest
  }

  private static func kind(status: Int) -> FailureClass {
    switch status {
    case 401, 403: .unauthorized
    case 402: .quotaExhausted
    case 404: .notFound
    case 408, 504: .timeout
    case 413: .contextTooLong
    // The model, not the request, is at fault.
    case 424: .serverError
    case 429: .rateLimited
    case 503: .overloaded
    case 502: .connectionLost
    case 500...: .serverError
    case 400...: .badRequest
    default: .malformed
    }
  }
}
