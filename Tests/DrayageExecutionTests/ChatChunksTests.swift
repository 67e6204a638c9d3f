import DrayageCore
import Testing

@testable import DrayageExecution

struct ChatChunksTests {
  private let events: [ChatEvent] = [
    .begin(id: "chatcmpl-7", model: "m-1"), .reasoning("Hm"), .text("Hé"), .text(""), .text("llo"),
    .toolCall(index: 0, id: "call_1", name: "f", arguments: ""),
    .toolCall(index: 0, id: nil, name: nil, arguments: #"{"a":1}"#),
    .usage(MeteredUsage(TokenUsage(input: 5, output: 3, cachedInput: 4), reasoning: 1)), .finish(.toolCalls),
  ]

  private func write(_ events: [ChatEvent], includesUsage: Bool) -> String {
    var chunks = ChatChunks(id: "c", model: "m", created: 7, includesUsage: includesUsage)
    return events.map { chunks.lines($0) }.joined() + chunks.end()
  }

  private func read(_ text: String) throws -> ChatAnswer {
    var framing = ServerSentEvents()
    var stream = OpenAIChat().stream()
    var answer = ChatAnswer()
    for event in try framing.take(Array(text.utf8)) {
      for part in try stream.take(event) { answer.take(part) }
    }
    #expect(stream.isComplete)
    return answer
  }

  @Test func `an answer is written as chunks`() {
    #expect(
      write([.text("Hi"), .finish(.stop)], includesUsage: false) == """
        data: {"id":"c","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"logprobs":null,"finish_reason":null}]}

        data: {"id":"c","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}

        data: [DONE]


        """)
  }

  @Test func `usage comes last, and only if it is asked for and known`() {
    let asked = write(events, includesUsage: true).split(separator: "\n\n")
    #expect(asked.last == "data: [DONE]")
    #expect(asked.dropLast().last?.contains(#""choices":[],"usage":{"prompt_tokens":9,"#) == true)
    #expect(asked.dropLast(2).allSatisfy { $0.contains(#""usage":null"#) })
    #expect(!write(events, includesUsage: false).contains("usage"))
    #expect(!write([.text("x")], includesUsage: true).contains("prompt_tokens"))
  }

  @Test func `what is written is read again`() throws {
    var answer = ChatAnswer()
    for event in events { answer.take(event) }
    #expect(try read(write(events, includesUsage: true)) == answer)
  }

  @Test(arguments: 0..<100) func `any events are written so that they read the same`(seed: Int) throws {
    var random = SplitMix(state: UInt64(seed))
    let words = ["a", "é", "\"", "\\", "\n", "\r\n", "\u{2028}", "data: x", "", "🙂", "\u{0}"]
    var expected = ChatAnswer(id: "c", model: "m")
    var given: [ChatEvent] = [.text("-")]
    var calls = 0
    for _ in 0..<Int(random.next() % 12) {
      let word = words[Int(random.next() % UInt64(words.count))]
      switch random.next() % 5 {
      case 0: given.append(.reasoning(word))
      case 1: given.append(.refusal(word + "."))
      case 2:
        given.append(.toolCall(index: calls, id: "i\(calls)", name: "f", arguments: word))
        calls += 1
      case 3: if calls > 0 { given.append(.toolCall(index: calls - 1, id: nil, name: nil, arguments: word)) }
      default: given.append(.text(word))
      }
    }
    given.append(.finish(.length))
    for event in given { expected.take(event) }
    #expect(try read(write(given, includesUsage: true)) == expected, "seed \(seed)")
  }
}
