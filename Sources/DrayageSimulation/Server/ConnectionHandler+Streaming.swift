import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Replies that are sent as they come to be.
extension ConnectionHandler {
  /// The shortest wait between two looks at a stream, in seconds: what comes due in between goes out together.
  private static let tick = 0.002

  func begin(
    _ stream: AnswerStream, _ reply: Reply, to request: HTTPRequestHead, _ context: ChannelHandlerContext
  ) {
    var headers = HTTPHeaders(reply.headers.map { ($0.name, $0.value) })
    headers.add(name: "content-type", value: reply.contentType)
    if !isKept(request) { headers.add(name: "connection", value: "close") }
    // A client of HTTP/1.0 knows no chunks: its body ends with the connection.
    let version: HTTPVersion = request.version == .http1_0 ? .http1_0 : .http1_1
    context.writeAndFlush(
      wrapOutboundOut(.head(HTTPResponseHead(version: version, status: .ok, headers: headers))), promise: nil)
    self.stream = stream
    self.request = request
    pump(context)
  }

  /// Writes what is due as long as the client takes it.
  ///
  /// Nothing is generated while the channel is not writable: it goes on when the client has read on. Between
  /// two fills of the channel other connections have their turn.
  func pump(_ context: ChannelHandlerContext) {
    guard var stream, let request, !isPumping, !isBroken, pending == nil else { return }
    isPumping = true
    defer { isPumping = false }
    let now = server.now
    while context.channel.isWritable {
      let step = stream.next(at: now)
      self.stream = stream
      switch step {
      case .write(let bytes):
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
      case .wait(let time):
        context.flush()
        pumpLater(max(Self.tick, time - now), context)
        return
      case .end:
        end(request, context)
        return
      case .breakOff:
        isBroken = true
        context.flush()
        context.close(promise: nil)
        return
      case .reset:
        isBroken = true
        context.flush()
        reset(context)
        return
      case .silence:
        isBroken = true
        context.flush()
        hold(context)
        return
      }
    }
    context.flush()
    // Where the flush made room there is no change of writability to come.
    if context.channel.isWritable { pumpLater(0, context) }
  }

  /// Looks at the stream again after some seconds.
  ///
  /// A look that has come is forgotten before the next is planned: to cancel it would search all that is planned
  /// on the loop, for each of ten thousand streams.
  private func pumpLater(_ seconds: Double, _ context: ChannelHandlerContext) {
    pending = schedule(seconds, context) { handler, context in
      handler.pending = nil
      handler.pump(context)
    }
  }

  /// Ends the connection by a reset, in HTTP/2 the stream.
  func reset(_ context: ChannelHandlerContext) {
    // Closing with a linger time of zero resets the connection. TLS is not to say goodbye first.
    if let socket = context.channel as? any SocketOptionProvider {
      _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }
    let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
    (tls ?? context).close(promise: nil)
  }
}
