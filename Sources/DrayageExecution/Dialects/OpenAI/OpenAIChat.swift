internal import Drayage
package import DrayageCore

/// OpenAI's chat completions, which most providers speak.
///
/// Wire format: https://platform.openai.com/docs/api-reference/chat, and for what others do differently
/// see ``OpenAIFlavor``.
package struct OpenAIChat: Dialect {
  /// How the provider departs from the format; nil takes requests by the offer's provider, and replies as
  /// they come.
  private let flavor: OpenAIFlavor?

  /// - Parameter provider: whose replies are read, by its name in price files; nil for any.
  package init(provider: String? = nil) {
    flavor = provider.map(OpenAIFlavor.of(provider:))
  }

  package var answersInOpenAIFormat: Bool { true }

  package func request(_ call: Call, to target: Target) throws(Rejection) -> HTTPRequest {
    let flavor = flavor ?? .of(provider: target.offer.provider)
    var fields = OpenAIHeaders.fields(call, to: target)
    target.authorize(&fields)
    if let header = flavor.serviceHeader, target.offer.service != PriceConditions.standardService {
      fields.append(target.offer.service, for: header)
    }
    return HTTPRequest(
      method: "POST", url: target.chatCompletions, fields: fields,
      body: try OpenAIChatBody(flavor).bytes(call, for: target), timeouts: call.timeouts,
      limits: OpenAIHeaders.limits(call))
  }

  package func answer(in reply: HTTPReply) throws(AttemptFailure) -> ChatAnswer {
    try OpenAIChatReply(countsReasoningApart: (flavor ?? .standard).countsReasoningApart)
      .answer(reply.body)
  }

  package func failure(status: Int, fields: HTTPFields, body: [UInt8]) -> AttemptFailure {
    OpenAIError(body).failure(status: status, fields: fields)
  }

  package func stream() -> any AnswerStream { OpenAIChatStream(flavor ?? .standard) }
}

/// What the requests of this family have in common.
enum OpenAIHeaders {
  private static let whole: HTTPFields = ["content-type": "application/json", "accept": "application/json"]
  private static let streamed: HTTPFields = [
    "content-type": "application/json", "accept": "text/event-stream",
  ]

  /// The header fields but for the secret.
  static func fields(_ call: Call, to target: Target) -> HTTPFields {
    var fields = call.streams ? streamed : whole
    if let header = target.idempotencyHeader {
      fields.append(call.idempotencyKey, for: header)
    }
    return fields
  }

  /// The most that is accepted of the reply.
  ///
  /// A stream is read and forgotten piece by piece, and takes some 300 bytes for each token.
  static func limits(_ call: Call) -> HTTPRequest.Limits {
    HTTPRequest.Limits(bodyBytes: call.streams ? 16 * ReplyLimits.bytes : ReplyLimits.bytes)
  }
}
