import Drayage
import DrayageCore

/// Reads the events of a streamed message
/// (https://platform.claude.com/docs/en/build-with-claude/streaming).
///
/// What `message_start` says of usage is kept until `message_delta` completes it: by itself it is far too low.
struct AnthropicStream: AnswerStream {
  private(set) var isComplete = false

  /// The most blocks of one answer.
  private static let mostBlocks = 4_096

  private enum Block {
    /// - input: as the beginning states it; the arguments, if no pieces of them follow.
    case call(index: Int, input: String, hasArguments: Bool)
    case other
  }

  private var blocks: [Int: Block] = [:]
  private var begun = 0
  private var calls = 0
  private var usage = AnthropicUsage()
  private var hasContent = false
  private var repeated = RepeatedPiece()

  mutating func take(_ event: WireEvent) throws(AttemptFailure) -> [ChatEvent] {
    guard !isComplete else { return [] }
    if let piece = repeated.said(by: event) { return [piece] }
    guard let node = JSONNode.reply(event.data) else {
      throw malformed("an event is not JSON")
    }
    let events = try read(node, in: event.data)
    hasContent = hasContent || events.contains(where: \.isContent)
    repeated.note(event, events, from: Self.words(node["delta"]))
    return events
  }

  private func malformed(_ message: String) -> AttemptFailure {
    AttemptFailure(.malformed, message)
  }

  private mutating func read(_ node: JSONNode, in data: [UInt8]) throws(AttemptFailure) -> [ChatEvent] {
    switch node["type"]?.string {
    case "message_start":
      usage.take(node["message"]?["usage"])
      return [.begin(id: node["message"]?["id"]?.string, model: node["message"]?["model"]?.string)]
    case "content_block_start": return try begin(node, in: data)
    case "content_block_delta": return try delta(node)
    case "content_block_stop": return end(node)
    case "message_delta": return try finish(node)
    case "message_stop":
      isComplete = true
      return []
    case "error": throw AnthropicMessages.failure(node["error"], status: nil)
    // "ping", and what may yet be added.
    default: return []
    }
  }

  private mutating func begin(_ node: JSONNode, in data: [UInt8]) throws(AttemptFailure) -> [ChatEvent] {
    guard let index = node["index"]?.integer, let block = node["content_block"], begun < Self.mostBlocks
    else {
      throw malformed("a block begins without index or content, or is one too many")
    }
    begun += 1
    blocks[index] = .other
    switch block["type"]?.string {
    case "text": return block["text"]?.string.map { $0.isEmpty ? [] : [.text($0)] } ?? []
    case "thinking": return block["thinking"]?.string.map { $0.isEmpty ? [] : [.reasoning($0)] } ?? []
    case "tool_use":
      guard let id = block["id"]?.string, let name = block["name"]?.string else {
        throw malformed("a tool call lacks id or name")
      }
      var input = "{}"
      if let stated = block["input"], stated.isObject { input = JSONFragment(stated, in: data).text }
      blocks[index] = .call(index: calls, input: input, hasArguments: false)
      defer { calls += 1 }
      return [.toolCall(index: calls, id: id, name: name, arguments: "")]
    default: return []
    }
  }

  private mutating func delta(_ node: JSONNode) throws(AttemptFailure) -> [ChatEvent] {
    guard let index = node["index"]?.integer, let block = blocks[index], let delta = node["delta"] else {
      throw malformed("a piece belongs to no block")
    }
    func text(_ key: String) throws(AttemptFailure) -> String {
      guard let text = delta[named: key]?.string else { throw malformed("a piece has no \(key)") }
      return text
    }
    switch delta["type"]?.string {
    case "text_delta": return [.text(try text("text"))]
    case "thinking_delta": return [.reasoning(try text("thinking"))]
    case "input_json_delta":
      let piece = try text("partial_json")
      // Also what tools of the provider's own are given.
      guard case .call(let call, let input, let hasArguments) = block, !piece.isEmpty else { return [] }
      if !hasArguments { blocks[index] = .call(index: call, input: input, hasArguments: true) }
      return [.toolCall(index: call, id: nil, name: nil, arguments: piece)]
    default: return []
    }
  }

  /// The member of a piece that has its words, if they are text or reasoning.
  private static func words(_ delta: JSONNode?) -> JSONNode? {
    switch delta?["type"]?.string {
    case "text_delta": delta?["text"]
    case "thinking_delta": delta?["thinking"]
    default: nil
    }
  }

  /// A call without arguments comes without pieces.
  private mutating func end(_ node: JSONNode) -> [ChatEvent] {
    guard let index = node["index"]?.integer,
      case .call(let call, let input, hasArguments: false)? = blocks.removeValue(forKey: index)
    else { return [] }
    return [.toolCall(index: call, id: nil, name: nil, arguments: input)]
  }

  private mutating func finish(_ node: JSONNode) throws(AttemptFailure) -> [ChatEvent] {
    usage.take(node["usage"])
    let word = node["delta"]?["stop_reason"]?.string
    var refusal: [ChatEvent] = []
    if word == "refusal" {
      let details = node["delta"]?["stop_details"]
      let reason = details?["explanation"]?.string ?? details?["category"]?.string
      guard hasContent else { throw AnthropicMessages.refusal(reason, usage: usage.metered) }
      refusal = reason.map { [.refusal(ProviderText.shown($0))] } ?? []
    }
    let metered: [ChatEvent] = node["usage"] == nil ? [] : usage.metered.map { [.usage($0)] } ?? []
    return refusal + metered + (word.map { [.finish(AnthropicMessages.finish($0))] } ?? [])
  }
}
