internal import DrayageCore
internal import Foundation

/// Finds the window of a budget that an instant falls into. The last window found in each time zone is kept,
/// for most instants fall into the one before.
struct BudgetCalendar {
  /// One window: its name in the tables, and its end if it has one.
  struct Found: Equatable {
    let name: String
    let end: UTCInstant?
  }

  private struct Span {
    let start: UTCInstant
    let end: UTCInstant
    let name: String
  }

  /// From 1970 to 9999, which every calendar and store can express.
  static let instants = UTCInstant(secondsSince1970: 0)...UTCInstant(secondsSince1970: 253_402_300_799)

  private var spans: [Budget.Window: Span] = [:]
  private var calendars: [String: Calendar] = [:]

  /// Whether `identifier` names a time zone of the IANA database that is known here.
  static func knows(zone identifier: String) -> Bool {
    guard identifier == "UTC" || identifier == "GMT" || identifier.contains("/") else { return false }
    return TimeZone(identifier: identifier) != nil
  }

  /// The window of `window` that `time` falls into.
  ///
  /// - Precondition: the time zone is known, and `time` lies in ``instants``.
  mutating func window(_ window: Budget.Window, at time: UTCInstant) -> Found {
    let zone: String
    let unit: Calendar.Component
    switch window {
    case .total: return Found(name: "total", end: nil)
    case .day(let identifier): (zone, unit) = (identifier, .day)
    case .month(let identifier): (zone, unit) = (identifier, .month)
    }
    if let span = spans[window], span.start <= time, time < span.end {
      return Found(name: span.name, end: span.end)
    }
    let calendar = calendar(in: zone)
    let date = Date(timeIntervalSince1970: TimeInterval(time.secondsSince1970))
    guard let interval = calendar.dateInterval(of: unit, for: date) else {
      preconditionFailure("an instant between 1970 and 9999 lies in a day and in a month")
    }
    let span = Span(
      start: instant(interval.start), end: instant(interval.end), name: name(date, unit, in: calendar))
    spans[window] = span
    return Found(name: span.name, end: span.end)
  }

  private mutating func calendar(in zone: String) -> Calendar {
    if let calendar = calendars[zone] { return calendar }
    var calendar = Calendar(identifier: .gregorian)
    guard let timeZone = TimeZone(identifier: zone) else {
      preconditionFailure("'\(zone)' was checked when its budget was read")
    }
    calendar.timeZone = timeZone
    calendars[zone] = calendar
    return calendar
  }

  private func name(_ date: Date, _ unit: Calendar.Component, in calendar: Calendar) -> String {
    let fields = calendar.dateComponents([.year, .month, .day], from: date)
    let digits = [fields.year ?? 0, fields.month ?? 0, fields.day ?? 0].enumerated().map { place, value in
      let text = String(value)
      return String(repeating: "0", count: max(0, (place == 0 ? 4 : 2) - text.count)) + text
    }
    return digits.prefix(unit == .day ? 3 : 2).joined(separator: "-")
  }

  private func instant(_ date: Date) -> UTCInstant {
    UTCInstant(secondsSince1970: Int64(date.timeIntervalSince1970.rounded()))
  }
}
