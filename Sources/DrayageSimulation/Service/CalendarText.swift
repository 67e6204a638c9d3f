/// Moments as protocols write them, in UTC.
enum CalendarText {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Such as `2026-11-21T10:00:00Z` (RFC 3339).
  static func rfc3339(_ unixSeconds: Double) -> String {
    let moment = Moment(unixSeconds)
    return
      "\(four(moment.year))-\(two(moment.month))-\(two(moment.day))T\(two(moment.hour)):\(two(moment.minute)):"
      + "\(two(moment.second))Z"
  }

  /// Such as `Sat, 21 Nov 2026 10:00:00 GMT` (RFC 9110, section 5.6.7).
  static func http(_ unixSeconds: Double) -> String {
    let moment = Moment(unixSeconds)
    return "\(days[moment.weekday]), \(two(moment.day)) \(months[moment.month - 1]) \(four(moment.year)) "
      + "\(two(moment.hour)):\(two(moment.minute)):\(two(moment.second)) GMT"
  }

  private struct Moment {
    let year, month, day, hour, minute, second, weekday: Int

    /// The next whole second, by Hinnant's algorithm from days to the civil calendar
    /// (https://howardhinnant.github.io/date_algorithms.html).
    init(_ unixSeconds: Double) {
      let seconds = Int(min(max(unixSeconds, 0), 2.5e11).rounded(.up))
      let days = seconds / 86_400
      weekday = days % 7
      (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
      let shifted = days + 719_468
      let era = shifted / 146_097
      let ofEra = shifted % 146_097
      let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
      let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
      let shiftedMonth = (5 * ofYear + 2) / 153
      day = ofYear - (153 * shiftedMonth + 2) / 5 + 1
      month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
      year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func four(_ number: Int) -> String {
    String(repeating: "0", count: max(0, 4 - String(number).count)) + String(number)
  }
}
