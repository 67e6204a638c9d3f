internal import Drayage

/// Cuts a stream of bytes into server-sent events, however the bytes are split.
///
/// Follows the HTML Living Standard, section 9.2.6: lines end in LF, CR or CRLF; a blank line ends an event;
/// lines that begin with a colon are comments; `data` lines are joined by LF; an event without data is
/// dropped, and so is one that the stream ends within. Fields other than `event` and `data` are of no use
/// here. Bytes are not checked to be UTF-8.
package struct ServerSentEvents: Sendable {
  /// The most bytes of one event.
  private let limit: Int
  private var line: [UInt8] = []
  private var name: [UInt8] = []
  private var data: [UInt8] = []
  private var hasData = false
  /// The last byte was a CR, whose LF belongs to it.
  private var skipsNewline = false
  /// A byte order mark may still come: not three bytes have.
  private var isAtStart = true

  /// - Parameter limit: the most bytes of one event, of one line too; at least 1.
  package init(limit: Int = 4 << 20) {
    self.limit = max(1, limit)
  }

  /// Appends the events that `bytes` complete.
  ///
  /// - Throws: if an event is larger than the limit; the events before it have been appended, and the stream
  ///   cannot be read on.
  package mutating func take(_ bytes: [UInt8], into events: inout [WireEvent]) throws(FramingError) {
    var rest = bytes[...]
    while let byte = rest.first {
      if skipsNewline {
        skipsNewline = false
        if byte == UInt8(ascii: "\n") {
          rest = rest.dropFirst()
          continue
        }
      }
      let lineEnd =
        rest.startIndex
        + rest.withUnsafeBufferPointer {
          EightBytes.first(UInt8(ascii: "\n"), or: UInt8(ascii: "\r"), in: $0)
        }
      let end = isAtStart ? min(lineEnd, rest.startIndex + Self.mark.count - line.count) : lineEnd
      guard line.count + data.count + (end - rest.startIndex) <= limit else {
        throw FramingError(message: "an event has more than \(limit) bytes")
      }
      line += rest[..<end]
      rest = rest[end...]
      if isAtStart, line.count == Self.mark.count { dropMark() }
      if end == lineEnd, let newline = rest.popFirst() {
        skipsNewline = newline == UInt8(ascii: "\r")
        if let event = endLine() { events.append(event) }
      }
    }
  }

  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// A byte order mark at the very beginning is no part of the first line.
  private mutating func dropMark() {
    isAtStart = false
    if line == Self.mark { line.removeAll(keepingCapacity: true) }
  }

  private mutating func endLine() -> WireEvent? {
    isAtStart = false
    defer { line.removeAll(keepingCapacity: true) }
    guard !line.isEmpty else { return endEvent() }
    let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
    var value = line[min(colon + 1, line.endIndex)...]
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    if isField("data", before: colon) {
      if hasData { data.append(UInt8(ascii: "\n")) }
      hasData = true
      data += value
    } else if isField("event", before: colon) {
      name = Array(value)
    }
    return nil
  }

  /// Whether the line's field has this name.
  private func isField(_ name: StaticString, before colon: Int) -> Bool {
    guard colon == name.utf8CodeUnitCount else { return false }
    return (0..<colon).allSatisfy { line[$0] == name.utf8Start[$0] }
  }

  private mutating func endEvent() -> WireEvent? {
    defer {
      name = []
      data = []
      hasData = false
    }
    return hasData ? WireEvent(name: String(decoding: name, as: UTF8.self), data: data) : nil
  }
}
