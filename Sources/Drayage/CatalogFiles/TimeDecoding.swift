internal import DrayageCore

/// Reads the times of time rules.
extension JSONField {
  /// The windows of `utc`, a list such as `["10:00-24:00"]`, on `days`, such as `mon-fri` or `sat,sun`; nil
  /// without either.
  func windows(utc: JSONField?, days: JSONField?) throws(InputError) -> TimeWindows? {
    if utc == nil, days == nil { return nil }
    var ranges = [0..<1_440]
    if let utc {
      ranges = []
      for element in try utc.elements() { ranges.append(try element.minutes()) }
    }
    let weekdays = try days?.weekdays() ?? Set(Weekday.allCases)
    guard let windows = TimeWindows(minutes: ranges, days: weekdays) else {
      throw fault("at least one range of minutes is expected")
    }
    return windows
  }

  /// Minutes of the day from `HH:MM-HH:MM`, the end not included and 24:00 the last.
  private func minutes() throws(InputError) -> Range<Int> {
    let text = try text()
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(Self.minuteOfDay)
    guard ends.count == 2, let start = ends[0], let end = ends[1] else {
      throw fault("\(InputError.quoted(text)) is not a range such as 10:00-24:00")
    }
    guard start < end else {
      throw fault("\(InputError.quoted(text)) ends before it begins; write two ranges to pass midnight")
    }
    return start..<end
  }

  private static func minuteOfDay(_ text: Substring) -> Int? {
    let bytes = Array(text.utf8)
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
    var digits: [Int] = []
    for index in [0, 1, 3, 4] {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
      digits.append(Int(bytes[index] - UInt8(ascii: "0")))
    }
    let (hour, minute) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
    guard minute < 60, hour < 24 || (hour == 24 && minute == 0) else { return nil }
    return hour * 60 + minute
  }

  private func weekdays() throws(InputError) -> Set<Weekday> {
    let text = try text()
    var days: Set<Weekday> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map(Self.weekday)
      guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil,
        first.rawValue <= last.rawValue
      else {
        throw fault(
          "\(InputError.quoted(text)) is not a list of days such as mon-fri or sat,sun, the week "
            + "beginning on mon"
        )
      }
      days.formUnion(Weekday.allCases[first.rawValue...last.rawValue])
    }
    return days
  }

  private static func weekday(_ name: Substring) -> Weekday? {
    Weekday.allCases.first { String(describing: $0).prefix(3) == name }
  }
}
