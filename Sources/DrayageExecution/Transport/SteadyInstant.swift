/// A point of time on a scale that goes on evenly, also while the system sleeps.
///
/// The transport looks at its clock for every piece that comes in; the standard library's instants are made, compared
/// and copied by calls into it, which takes longer than reading the clock.
struct SteadyInstant: Comparable, Sendable {
  /// Since an instant of the system's own.
  private let nanoseconds: Int64

  private init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// This moment.
  static var now: SteadyInstant { SteadyInstant(nanoseconds: SteadyClock.nanoseconds) }

  /// In seconds, on the scale of its own.
  var seconds: Double { Double(nanoseconds) / 1e9 }

  static func < (a: SteadyInstant, b: SteadyInstant) -> Bool { a.nanoseconds < b.nanoseconds }

  static func + (instant: SteadyInstant, span: Nanoseconds) -> SteadyInstant {
    SteadyInstant(nanoseconds: instant.nanoseconds + span.count)
  }

  static func - (end: SteadyInstant, start: SteadyInstant) -> Nanoseconds {
    Nanoseconds(count: end.nanoseconds - start.nanoseconds)
  }
}

/// A span of time, of at most a century.
struct Nanoseconds: Comparable, Sendable {
  let count: Int64

  /// As good as forever, and leaves no sum of an instant and a span to overflow.
  private static let century: Int64 = 100 * 365 * 86_400 * 1_000_000_000

  init(count: Int64) {
    self.count = min(max(count, -Self.century), Self.century)
  }

  /// The span, cut off to nanoseconds and to a century.
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let most = Self.century / 1_000_000_000
    self.init(count: min(max(seconds, -most), most) * 1_000_000_000 + attoseconds / 1_000_000_000)
  }

  /// In seconds.
  var seconds: Double { Double(count) / 1e9 }

  /// In whole milliseconds, rounded up, from 0 to 2^31 - 1.
  var milliseconds: Int32 { Int32(clamping: (max(0, count) + 999_999) / 1_000_000) }

  static func < (a: Nanoseconds, b: Nanoseconds) -> Bool { a.count < b.count }
}

extension Duration {
  init(_ span: Nanoseconds) { self = .nanoseconds(span.count) }
}
