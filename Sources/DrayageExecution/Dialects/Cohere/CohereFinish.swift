import DrayageCore

/// Cohere's words for why an answer ended.
enum CohereFinish {
  /// - Parameters:
  ///   - error: what went wrong, if stated.
  ///   - hasContent: whether anything was said or called.
  /// - Throws: the failure that the word tells of.
  static func reason(
    _ word: String, error: String?, hasContent: Bool, usage: MeteredUsage?
  ) throws(AttemptFailure) -> FinishReason {
    func failure(_ kind: FailureClass) -> AttemptFailure {
      AttemptFailure(
        kind, "the answer ended" + ProviderText.suffix([word, error ?? ""].joined(separator: " ")),
        usage: usage)
    }
    switch word {
    case "COMPLETE", "STOP_SEQUENCE": return .stop
    case "MAX_TOKENS": return .length
    case "TOOL_CALL": return .toolCalls
    case "ERROR":
      throw failure(error.map { CohereFailure.isTooLong($0) } ?? false ? .contextTooLong : .serverError)
    case "ERROR_LIMIT": throw failure(.contextTooLong)
    case "TIMEOUT": throw failure(.timeout)
    case "ERROR_TOXIC":
      guard hasContent else { throw failure(.contentFilter) }
      return .contentFilter
    default: return .other(ProviderText.word(word))
    }
  }
}
