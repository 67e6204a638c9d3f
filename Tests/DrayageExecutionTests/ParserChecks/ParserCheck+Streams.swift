@testable import Drayage
@testable import DrayageCore
@testable import DrayageExecution

extension ParserCheck {
  private static let mostEventBytes = 4_096

  static func checkServerSentEvents(_ input: inout ChoosingBytes) throws(Violation) {
    let lengths = input.lengths()
    let bytes = Array(input.rest)
    try checkCut(bytes, lengths) {
      var parser = ServerSentEvents(limit: mostEventBytes)
      return framed($0) { piece, events throws(FramingError) in try parser.take(piece, into: &events) }
    }
  }

  static func checkAWSEventStream(_ input: inout ChoosingBytes) throws(Violation) {
    let lengths = input.lengths()
    let mends = input.pick([true, false])
    let bytes = mends ? mended(Array(input.rest)) : Array(input.rest)
    try checkCut(bytes, lengths) {
      var parser = AWSEventStream(limit: mostEventBytes)
      return framed($0) { piece, events throws(FramingError) in try parser.take(piece, into: &events) }
    }
  }

  private static func framed(
    _ pieces: [[UInt8]], _ take: ([UInt8], inout [WireEvent]) throws(FramingError) -> Void
  ) -> Reading<WireEvent> {
    var reading = Reading<WireEvent>()
    do throws(FramingError) {
      for piece in pieces { try take(piece, &reading.items) }
    } catch {
      reading.failure = error.message
    }
    return reading
  }

  private static func checkCut(
    _ bytes: [UInt8], _ lengths: [Int], _ read: ([[UInt8]]) -> Reading<WireEvent>
  ) throws(Violation) {
    let whole = read([bytes])
    try require(read(bytes.cut(lengths)) == whole, "cut into \(lengths) it reads otherwise")
    try require(read(bytes.cut([1])) == whole, "byte by byte it reads otherwise")
    // A frame of an error has its message in JSON, escaped.
    let size = whole.items.reduce(0) { $0 + $1.name.utf8.count + $1.data.count }
    try require(size <= 6 * bytes.count, "\(bytes.count) bytes become \(size)")
    try require(
      whole.items.allSatisfy { $0.data.count <= 6 * mostEventBytes }, "an event is beyond the limit")
  }

  /// The frames in `bytes` with checks that are right, which chance does not find.
  static func mended(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    func write(_ number: UInt32, at place: Int) {
      for index in 0..<4 {
        bytes[place + index] = UInt8(truncatingIfNeeded: number >> (24 - 8 * UInt32(index)))
      }
    }
    var start = 0
    while start + 16 <= bytes.count {
      write(CRC32.of(bytes[start..<start + 8]), at: start + 8)
      let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length >= 16, start + length <= bytes.count else { break }
      write(CRC32.of(bytes[start..<start + length - 4]), at: start + length - 4)
      start += length
    }
    return bytes
  }

  /// A streamed answer means the same however it is cut, and is not longer than what was sent.
  static func checkStream(_ input: inout ChoosingBytes) throws(Violation) {
    let dialect = input.pick(dialects)
    let lengths = input.lengths()
    let isFramed = dialect.framing == .awsEventStream
    let bytes = isFramed ? mended(Array(input.rest)) : Array(input.rest)
    let whole = streamed([bytes], dialect)
    try require(streamed([bytes], dialect) == whole, "read again it reads otherwise")
    try require(streamed(bytes.cut(lengths), dialect) == whole, "cut into \(lengths) it reads otherwise")
    var answer = ChatAnswer()
    var chunks = ChatChunks(id: "id", model: "model", created: 0, includesUsage: true)
    var lines = ""
    for event in whole.items {
      answer.take(event)
      lines += chunks.lines(event)
      if case .toolCall(let index, _, _, _) = event {
        try require((0..<4_096).contains(index), "a tool call has the index \(index)")
      }
    }
    try check(answer, of: bytes.count)
    try checkChunks(lines + chunks.end())
  }

  private static func streamed(_ pieces: [[UInt8]], _ dialect: any Dialect) -> Reading<ChatEvent> {
    var reader = StreamReader(dialect, mostEventBytes: 1 << 16)
    var reading = Reading<ChatEvent>()
    do {
      for piece in pieces where !reader.isComplete { try reader.take(piece, into: &reading.items) }
    } catch {
      reading.failure = "\(error)"
    }
    reading.isComplete = reader.isComplete
    return reading
  }

  private static func checkChunks(_ lines: String) throws(Violation) {
    var parser = ServerSentEvents()
    var events: [WireEvent] = []
    try? parser.take(Array(lines.utf8), into: &events)
    try require(events.popLast()?.data == Array("[DONE]".utf8), "the chunks do not end in the mark")
    for event in events {
      try require(parse(event.data)?["choices"] != nil, "a chunk is no JSON object with choices")
    }
  }

  /// What came of a stream.
  private struct Reading<Item: Hashable>: Hashable {
    var items: [Item] = []
    var failure: String?
    var isComplete = false
  }
}
