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

  /// Adds to `result` what `bytes` add to the answer.
  ///
  /// - Throws: ``FramingError`` or ``AttemptFailure``; what came before is in `result`, and the stream cannot be
  ///   read on.
  mutating func take(_ bytes: [UInt8], into result: inout [ChatEvent]) throws {
    for event in try lines?.take(bytes) ?? frames?.take(bytes) ?? [] { result += try answer.take(event) }
  }
}
