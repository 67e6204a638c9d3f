@testable import DrayageExecution

extension ServerSentEvents {
  /// The events that `bytes` complete.
  mutating func take(_ bytes: some Collection<UInt8>) throws(FramingError) -> [WireEvent] {
    var events: [WireEvent] = []
    try take(Array(bytes), into: &events)
    return events
  }
}

extension AWSEventStream {
  /// The events that `bytes` complete.
  mutating func take(_ bytes: some Collection<UInt8>) throws(FramingError) -> [WireEvent] {
    var events: [WireEvent] = []
    try take(Array(bytes), into: &events)
    return events
  }
}
