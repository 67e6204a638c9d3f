import Testing

@testable import DrayageExecution

/// The cases are those of the HTML Living Standard, section 9.2.6.
@Suite struct ServerSentEventsTests {
  private func events(_ text: [UInt8], cut size: Int, limit: Int = 4 << 20) -> [WireEvent]? {
    var framing = ServerSentEvents(limit: limit)
    var events: [WireEvent] = []
    for piece in text.cut([size]) {
      do { try framing.take(piece, into: &events) } catch { return nil }
    }
    return events
  }

  private static func event(_ data: String, _ name: String = "") -> WireEvent {
    WireEvent(name: name, data: Array(data.utf8))
  }

  private static let cases: [(String, [WireEvent])] = [
    ("data: a\n\n", [event("a")]),
    ("data:a\n\n", [event("a")]),
    ("data:  a\n\n", [event(" a")]),
    ("data: a\r\rdata: b\r\r", [event("a"), event("b")]),
    ("data: a\r\n\r\ndata: b\r\n\r\n", [event("a"), event("b")]),
    ("data: a\ndata: b\n\n", [event("a\nb")]),
    ("data\n\ndata\ndata\n\n", [event(""), event("\n")]),
    ("event: x\ndata: a\n\ndata: b\n\n", [event("a", "x"), event("b")]),
    ("event: x\n\ndata: a\n\n", [event("a")]),
    (": comment\n:\ndata: a\n\n", [event("a")]),
    ("id: 1\nretry: 10\nother: x\ndata: a\n\n", [event("a")]),
    ("\u{FEFF}data: a\n\n", [event("a")]),
    ("\u{FEFF}\u{FEFF}data: a\n\ndata: b\n\n", [event("b")]),
    ("data: a\n\n\u{FEFF}data: b\n\n", [event("a")]),
    ("\n\ndata: a\n\n\n\n", [event("a")]),
    ("da\n\ndata: ends within", []),
    ("data: ends before the blank line\n", []),
    ("", []),
  ]

  @Test(arguments: cases.indices)
  func `events are those of the standard, however the bytes are cut`(index: Int) {
    let (text, expected) = Self.cases[index]
    let bytes = Array(text.utf8)
    for size in 1...max(1, bytes.count) {
      #expect(events(bytes, cut: size) == expected, "\(text.debugDescription) in pieces of \(size)")
    }
  }

  @Test(arguments: ["data: 12345", "data: 1\ndata: 2", "\u{FEFF}data: 12345", ": a comment"])
  func `an event of just the limit passes, and one byte more does not`(text: String) {
    let event = Array(text.utf8) + Array("\n\n".utf8)
    // What counts is the line being read and the data of the lines before it.
    let mark = text.hasPrefix("\u{FEFF}") ? 3 : 0
    let largest = text.hasPrefix("data: 1\n") ? 8 : text.utf8.count - mark
    for size in 1...event.count {
      #expect(events(event, cut: size, limit: largest) != nil, "pieces of \(size)")
      #expect(events(event, cut: size, limit: largest - 1) == nil, "pieces of \(size)")
    }
  }

  @Test func `what comes before an event that is too large is there`() {
    let text = Array(("data: a\n\ndata: " + String(repeating: "x", count: 100)).utf8)
    for size in 1...text.count {
      var framing = ServerSentEvents(limit: 50)
      var events: [WireEvent] = []
      #expect(throws: FramingError.self) {
        for piece in text.cut([size]) { try framing.take(piece, into: &events) }
      }
      #expect(events == [Self.event("a")], "pieces of \(size)")
    }
  }

  @Test(arguments: ["\n", "\r", "\r\n"])
  func `a line ends wherever it ends`(end: String) {
    for length in 0..<40 {
      let words = String(repeating: "~\t", count: length)
      let text = Array("data: \(words)\(end)\(end)data: b\(end)\(end)".utf8)
      for size in [1, 7, 8, 9, text.count] {
        #expect(events(text, cut: size) == [Self.event(words), Self.event("b")], "\(length)")
      }
    }
  }
}
