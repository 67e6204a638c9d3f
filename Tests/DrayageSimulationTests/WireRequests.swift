import Foundation
import Testing

@testable import DrayageSimulation

/// One wire format as tests speak it: where it is asked, what is asked, and where answers say what.
struct Wire: Sendable, CustomTestStringConvertible {
  let name: String
  let path: String
  let streamPath: String
  /// The body of a request to a model for an answer of at most so many tokens, streamed or not.
  let body: @Sendable (_ model: String, _ limit: Int?, _ streams: Bool) -> [String: Any]
  /// The text, the finish reason and the output tokens of a whole answer.
  let text: @Sendable (Any) -> String?
  let finish: @Sendable (Any) -> String?
  let output: @Sendable (Any) -> Int?
  /// The text in one event.
  let piece: @Sendable (Any) -> String?
  let ended: String
  let cutShort: String

  var testDescription: String { name }

  func request(
    _ model: String = "slow:1", limit: Int? = nil, streams: Bool = false, headers: [String] = []
  ) throws -> Data {
    let bytes = try JSONSerialization.data(withJSONObject: body(model, limit, streams))
    let path = (streams ? streamPath : path).replacingOccurrences(of: "MODEL", with: model)
    return WireClient.request("POST", path, bytes, headers: headers)
  }

  /// The events of a stream as JSON; nil if one of them is none.
  func events(_ body: Data) -> [Any]? {
    if name == "bedrock" { return EventStreamReader.events(body) }
    var events: [Any] = []
    for line in String(decoding: body, as: UTF8.self).split(whereSeparator: \.isNewline)
    where line.hasPrefix("data: ") && line != "data: [DONE]" {
      guard let event = try? JSONSerialization.jsonObject(with: Data(line.dropFirst(6).utf8)) else {
        return nil
      }
      events.append(event)
    }
    return events
  }

  func streamedText(_ body: Data) -> String? { events(body)?.compactMap(piece).joined() }

  /// The value at a path of keys and indexes.
  static func at(_ value: Any?, _ path: [Any]) -> Any? {
    path.reduce(value) { value, step in
      if let key = step as? String { return (value as? [String: Any])?[key] }
      guard let index = step as? Int, let list = value as? [Any], list.indices.contains(index) else {
        return nil
      }
      return list[index]
    }
  }

  private static func chat(_ model: String, _ limit: Int?, _ streams: Bool) -> [String: Any] {
    var body: [String: Any] = ["model": model, "messages": [["role": "user", "content": "Say something."]]]
    body["max_tokens"] = limit
    if streams {
      body["stream"] = true
      body["stream_options"] = ["include_usage": true]
    }
    return body
  }

  private static func openAI(_ name: String, _ path: String) -> Wire {
    Wire(
      name: name, path: path, streamPath: path, body: chat,
      text: { at($0, ["choices", 0, "message", "content"]) as? String },
      finish: { at($0, ["choices", 0, "finish_reason"]) as? String },
      output: { at($0, ["usage", "completion_tokens"]) as? Int },
      piece: { at($0, ["choices", 0, "delta", "content"]) as? String }, ended: "stop", cutShort: "length")
  }

  static let chats: [Wire] = [
    openAI("openai", "/v1/chat/completions"), openAI("azure v1", "/openai/v1/chat/completions"),
    openAI("azure", "/openai/deployments/MODEL/chat/completions?api-version=2024-10-21"),
    Wire(
      name: "responses", path: "/v1/responses", streamPath: "/v1/responses",
      body: { model, limit, streams in
        var body: [String: Any] = ["model": model, "input": "Say something.", "stream": streams]
        body["max_output_tokens"] = limit
        return body
      },
      text: { at($0, ["output", 0, "content", 0, "text"]) as? String },
      finish: { at($0, ["status"]) as? String }, output: { at($0, ["usage", "output_tokens"]) as? Int },
      piece: {
        at($0, ["type"]) as? String == "response.output_text.delta" ? at($0, ["delta"]) as? String : nil
      },
      ended: "completed", cutShort: "incomplete"),
    Wire(
      name: "anthropic", path: "/v1/messages", streamPath: "/v1/messages",
      body: { model, limit, streams in
        [
          "model": model, "max_tokens": limit ?? 100_000, "stream": streams,
          "messages": [["role": "user", "content": "Say something."]],
        ]
      },
      text: { at($0, ["content", 0, "text"]) as? String }, finish: { at($0, ["stop_reason"]) as? String },
      output: { at($0, ["usage", "output_tokens"]) as? Int },
      piece: { at($0, ["delta", "text"]) as? String },
      ended: "end_turn", cutShort: "max_tokens"),
    Wire(
      name: "gemini", path: "/v1beta/models/MODEL:generateContent",
      streamPath: "/v1beta/models/MODEL:streamGenerateContent?alt=sse",
      body: { _, limit, _ in
        var body: [String: Any] = ["contents": [["parts": [["text": "Say something."]]]]]
        body["generationConfig"] = limit.map { ["maxOutputTokens": $0] }
        return body
      },
      text: { at($0, ["candidates", 0, "content", "parts", 0, "text"]) as? String },
      finish: { at($0, ["candidates", 0, "finishReason"]) as? String },
      output: { at($0, ["usageMetadata", "candidatesTokenCount"]) as? Int },
      piece: { at($0, ["candidates", 0, "content", "parts", 0, "text"]) as? String }, ended: "STOP",
      cutShort: "MAX_TOKENS"),
    Wire(
      name: "bedrock", path: "/model/MODEL/converse", streamPath: "/model/MODEL/converse-stream",
      body: { _, limit, _ in
        var body: [String: Any] = ["messages": [["role": "user", "content": [["text": "Say something."]]]]]
        body["inferenceConfig"] = limit.map { ["maxTokens": $0] }
        return body
      },
      text: { at($0, ["output", "message", "content", 0, "text"]) as? String },
      finish: { at($0, ["stopReason"]) as? String }, output: { at($0, ["usage", "outputTokens"]) as? Int },
      piece: { at($0, ["delta", "text"]) as? String }, ended: "end_turn", cutShort: "max_tokens"),
    Wire(
      name: "cohere", path: "/v2/chat", streamPath: "/v2/chat", body: chat,
      text: { at($0, ["message", "content", 0, "text"]) as? String },
      finish: { at($0, ["finish_reason"]) as? String },
      output: { at($0, ["usage", "tokens", "output_tokens"]) as? Int },
      piece: { at($0, ["delta", "message", "content", "text"]) as? String }, ended: "COMPLETE",
      cutShort: "MAX_TOKENS"),
  ]
}

/// Reads `application/vnd.amazon.eventstream`, with its checks.
enum EventStreamReader {
  /// The payloads; nil if a length or a check is wrong.
  static func events(_ data: Data) -> [Any]? {
    var bytes = Array(data)[...]
    var events: [Any] = []
    while !bytes.isEmpty {
      guard bytes.count >= 16 else { return nil }
      let total = Int(integer(bytes.prefix(4)))
      let headers = Int(integer(bytes.dropFirst(4).prefix(4)))
      guard total >= 16 + headers, total <= bytes.count else { return nil }
      let message = bytes.prefix(total)
      let payload = message.dropFirst(12 + headers).dropLast(4)
      guard check(message.prefix(8)) == integer(message.dropFirst(8).prefix(4)),
        check(message.dropLast(4)) == integer(message.suffix(4)),
        let event = try? JSONSerialization.jsonObject(with: Data(payload))
      else { return nil }
      events.append(event)
      bytes = bytes.dropFirst(total)
    }
    return events
  }

  private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// CRC-32 bit by bit, from its definition.
  static func check(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var value = UInt32.max
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
    }
    return ~value
  }
}
