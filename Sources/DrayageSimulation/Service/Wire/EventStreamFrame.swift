/// One message of `application/vnd.amazon.eventstream`: total length, length of the headers, CRC of both, the
/// headers, the payload and a CRC of all before it; integers are big-endian.
///
/// https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html
enum EventStreamFrame {
  /// A message with headers of type string.
  static func bytes(_ headers: [(name: String, value: String)], payload: [UInt8]) -> [UInt8] {
    var head: [UInt8] = []
    for (name, value) in headers {
      head.append(UInt8(truncatingIfNeeded: name.utf8.count))
      head += name.utf8
      head.append(7)  // a string
      head += bigEndian(UInt16(truncatingIfNeeded: value.utf8.count))
      head += value.utf8
    }
    var frame = bigEndian(UInt32(head.count + payload.count + 16)) + bigEndian(UInt32(head.count))
    frame += bigEndian(CRC32.of(frame))
    frame += head + payload
    return frame + bigEndian(CRC32.of(frame))
  }

  private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }
}

/// The cyclic redundancy check of ISO 3309 (as in gzip and PNG), reflected, polynomial 0xEDB88320.
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
  }

  static func of(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ ($0 >> 8) }
  }
}
