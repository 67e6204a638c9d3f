import Drayage
import DrayageCore
import Testing

@testable import DrayageExecution

@Suite struct StreamReaderTests {
  /// What comes of a stream in pieces of so many bytes.
  private func read(
    _ text: String, by dialect: any Dialect, pieces size: Int
  ) -> (events: [ChatEvent], failure: FailureClass?, isFramingFault: Bool) {
    var reader = StreamReader(dialect, mostEventBytes: 400)
    var events: [ChatEvent] = []
    do {
      for piece in Array(text.utf8).cut([size]) where !reader.isComplete {
        try reader.take(piece, into: &events)
      }
      return (events, nil, false)
    } catch {
      return (events, (error as? AttemptFailure)?.kind, error is FramingError)
    }
  }

  @Test func `what comes before an error is read also where both come in one piece`() {
    let text = """
      data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}

      data: {"error":{"code":"overloaded","message":"later"}}


      """
    for size in [1, 7, text.utf8.count] {
      let reading = read(text, by: OpenAIChat(provider: "openai"), pieces: size)
      #expect(reading.events == [.begin(id: nil, model: nil), .text("Hel")], "pieces of \(size)")
      #expect(reading.failure == .overloaded, "pieces of \(size)")
    }
  }

  @Test func `what comes before an event that is too large is read also where both come in one piece`() {
    let text =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\ndata: "
      + String(repeating: "x", count: 500)
    for size in [1, 7, text.utf8.count] {
      let reading = read(text, by: OpenAIChat(provider: "openai"), pieces: size)
      #expect(reading.events == [.begin(id: nil, model: nil), .text("Hel")], "pieces of \(size)")
      #expect(reading.isFramingFault, "pieces of \(size)")
    }
  }

  @Test func `what follows the end is not read`() {
    let text = """
      data: {"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}

      data: {"error":{"code":503,"message":"late"}}


      """
    for size in [1, 7, text.utf8.count] {
      let reading = read(text, by: GeminiGenerate(), pieces: size)
      #expect(reading.events == [.text("Hi"), .finish(.stop)], "pieces of \(size)")
      #expect(reading.failure == nil, "pieces of \(size)")
    }
  }
}
