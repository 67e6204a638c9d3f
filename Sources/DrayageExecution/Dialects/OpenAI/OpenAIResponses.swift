internal import Drayage
package import DrayageCore

/// OpenAI's responses (https://platform.openai.com/docs/api-reference/responses).
///
/// Nothing is stored at the provider: `store` is false, and the whole conversation is sent.
package struct OpenAIResponses: Dialect {
  package init() {}

  package func request(_ call: Call, to target: Target) throws(Rejection) -> HTTPRequest {
    var fields = OpenAIHeaders.fields(call, to: target)
    target.authorize(&fields)
    let request: ChatRequest
    do {
      request = try call.body.chat()
    } catch {
      throw .inexpressible(error.description)
    }
    return HTTPRequest(
      method: "POST", url: target.url("/responses"), fields: fields,
      body: Array(try OpenAIResponsesBody(request).json(call, for: target.offer).utf8),
      timeouts: call.timeouts, limits: OpenAIHeaders.limits(call))
  }

  package func answer(in reply: HTTPReply) throws(AttemptFailure) -> ChatAnswer {
    guard let node = JSONNode.reply(reply.body) else {
      throw AttemptFailure(.malformed, "the answer is not JSON, or nests too deep")
    }
    return try OpenAIResponsesReply(node).answer()
  }

  package func failure(status: Int, fields: HTTPFields, body: [UInt8]) -> AttemptFailure {
    OpenAIError(body).failure(status: status, fields: fields)
  }

  package func stream() -> any AnswerStream { OpenAIResponsesStream() }
}
