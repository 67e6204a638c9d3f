import DrayageTesting
import DrayageCore
import Foundation
import Testing

@Suite("Instants") struct UTCInstantTests {
  @Test(arguments: [
    ("1970-01-01", 0), ("1969-12-31T23:59:59Z", -1), ("2000-02-29", 951_782_400),
    ("2026-08-16", 1_786_838_400), ("2026-08-16T16:00Z", 1_786_896_000),
    ("2026-08-16T16:00:01Z", 1_786_896_001),
    ("0001-01-01", -62_135_596_800), ("9999-12-31T23:59:59Z", 253_402_300_799),
  ])
  func reads(text: String, seconds: Int64) throws {
    #expect(try UTCInstant(text).secondsSince1970 == seconds)
  }

  @Test(arguments: [
    "", "2026", "2026-8-16", "2026-08-16 16:00", "2026-08-16T16:00", "2026-08-16T16Z", "2026-08-16T16:00:00",
    "2026-08-16T16:00+00:00", "+026-08-16", "2026-08-16Z", "2026/08/16", "２０２６-08-16",
    "2026-08-16T16:00:00.0Z",
    " 2026-08-16", "2026-08-16T16:00ZZ",
  ])
  func refusesOtherForms(text: String) {
    #expect { try UTCInstant(text) } throws: { ($0 as? UTCInstantError)?.reason == .malformed }
  }

  @Test(arguments: [
    "2026-02-30", "2026-02-29", "2100-02-29", "2026-00-01", "2026-13-01", "2026-04-31", "2026-01-00",
    "2026-01-32",
    "2026-01-01T24:00Z", "2026-01-01T23:60Z", "2026-01-01T23:59:60Z",
  ])
  func refusesWhatDoesNotExist(text: String) {
    #expect { try UTCInstant(text) } throws: { ($0 as? UTCInstantError)?.reason == .noSuchTime }
  }

  @Test func agreesWithTheSystemCalendar() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
    for seed in UInt64(0)..<500 {
      var random = SplitMix64(seed: seed)
      // 1600 to 9999: before 1582 the system's calendar is the Julian one.
      let seconds = Int64.random(in: -11_676_096_000...253_402_300_799, using: &random)
      let instant = UTCInstant(secondsSince1970: seconds)
      let date = Date(timeIntervalSince1970: Double(seconds))
      let parts = calendar.dateComponents(
        [.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
      let hour = try #require(parts.hour)
      let minute = try #require(parts.minute)
      let weekday = try #require(parts.weekday)
      let expected = String(
        format: "%04d-%02d-%02dT%02d:%02d:%02dZ", try #require(parts.year), try #require(parts.month),
        try #require(parts.day), hour, minute, try #require(parts.second))
      #expect(instant.description == expected, "seed \(seed)")
      #expect(instant.minuteOfDay == hour * 60 + minute, "seed \(seed)")
      // The system counts from Sunday as 1.
      #expect(instant.weekday.rawValue == (weekday + 5) % 7, "seed \(seed)")
      #expect(try UTCInstant(instant.description) == instant, "seed \(seed)")
    }
  }

  @Test func theEndsOfTimeCanBeDescribed() {
    for instant in [UTCInstant(secondsSince1970: .min), UTCInstant(secondsSince1970: .max)] {
      #expect(instant.description.hasSuffix("Z"))
      #expect((0..<1_440).contains(instant.minuteOfDay))
      #expect(Weekday.allCases.contains(instant.weekday))
    }
    #expect(UTCInstant(secondsSince1970: .max).description == "292277026596-12-04T15:30:07Z")
  }
}
