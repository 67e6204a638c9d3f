import Drayage
package import DrayageCore

/// Google's Gemini API, and the same methods at Vertex AI.
///
/// Wire format: https://ai.google.dev/api/generate-content. At Vertex AI the base is
/// `https://aiplatform.googleapis.com/v1/projects/PROJECT/locations/LOCATION` and the key an access token;
/// a service tier is named in a header there
/// (https://docs.cloud.google.com/vertex-ai/generative-ai/docs/priority-paygo).
///
/// A model's thought signature of a tool call travels as ``ToolCall/signature``. Models of version 3 refuse
/// calls of the current turn that have none: those of other models get the mark that Google documents for
/// them (https://ai.google.dev/gemini-api/docs/thought-signatures).
package struct GeminiGenerate: Dialect {
  package init() {}

  package func request(_ call: Call, to target: Target) throws(Rejection) -> HTTPRequest {
    let chat = try call.chat()
    let isVertex = Self.isVertex(target)
    let body = try GeminiBody(chat, limit: call.outputLimit, offer: target.offer, namesTier: !isVertex).json()
    var fields = Self.fields(target, accept: call.streams ? "text/event-stream" : "application/json")
    if isVertex, target.offer.service != PriceConditions.standardService {
      fields.append(target.offer.service, for: "x-vertex-ai-llm-shared-request-type")
    }
    if let header = target.idempotencyHeader {
      fields.append(call.idempotencyKey, for: header)
    }
    let method = call.streams ? "streamGenerateContent?alt=sse" : "generateContent"
    return HTTPRequest(
      method: "POST", url: Self.url(target, method: method), fields: fields, body: Array(body.utf8),
      timeouts: call.timeouts, limits: HTTPRequest.Limits(bodyBytes: ReplyLimits.bytes))
  }

  /// The address of a method of the target's model.
  static func url(_ target: Target, method: String) -> String {
    let publisher = isVertex(target) && !target.baseURL.contains("/publishers/") ? "/publishers/google" : ""
    let model = GeminiModel(target.offer.wireModel).name
    return target.url("\(publisher)/models/\(URLText.encoded(model)):\(method)")
  }

  /// The header fields with the key: an API key in a field of Google's own, an access token as a bearer's.
  static func fields(_ target: Target, accept: String) -> HTTPFields {
    var fields: HTTPFields = ["content-type": "application/json", "accept": accept]
    guard let key = target.key else { return fields }
    if key.hasPrefix("ya29.") || isVertex(target) {
      target.authorize(&fields)
    } else {
      fields.append(key, for: "x-goog-api-key")
    }
    return fields
  }

  static func isVertex(_ target: Target) -> Bool {
    target.baseURL.contains("aiplatform.googleapis.com") || target.baseURL.contains("/projects/")
  }

  package func answer(in reply: HTTPReply) throws(AttemptFailure) -> ChatAnswer {
    let reply = try GeminiReply(reply.body)
    var answer = ChatAnswer(id: reply.id, model: reply.model, usage: reply.usage)
    for piece in reply.pieces {
      switch piece {
      case .text(let text): answer.text += text
      case .reasoning(let text): answer.reasoning += text
      case .call(let call): answer.toolCalls.append(call.named(reply.id, index: answer.toolCalls.count))
      }
    }
    try reply.checkPrompt()
    guard reply.hasCandidate else {
      throw AttemptFailure(.malformed, "the answer holds no candidate", usage: reply.usage)
    }
    answer.finish = try reply.finish(
      hasContent: !answer.text.isEmpty || !answer.toolCalls.isEmpty, callsTools: !answer.toolCalls.isEmpty)
    return answer
  }

  package func failure(status: Int, fields: HTTPFields, body: [UInt8]) -> AttemptFailure {
    GeminiFailure(body)?.failure(status: status, fields: fields)
      ?? GeminiFailure.failure(status: status, fields: fields)
  }

  package func stream() -> any AnswerStream { GeminiStream() }
}
