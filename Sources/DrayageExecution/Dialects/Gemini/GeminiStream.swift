import DrayageCore

/// Reads a streamed answer: each event is a `GenerateContentResponse` with what was added, and the usage so
/// far.
struct GeminiStream: AnswerStream {
  /// More calls than this are no answer.
  private static let mostCalls = 1_024

  private(set) var isComplete = false
  private var hasBegun = false
  private var id: String?
  private var hasText = false
  private var calls = 0

  mutating func take(_ event: WireEvent) throws(AttemptFailure) -> [ChatEvent] {
    // Not documented, and harmless: the mark that OpenAI's format ends with.
    if event.data.elementsEqual("[DONE]".utf8) { return [] }
    let reply = try GeminiReply(event.data)
    try reply.checkPrompt()
    var events: [ChatEvent] = []
    if !hasBegun, reply.id != nil || reply.model != nil {
      hasBegun = true
      id = reply.id
      events.append(.begin(id: reply.id, model: reply.model))
    }
    for piece in reply.pieces {
      switch piece {
      case .text(let text):
        guard !text.isEmpty else { continue }
        hasText = true
        events.append(.text(text))
      case .reasoning(let text): events.append(.reasoning(text))
      case .call(let call):
        guard calls < Self.mostCalls else {
          throw AttemptFailure(.malformed, "the answer has more than \(Self.mostCalls) function calls")
        }
        let named = call.named(id, index: calls)
        events.append(.toolCall(index: calls, id: named.id, name: named.name, arguments: named.arguments))
        if let signature = named.signature {
          events.append(.toolCallSignature(index: calls, signature: signature))
        }
        calls += 1
      }
    }
    if reply.finishReason != nil {
      let reason = try reply.finish(hasContent: hasText || calls > 0, callsTools: calls > 0)
      isComplete = true
      events.append(.finish(reason))
    }
    // Before the end the counts are only what was used so far: a stream that breaks off has none.
    if isComplete, let usage = reply.usage { events.append(.usage(usage)) }
    return events
  }
}
