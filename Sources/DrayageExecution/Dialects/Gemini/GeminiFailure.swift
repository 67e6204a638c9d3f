import Drayage
import DrayageCore

/// An error as all of Google's APIs state it: `google.rpc.Status` with details
/// (https://ai.google.dev/gemini-api/docs/troubleshooting, https://google.aip.dev/193).
struct GeminiFailure {
  private let code: Int?
  private let word: String
  private let message: String
  private let details: [JSONNode]

  /// Nil if `body` holds no error. A stream that fails before it begins holds it in a list.
  init?(_ body: [UInt8]) {
    guard let node = try? JSONNode.parse(body, file: "reply") else { return nil }
    var root = node
    if case .array(let items) = node.value, let first = items.first { root = first }
    guard let error = root["error"], error.isObject else { return nil }
    code = error["code"]?.integer
    word = error["status"]?.string ?? ""
    message = error["message"]?.string ?? ""
    details = error["details"]?.elements.map(Array.init) ?? []
  }

  /// What a status means of itself.
  static func failure(status: Int, fields: HTTPFields, text: String = "") -> AttemptFailure {
    let kind: FailureClass =
      switch status {
      case 401, 403: .unauthorized
      case 402: .quotaExhausted
      case 404: .notFound
      case 408, 504, 524: .timeout
      case 413: .contextTooLong
      case 429: .rateLimited
      case 409, 503, 529: .overloaded
      case 502, 520: .connectionLost
      // Cancelled, by nobody here: it may have been answered and billed.
      case 499: .connectionLost
      case 500...: .serverError
      case 400...: .badRequest
      default: .malformed
      }
    return AttemptFailure(
      kind, "status \(status)" + ProviderText.suffix(text),
      retryAfter: RetryAfter.seconds(fields["retry-after"]))
  }

  /// - Parameter status: of the reply; nil for an error within a stream, whose own code counts then.
  func failure(status: Int?, fields: HTTPFields) -> AttemptFailure {
    let status = status ?? code ?? statusOfWord
    var failure = Self.failure(status: status, fields: fields, text: message)
    failure.retryAfter = retryDelay ?? failure.retryAfter
    switch status {
    case 400 where isTooLong: failure.kind = .contextTooLong
    // A key that is none is a bad argument to Google, and no billing or the wrong country a precondition.
    case 400 where isAboutKey || word == "FAILED_PRECONDITION": failure.kind = .unauthorized
    case 403 where reasons.contains("BILLING_DISABLED"): failure.kind = .quotaExhausted
    case 429 where isOutOfQuota:
      failure.kind = .quotaExhausted
      // A delay is stated even where the quota is a day's: it is that of the minute's.
      failure.retryAfter = nil
    default: break
    }
    return failure
  }

  private var statusOfWord: Int {
    switch word {
    case "INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE": 400
    case "UNAUTHENTICATED": 401
    case "PERMISSION_DENIED": 403
    case "NOT_FOUND": 404
    case "ABORTED", "ALREADY_EXISTS": 409
    case "RESOURCE_EXHAUSTED": 429
    case "CANCELLED": 499
    case "UNAVAILABLE": 503
    case "DEADLINE_EXCEEDED": 504
    default: 500
    }
  }

  private func details(_ type: String) -> [JSONNode] {
    details.filter { $0["@type"]?.string?.hasSuffix("google.rpc." + type) ?? false }
  }

  private var reasons: [String] { details("ErrorInfo").compactMap { $0["reason"]?.string } }

  private var isTooLong: Bool {
    let text = message.lowercased()
    return text.contains("token count")
      && ["exceed", "only supports up to"].contains(where: text.contains)
  }

  private var isAboutKey: Bool {
    let text = message.lowercased()
    return reasons.contains { $0.hasPrefix("API_KEY_") }
      || text.contains("api key")
        && ["not valid", "expired", "invalid", "not found"].contains(where: text.contains)
  }

  /// A day's quota, one of nothing, or credit that is used up: waiting for seconds does not help.
  private var isOutOfQuota: Bool {
    for failure in details("QuotaFailure") {
      guard case .array(let violations)? = failure["violations"]?.value else { continue }
      for violation in violations {
        if violation["quotaValue"]?.string == "0" { return true }
        let names = [violation["quotaId"], violation["subject"]].compactMap { $0?.string?.lowercased() }
        if names.contains(where: { $0.contains("perday") }) { return true }
      }
    }
    let text = message.lowercased()
    return ["credits are depleted", "spending cap", "spend cap"].contains(where: text.contains)
  }

  /// Seconds, as a `Duration` is written: `34s`, `34.07s`.
  private var retryDelay: Double? {
    guard let text = details("RetryInfo").first?["retryDelay"]?.string, text.hasSuffix("s"),
      let seconds = Double(text.dropLast()), (0...RetryAfter.mostSeconds).contains(seconds)
    else { return nil }
    return seconds
  }
}
