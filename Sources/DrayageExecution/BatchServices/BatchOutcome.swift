import DrayageCore

/// What became of one request of a job.
package enum BatchOutcome: Sendable {
  /// The provider answered.
  case answered(BatchReply)
  /// It refused or failed, or its answer cannot be used.
  case errored(AttemptFailure, mayBeBilled: Bool)
  /// The job's time ran out before the request was carried out. Not billed.
  case expired(AttemptFailure)
  /// The job was cancelled before the request was carried out. Not billed.
  case cancelled(AttemptFailure)

  /// Why there is no answer; nil if there is one.
  package var failure: AttemptFailure? {
    switch self {
    case .answered: nil
    case .errored(let failure, _), .expired(let failure), .cancelled(let failure): failure
    }
  }

  /// Whether the provider may have billed it.
  package var mayBeBilled: Bool {
    switch self {
    case .answered: true
    case .errored(_, let mayBeBilled): mayBeBilled
    case .expired, .cancelled: false
    }
  }

  /// The same as the end of an attempt of one's own.
  var end: AttemptEnd {
    switch self {
    case .answered(let reply):
      var end = AttemptEnd(result: .success(reply.answer))
      end.reply = reply.http
      end.requestID = reply.requestID
      end.score = reply.score
      return end
    case .errored(let failure, _), .expired(let failure), .cancelled(let failure):
      return AttemptEnd(result: .failure(failure), mayBeBilled: mayBeBilled)
    }
  }

  /// The provider had no time for it; another one may.
  static let outOfTime = BatchOutcome.expired(
    AttemptFailure(.overloaded, "the job expired before the provider came to the request"))
  /// It was cancelled with its job.
  static let calledOff = BatchOutcome.cancelled(
    AttemptFailure(.cancelled, "the job was cancelled before the provider came to the request"))

  /// A result that says nothing that is known: it may stand for an answer.
  static func unreadable(_ what: String) -> BatchOutcome {
    .errored(AttemptFailure(.malformed, what), mayBeBilled: true)
  }
}

/// A provider's answer to one request of a job.
package struct BatchReply: Sendable {
  /// The status that a live reply would have had, 200 to 299.
  package let status: Int
  /// The provider's name for the exchange.
  package let requestID: String?
  /// The body that a live reply would have had: one JSON object, as it came.
  package let body: [UInt8]
  /// The same, read. Its usage is what is billed; nil if it states none.
  package let answer: ChatAnswer
  /// A score that was stated beside it, at an address of the user's own.
  package let score: Double?

  var http: HTTPReply { Self.http(status, body) }

  /// A live reply that says the same. Nothing was waited for.
  private static func http(_ status: Int, _ body: [UInt8]) -> HTTPReply {
    HTTPReply(
      status: status, fields: [:], body: body,
      timing: .init(connect: .zero, firstByte: .zero, total: .zero))
  }

  /// Reads what a live reply of `status` would have meant.
  static func read(
    status: Int, requestID: String?, body: [UInt8], score: Double?, by dialect: any Dialect
  ) -> BatchOutcome {
    guard (200..<300).contains(status) else {
      let failure = dialect.failure(status: status, fields: [:], body: body)
      return .errored(failure, mayBeBilled: failure.kind.meaning.mayBeBilled)
    }
    do throws(AttemptFailure) {
      var answer = try dialect.answer(in: http(status, body))
      answer.dropAbsurdUsage()
      return .answered(
        BatchReply(status: status, requestID: requestID, body: body, answer: answer, score: score))
    } catch {
      // The provider took the request for answered, whatever it is that it sent.
      return .errored(error, mayBeBilled: true)
    }
  }
}
