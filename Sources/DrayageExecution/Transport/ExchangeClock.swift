/// Which phase an exchange is in, and when that phase runs out of time. The instants are the caller's.
///
/// The connect phase is not watched here: it does not run while an exchange waits for a free connection,
/// which only libcurl knows.
struct ExchangeClock {
  /// How long each phase may last.
  struct Limits: Sendable {
    let firstByte: Nanoseconds
    let stall: Nanoseconds
    let total: Nanoseconds

    init(_ timeouts: Timeouts) {
      firstByte = Nanoseconds(timeouts.firstByte)
      stall = Nanoseconds(timeouts.stall)
      total = Nanoseconds(timeouts.total)
    }
  }

  let started: SteadyInstant
  private(set) var begun: SteadyInstant?
  private(set) var firstByte: SteadyInstant?
  private var latestByte: SteadyInstant?
  /// The reader holds the sender back: silence is its own doing.
  private var isPaused = false
  private let limits: Limits

  init(limits: Limits, startedAt now: SteadyInstant) {
    self.limits = limits
    started = now
  }

  /// The request is about to be sent on an established connection.
  mutating func begin(at now: SteadyInstant) {
    begun = now
  }

  /// A piece of the reply has come.
  mutating func receive(at now: SteadyInstant) {
    if firstByte == nil { firstByte = now }
    latestByte = now
    isPaused = false
  }

  /// Nothing is taken in until the next ``receive(at:)``: the limit of ``Timeouts/Phase/stall`` does not run.
  mutating func pause() {
    isPaused = true
  }

  /// When the exchange is overdue, if nothing happens until then, and which limit that will be.
  var deadline: (at: SteadyInstant, phase: Timeouts.Phase) {
    let total = (at: started + limits.total, phase: Timeouts.Phase.total)
    let current: (at: SteadyInstant, phase: Timeouts.Phase)
    if isPaused {
      return total
    } else if let latestByte {
      current = (latestByte + limits.stall, .stall)
    } else if let begun {
      current = (begun + limits.firstByte, .firstByte)
    } else {
      return total
    }
    return current.at < total.at ? current : total
  }

  /// The timing of an exchange that ends now.
  func timing(endedAt now: SteadyInstant) -> HTTPReply.Timing {
    let first = firstByte ?? now
    return HTTPReply.Timing(
      connect: Duration((begun ?? first) - started), firstByte: Duration(first - started),
      total: Duration(now - started))
  }
}
