import Drayage
import DrayageCore
import DrayageTesting
import Testing

@testable import DrayageExecution

/// Events that are known again by their bytes say what they would say if they were read.
@Suite struct RepeatedPieceTests {
  private static let words = [
    "Hel", "lo", "", " ", "\"", "a \\ b", "line\nline", "é", "日本", "🙂", "\u{7f}", "0", "}", "\",\"role\":\"x",
  ]

  /// What a stream says, event by event, until it breaks.
  private func read(_ events: [WireEvent], by dialect: any Dialect) -> [[ChatEvent]?] {
    var stream = dialect.stream()
    var said: [[ChatEvent]?] = []
    for event in events {
      do { said.append(try stream.take(event)) } catch {
        return said + [nil]
      }
    }
    return said
  }

  /// Each event with a member of its own, so that none is like another.
  private func apart(_ events: [WireEvent]) -> [WireEvent] {
    events.enumerated().map { at, event in
      var event = event
      if event.data.first == UInt8(ascii: "{") {
        event.data = Array("{\"\(at)\":0,".utf8) + event.data.dropFirst()
      }
      return event
    }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `a chat completion's chunks say the same, known again or not`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &random)] }
    var events: [WireEvent] = []
    var member = "content"
    for _ in 0..<40 {
      if Int.random(in: 0..<10, using: &random) == 0 {
        member = pick(["content", "reasoning", "reasoning_content"])
      }
      let delta = "\"\(member)\":\(JSONText.quoted(pick(Self.words)))"
      let chunk =
        switch Int.random(in: 0..<24, using: &random) {
        case 0: "{\"id\":\"c\",\"choices\":[{\"index\":1,\"delta\":{\(delta)}}]}"
        case 1: "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\(delta),\"refusal\":\"no\"}}]}"
        case 2: "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\(delta)},\"finish_reason\":\"stop\"}]}"
        case 3: "{\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}"
        case 4:
          "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\(delta)}}],"
            + "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}"
        case 5:
          "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":"
            + "{\"name\":\"f\",\"arguments\":\(JSONText.quoted(pick(Self.words)))}}]}}]}"
        case 6: "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\",\"reasoning\":\"b\"}}]}"
        case 7: pick(["[DONE]", "{\"error\":{\"message\":\"late\"}}", "{\"id\":", "{\"choices\":[]}"])
        default: "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\(delta)},\"finish_reason\":null}]}"
        }
      events.append(
        WireEvent(
          name: Int.random(in: 0..<100, using: &random) == 0 ? "error" : "", data: Array(chunk.utf8)))
    }
    #expect(read(events, by: OpenAIChat()) == read(apart(events), by: OpenAIChat()))
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `a message's events say the same, known again or not`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &random)] }
    var events = ["{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":3}}}"]
    for _ in 0..<40 {
      let block = Int.random(in: 0..<3, using: &random)
      let text = JSONText.quoted(pick(Self.words))
      let event =
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
          "{\"type\":\"content_block_start\",\"index\":\(block),\"content_block\":"
            + pick([
              "{\"type\":\"text\",\"text\":\"\"}", "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\"}",
            ])
            + "}"
        case 1: "{\"type\":\"content_block_stop\",\"index\":\(block)}"
        case 2: pick(["{\"type\":\"ping\"}", "{\"type\":\"message_stop\"}", "{\"type\":\"message_stop\""])
        case 3:
          "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\","
            + "\"text\":\(text),\"thinking\":\"a\"}}"
        case 4:
          "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\","
            + "\"partial_json\":\(text)}}"
        default:
          "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\(text)}}"
        }
      events.append(event)
    }
    events.insert(
      "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\"}}", at: 1)
    let wire = events.map { WireEvent(data: Array($0.utf8)) }
    let dialect = AnthropicMessages()
    #expect(read(wire, by: dialect) == read(apart(wire), by: dialect))
  }

  @Test func `what is no text by itself is not taken for one`() throws {
    var repeated = RepeatedPiece()
    let first = WireEvent(data: Array("{\"t\":\"one\"}".utf8))
    let node = try JSONNode.parse(first.data, file: "event")
    repeated.note(first, [.text("one")], from: node["t"])
    #expect(repeated.said(by: WireEvent(data: Array("{\"t\":\"two\"}".utf8))) == .text("two"))
    let others: [[UInt8]] = [
      Array("{\"t\":\"\"}".utf8), Array("{\"t\":\"".utf8), Array("{\"t\":\"a\\n\"}".utf8),
      Array("{\"t\":\"a\"b\"}".utf8), Array("{\"t\":\"two\"} ".utf8), Array(" {\"t\":\"two\"}".utf8),
      Array("{\"t\":\"".utf8) + [0xFF] + Array("\"}".utf8),
      Array("{\"t\":\"".utf8) + [0x1F] + Array("\"}".utf8),
    ]
    for other in others { #expect(repeated.said(by: WireEvent(data: other)) == nil) }
    #expect(repeated.said(by: WireEvent(name: "error", data: first.data)) == nil)
    repeated.note(first, [.text("one"), .finish(.stop)], from: node["t"])
    #expect(repeated.said(by: first) == nil)
  }
}
