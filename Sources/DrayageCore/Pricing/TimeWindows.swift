/// Times of the week in UTC: ranges of minutes of the day, on some days.
public struct TimeWindows: Hashable, Sendable {
  /// Minutes since midnight, 0...1440; each range contains its start and not its end. Not empty.
  public let minutes: [Range<Int>]
  /// The days on which they hold. Not empty.
  public let days: Set<Weekday>

  /// The given ranges on the given days; nil if either is empty or a range is not within a day.
  public init?(minutes: [Range<Int>] = [0..<1_440], days: Set<Weekday> = Set(Weekday.allCases)) {
    guard !minutes.isEmpty, !days.isEmpty else { return nil }
    guard minutes.allSatisfy({ !$0.isEmpty && $0.lowerBound >= 0 && $0.upperBound <= 1_440 }) else {
      return nil
    }
    self.minutes = minutes.sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
    self.days = days
  }

  /// Whether `instant` lies within.
  public func contains(_ instant: UTCInstant) -> Bool {
    let minute = instant.minuteOfDay
    return days.contains(instant.weekday) && minutes.contains { $0.contains(minute) }
  }

  /// Whether every minute of `other` lies within.
  func contains(_ other: TimeWindows) -> Bool {
    guard days.isSuperset(of: other.days) else { return false }
    return other.minutes.allSatisfy { range in
      var covered = range.lowerBound
      for window in minutes where window.lowerBound <= covered { covered = max(covered, window.upperBound) }
      return covered >= range.upperBound
    }
  }
}

extension TimeWindows: CustomStringConvertible {
  /// The ranges and days, such as `00:00-01:00, 10:00-24:00 on mon tue`.
  public var description: String {
    let ranges = minutes.map { "\(Self.clock($0.lowerBound))-\(Self.clock($0.upperBound))" }
    let names = Weekday.allCases.filter(days.contains).map { String(describing: $0).prefix(3) }
    return ranges.joined(separator: ", ") + (days.count == 7 ? "" : " on " + names.joined(separator: " "))
  }

  private static func clock(_ minute: Int) -> String {
    let (hour, rest) = minute.quotientAndRemainder(dividingBy: 60)
    return (hour < 10 ? "0" : "") + "\(hour):" + (rest < 10 ? "0" : "") + "\(rest)"
  }
}
