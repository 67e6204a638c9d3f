/// The one way to the network: a request goes in, a whole reply or a failure comes out.
///
/// An answer with any status is a reply; a failure means that there is no usable answer. An implementation
/// sends a request that is not idempotent at most once, follows no redirects, and stops the exchange when the
/// calling task is cancelled.
public protocol Transport: Sendable {
  /// Sends `request` and waits for the whole reply.
  ///
  /// - Throws: A ``TransportFailure`` that says whether the request may have been processed all the same.
  func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPReply
}
