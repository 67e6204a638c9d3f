/// The one way to the network: a request goes in, a reply, whole or as a stream, or a failure comes out.
///
/// An answer with any status is a reply; a failure means that there is no usable answer. An implementation
/// sends a request that is not idempotent at most once, follows no redirects, and stops the exchange when the
/// calling task is cancelled.
public protocol Transport: Sendable {
  /// Sends `request` and waits for the whole reply.
  ///
  /// - Throws: A ``TransportFailure`` that says whether the request may have been processed all the same.
  nonisolated(nonsending) func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPReply

  /// Sends `request` and waits for the header of the reply, whose body is then read as it comes in.
  ///
  /// - Throws: A ``TransportFailure`` that says whether the request may have been processed all the same.
  nonisolated(nonsending) func open(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPStream

  /// Where tasks run best that wait for this transport's replies; nil if it makes no difference.
  ///
  /// The parts of a request's course between its replies are run there: they are short, and do not block.
  var taskExecutor: (any TaskExecutor)? { get }
}

extension Transport {
  /// It makes no difference.
  public var taskExecutor: (any TaskExecutor)? { nil }

  /// Waits for the whole reply: for transports that have no streams.
  public nonisolated(nonsending) func open(
    _ request: HTTPRequest
  ) async throws(TransportFailure) -> HTTPStream {
    HTTPStream(try await send(request))
  }
}
