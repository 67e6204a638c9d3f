import DrayageTesting
import Testing

@testable import DrayageExecution

@Suite("Transport: the parts without a network")
struct TransportPartsTests {
  /// The collector after `lines`, each ended as on the wire, and whether all were taken.
  private func collect(_ lines: [String], headerBytes: Int = 1000) -> (ReplyCollector, Bool) {
    var collector = ReplyCollector(limits: HTTPRequest.Limits(headerBytes: headerBytes, bodyBytes: 10))
    let taken = lines.allSatisfy { line in
      Array((line + "\r\n").utf8).withUnsafeBytes { collector.takeLine($0) }
    }
    return (collector, taken)
  }

  @Test func headerLines() {
    let (collector, taken) = collect([
      "HTTP/1.1 100 Continue", "X-Interim: 1", "", "HTTP/2 201 ", "A:1", "a :  2\t", "no colon here",
      " folded",
      "B:", "\tfolded too", "", "Trailer: 3", "HTTP/1.1 500 Smuggled",
    ])
    #expect(taken && collector.status == 201 && collector.headerIsComplete)
    #expect(collector.fields == HTTPFields([("A", "1"), ("a", "2 folded"), ("B", "folded too")]))
  }

  @Test func headerLimitIsExact() {
    let lines = ["HTTP/1.1 200 OK", "A: b", ""]
    let bytes = lines.reduce(0) { $0 + $1.utf8.count + 2 }
    #expect(collect(lines, headerBytes: bytes).1)
    let (collector, taken) = collect(lines, headerBytes: bytes - 1)
    #expect(!taken && collector.overflowed)
  }

  @Test(arguments: ["HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 -20", "HTTP/1.1 20x"])
  func statusIsThreeDigits(line: String) {
    let (collector, _) = collect([line, ""])
    #expect(collector.status == 0 && !collector.headerIsComplete)
  }

  /// Any bytes whatever are taken or refused, and never more than the limits allow.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func arbitraryBytes(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let alphabet = Array("HTP/1. 209:\r\n\tax\u{E9}\0".utf8)
    let limits = HTTPRequest.Limits(
      headerBytes: .random(in: 0...200, using: &generator), bodyBytes: .random(in: 0...50, using: &generator))
    var collector = ReplyCollector(limits: limits)
    var kept = 0
    for _ in 0..<40 {
      let line = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
      }
      if line.withUnsafeBytes({ collector.takeLine($0) }) { kept += line.count }
      _ = line.withUnsafeBytes { collector.takeBody($0) }
    }
    #expect(kept <= limits.headerBytes && collector.body.count <= limits.bodyBytes, "seed \(seed)")
  }

  @Test func clockFollowsThePhases() {
    let start = SteadyInstant.now
    func at(_ seconds: Int) -> SteadyInstant { start + Nanoseconds(.seconds(seconds)) }
    let timeouts = Timeouts(firstByte: .seconds(120), stall: .seconds(60), total: .seconds(600))
    var clock = ExchangeClock(limits: .init(timeouts), startedAt: start)
    #expect(clock.deadline == (at(600), .total))
    clock.begin(at: at(2))
    #expect(clock.deadline == (at(122), .firstByte))
    clock.receive(at: at(5))
    #expect(clock.deadline == (at(65), .stall))
    clock.receive(at: at(50))
    #expect(clock.deadline == (at(110), .stall))
    clock.receive(at: at(590))
    #expect(clock.deadline == (at(600), .total))
    #expect(
      clock.timing(endedAt: at(595))
        == HTTPReply.Timing(connect: .seconds(2), firstByte: .seconds(5), total: .seconds(595)))
  }

  @Test func extremeTimeoutsDoNotOverflow() {
    let forever = Duration.seconds(Int64.max)
    let timeouts = Timeouts(connect: forever, firstByte: forever, stall: forever, total: forever)
    var clock = ExchangeClock(limits: .init(timeouts), startedAt: .now)
    clock.begin(at: .now)
    clock.receive(at: .now)
    #expect(clock.deadline.at > .now)
    #expect(forever.wholeMilliseconds == Int(Int32.max) && Duration.seconds(Int64.min).wholeMilliseconds == 1)
    #expect(Duration.zero.wholeMilliseconds == 1 && Duration.microseconds(1001).wholeMilliseconds == 2)
  }

  /// The watch is due no later than the earliest deadline noted since it was last due.
  @Test(arguments: 0..<100 as Range<UInt64>)
  func watchIsNeverLate(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let start = SteadyInstant.now
    let watch = DeadlineWatch()
    var noted: [Int] = []
    for now in 0..<100 {
      if Bool.random(using: &generator) {
        let deadline = Int.random(in: 0...150, using: &generator)
        noted.append(deadline)
        watch.note(start + Nanoseconds(.seconds(deadline)))
      }
      watch.look(at: start + Nanoseconds(.seconds(now)))
      let isDue = watch.isDue()
      #expect(isDue == noted.contains { $0 <= now }, "seed \(seed)")
      if isDue { noted = [] }
    }
  }

  @Test func fieldNamesIgnoreCase() {
    var fields: HTTPFields = ["Retry-After": "1", "X-[": "a", "retry-AFTER": "2"]
    #expect(fields["RETRY-after"] == "1" && fields.values(for: "Retry-After") == ["1", "2"])
    // Only letters have case: '[' and '{' differ by the same bit.
    #expect(fields["x-["] == "a" && fields["x-{"] == nil)
    fields["Retry-AFTER"] = "3"
    #expect(fields.values(for: "retry-after") == ["3"])
    fields["retry-after"] = nil
    #expect(fields.entries.map(\.name) == ["X-["])
  }
}
