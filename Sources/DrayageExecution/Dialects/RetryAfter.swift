/// How long a provider asks to wait: the header field `Retry-After` (RFC 9110, section 10.2.3), which holds
/// seconds or a date, and `retry-after-ms`, which OpenAI and Azure send beside it.
enum RetryAfter {
  /// What is longer is no advice but a mistake.
  static let mostSeconds = 1e7

  /// The seconds to wait, by the finer of the two fields.
  ///
  /// - Parameter now: in Unix seconds.
  static func seconds(in fields: HTTPFields, now: Double = WallClock.now) -> Double? {
    let milliseconds = fields["retry-after-ms"].flatMap(number).map { $0 / 1_000 }.flatMap(sensible)
    return milliseconds ?? seconds(fields["retry-after"], now: now)
  }

  /// The seconds to wait, 0 to ``mostSeconds``; `nil` if there is no such field or it makes no sense.
  ///
  /// - Parameters:
  ///   - text: seconds, with a fraction or without, or a date.
  ///   - now: in Unix seconds.
  static func seconds(_ text: String?, now: Double = WallClock.now) -> Double? {
    guard let text, text.utf8.count <= 100 else { return nil }
    if let seconds = number(text) { return sensible(seconds) }
    return HTTPDate.seconds(trimmed(text), now: now).flatMap { sensible(max(0, $0 - now)) }
  }

  private static func number(_ text: String) -> Double? {
    var scanner = ByteScanner(trimmed(text))
    guard let value = scanner.decimal(), scanner.isAtEnd else { return nil }
    return value
  }

  private static func sensible(_ seconds: Double) -> Double? {
    (0...mostSeconds).contains(seconds) ? seconds : nil
  }

  private static func trimmed(_ text: String) -> Substring {
    let space: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let rest = text.drop(while: space)
    return rest[..<(rest.lastIndex { !space($0) }.map { rest.index(after: $0) } ?? rest.startIndex)]
  }
}
