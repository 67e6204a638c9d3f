/// One HTTP request, complete with how long it may take and how much may come back.
///
/// Its descriptions show no header value, no query, no user information and no body: they may hold secrets.
public struct HTTPRequest: Sendable {
  /// The most that is accepted of a reply. What is larger fails as ``TransportFailure/Kind/tooLarge``.
  public struct Limits: Hashable, Sendable {
    /// Bytes of all header lines together. Default 64 KiB.
    public var headerBytes: Int
    /// Bytes of the body, before and after decompression. Default 64 MiB.
    public var bodyBytes: Int

    /// Limits in bytes.
    public init(headerBytes: Int = 64 << 10, bodyBytes: Int = 64 << 20) {
      self.headerBytes = headerBytes
      self.bodyBytes = bodyBytes
    }
  }

  /// The method, in capitals.
  public var method: String
  /// The address: scheme `http` or `https`, host, and what follows.
  public var url: String
  /// The header fields. The transport adds those that frame the body, and `Accept-Encoding`.
  public var fields: HTTPFields
  /// The body; empty for none.
  public var body: [UInt8]
  /// How long each phase may last.
  public var timeouts: Timeouts
  /// The most that is accepted of the reply.
  public var limits: Limits
  /// The keys with which the transport signs the request as Amazon wants it; nil to send it as it is.
  public var signing: AWSSigning? {
    get { if case .keys(let keys)? = signed { keys } else { nil } }
    set { signed = newValue.map(Signed.keys) }
  }

  /// In a place of their own: few requests are signed, and all are handed on.
  private indirect enum Signed { case keys(AWSSigning) }
  private var signed: Signed?

  /// A request of these parts. Nothing is checked before it is sent.
  public init(
    method: String, url: String, fields: HTTPFields = [:], body: [UInt8] = [],
    timeouts: Timeouts = Timeouts(),
    limits: Limits = Limits(), signing: AWSSigning? = nil
  ) {
    self.method = method
    self.url = url
    self.fields = fields
    self.body = body
    self.timeouts = timeouts
    self.limits = limits
    signed = signing.map(Signed.keys)
  }

  /// Whether sending the request twice does no more than sending it once (RFC 9110, section 9.2.2).
  public var isIdempotent: Bool {
    ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].contains(method)
  }
}

extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The method, the host and port, the names of the fields and the length of the body.
  public var description: String {
    let place = (try? Destination(url: url))?.description ?? "an invalid address"
    return "\(method.filter(\.isLetter)) to \(place), fields \(fields), body of \(body.count) bytes"
  }
  /// The same as the description.
  public var debugDescription: String { description }
  /// Without children: `dump` would show the values.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
