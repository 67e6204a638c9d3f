package import DrayageCore

/// How one family of providers is spoken to: what an attempt looks like on the wire, and what comes back means.
///
/// A dialect is a value without state. What it cannot express it refuses; it leaves nothing out silently.
package protocol Dialect: Sendable {
  /// The request for one attempt.
  ///
  /// - Throws: ``Rejection/inexpressible(_:)`` if the wire format, or this model by it, cannot carry a part of the
  ///   request.
  func request(_ call: Call, to target: Target) throws(Rejection) -> HTTPRequest

  /// The answer in a whole reply of status 200 to 299.
  ///
  /// - Throws: the failure that the reply tells of, if it holds none.
  func answer(in reply: HTTPReply) throws(AttemptFailure) -> ChatAnswer

  /// What a reply of another status means.
  func failure(status: Int, fields: HTTPFields, body: [UInt8]) -> AttemptFailure

  /// How a streamed reply is cut into events.
  var framing: StreamFraming { get }

  /// A reader of one streamed answer's events.
  func stream() -> any AnswerStream

  /// Whether whole replies are in OpenAI's format already, and can be handed on as they are.
  var answersInOpenAIFormat: Bool { get }
}

extension Dialect {
  package var framing: StreamFraming { .serverSentEvents }
  package var answersInOpenAIFormat: Bool { false }
}

/// Reads the events of one streamed answer.
package protocol AnswerStream: Sendable {
  /// What an event adds to the answer; nothing for one that is of no concern.
  ///
  /// - Throws: the failure that the event tells of, or ``FailureClass/malformed``.
  mutating func take(_ event: WireEvent) throws(AttemptFailure) -> [ChatEvent]

  /// Whether the provider has said that the answer is at its end: a stream that ends before was cut off.
  var isComplete: Bool { get }
}

/// What of a request goes into one attempt.
package struct Call: Sendable {
  /// What is asked.
  package let body: RequestBody
  /// A limit on output to set where the body sets none.
  package let maxOutputTokens: Int?
  /// Whether the answer is to come as it is written.
  package let streams: Bool
  /// Names the attempt, so that a provider that heeds it answers a repetition without billing it again.
  package let idempotencyKey: String
  /// How long each phase may take.
  package let timeouts: Timeouts

  package init(
    _ body: RequestBody, maxOutputTokens: Int? = nil, streams: Bool = false, idempotencyKey: String,
    timeouts: Timeouts = Timeouts()
  ) {
    self.body = body
    self.maxOutputTokens = maxOutputTokens
    self.streams = streams
    self.idempotencyKey = idempotencyKey
    self.timeouts = timeouts
  }

  /// The limit on output tokens that goes with the request; nil if nothing sets one.
  package var outputLimit: Int? { body.maxOutputTokens ?? maxOutputTokens }
}

/// How an attempt failed, as far as the wire tells.
package struct AttemptFailure: Error, Hashable, Sendable {
  /// What kind of failure it is.
  package var kind: FailureClass
  /// What happened, for people: the provider's own words at most in part, no secrets.
  package var message: String
  /// The seconds that the provider asks to wait.
  package var retryAfter: Double?
  /// What the provider metered of it all the same.
  package var usage: MeteredUsage?

  package init(
    _ kind: FailureClass, _ message: String, retryAfter: Double? = nil, usage: MeteredUsage? = nil
  ) {
    self.kind = kind
    self.message = message
    self.retryAfter = retryAfter
    self.usage = usage
  }
}

/// The most that is accepted of a reply.
enum ReplyLimits {
  /// The largest reply, in bytes: a line of a journal holds it whole, and must be read again.
  static let bytes = 16 << 20
  /// The deepest, for the same reason: in a journal it stands a few levels deeper.
  static let depth = 100
  /// No model reads or writes as many tokens: a count beyond is a mistake, not a bill.
  static let tokens = 100_000_000
}
