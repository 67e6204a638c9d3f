import Testing

@testable import DrayageExecution

struct RetryAfterTests {
  /// 6 November 1994, 08:49:37 UTC.
  private let now = 784_111_777.0

  @Test(arguments: [
    ("0", 0), ("7", 7), (" 7 ", 7), ("\t7", 7), ("0.25", 0.25), ("120", 120), ("10000000", 1e7),
    ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sun, 06 Nov 1994 08:50:07 GMT", 30),
    ("Sun, 06 Nov 1994 08:00:00 GMT", 0), ("Mon, 07 Nov 1994 08:49:37 GMT", 86_400),
    ("Sunday, 06-Nov-94 08:50:07 GMT", 30), ("Sun Nov  6 08:50:07 1994", 30),
    ("Thu Nov 10 08:49:37 1994", 345_600), ("Sun, 06 Nov 1994 08:49:60 GMT", 23),
  ])
  func `seconds and dates are read`(text: String, seconds: Double) {
    #expect(RetryAfter.seconds(text, now: now) == seconds)
  }

  @Test(arguments: [
    nil, "", "  ", "-1", "+1", "soon", "nan", "inf", "-inf", "1e3", "1e400", "1 s", "5, 6", ".5", "5.", "0x5",
    "10000001", "99999999999999999999", "06 Nov 1994", "Sun, 99 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 PST", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 31 Feb 1995 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT, x", "sun, 06 nov 1994 08:49:37 gmt", "Sun, 06 Nov 2094 08:49:37 GMT",
    "Sun Nov 6 08:49:37 1994", "Sunday, 06-Nov-1994 08:49:37 GMT",
  ])
  func `what makes no sense is not read`(text: String?) {
    #expect(RetryAfter.seconds(text, now: now) == nil)
  }

  @Test func `years of two digits lie within 50 years`() {
    // 21 November 2026.
    let now = 1_795_219_200.0
    #expect(HTTPDate.seconds("Sunday, 06-Nov-94 08:49:37 GMT", now: now) == 784_111_777)
    #expect(HTTPDate.seconds("Saturday, 21-Nov-26 00:00:30 GMT", now: now) == now + 30)
    #expect(HTTPDate.seconds("Saturday, 21-Nov-76 00:00:00 GMT", now: now) == now + 18_263 * 86_400)
    #expect(HTTPDate.seconds("Monday, 21-Nov-77 00:00:00 GMT", now: now) == 248_918_400)
  }

  @Test func `dates of RFC 3339 are read`() {
    #expect(HTTPDate.seconds("1994-11-06T08:49:37Z", now: 0) == now)
    #expect(HTTPDate.seconds("1994-11-06T08:49:37.5Z", now: 0) == now + 0.5)
    #expect(HTTPDate.seconds("1994-11-06T10:49:37+02:00", now: 0) == now)
    #expect(HTTPDate.seconds("1994-11-06T03:19:37-05:30", now: 0) == now)
    for text in ["1994-11-06", "1994-11-06T08:49:37", "1994-13-06T08:49:37Z", "1994-11-06T08:49:37+99:00"] {
      #expect(HTTPDate.seconds(text, now: 0) == nil, "\(text)")
    }
  }

  @Test func `milliseconds go before seconds where they make sense`() {
    #expect(RetryAfter.seconds(in: ["retry-after": "3", "retry-after-ms": "250"], now: now) == 0.25)
    #expect(RetryAfter.seconds(in: ["Retry-After-Ms": "12.5"], now: now) == 0.0125)
    for text in ["-1", "soon", "", "1e400", "99999999999"] {
      #expect(RetryAfter.seconds(in: ["retry-after": "3", "retry-after-ms": text], now: now) == 3, "\(text)")
    }
    #expect(RetryAfter.seconds(in: [:], now: now) == nil)
  }

  @Test(arguments: 0..<200) func `no text breaks it`(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    let parts = [
      "Sun", "Sunday", ",", " ", "06", "Nov", "1994", "-", "08:49:37", "GMT", "6", ".", "9999999999", "T",
      "Z",
      "+", "µs", "ms", "1m", "\u{0}", "é", "e", "nan", ":", "٣",
    ]
    for _ in 0..<50 {
      let text = (0..<Int(random.next() % 10)).map { _ in parts[Int(random.next() % UInt64(parts.count))] }
        .joined()
      for seconds in [
        RetryAfter.seconds(text, now: now), RateLimitHeaders.seconds(text, now: now),
      ] {
        if let seconds { #expect((0...RetryAfter.mostSeconds).contains(seconds), "seed \(seed): \(text)") }
      }
    }
  }

  @Test(arguments: 0..<100) func `dates that are written are read again in all three forms`(seed: Int) throws
  {
    var random = SplitMix(state: UInt64(seed))
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    // Whole days from 1994 on; the weekday is not checked.
    let (year, month, day) = (
      2000 + Int(random.next() % 50), Int(random.next() % 12), 1 + Int(random.next() % 28)
    )
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let time =
      "\(two(Int(random.next() % 24))):\(two(Int(random.next() % 60))):\(two(Int(random.next() % 60)))"
    let expected = HTTPDate.seconds("\(year)-\(two(month + 1))-\(two(day))T\(time)Z", now: 0)
    #expect(expected != nil)
    let spaced = day < 10 ? " \(day)" : "\(day)"
    for text in [
      "Sun, \(two(day)) \(months[month]) \(year) \(time) GMT",
      "Sunday, \(two(day))-\(months[month])-\(two(year % 100)) \(time) GMT",
      "Sun \(months[month]) \(spaced) \(time) \(year)",
    ] {
      #expect(HTTPDate.seconds(text, now: 1_795_219_200) == expected, "seed \(seed): \(text)")
    }
  }
}

/// A small generator for tests (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
