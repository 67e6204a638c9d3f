import DrayageCore
import Testing

@testable import DrayageLedger

@Suite("Budget calendar") struct BudgetCalendarTests {
  @Test(
    arguments: [
      ("UTC", "2026-11-22T00:00:00Z", "2026-11-22", "2026-11-23T00:00:00Z"),
      ("UTC", "2026-11-22T23:59:59Z", "2026-11-22", "2026-11-23T00:00:00Z"),
      // A day of 23 hours and one of 25.
      ("Europe/Vienna", "2026-03-28T23:00:00Z", "2026-03-29", "2026-03-29T22:00:00Z"),
      ("Europe/Vienna", "2026-03-28T22:59:59Z", "2026-03-28", "2026-03-28T23:00:00Z"),
      ("Europe/Vienna", "2026-10-24T22:00:00Z", "2026-10-25", "2026-10-25T23:00:00Z"),
      ("Europe/Vienna", "2026-10-25T22:59:59Z", "2026-10-25", "2026-10-25T23:00:00Z"),
      // The clocks go forward at midnight: the day begins at one o'clock.
      ("Africa/Cairo", "2026-04-23T21:59:59Z", "2026-04-23", "2026-04-23T22:00:00Z"),
      ("Africa/Cairo", "2026-04-23T22:00:00Z", "2026-04-24", "2026-04-24T21:00:00Z"),
      ("Asia/Kathmandu", "2026-02-28T18:15:00Z", "2026-03-01", "2026-03-01T18:15:00Z"),
      ("UTC", "1970-01-01T00:00:00Z", "1970-01-01", "1970-01-02T00:00:00Z"),
    ])
  func `days begin and end at midnight of their zone`(
    zone: String, time: String, name: String, end: String
  ) throws {
    var calendar = BudgetCalendar()
    let found = calendar.window(.day(zone: zone), at: try UTCInstant(time))
    #expect(found == BudgetCalendar.Found(name: name, end: try UTCInstant(end)))
  }

  @Test(
    arguments: [
      ("UTC", "2028-02-29T23:59:59Z", "2028-02", "2028-03-01T00:00:00Z"),
      ("UTC", "2026-12-31T23:59:59Z", "2026-12", "2027-01-01T00:00:00Z"),
      ("America/New_York", "2026-11-01T03:59:59Z", "2026-10", "2026-11-01T04:00:00Z"),
      ("America/New_York", "2026-11-01T04:00:00Z", "2026-11", "2026-12-01T05:00:00Z"),
      ("UTC", "9999-12-31T23:59:59Z", "9999-12", nil),
    ] as [(String, String, String, String?)])
  func `months begin and end at midnight of their zone`(
    zone: String, time: String, name: String, end: String?
  ) throws {
    var calendar = BudgetCalendar()
    let found = calendar.window(.month(zone: zone), at: try UTCInstant(time))
    #expect(found.name == name)
    guard let end else { return }
    let expected = try UTCInstant(end)
    #expect(found.end == expected)
  }

  @Test func `the window kept from before gives way at its edges`() throws {
    var calendar = BudgetCalendar()
    let window = Budget.Window.day(zone: "Europe/Vienna")
    for time in [
      "2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z", "2026-10-24T21:59:59Z", "2026-10-24T22:00:00Z",
    ] {
      var fresh = BudgetCalendar()
      let instant = try UTCInstant(time)
      #expect(calendar.window(window, at: instant) == fresh.window(window, at: instant), "\(time)")
    }
  }
}

extension Stores {
  @Suite struct Windows {
    @Test(arguments: StoreKind.available)
    func `each window has the whole limit, and a settlement goes to its own`(
      kind: StoreKind
    ) async throws {
      try await withStore(kind) { store async throws in
        let day = Budget(name: "day", window: .day(zone: "Europe/Vienna"), limit: nano(10))
        let month = Budget(name: "month", window: .month(zone: "Europe/Vienna"), limit: nano(15))
        _ = try await store.setBudgets([day, month])
        // The last second of October in Vienna, and the first of November.
        let before = try UTCInstant("2026-10-31T22:59:59Z")
        let after = try UTCInstant("2026-10-31T23:00:00Z")
        #expect(try await store.reserve(10, key("a"), at: before) == .held)
        #expect(
          try await store.reserve(1, key("b"), at: before)
            == .refused(budget: "day", available: .zero, until: after))
        #expect(try await store.reserve(10, key("b"), at: after) == .held)
        #expect(try await store.settle(key("a"), as: .metered(nano(4)), at: after) == .settled(nano(4)))
        #expect(try await store.state(at: before) == ["day": [4, 0], "month": [4, 0]])
        #expect(try await store.state(at: after) == ["day": [0, 10], "month": [0, 10]])
        #expect(try await store.accounts(at: before).map(\.window) == ["2026-10-31", "2026-10"])
        // A day later the month still counts.
        let next = UTCInstant(secondsSince1970: after.secondsSince1970 + 86_400)
        #expect(
          try await store.reserve(6, key("c"), at: next)
            == .refused(
              budget: "month", available: nano(5), until: try UTCInstant("2026-11-30T23:00:00Z")))
        #expect(try await store.reserve(5, key("c"), at: next) == .held)
        #expect(try await store.state(at: next) == ["day": [0, 5], "month": [0, 15]])
        // Asked again a day later, the same reservation counts where it did.
        #expect(try await store.reserve(10, key("b"), at: next) == .held)
        #expect(try await store.state(at: next) == ["day": [0, 5], "month": [0, 15]])
      }
    }
  }
}
