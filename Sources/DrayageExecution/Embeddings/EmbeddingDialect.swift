package import DrayageCore

/// How one family of providers is asked for vectors.
///
/// A dialect is a value without state. What it cannot express it refuses; it leaves nothing out silently.
package protocol EmbeddingDialect: Sendable {
  /// The dialect of the same provider's chat, whose errors are the same.
  var chat: any Dialect { get }

  /// The request for one attempt.
  ///
  /// - Throws: ``Rejection/inexpressible(_:)`` if the wire format cannot carry a part of the request.
  func request(_ call: EmbeddingCall, to target: Target) throws(Rejection) -> HTTPRequest

  /// The vectors in a whole reply of status 200 to 299 to `request`.
  ///
  /// - Throws: ``FailureClass/malformed`` if it does not hold one vector for each text.
  func answer(in reply: HTTPReply, to request: EmbeddingRequest) throws(AttemptFailure) -> EmbeddingAnswer
}

extension EmbeddingDialect {
  /// What a reply of another status means.
  package func failure(status: Int, fields: HTTPFields, body: [UInt8]) -> AttemptFailure {
    chat.failure(status: status, fields: fields, body: body)
  }
}

/// What goes into one attempt.
package struct EmbeddingCall: Sendable {
  /// What is asked.
  package let request: EmbeddingRequest
  /// Names the attempt, so that a provider that heeds it answers a repetition without billing it again.
  package let idempotencyKey: String
  /// How long each phase may take.
  package let timeouts: Timeouts

  package init(_ request: EmbeddingRequest, idempotencyKey: String, timeouts: Timeouts = Timeouts()) {
    self.request = request
    self.idempotencyKey = idempotencyKey
    self.timeouts = timeouts
  }

  /// Refuses what no provider takes, and more texts than this one does.
  func check(mostTexts: Int) throws(Rejection) {
    if request.texts.isEmpty { throw .inexpressible("no texts") }
    if request.texts.contains(where: \.isEmpty) { throw .inexpressible("an empty text") }
    if request.texts.count > mostTexts { throw .inexpressible("more than \(mostTexts) texts at once") }
    if let dimensions = request.dimensions, !(1...EmbeddingLimits.dimensions).contains(dimensions) {
      throw .inexpressible("dimensions outside 1 to \(EmbeddingLimits.dimensions)")
    }
  }

  /// The HTTP request that carries `body`.
  func post(
    _ body: String, to url: String, fields: HTTPFields, target: Target
  ) -> HTTPRequest {
    var fields = fields
    if let header = target.idempotencyHeader { fields.append(idempotencyKey, for: header) }
    return HTTPRequest(
      method: "POST", url: url, fields: fields, body: Array(body.utf8), timeouts: timeouts,
      limits: HTTPRequest.Limits(bodyBytes: EmbeddingLimits.bytes))
  }
}

/// The most that is accepted of vectors.
enum EmbeddingLimits {
  /// Texts in one request, where the provider sets no lower limit: their vectors, of 3,072 dimensions in
  /// base64, stay well within ``bytes``.
  static let texts = 1_024
  /// The longest vector.
  static let dimensions = 65_536
  /// The largest reply, in bytes: as much as is read as JSON.
  static let bytes = 32 << 20
}
