internal import Drayage
package import DrayageCore

/// Chat completions of a resource on Azure.
///
/// A base that ends in `/openai/v1` is the v1 API, where the model stands in the body
/// (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle). One that ends in
/// `/openai/deployments` is the API before it, where the model is the name of a deployment in the path and
/// `api-version` is asked for (https://learn.microsoft.com/azure/ai-foundry/openai/reference): it is taken
/// from a query of the base. What the filter found (`content_filter_results`, `prompt_filter_results`,
/// https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter) is not handed on; what it
/// withheld is ``FailureClass/contentFilter``.
package struct AzureOpenAI: Dialect {
  /// The version where the base names none: the newest of the dated API that is generally available.
  static let version = "2024-10-21"

  private let chat = OpenAIChat(provider: "azure")

  package init() {}

  package var answersInOpenAIFormat: Bool { true }

  package func request(_ call: Call, to target: Target) throws(Rejection) -> HTTPRequest {
    var fields = OpenAIHeaders.fields(call, to: target)
    if let key = target.key { fields.append(key, for: "api-key") }
    return HTTPRequest(
      method: "POST", url: try Self.url(target.baseURL, model: target.offer.wireModel), fields: fields,
      body: try OpenAIChatBody(.openAI).bytes(call, for: target), timeouts: call.timeouts,
      limits: OpenAIHeaders.limits(call))
  }

  /// The address of chat completions below a base.
  static func url(_ base: String, model: String) throws(Rejection) -> String {
    let parts = base.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var path = String(parts[0])
    while path.hasSuffix("/") { path.removeLast() }
    var query = parts.count > 1 ? String(parts[1]) : ""
    if path.hasSuffix("/openai/deployments") {
      path += "/" + escaped(model)
      if !query.split(separator: "&").contains(where: { $0.hasPrefix("api-version=") }) {
        query += (query.isEmpty ? "" : "&") + "api-version=" + version
      }
    } else if !path.hasSuffix("/v1") {
      throw .unreachable(
        "its address ends neither in /openai/v1 nor in /openai/deployments; give one as https://NAME.openai.azure.com/openai/v1"
      )
    }
    return path + "/chat/completions" + (query.isEmpty ? "" : "?" + query)
  }

  /// `text` as one segment of a path (RFC 3986, section 2.3).
  private static func escaped(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        result += (byte < 0x10 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
      }
    }
    return result
  }

  package func answer(in reply: HTTPReply) throws(AttemptFailure) -> ChatAnswer { try chat.answer(in: reply) }

  package func failure(status: Int, fields: HTTPFields, body: [UInt8]) -> AttemptFailure {
    chat.failure(status: status, fields: fields, body: body)
  }

  package func stream() -> any AnswerStream { chat.stream() }
}
