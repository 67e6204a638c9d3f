import Drayage
import DrayageCore

/// The exchanges that the services have in common: what goes over the wire, and what a failure means there.
struct BatchWire: Sendable {
  let transport: any Transport
  let target: Target
  /// The fields of every request, the secret among them.
  let fields: HTTPFields

  /// What a request may have set going at the provider.
  enum Effect {
    /// Nothing that matters if it happens twice or not at all.
    case none
    /// A job: whether it was taken has to be known.
    case submits
  }

  func request(
    _ method: String, _ path: String, body: [UInt8] = [], type: String = "application/json"
  ) -> HTTPRequest {
    var fields = fields
    if !body.isEmpty { fields.append(type, for: "content-type") }
    // A slow line takes its time for a large body: at least 128 KiB a second.
    let upload = Duration.seconds(120 + body.count >> 17)
    return HTTPRequest(
      method: method, url: target.url(path), fields: fields, body: body,
      timeouts: Timeouts(firstByte: upload, total: upload + .seconds(600)),
      limits: HTTPRequest.Limits(bodyBytes: ReplyLimits.bytes))
  }

  /// A request for a file that is read as it comes in.
  func download(_ path: String) -> HTTPRequest {
    var request = request("GET", path)
    request.fields["accept"] = "*/*"
    request.timeouts = Timeouts(total: .seconds(6 * 3_600))
    request.limits = HTTPRequest.Limits(bodyBytes: BatchJobResults.mostBytes)
    return request
  }

  /// Sends `request` and reads the object that comes back.
  func object(
    _ request: HTTPRequest, _ effect: Effect = .none
  ) async throws(BatchServiceError) -> JSONNode {
    let reply: HTTPReply
    do throws(TransportFailure) {
      reply = try await transport.send(request)
    } catch {
      guard effect == .submits, error.mayHaveBeenProcessed else { throw Self.unreachable(error) }
      throw Self.inDoubt(error.message, error.failureClass)
    }
    guard (200..<300).contains(reply.status) else {
      throw refusal(status: reply.status, fields: reply.fields, body: reply.body, effect)
    }
    guard let node = JSONNode.reply(reply.body),
      node.isObject
    else { throw unreadable("the reply is no JSON object", effect) }
    return node
  }

  /// Begins to read a file of results.
  func open(_ request: HTTPRequest) async throws(BatchServiceError) -> HTTPStream {
    let stream: HTTPStream
    do throws(TransportFailure) {
      stream = try await transport.open(request)
    } catch {
      throw Self.unreachable(error)
    }
    guard (200..<300).contains(stream.status) else {
      var body: [UInt8] = []
      while body.count < 1 << 20, let piece = (try? await stream.next()) ?? nil { body += piece }
      stream.cancel()
      let error = refusal(
        status: stream.status, fields: stream.fields, body: Array(body.prefix(1 << 20)), .none)
      guard error.code == .unknownJob else { throw error }
      throw BatchServiceError(
        .resultsGone,
        "the results are not there (status \(stream.status)): they are kept no longer, or the name or "
          + "the key is wrong", failure: error.failure)
    }
    return stream
  }

  /// The next piece of a file; nil at its end.
  func next(of stream: HTTPStream) async throws(BatchServiceError) -> [UInt8]? {
    do throws(TransportFailure) {
      return try await stream.next()
    } catch {
      throw Self.unreachable(error)
    }
  }

  // MARK: Failures

  func unreadable(_ what: String, _ effect: Effect = .none) -> BatchServiceError {
    if effect == .submits { return Self.inDoubt(what, .malformed) }
    return BatchServiceError(
      .unreadable, "\(what); check that the address is that of the provider's interface", failure: .malformed)
  }

  private func refusal(
    status: Int, fields: HTTPFields, body: [UInt8], _ effect: Effect
  ) -> BatchServiceError {
    if (300..<400).contains(status) {
      return BatchServiceError(
        .refused, "status \(status): redirects are not followed; correct the address", failure: .notFound)
    }
    let failure = target.dialect.failure(status: status, fields: fields, body: body)
    // A service that says it is overloaded has not begun; of any other breakdown that cannot be known.
    if effect == .submits, status >= 500 && status != 529 || status == 408 {
      return Self.inDoubt(failure.message, failure.kind)
    }
    if status == 404 || status == 410 {
      return BatchServiceError(
        .unknownJob, "\(failure.message); check the name, the key and its workspace", failure: failure.kind)
    }
    let advice = failure.kind.meaning.transient ? "try again later" : "correct it before sending it again"
    return BatchServiceError(
      .refused, "\(failure.message); \(advice)", failure: failure.kind, retryAfter: failure.retryAfter)
  }

  private static func inDoubt(_ what: String, _ failure: FailureClass) -> BatchServiceError {
    BatchServiceError(
      .inDoubt, "\(what); the job may have been taken: look for it by its mark before sending it again",
      failure: failure)
  }

  private static func unreachable(_ failure: TransportFailure) -> BatchServiceError {
    BatchServiceError(.unreachable, failure.message, failure: failure.failureClass)
  }
}

extension JSONNode {
  /// An instant in Unix seconds; nil if this is none, or beyond the year 5138.
  var unixInstant: UTCInstant? {
    guard let seconds = double, (0..<1e11).contains(seconds) else { return nil }
    return UTCInstant(secondsSince1970: Int64(seconds))
  }

  /// An instant as RFC 3339 writes it; nil if this is none.
  var dateInstant: UTCInstant? {
    guard let text = string, text.utf8.count <= 40, let seconds = HTTPDate.seconds(text, now: 0) else {
      return nil
    }
    return UTCInstant(secondsSince1970: Int64(seconds.rounded(.down)))
  }
}
