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

  /// What `bytes` add to the answer.
  ///
  /// - Throws: ``FramingError`` or ``AttemptFailure``; the stream cannot be read on then.
  mutating func take(_ bytes: [UInt8]) throws -> [ChatEvent] {
    let events = try lines?.take(bytes) ?? frames?.take(bytes) ?? []
    var result: [ChatEvent] = []
    for event in events { result += try answer.take(event) }
    return result
  }
}
