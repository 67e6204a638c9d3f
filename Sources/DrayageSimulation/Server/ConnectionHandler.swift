import Foundation
import NIOCore
import NIOHTTP1

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One client's connection: collects each request, asks the service, and delivers the reply or its fault.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let server: ServerState
  private var head: HTTPRequestHead?
  private var body = ByteBuffer()
  /// Whether the request was refused before its end; the rest of it is thrown away.
  private var isRefused = false
  private var discarded = 0
  /// Closes the connection unless the next request arrives whole in time.
  private var deadline: Scheduled<Void>?
  /// What is to happen to the current request later.
  private var pending: Scheduled<Void>?
  private var isCounted = false

  init(server: ServerState) {
    self.server = server
  }

  func channelActive(context: ChannelHandlerContext) {
    guard server.admit() else {
      context.close(promise: nil)
      return
    }
    isCounted = true
    armDeadline(context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    pending?.cancel()
    if isCounted { server.release() }
    isCounted = false
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body.clear()
      let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
      if announced > server.options.bodyLimit {
        refuseBody(context)
      } else if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
        context.writeAndFlush(
          wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
      }
    case .body(let bytes):
      if isRefused {
        discarded += bytes.readableBytes
        if discarded > 8 * server.options.bodyLimit { context.close(promise: nil) }
      } else if body.readableBytes + bytes.readableBytes > server.options.bodyLimit {
        refuseBody(context)
      } else {
        body.writeImmutableBuffer(bytes)
      }
    case .end:
      if isRefused {
        context.close(promise: nil)
      } else {
        answer(context)
      }
    }
  }

  private func answer(_ context: ChannelHandlerContext) {
    guard let head else { return }
    deadline?.cancel()
    let reply = server.reply(
      method: head.method.rawValue, target: head.uri,
      idempotencyKey: head.headers.first(name: "idempotency-key"),
      body: Data(body.readableBytesView))
    body.clear()
    later(reply.delay, context) { $0.deliver(reply, to: head, $1) }
  }

  private func deliver(_ reply: Reply, to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    switch reply.delivery {
    case .whole:
      send(reply, to: request, context)
    case .truncated:
      write(reply, body: reply.body.prefix(reply.body.count / 2), close: true, context)
      context.flush()
      context.close(promise: nil)
    case .reset:
      // Closing with a linger time of zero resets the connection.
      if let socket = context.channel as? any SocketOptionProvider {
        _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
      }
      context.close(promise: nil)
    case .never:
      later(server.options.hangLimit, context) { $1.close(promise: nil) }
    }
  }

  private func send(_ reply: Reply, to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let keepAlive = request.isKeepAlive && request.version == .http1_1
    write(reply, body: request.method == .HEAD ? Data() : reply.body, close: !keepAlive, context)
    // Writing the end may bring in the next request at once, so everything else is ready for it before.
    armDeadline(context)
    let sent = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if !keepAlive {
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      sent.whenComplete { _ in bound.value.close(promise: nil) }
    }
  }

  /// The head, which announces all of the reply's body, and the part of the body to send.
  private func write(_ reply: Reply, body: Data, close: Bool, _ context: ChannelHandlerContext) {
    var headers = HTTPHeaders(reply.headers.map { ($0.name, $0.value) })
    headers.add(name: "content-type", value: "application/json")
    headers.add(name: "content-length", value: String(reply.body.count))
    if close { headers.add(name: "connection", value: "close") }
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
  }

  /// Answers a body that is too large without taking it in. The connection closes once the client stops
  /// sending: closing at once would reset it, and the client might never read why.
  private func refuseBody(_ context: ChannelHandlerContext) {
    isRefused = true
    body.clear()
    let reply = server.refuse(
      APIError(413, code: "request_too_large", "The body is larger than \(server.options.bodyLimit) bytes."))
    write(reply, body: reply.body, close: true, context)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  private func armDeadline(_ context: ChannelHandlerContext) {
    deadline?.cancel()
    deadline = schedule(server.options.idleLimit, context) { $1.close(promise: nil) }
  }

  private func later(
    _ seconds: Double, _ context: ChannelHandlerContext,
    _ action: @escaping (ConnectionHandler, ChannelHandlerContext) -> Void
  ) {
    if seconds > 0 {
      pending = schedule(seconds, context, action)
    } else {
      action(self, context)
    }
  }

  private func schedule(
    _ seconds: Double, _ context: ChannelHandlerContext,
    _ action: @escaping (ConnectionHandler, ChannelHandlerContext) -> Void
  ) -> Scheduled<Void> {
    let bound = NIOLoopBound((self, context, action), eventLoop: context.eventLoop)
    let delay = TimeAmount.nanoseconds(Int64(min(seconds, 1e8) * 1e9))
    return context.eventLoop.scheduleTask(in: delay) {
      let (handler, context, action) = bound.value
      action(handler, context)
    }
  }
}
