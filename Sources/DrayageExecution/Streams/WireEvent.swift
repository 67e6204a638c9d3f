/// One event of a streamed reply, whatever the framing.
package struct WireEvent: Hashable, Sendable {
  /// The event's type; empty if it has none.
  package var name: String
  /// What it carries, usually JSON.
  package var data: [UInt8]

  package init(name: String = "", data: [UInt8]) {
    self.name = name
    self.data = data
  }
}

/// How a streamed reply is cut into events.
package enum StreamFraming: Hashable, Sendable {
  /// Lines of text (HTML Living Standard, section 9.2, "Server-sent events").
  case serverSentEvents
  /// Amazon's binary frames (`application/vnd.amazon.eventstream`).
  case awsEventStream
}

/// A stream whose framing is broken, or beyond its limits.
package struct FramingError: Error, Hashable, Sendable {
  /// What is wrong.
  package let message: String
}
