import Drayage
import DrayageCore

/// Reads the events of a streamed answer (https://docs.cohere.com/v2/docs/streaming).
struct CohereStream: AnswerStream {
  /// More calls than this are no answer.
  private static let mostCalls = 1_024

  private(set) var isComplete = false
  private var hasContent = false
  /// The order in which calls began, by the provider's number for them, which content blocks may share.
  private var calls: [Int: Int] = [:]

  mutating func take(_ event: WireEvent) throws(AttemptFailure) -> [ChatEvent] {
    if event.data.elementsEqual("[DONE]".utf8) { return [] }
    guard let node = JSONNode.reply(event.data),
      node.isObject
    else { throw AttemptFailure(.malformed, "an event of the answer is not JSON") }
    let message = node["delta"]?["message"]
    switch node["type"]?.string ?? event.name {
    case "message-start":
      return [.begin(id: node["id"]?.string, model: nil)]
    case "content-start", "content-delta":
      return content(message?["content"])
    case "tool-plan-delta":
      return message?["tool_plan"]?.string.map { [.reasoning($0)] } ?? []
    case "tool-call-start":
      return [try begin(node["index"]?.integer, message?["tool_calls"])]
    case "tool-call-delta":
      guard let number = node["index"]?.integer, let index = calls[number],
        let piece = message?["tool_calls"]?["function"]?["arguments"]?.string
      else { throw AttemptFailure(.malformed, "a piece of a tool call belongs to none that began") }
      return [.toolCall(index: index, id: nil, name: nil, arguments: piece)]
    case "message-end":
      return try end(node["delta"])
    case "error":
      throw CohereFailure.failure(
        status: node["status_code"]?.integer ?? 500, fields: [:], message: node["message"]?.string ?? "")
    default: return []
    }
  }

  private mutating func content(_ content: JSONNode?) -> [ChatEvent] {
    var events: [ChatEvent] = []
    if let thinking = content?["thinking"]?.string, !thinking.isEmpty { events.append(.reasoning(thinking)) }
    if let text = content?["text"]?.string, !text.isEmpty {
      hasContent = true
      events.append(.text(text))
    }
    return events
  }

  private mutating func begin(_ number: Int?, _ call: JSONNode?) throws(AttemptFailure) -> ChatEvent {
    guard let number, calls[number] == nil, calls.count < Self.mostCalls, let id = call?["id"]?.string,
      let function = call?["function"], let name = function["name"]?.string
    else {
      throw AttemptFailure(.malformed, "a tool call begins without number, id or name, or begins again")
    }
    let index = calls.count
    calls[number] = index
    hasContent = true
    return .toolCall(index: index, id: id, name: name, arguments: function["arguments"]?.string ?? "")
  }

  private mutating func end(_ delta: JSONNode?) throws(AttemptFailure) -> [ChatEvent] {
    let usage = CohereUsage.metered(delta?["usage"])
    guard let word = delta?["finish_reason"]?.string else {
      throw AttemptFailure(.malformed, "the answer ends without finish_reason", usage: usage)
    }
    let reason = try CohereFinish.reason(
      word, error: delta?["error"]?.string, hasContent: hasContent, usage: usage)
    isComplete = true
    return [.finish(reason)] + (usage.map { [.usage($0)] } ?? [])
  }
}
