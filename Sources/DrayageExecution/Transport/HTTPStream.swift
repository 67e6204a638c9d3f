/// A reply whose body is read as it comes in.
///
/// Reading slowly holds the sender back: at most about 64 KiB wait here, the rest stays on the other side.
/// Releasing the stream before its end breaks the exchange off.
public final class HTTPStream: Sendable {
  /// The status, 200 to 999.
  public let status: Int
  /// The header fields.
  public let fields: HTTPFields

  private let buffer: StreamBuffer
  private let resume: @Sendable () -> Void
  private let stop: @Sendable () -> Void

  init(
    status: Int, fields: HTTPFields, buffer: StreamBuffer, resume: @escaping @Sendable () -> Void,
    stop: @escaping @Sendable () -> Void
  ) {
    self.status = status
    self.fields = fields
    self.buffer = buffer
    self.resume = resume
    self.stop = stop
  }

  /// A stream that holds all of `reply` already.
  public convenience init(_ reply: HTTPReply) {
    let buffer = StreamBuffer()
    _ = reply.body.withUnsafeBytes { buffer.append($0) }
    buffer.finish(.complete(reply.timing))
    self.init(status: reply.status, fields: reply.fields, buffer: buffer, resume: {}, stop: {})
  }

  deinit { if !buffer.hasEnded { stop() } }

  /// The bytes that have come since the last call, decompressed; waits for the first of them. Nil at the end.
  /// Only one task may read at a time. Cancelling it breaks the exchange off.
  ///
  /// - Throws: A ``TransportFailure`` if the body breaks off.
  public nonisolated(nonsending) func next() async throws(TransportFailure) -> [UInt8]? {
    // Most pieces are there already, and nothing has to be told that somebody waits.
    if !Task.isCancelled {
      switch buffer.take(resume: resume) {
      case .bytes(let bytes): return bytes
      case .end(nil): return nil
      case .end(let failure?): throw failure
      case .nothing: break
      }
    }
    let result: Result<[UInt8]?, TransportFailure> = await withTaskCancellationHandler {
      do throws(TransportFailure) {
        return .success(try await buffer.next(resume: resume))
      } catch {
        return .failure(error)
      }
    } onCancel: {
      stop()
    }
    return try result.get()
  }

  /// Whether nothing more will come beyond what waits here.
  var hasEnded: Bool { buffer.hasEnded }

  /// How long the exchange took; nil until the end has been reached.
  public var timing: HTTPReply.Timing? { buffer.timing }

  /// Breaks the exchange off: its connection is closed, or its stream reset. Harmless after the end.
  public func cancel() { stop() }
}
