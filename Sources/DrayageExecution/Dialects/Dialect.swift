import Drayage
package import DrayageCore

/// How one family of providers is spoken to: what an attempt looks like on the wire, and what an answer means.
package protocol Dialect: Sendable {
  /// The request for one attempt.
  ///
  /// - Parameters:
  ///   - key: the secret that authorizes it; `nil` sends none.
  ///   - idempotencyKey: names the attempt, so that a provider that heeds it answers a repetition without billing it again.
  func request(
    _ body: RequestBody, to target: Target, maxOutputTokens: Int?, idempotencyKey: String, timeouts: Timeouts
  ) -> HTTPRequest

  /// What a reply means.
  func interpret(_ reply: HTTPReply) -> AttemptResult
}

/// How an attempt ended, as far as the wire tells.
package enum AttemptResult: Sendable {
  /// Answered. Without usage the answer is good, but what it cost is known only as the reservation.
  case answered(Answer)
  /// Not answered.
  case failed(FailureClass, message: String, retryAfter: Double?)

  /// An answer.
  package struct Answer: Sendable {
    /// The provider's reply: one JSON object.
    package let body: [UInt8]
    package let status: Int
    package let requestID: String?
    package let usage: TokenUsage?
    /// A score that the provider or a judge in front of it stated in the header `x-drayage-score`.
    package let score: Double?
    /// Whether the limit on output cut it off.
    package let isTruncated: Bool
  }
}

/// An offer together with what is needed to reach it.
package struct Target: Sendable {
  package let offer: Offer
  package let dialect: any Dialect
  package let baseURL: String
  /// The secret, from the environment. Never printed.
  package let key: String?

  package init(offer: Offer, dialect: any Dialect, baseURL: String, key: String?) {
    self.offer = offer
    self.dialect = dialect
    self.baseURL = baseURL
    self.key = key
  }

  /// Whether a repetition under the same idempotency key is not billed again.
  package var isIdempotent: Bool { offer.endpoint?.idempotencyHeader != nil }
}

extension Target: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The name of the offer.
  package var description: String { offer.id.description }
  /// The same as the description.
  package var debugDescription: String { description }
  /// Without children: `dump` would show the secret.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
