internal import Drayage
internal import DrayageCore

/// Writes an answer that comes in pieces as the server-sent events of OpenAI's chat completion chunks
/// (https://platform.openai.com/docs/api-reference/chat-streaming).
package struct ChatChunks: Sendable {
  private var id: String
  private var model: String
  private let created: Int64
  private let includesUsage: Bool
  private var hasRole = false
  private var usage: MeteredUsage?

  /// - Parameters:
  ///   - id: the name to give where the provider gives none.
  ///   - model: likewise.
  ///   - created: in Unix seconds.
  ///   - includesUsage: whether a chunk with the usage comes last, as `stream_options.include_usage` asks.
  package init(id: String, model: String, created: Int64, includesUsage: Bool) {
    self.id = id
    self.model = model
    self.created = created
    self.includesUsage = includesUsage
  }

  /// The lines that say `event`; empty for one that says nothing yet.
  package mutating func lines(_ event: ChatEvent) -> String {
    switch event {
    case .begin(let id, let model):
      self.id = id ?? self.id
      self.model = model ?? self.model
      return chunk([:])
    case .text(let piece): return piece.isEmpty ? "" : chunk(["content": JSONText.quoted(piece)])
    case .reasoning(let piece):
      return piece.isEmpty ? "" : chunk(["reasoning_content": JSONText.quoted(piece)])
    case .refusal(let piece): return piece.isEmpty ? "" : chunk(["refusal": JSONText.quoted(piece)])
    case .toolCall(let index, let id, let name, let arguments):
      let call = JSONText.object([
        "index": String(index), "id": id.map { JSONText.quoted($0) },
        "type": id == nil ? nil : "\"function\"",
        "function": JSONText.object([
          "name": name.map { JSONText.quoted($0) }, "arguments": JSONText.quoted(arguments),
        ]),
      ])
      return chunk(["tool_calls": "[\(call)]"])
    case .toolCallSignature(let index, let signature):
      let call = JSONText.object([
        "index": String(index), "extra_content": ToolCall.extraContent(signature: signature),
      ])
      return chunk(["tool_calls": "[\(call)]"])
    case .usage(let usage):
      self.usage = usage
      return ""
    case .finish(let reason): return chunk([:], finish: reason)
    }
  }

  /// The lines after the last event: the usage, if it was asked for and is known, and the end mark.
  package mutating func end() -> String {
    let last = includesUsage ? usage.map { line(choices: "[]", usage: $0.json) } : nil
    return (last ?? "") + "data: [DONE]\n\n"
  }

  /// The first chunk names the role.
  private mutating func chunk(_ delta: KeyValuePairs<String, String?>, finish: FinishReason? = nil) -> String
  {
    var members: [(key: String, value: String)] = []
    if !hasRole {
      hasRole = true
      members.append(("role", "\"assistant\""))
      if delta.isEmpty { members.append(("content", "\"\"")) }
    }
    members += delta.compactMap { member in member.value.map { (member.key, $0) } }
    let choice = JSONText.object([
      "index": "0", "delta": JSONText.object([:], and: members), "logprobs": "null",
      "finish_reason": finish.map { JSONText.quoted($0.name) } ?? "null",
    ])
    return line(choices: "[\(choice)]", usage: includesUsage ? "null" : nil)
  }

  private func line(choices: String, usage: String?) -> String {
    "data: "
      + JSONText.object([
        "id": JSONText.quoted(id), "object": "\"chat.completion.chunk\"", "created": String(created),
        "model": JSONText.quoted(model), "choices": choices, "usage": usage,
      ]) + "\n\n"
  }
}
