/// Which phase an exchange is in, and when that phase runs out of time. The instants are the caller's.
///
/// The connect phase is not watched here: it does not run while an exchange waits for a free connection,
/// which only libcurl knows.
struct ExchangeClock {
  typealias Instant = ContinuousClock.Instant

  let started: Instant
  private(set) var begun: Instant?
  private(set) var firstByte: Instant?
  private var latestByte: Instant?
  /// The reader holds the sender back: silence is its own doing.
  private var isPaused = false
  private let timeouts: Timeouts

  init(timeouts: Timeouts, startedAt now: Instant) {
    // A century is as good as forever, and leaves no sum of an instant and a limit to overflow.
    let forever = Duration.seconds(100 * 365 * 86_400)
    self.timeouts = Timeouts(
      connect: timeouts.connect, firstByte: min(timeouts.firstByte, forever),
      stall: min(timeouts.stall, forever),
      total: min(timeouts.total, forever))
    started = now
  }

  /// The request is about to be sent on an established connection.
  mutating func begin(at now: Instant) {
    begun = now
  }

  /// A piece of the reply has come.
  mutating func receive(at now: Instant) {
    if firstByte == nil { firstByte = now }
    latestByte = now
    isPaused = false
  }

  /// Nothing is taken in until the next ``receive(at:)``: the limit of ``Timeouts/Phase/stall`` does not run.
  mutating func pause() {
    isPaused = true
  }

  /// When the exchange is overdue, if nothing happens until then, and which limit that will be.
  var deadline: (at: Instant, phase: Timeouts.Phase) {
    let total = (at: started + timeouts.total, phase: Timeouts.Phase.total)
    let current: (at: Instant, phase: Timeouts.Phase)
    if isPaused {
      return total
    } else if let latestByte {
      current = (latestByte + timeouts.stall, .stall)
    } else if let begun {
      current = (begun + timeouts.firstByte, .firstByte)
    } else {
      return total
    }
    return current.at < total.at ? current : total
  }

  /// The timing of an exchange that ends now.
  func timing(endedAt now: Instant) -> HTTPReply.Timing {
    let first = firstByte ?? now
    return HTTPReply.Timing(
      connect: (begun ?? first) - started, firstByte: first - started, total: now - started)
  }
}
