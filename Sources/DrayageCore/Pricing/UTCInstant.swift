/// An instant of Coordinated Universal Time, to the second.
///
/// Prices change at instants that need not be midnight, so a rate sheet is dated with one of these. The
/// calendar is the proleptic Gregorian one; leap seconds do not exist here, as in POSIX time.
public struct UTCInstant: Hashable, Comparable, Sendable {
  /// Seconds since 1970-01-01T00:00:00Z; negative before.
  public let secondsSince1970: Int64

  /// The instant `secondsSince1970` seconds after 1970-01-01T00:00:00Z.
  public init(secondsSince1970: Int64) {
    self.secondsSince1970 = secondsSince1970
  }

  /// Reads `2026-08-16` (midnight), `2026-08-16T16:00Z` or `2026-08-16T16:00:00Z`, and nothing else.
  ///
  /// - Throws: ``UTCInstantError`` if `text` has another form or names a day or a time that does not exist.
  public init(_ text: some StringProtocol) throws(UTCInstantError) {
    let bytes = Array(text.utf8.prefix(21))
    guard let fields = Self.fields(bytes) else { throw UTCInstantError(text, .malformed) }
    guard
      (1...12).contains(fields.month),
      (1...Self.daysInMonth(fields.month, year: fields.year)).contains(fields.day),
      fields.hour < 24, fields.minute < 60, fields.second < 60
    else { throw UTCInstantError(text, .noSuchTime) }
    let days = Self.daysFromCivil(year: fields.year, month: fields.month, day: fields.day)
    secondsSince1970 = days * 86_400 + fields.hour * 3_600 + fields.minute * 60 + fields.second
  }

  /// Whole days since 1970-01-01, rounded down.
  public var dayNumber: Int64 { Self.floorDivide(secondsSince1970, 86_400) }

  /// Minutes since midnight, 0...1439.
  public var minuteOfDay: Int { Int(secondOfDay / 60) }

  /// Seconds since midnight; by remainder, for the midnight before the first instant has no number.
  private var secondOfDay: Int64 {
    let remainder = secondsSince1970 % 86_400
    return remainder < 0 ? remainder + 86_400 : remainder
  }

  /// The day of the week.
  public var weekday: Weekday {
    // 1970-01-01 was a Thursday, three days after a Monday.
    let sinceMonday = dayNumber + 3
    return Weekday.allCases[Int(sinceMonday - Self.floorDivide(sinceMonday, 7) * 7)]
  }

  /// Earlier instants come first.
  public static func < (a: UTCInstant, b: UTCInstant) -> Bool { a.secondsSince1970 < b.secondsSince1970 }
}

extension UTCInstant: CustomStringConvertible {
  /// The instant as `2026-08-16T16:00:00Z`.
  public var description: String {
    let second = secondOfDay
    return
      "\(day)T\(Self.padded(second / 3_600)):\(Self.padded(second / 60 % 60)):\(Self.padded(second % 60))Z"
  }

  /// The day alone, as `2026-08-16`.
  public var day: String {
    let (year, month, day) = Self.civilFromDays(dayNumber)
    return "\(Self.padded(year, to: 4))-\(Self.padded(month))-\(Self.padded(day))"
  }

  private static func padded(_ value: Int64, to width: Int = 2) -> String {
    let digits = String(value.magnitude)
    let zeros = String(repeating: "0", count: max(0, width - digits.count))
    return (value < 0 ? "-" : "") + zeros + digits
  }
}

extension UTCInstant {
  private typealias Fields = (
    year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64
  )

  /// The numbers of a text of one of the three forms; nil for any other text.
  private static func fields(_ bytes: [UInt8]) -> Fields? {
    let forms = ["dddd-dd-dd", "dddd-dd-ddTdd:ddZ", "dddd-dd-ddTdd:dd:ddZ"]
    guard let form = forms.first(where: { $0.utf8.count == bytes.count }) else { return nil }
    var numbers: [Int64] = []
    var inNumber = false
    for (byte, expected) in zip(bytes, form.utf8) {
      guard expected == UInt8(ascii: "d") else {
        guard byte == expected else { return nil }
        inNumber = false
        continue
      }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      if !inNumber { numbers.append(0) }
      inNumber = true
      numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    numbers += Array(repeating: 0, count: 6 - numbers.count)
    return (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
  }

  private static func daysInMonth(_ month: Int64, year: Int64) -> Int64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return switch month {
    case 2: leap ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01 of a civil date. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
  /// `days_from_civil`: years begin in March, so that the leap day is the last of its year, and repeat every
  /// 400.
  private static func daysFromCivil(year: Int64, month: Int64, day: Int64) -> Int64 {
    let marchYear = month <= 2 ? year - 1 : year
    let era = floorDivide(marchYear, 400)
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The inverse of `daysFromCivil`; `civil_from_days` of the same work.
  private static func civilFromDays(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    let quotient = a / b
    return a % b < 0 ? quotient - 1 : quotient
  }
}

/// A day of the week, Monday first as in ISO 8601.
public enum Weekday: Int, Hashable, CaseIterable, Sendable {
  case monday, tuesday, wednesday, thursday, friday, saturday, sunday
}

/// Why the text of an instant was refused.
public struct UTCInstantError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of refusal.
  public enum Reason: Hashable, Sendable {
    /// Not one of the forms that are read.
    case malformed
    /// Of the right form, but no such day or time exists, as on February 30.
    case noSuchTime
  }

  /// The text as it was given, cut to 40 characters.
  public let text: String
  /// Why it was refused.
  public let reason: Reason

  init(_ text: some StringProtocol, _ reason: Reason) {
    self.text = String(text.prefix(40))
    self.reason = reason
  }

  /// A sentence for people.
  public var description: String {
    switch reason {
    case .malformed: "'\(text)' is not a time such as 2026-08-16 or 2026-08-16T16:00Z"
    case .noSuchTime: "'\(text)' does not exist in the calendar"
    }
  }
}
