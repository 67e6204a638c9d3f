import Testing

@testable import DrayageExecution

struct AWSEventStreamTests {
  /// A frame, checks included.
  private func frame(_ headers: [UInt8], _ payload: [UInt8] = []) -> [UInt8] {
    func bytes(_ number: UInt32) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }
    var frame = bytes(UInt32(16 + headers.count + payload.count)) + bytes(UInt32(headers.count))
    frame += bytes(CRC32.of(frame))
    frame += headers + payload
    return frame + bytes(CRC32.of(frame))
  }

  private func header(_ name: String, _ value: String) -> [UInt8] {
    [UInt8(name.utf8.count)] + name.utf8 + [7, UInt8(value.utf8.count >> 8), UInt8(value.utf8.count & 0xFF)]
      + value.utf8
  }

  @Test func `the check is that of the standard's example`() {
    #expect(CRC32.of("123456789".utf8) == 0xCBF4_3926)
    #expect(CRC32.of([]) == 0)
    #expect(CRC32.of([0]) == 0xD202_EF8D)
  }

  /// Frames of the test suite of the specification (https://smithy.io/2.0/aws/amazon-eventstream.html), and the
  /// same without headers and payload.
  @Test func `the smallest frame is an event without a name`() throws {
    let empty: [UInt8] = [0, 0, 0, 0x10, 0, 0, 0, 0, 0x05, 0xC2, 0x48, 0xEB, 0x7D, 0x98, 0xC8, 0xFF]
    #expect(frame([]) == empty)
    var stream = AWSEventStream()
    #expect(try stream.take(empty) == [WireEvent(data: [])])
  }

  @Test func `headers of every type are passed over, and texts are read`() throws {
    let values: [[UInt8]] = [
      [0], [1], [2, 9], [3, 9, 9], [4] + Array(repeating: 9, count: 4), [5] + Array(repeating: 9, count: 8),
      [6, 0, 3, 1, 2, 3], [8] + Array(repeating: 9, count: 8), [9] + Array(repeating: 9, count: 16),
      [7, 0, 0],
    ]
    let headers = values.flatMap { [1, UInt8(ascii: "x")] + $0 } + header(":event-type", "messageStart")
    var stream = AWSEventStream()
    #expect(try stream.take(frame(headers, [1, 2])) == [WireEvent(name: "messageStart", data: [1, 2])])
  }

  @Test func `exceptions and errors are named as such`() throws {
    var stream = AWSEventStream()
    let exception = header(":message-type", "exception") + header(":exception-type", "throttlingException")
    let error =
      header(":message-type", "error") + header(":error-code", "500") + header(":error-message", "a \"b\"")
    #expect(
      try stream.take(frame(exception, Array("{}".utf8)) + frame(error))
        == [
          WireEvent(name: "exception:throttlingException", data: Array("{}".utf8)),
          WireEvent(name: "exception:500", data: Array(#"{"message":"a \"b\""}"#.utf8)),
        ])
  }

  @Test func `no frame with one wrong bit is taken`() throws {
    let good = frame(header(":event-type", "messageStop"), Array(#"{"stopReason":"end_turn"}"#.utf8))
    for place in good.indices {
      for bit in 0..<8 {
        var bad = good
        bad[place] ^= 1 << bit
        var stream = AWSEventStream()
        #expect((try? stream.take(bad)) == nil, "byte \(place), bit \(bit)")
      }
    }
  }

  @Test func `headers that do not fit are refused`() {
    let bad: [[UInt8]] = [
      [5, 1], [1, UInt8(ascii: "x")], [1, UInt8(ascii: "x"), 10], [1, UInt8(ascii: "x"), 7, 0xFF, 0xFF, 1],
      [1, UInt8(ascii: "x"), 5, 1, 2], [0xFF],
    ]
    for headers in bad {
      var stream = AWSEventStream()
      #expect(throws: FramingError.self, "\(headers)") { try stream.take(frame(headers)) }
    }
  }

  @Test func `lengths beyond the limits are refused as soon as they are known`() {
    func prelude(_ total: UInt32, _ headers: UInt32) -> [UInt8] {
      let bytes = [total, headers].flatMap { number in
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
      }
      let sum = CRC32.of(bytes)
      return bytes + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) }
    }
    for (total, headers) in [
      (15, 0), (0, 0), (16, 1), (100, 85), (1_001, 0), (.max, 0), (.max, .max), (200, .max),
    ] as [(UInt32, UInt32)] {
      var stream = AWSEventStream(limit: 1_000)
      #expect(throws: FramingError.self, "\(total), \(headers)") { try stream.take(prelude(total, headers)) }
    }
    var stream = AWSEventStream(limit: 1_000)
    #expect((try? stream.take(prelude(1_000, 984)))?.isEmpty == true)
    var large = AWSEventStream(limit: 1 << 30)
    #expect(throws: FramingError.self) { try large.take(prelude(1 << 29, 131_073)) }
  }

  @Test func `noise never makes an event`() {
    var state: UInt64 = 1
    for seed in 0..<200 {
      var bytes: [UInt8] = []
      for _ in 0..<64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes.append(UInt8(truncatingIfNeeded: state >> 33))
      }
      var stream = AWSEventStream()
      #expect((try? stream.take(bytes)) == nil, "seed \(seed)")
    }
  }
}
