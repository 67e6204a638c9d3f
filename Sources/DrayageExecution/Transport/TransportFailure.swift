/// Why there is no reply.
public struct TransportFailure: Error, Hashable, Sendable {
  /// What went wrong.
  public enum Kind: Hashable, Sendable {
    /// The request cannot be sent as it is: its address, method or header fields are at fault.
    case invalidRequest
    /// The host name, or that of the proxy, was not resolved.
    case resolve
    /// No connection: refused, unreachable, or refused by the proxy.
    case connect
    /// No TLS connection that can be trusted.
    case tls
    /// A phase took longer than allowed.
    case timeout(phase: Timeouts.Phase)
    /// The connection broke before the reply had ended, or before it began.
    case reset
    /// The body ended before its announced length, or before its last chunk.
    case truncated
    /// The header or the body is larger than the request accepts.
    case tooLarge
    /// What came back is not HTTP.
    case protocolError
    /// The calling task was cancelled, or the transport was shut down.
    case cancelled
  }

  /// What went wrong.
  public var kind: Kind
  /// What went wrong and what to do, for people. Names the host and port; never holds a header value, a
  /// query, user information, or anything the server sent after the connection was made.
  public var message: String
  /// Whether any part of the request may have been handed to an established connection, so that the provider
  /// may have processed and billed it.
  public var mayHaveBeenProcessed: Bool
  /// What had come of a reply that is no answer (any status but 2xx) before it broke off; nil if nothing had.
  public var refusal: Refusal?

  /// The head of a reply, without its body.
  public struct Refusal: Hashable, Sendable {
    /// The status, 300 to 999.
    public var status: Int
    /// The header fields.
    public var fields: HTTPFields

    /// A head of these parts.
    public init(status: Int, fields: HTTPFields) {
      self.status = status
      self.fields = fields
    }
  }

  /// A failure of these parts. `message` must not hold secrets.
  public init(kind: Kind, message: String, mayHaveBeenProcessed: Bool) {
    self.kind = kind
    self.message = message
    self.mayHaveBeenProcessed = mayHaveBeenProcessed
  }
}

extension TransportFailure: CustomStringConvertible {
  /// The message.
  public var description: String { message }
}
