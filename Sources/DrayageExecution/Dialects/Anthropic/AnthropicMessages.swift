internal import Drayage
package import DrayageCore

/// Anthropic's messages.
///
/// Wire format: https://platform.claude.com/docs/en/api/messages, version 2023-06-01. That version is part of
/// what is said here: later ones take no sampling settings from any model.
package struct AnthropicMessages: Dialect {
  package init() {}

  package func request(_ call: Call, to target: Target) throws(Rejection) -> HTTPRequest {
    let chat: ChatRequest
    do { chat = try call.body.chat() } catch { throw .inexpressible(error.message) }
    var fields: HTTPFields = [
      "content-type": "application/json", "accept": call.streams ? "text/event-stream" : "application/json",
      "anthropic-version": "2023-06-01",
    ]
    if let key = target.key { fields.append(key, for: "x-api-key") }
    // https://platform.claude.com/docs/en/build-with-claude/fast-mode
    if target.offer.service == "fast" { fields.append("fast-mode-2026-02-01", for: "anthropic-beta") }
    if let header = target.idempotencyHeader {
      fields.append(call.idempotencyKey, for: header)
    }
    let body = try AnthropicRequest(
      chat, outputLimit: call.outputLimit, streams: call.streams, to: target.offer)
    return HTTPRequest(
      method: "POST", url: target.url("/messages"), fields: fields, body: Array(body.json.utf8),
      timeouts: call.timeouts, limits: HTTPRequest.Limits(bodyBytes: ReplyLimits.bytes))
  }

  package func stream() -> any AnswerStream { AnthropicStream() }
}
