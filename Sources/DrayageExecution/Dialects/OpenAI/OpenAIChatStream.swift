internal import Drayage
internal import DrayageCore

/// Reads the chunks of a streamed chat completion
/// (https://platform.openai.com/docs/api-reference/chat-streaming).
///
/// Usage comes in the last chunk, whose choices are empty; in every chunk, growing (Perplexity, xAI); within
/// `x_groq` (Groq) or within the choice (Moonshot). Azure begins with a chunk without choices that tells of
/// its filter.
struct OpenAIChatStream: AnswerStream {
  private let flavor: OpenAIFlavor
  private var hasBegun = false
  private var hasContent = false
  private var finish: FinishReason?
  private var isDone = false
  private var usage: MeteredUsage?
  private var calls = ToolCallSlots()
  private var repeated = RepeatedPiece()

  init(_ flavor: OpenAIFlavor = .standard) {
    self.flavor = flavor
  }

  var isComplete: Bool { isDone || flavor.endsWithoutDone && finish != nil }

  mutating func take(_ event: WireEvent) throws(AttemptFailure) -> [ChatEvent] {
    guard !isDone else { return [] }
    if let piece = repeated.said(by: event) { return [piece] }
    if event.data.elementsEqual("[DONE]".utf8) {
      isDone = true
      guard finish != .contentFilter || hasContent else {
        throw AttemptFailure(.contentFilter, "the provider's filter withheld the answer", usage: usage)
      }
      return []
    }
    guard let node = JSONNode.reply(event.data),
      node.isObject
    else { throw AttemptFailure(.malformed, "a chunk of the answer is not a JSON object", usage: usage) }
    var events: [ChatEvent] = []
    let choice = Self.choice(node)
    if let usage = metered(node, choice) {
      self.usage = usage
      events.append(.usage(usage))
    }
    if let error = OpenAIError(within: node) { throw error.failure(usage: usage) }
    if event.name == "error" { throw OpenAIError(event: node).failure(usage: usage) }
    guard let choice else { return events }
    if let error = OpenAIError(within: choice) { throw error.failure(usage: usage) }
    if !hasBegun {
      hasBegun = true
      events.insert(.begin(id: node["id"]?.string, model: node["model"]?.string), at: 0)
    }
    let delta = choice["delta"]
    if let delta, delta.isObject {
      events += try pieces(delta, event.data)
    }
    if let kind = OpenAIMessage.failure(choice["finish_reason"]) {
      throw AttemptFailure(kind, "the provider broke the answer off", usage: usage)
    }
    if finish == nil, let reason = OpenAIMessage.finish(choice["finish_reason"]) {
      finish = reason
      events.append(.finish(reason))
    }
    repeated.note(event, events, from: delta.flatMap(OpenAIMessage.words))
    return events
  }

  /// The first choice; others are never asked for.
  private static func choice(_ node: JSONNode) -> JSONNode? {
    guard case .array(let choices)? = node["choices"]?.value else { return nil }
    return choices.first { ($0["index"]?.integer ?? 0) == 0 }
  }

  private func metered(_ node: JSONNode, _ choice: JSONNode?) -> MeteredUsage? {
    for place in [node["usage"], node["x_groq"]?["usage"], choice?["usage"]] {
      if let usage = OpenAIUsage.chat(place, reasoningApart: flavor.countsReasoningApart) { return usage }
    }
    return nil
  }

  private mutating func pieces(_ delta: JSONNode, _ bytes: [UInt8]) throws(AttemptFailure) -> [ChatEvent] {
    var events: [ChatEvent] = []
    let said = OpenAIMessage(delta)
    if !said.reasoning.isEmpty { events.append(.reasoning(said.reasoning)) }
    if !said.text.isEmpty { events.append(.text(said.text)) }
    if let refusal = said.refusal { events.append(.refusal(refusal)) }
    if case .array(let items)? = delta["tool_calls"]?.value {
      for item in items {
        events.append(
          try calls.take(
            index: item["index"]?.integer, id: item["id"]?.string, name: item["function"]?["name"]?.string,
            arguments: OpenAIMessage.arguments(item["function"]?["arguments"], in: bytes), usage))
      }
    } else if let function = delta["function_call"], function.isObject {
      events.append(
        try calls.take(
          index: 0, id: nil, name: function["name"]?.string,
          arguments: OpenAIMessage.arguments(function["arguments"], in: bytes), usage))
    }
    if events.contains(where: \.isContent) { hasContent = true }
    return events
  }
}

/// Tells which call a piece belongs to.
///
/// OpenAI numbers the calls. Gemini leaves the number out
/// (https://github.com/openai/openai-python/issues/2806), and some gateways before it give every call the
/// number 0: a piece with a name and an id of its own begins a call.
struct ToolCallSlots: Sendable {
  /// The most calls of one answer.
  static let most = 1_024

  private var ids: [String] = []
  /// The call that a number stands for at present.
  private var slots: [Int: Int] = [:]

  /// The event for a piece.
  ///
  /// - Throws: ``FailureClass/malformed`` beyond ``most`` calls.
  mutating func take(
    index: Int?, id: String?, name: String?, arguments: String, _ usage: MeteredUsage?
  ) throws(AttemptFailure) -> ChatEvent {
    let id = id.flatMap { $0.isEmpty ? nil : $0 }
    let name = name.flatMap { $0.isEmpty ? nil : $0 }
    let known: Int? =
      if let index { slots[index] } else if let id, let slot = ids.lastIndex(of: id) { slot } else {
        name == nil ? ids.indices.last : nil
      }
    if let slot = known, !(name != nil && id != nil && !ids[slot].isEmpty && ids[slot] != id) {
      let isNew = ids[slot].isEmpty && id != nil
      if let id, isNew { ids[slot] = id }
      return .toolCall(index: slot, id: isNew ? id : nil, name: nil, arguments: arguments)
    }
    guard ids.count < Self.most else {
      throw AttemptFailure(.malformed, "the answer calls more than \(Self.most) tools", usage: usage)
    }
    let slot = ids.count
    ids.append(id ?? "")
    if let index { slots[index] = slot }
    return .toolCall(index: slot, id: id, name: name, arguments: arguments)
  }
}
