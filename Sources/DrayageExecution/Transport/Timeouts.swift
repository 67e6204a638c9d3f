/// How long each phase of an exchange may last.
public struct Timeouts: Hashable, Sendable {
  /// The phases that can run out of time.
  public enum Phase: String, Hashable, Sendable, CaseIterable {
    /// Name resolution, connection and TLS handshake. Waiting for a free connection does not count.
    case connect
    /// From the moment the request begins to be sent until the first line of the reply.
    case firstByte = "first byte"
    /// From one piece of the reply to the next.
    case stall
    /// All of it, including the wait for a free connection.
    case total
  }

  /// The limit of ``Phase/connect``. Default 10 s; counted in whole milliseconds, at least one.
  public var connect: Duration
  /// The limit of ``Phase/firstByte``. Default 120 s: a reasoning model thinks before it answers.
  public var firstByte: Duration
  /// The limit of ``Phase/stall``. Default 60 s.
  public var stall: Duration
  /// The limit of ``Phase/total``. Default 600 s.
  public var total: Duration

  /// Limits for each phase; zero or less means that the phase is out of time at once.
  public init(
    connect: Duration = .seconds(10), firstByte: Duration = .seconds(120), stall: Duration = .seconds(60),
    total: Duration = .seconds(600)
  ) {
    self.connect = connect
    self.firstByte = firstByte
    self.stall = stall
    self.total = total
  }

  /// The limit of `phase`.
  public subscript(phase: Phase) -> Duration {
    switch phase {
    case .connect: connect
    case .firstByte: firstByte
    case .stall: stall
    case .total: total
    }
  }
}
