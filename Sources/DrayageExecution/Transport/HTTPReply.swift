/// A whole HTTP reply.
///
/// A body that neither announces its length nor comes in chunks ends where the connection does: its
/// truncation cannot be seen here.
public struct HTTPReply: Sendable {
  /// How long it took, from the moment the request was handed to the transport.
  public struct Timing: Hashable, Sendable {
    /// Until a connection was ready for the request, the wait for a free one included.
    public var connect: Duration
    /// Until the first line of the reply.
    public var firstByte: Duration
    /// Until its end.
    public var total: Duration

    /// The timing of these parts.
    public init(connect: Duration, firstByte: Duration, total: Duration) {
      self.connect = connect
      self.firstByte = firstByte
      self.total = total
    }
  }

  /// The status, 200 to 999.
  public var status: Int
  /// The header fields, those after the body excluded.
  public var fields: HTTPFields
  /// The body, decompressed. `Content-Encoding` and `Content-Length` among the fields tell of its form on the
  /// wire.
  public var body: [UInt8]
  /// How long it took.
  public var timing: Timing

  /// A reply of these parts.
  public init(status: Int, fields: HTTPFields, body: [UInt8], timing: Timing) {
    self.status = status
    self.fields = fields
    self.body = body
    self.timing = timing
  }
}

extension HTTPReply {
  /// A refusal whose body has not come.
  init(_ refusal: TransportFailure.Refusal) {
    self.init(
      status: refusal.status, fields: refusal.fields, body: [],
      timing: Timing(connect: .zero, firstByte: .zero, total: .zero))
  }
}

extension HTTPReply: CustomStringConvertible, CustomDebugStringConvertible {
  /// The status, the names of the fields and the length of the body.
  public var description: String { "status \(status), fields \(fields), body of \(body.count) bytes" }
  /// The same as the description.
  public var debugDescription: String { description }
}
