import Drayage
import DrayageCore

/// Reads the events of ConverseStream
/// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html).
///
/// The usage comes last, in an event of its own: an answer is at its end when both that and `messageStop` have
/// come.
struct BedrockStream: AnswerStream {
  /// The most blocks of one answer.
  private static let mostBlocks = 4_096

  private struct Call {
    let index: Int
    var hasInput = false
  }

  private var calls: [Int: Call] = [:]
  private var begun = 0
  private var hasContent = false
  private var hasStopped = false
  private var isWithheld = false
  private var hasUsage = false

  var isComplete: Bool { hasStopped && hasUsage }

  mutating func take(_ event: WireEvent) throws(AttemptFailure) -> [ChatEvent] {
    guard !isComplete else { return [] }
    if event.name.hasPrefix("exception:") {
      throw BedrockConverse.failure(exception: String(event.name.dropFirst(10)), payload: event.data)
    }
    guard let node = JSONNode.reply(event.data) else {
      // What an event that is unknown here carries is its own affair.
      guard Self.known.contains(event.name) else { return [] }
      throw malformed("an event is not JSON")
    }
    let events = try read(event.name, node)
    hasContent = hasContent || events.contains(where: \.isContent)
    return events
  }

  private static let known: Set<String> = [
    "messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata",
  ]

  private func malformed(_ message: String) -> AttemptFailure { AttemptFailure(.malformed, message) }

  private mutating func read(_ name: String, _ node: JSONNode) throws(AttemptFailure) -> [ChatEvent] {
    switch name {
    case "contentBlockStart": return try begin(node)
    case "contentBlockDelta": return try delta(node)
    case "contentBlockStop":
      guard let index = node["contentBlockIndex"]?.integer, let call = calls.removeValue(forKey: index),
        !call.hasInput
      else { return [] }
      // A call without arguments comes without pieces.
      return [.toolCall(index: call.index, id: nil, name: nil, arguments: "{}")]
    case "messageStop":
      hasStopped = true
      let finish = BedrockConverse.finish(node["stopReason"]?.string)
      // Whether it was billed comes with the usage.
      isWithheld = finish == .contentFilter && !hasContent
      return isWithheld ? [] : [.finish(finish)]
    case "metadata":
      hasUsage = true
      let usage = BedrockConverse.usage(node["usage"])
      guard !isWithheld else { throw BedrockConverse.withheld(usage: usage) }
      return usage.map { [.usage($0)] } ?? []
    // "messageStart", which only names the role, "initial-response", and what may yet be added.
    default: return []
    }
  }

  private mutating func begin(_ node: JSONNode) throws(AttemptFailure) -> [ChatEvent] {
    guard let call = node["start"]?["toolUse"], call["type"]?.string != "server_tool_use" else { return [] }
    guard let index = node["contentBlockIndex"]?.integer, let id = call["toolUseId"]?.string,
      let name = call["name"]?.string, begun < Self.mostBlocks
    else { throw malformed("a tool call begins without index, id or name, or is one too many") }
    calls[index] = Call(index: begun)
    defer { begun += 1 }
    return [.toolCall(index: begun, id: id, name: name, arguments: "")]
  }

  private mutating func delta(_ node: JSONNode) throws(AttemptFailure) -> [ChatEvent] {
    guard let delta = node["delta"], delta.isObject else { throw malformed("a piece has no content") }
    if let text = delta["text"] {
      guard let piece = text.string else { throw malformed("a piece of text is none") }
      return [.text(piece)]
    }
    if let reasoning = delta["reasoningContent"] {
      return reasoning["text"]?.string.map { [.reasoning($0)] } ?? []
    }
    if let use = delta["toolUse"] {
      guard let index = node["contentBlockIndex"]?.integer, let piece = use["input"]?.string else {
        throw malformed("a piece of a tool call has no index or input")
      }
      // A tool of the provider's own.
      guard let call = calls[index], !piece.isEmpty else { return [] }
      calls[index]?.hasInput = true
      return [.toolCall(index: call.index, id: nil, name: nil, arguments: piece)]
    }
    return []
  }
}
