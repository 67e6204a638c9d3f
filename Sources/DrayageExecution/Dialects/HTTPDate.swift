import DrayageCore

/// A date in a header field (RFC 9110, section 5.6.7), in any of its three forms, or as RFC 3339 has it.
enum HTTPDate {
  /// The instant in Unix seconds; nil if `text` is none.
  ///
  /// The name of the weekday is not checked against the date: the date decides.
  ///
  /// - Parameter now: in Unix seconds; places the two-digit years of the form of RFC 850.
  static func seconds(_ text: some StringProtocol, now: Double) -> Double? {
    fixed(text) ?? obsolete(text, now: now) ?? asctime(text) ?? rfc3339(text)
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let longDays = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]

  /// `Sun, 06 Nov 1994 08:49:37 GMT`.
  private static func fixed(_ text: some StringProtocol) -> Double? {
    var scanner = ByteScanner(text)
    guard let name = scanner.word(), days.contains(name), scanner.take(", "),
      let day = scanner.number(digits: 2...2), scanner.take(" "), let month = month(&scanner),
      scanner.take(" "), let year = scanner.number(digits: 4...4), scanner.take(" "),
      let time = time(&scanner), scanner.take(" GMT"), scanner.isAtEnd
    else { return nil }
    return instant(year, month, day, time)
  }

  /// `Sunday, 06-Nov-94 08:49:37 GMT`.
  private static func obsolete(_ text: some StringProtocol, now: Double) -> Double? {
    var scanner = ByteScanner(text)
    guard let name = scanner.word(), longDays.contains(name), scanner.take(", "),
      let day = scanner.number(digits: 2...2), scanner.take("-"), let month = month(&scanner),
      scanner.take("-"), let short = scanner.number(digits: 2...2), scanner.take(" "),
      let time = time(&scanner), scanner.take(" GMT"), scanner.isAtEnd, now.isFinite, abs(now) < 1e11
    else { return nil }
    // More than 50 years ahead means the latest year in the past with these digits.
    let nowText = UTCInstant(secondsSince1970: Int64(now)).day
    guard let thisYear = Int(nowText.prefix(4)) else { return nil }
    var year = thisYear - thisYear % 100 + short
    if year > thisYear + 50 { year -= 100 }
    if year <= thisYear - 50 { year += 100 }
    return instant(year, month, day, time)
  }

  /// `Sun Nov  6 08:49:37 1994`.
  private static func asctime(_ text: some StringProtocol) -> Double? {
    var scanner = ByteScanner(text)
    guard let name = scanner.word(), days.contains(name), scanner.take(" "), let month = month(&scanner),
      scanner.take(" "),
      let day = scanner.take(" ") ? scanner.number(digits: 1...1) : scanner.number(digits: 2...2),
      scanner.take(" "), let time = time(&scanner), scanner.take(" "),
      let year = scanner.number(digits: 4...4), scanner.isAtEnd
    else { return nil }
    return instant(year, month, day, time)
  }

  /// `1994-11-06T08:49:37Z`, with an optional fraction and offset (RFC 3339, section 5.6).
  private static func rfc3339(_ text: some StringProtocol) -> Double? {
    var scanner = ByteScanner(text)
    guard let year = scanner.number(digits: 4...4), scanner.take("-"),
      let month = scanner.number(digits: 2...2), scanner.take("-"), let day = scanner.number(digits: 2...2),
      scanner.take("T") || scanner.take("t") || scanner.take(" "),
      let hour = scanner.number(digits: 2...2), scanner.take(":"),
      let minute = scanner.number(digits: 2...2), scanner.take(":"), let second = scanner.decimal(),
      let base = instant(year, month, day, (hour, minute, second))
    else { return nil }
    if scanner.take("Z") || scanner.take("z") { return scanner.isAtEnd ? base : nil }
    let sign: Double = scanner.take("+") ? 1 : -1
    guard sign > 0 || scanner.take("-"), let hours = scanner.number(digits: 2...2), hours < 24,
      scanner.take(":"), let minutes = scanner.number(digits: 2...2), minutes < 60, scanner.isAtEnd
    else { return nil }
    return base - sign * Double(hours * 3_600 + minutes * 60)
  }

  private static func month(_ scanner: inout ByteScanner) -> Int? {
    scanner.word().flatMap { months.firstIndex(of: $0) }.map { $0 + 1 }
  }

  private typealias Time = (hour: Int, minute: Int, second: Double)

  private static func time(_ scanner: inout ByteScanner) -> Time? {
    guard let hour = scanner.number(digits: 2...2), scanner.take(":"),
      let minute = scanner.number(digits: 2...2), scanner.take(":"),
      let second = scanner.number(digits: 2...2)
    else { return nil }
    return (hour, minute, Double(second))
  }

  /// A leap second counts as the second after it.
  private static func instant(_ year: Int, _ month: Int, _ day: Int, _ time: Time) -> Double? {
    guard (0..<24).contains(time.hour), (0..<60).contains(time.minute), (0..<61).contains(time.second),
      let date = try? UTCInstant("\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))")
    else { return nil }
    return Double(date.secondsSince1970) + Double(time.hour * 3_600 + time.minute * 60) + time.second
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
