import Drayage
package import DrayageCore

/// Cohere's chat, version 2.
///
/// Wire format: https://docs.cohere.com/v2/reference/chat. The base may be given with or without `/v2`.
package struct CohereChat: Dialect {
  package init() {}

  package func request(_ call: Call, to target: Target) throws(Rejection) -> HTTPRequest {
    let chat = try call.chat()
    let body = try CohereBody(chat, limit: call.outputLimit, streams: call.streams, offer: target.offer)
      .json()
    var fields = Self.fields(target, accept: call.streams ? "text/event-stream" : "application/json")
    if let header = target.idempotencyHeader {
      fields.append(call.idempotencyKey, for: header)
    }
    return HTTPRequest(
      method: "POST", url: Self.url(target, "/chat"), fields: fields, body: Array(body.utf8),
      timeouts: call.timeouts, limits: HTTPRequest.Limits(bodyBytes: ReplyLimits.bytes))
  }

  /// The address of `path` of version 2.
  static func url(_ target: Target, _ path: String) -> String {
    let address = target.url("")
    return address + (address.hasSuffix("/v2") ? "" : "/v2") + path
  }

  static func fields(_ target: Target, accept: String) -> HTTPFields {
    var fields: HTTPFields = ["content-type": "application/json", "accept": accept]
    target.authorize(&fields)
    return fields
  }

  package func answer(in reply: HTTPReply) throws(AttemptFailure) -> ChatAnswer {
    guard let node = JSONNode.reply(reply.body),
      node.isObject
    else { throw AttemptFailure(.malformed, "the answer is not a chat answer") }
    let usage = CohereUsage.metered(node["usage"])
    guard let message = node["message"], message.isObject,
      let word = node["finish_reason"]?.string
    else {
      throw AttemptFailure(.malformed, "the answer has no message, or no finish_reason", usage: usage)
    }
    var answer = ChatAnswer(
      id: node["id"]?.string, reasoning: message["tool_plan"]?.string ?? "", usage: usage)
    if case .array(let parts)? = message["content"]?.value {
      for part in parts {
        answer.text += part["text"]?.string ?? ""
        answer.reasoning += part["thinking"]?.string ?? ""
      }
    }
    if case .array(let calls)? = message["tool_calls"]?.value {
      for call in calls {
        guard let id = call["id"]?.string, let name = call["function"]?["name"]?.string else {
          throw AttemptFailure(.malformed, "a tool call has no id, or no name", usage: usage)
        }
        answer.toolCalls.append(
          ToolCall(id: id, name: name, arguments: call["function"]?["arguments"]?.string ?? "{}"))
      }
    }
    answer.finish = try CohereFinish.reason(
      word, error: nil, hasContent: !answer.text.isEmpty || !answer.toolCalls.isEmpty, usage: usage)
    return answer
  }

  package func failure(status: Int, fields: HTTPFields, body: [UInt8]) -> AttemptFailure {
    let message = (try? JSONNode.parse(body, file: "reply"))?["message"]?.string ?? ""
    return CohereFailure.failure(status: status, fields: fields, message: message)
  }

  package func stream() -> any AnswerStream { CohereStream() }
}
