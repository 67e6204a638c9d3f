internal import Drayage

/// Cuts a stream of bytes into Amazon's binary events (`application/vnd.amazon.eventstream`), however the
/// bytes are split.
///
/// A frame is its length and that of its headers, their CRC-32, the headers, the payload, and the CRC-32 of
/// all before it; numbers are big-endian
/// (https://smithy.io/2.0/aws/amazon-eventstream.html). An event is called by its header `:event-type`. An
/// exception is called `exception:` and its header `:exception-type`; an error that is not modelled
/// `exception:` and its `:error-code`, and its data is `{"message": …}`.
package struct AWSEventStream: Sendable {
  /// The most bytes of headers, by the specification.
  private static let mostHeaderBytes = 128 << 10
  private static let preludeBytes = 12
  private static let checkBytes = 4

  /// The most bytes of one frame.
  private let limit: Int
  private var buffer: [UInt8] = []
  /// The length of the frame at the beginning of the buffer, once its prelude has been read.
  private var frameBytes: Int?
  private var headerBytes = 0

  /// - Parameter limit: the most bytes of one frame; at least 16, which an empty one has.
  package init(limit: Int = 4 << 20) {
    self.limit = max(Self.preludeBytes + Self.checkBytes, limit)
  }

  /// Appends the events that `bytes` complete.
  ///
  /// - Throws: if a frame is larger than the limit, or does not check; the events before it have been appended,
  ///   and the stream cannot be read on.
  package mutating func take(_ bytes: [UInt8], into events: inout [WireEvent]) throws(FramingError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      // Never more than one frame is kept, so that a prelude beyond the limits costs nothing.
      let wanted = (frameBytes ?? Self.preludeBytes) - buffer.count
      buffer += rest.prefix(wanted)
      rest = rest.dropFirst(wanted)
      if frameBytes == nil, buffer.count == Self.preludeBytes { try readPrelude() }
      if buffer.count == frameBytes {
        events.append(try readFrame())
        buffer.removeAll(keepingCapacity: true)
        frameBytes = nil
      }
    }
  }

  private mutating func readPrelude() throws(FramingError) {
    guard CRC32.of(buffer[..<8]) == Self.number(buffer[8..<12]) else {
      throw FramingError(message: "the beginning of a frame does not check")
    }
    let total = Int(Self.number(buffer[0..<4]))
    let headers = Int(Self.number(buffer[4..<8]))
    guard total <= limit else { throw FramingError(message: "a frame has more than \(limit) bytes") }
    guard headers <= Self.mostHeaderBytes, total >= Self.preludeBytes + headers + Self.checkBytes else {
      throw FramingError(message: "the headers of a frame do not fit into it")
    }
    frameBytes = total
    headerBytes = headers
  }

  private func readFrame() throws(FramingError) -> WireEvent {
    let end = buffer.count - Self.checkBytes
    guard CRC32.of(buffer[..<end]) == Self.number(buffer[end...]) else {
      throw FramingError(message: "a frame does not check")
    }
    let headersEnd = Self.preludeBytes + headerBytes
    let headers = try Self.headers(buffer[Self.preludeBytes..<headersEnd])
    let payload = Array(buffer[headersEnd..<end])
    switch headers[":message-type"] {
    case "exception":
      return WireEvent(name: "exception:" + (headers[":exception-type"] ?? ""), data: payload)
    case "error":
      let message = JSONText.object(["message": JSONText.quoted(headers[":error-message"] ?? "")])
      return WireEvent(name: "exception:" + (headers[":error-code"] ?? ""), data: Array(message.utf8))
    default: return WireEvent(name: headers[":event-type"] ?? "", data: payload)
    }
  }

  /// The headers that are texts.
  private static func headers(_ bytes: ArraySlice<UInt8>) throws(FramingError) -> [String: String] {
    var reader = HeaderReader(rest: bytes)
    var headers: [String: String] = [:]
    while !reader.rest.isEmpty {
      let name = try reader.bytes(Int(try reader.number(bytes: 1)))
      let type = try reader.number(bytes: 1)
      let value: ArraySlice<UInt8>? =
        switch type {
        case 0, 1: nil
        case 2: try reader.bytes(1)
        case 3: try reader.bytes(2)
        case 4: try reader.bytes(4)
        case 5, 8: try reader.bytes(8)
        case 6, 7: try reader.bytes(Int(try reader.number(bytes: 2)))
        case 9: try reader.bytes(16)
        default: throw FramingError(message: "a header of a frame is of an unknown type")
        }
      if type == 7, let value {
        headers[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
      }
    }
    return headers
  }

  private struct HeaderReader {
    var rest: ArraySlice<UInt8>

    mutating func bytes(_ count: Int) throws(FramingError) -> ArraySlice<UInt8> {
      guard count <= rest.count else { throw FramingError(message: "a header of a frame is cut off") }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }

    mutating func number(bytes count: Int) throws(FramingError) -> UInt32 {
      AWSEventStream.number(try bytes(count))
    }
  }

  /// A number of at most four bytes.
  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }
}
