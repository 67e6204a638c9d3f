/// Reads one streamed answer from its bytes: framing first, then the dialect's events.
struct StreamReader: Sendable {
  /// One of the two, by the dialect's framing.
  private var lines: ServerSentEvents?
  private var frames: AWSEventStream?
  private var answer: any AnswerStream

  init(_ dialect: any Dialect, mostEventBytes: Int) {
    switch dialect.framing {
    case .serverSentEvents: lines = ServerSentEvents(limit: mostEventBytes)
    case .awsEventStream: frames = AWSEventStream(limit: mostEventBytes)
    }
    answer = dialect.stream()
  }

  /// Whether the provider has said that the answer is at its end.
  var isComplete: Bool { answer.isComplete }

  /// Appends what `bytes` add to the answer.
  ///
  /// How the network cuts a stream changes nothing: what comes before a fault is appended also where it came in
  /// the same piece, and what follows the end is not read.
  ///
  /// - Throws: ``FramingError`` or ``AttemptFailure``; the stream cannot be read on then.
  mutating func take(_ bytes: [UInt8], into result: inout [ChatEvent]) throws {
    var events: [WireEvent] = []
    var fault: FramingError?
    do throws(FramingError) {
      try lines?.take(bytes, into: &events)
      try frames?.take(bytes, into: &events)
    } catch {
      fault = error
    }
    for event in events {
      guard !isComplete else { return }
      result += try answer.take(event)
    }
    if let fault, !isComplete { throw fault }
  }
}
