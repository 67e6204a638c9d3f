import Foundation
import NIOCore
import NIOHTTP1

/// One client's connection, or one stream of HTTP/2: collects each request, asks the service, and delivers the
/// reply or its fault.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  let server: ServerState
  let isHTTP2: Bool
  private var head: HTTPRequestHead?
  private var body = ByteBuffer()
  /// Whether the request was refused before its end; the rest of it is thrown away.
  private var isRefused = false
  private var discarded = 0
  /// The largest body accepted of the current request, in bytes.
  private var bodyLimit = 0
  /// Closes the connection unless the next request arrives whole in time.
  private var deadline: Scheduled<Void>?
  /// What is to happen to the current request later.
  var pending: Scheduled<Void>?
  /// The stream being written, the request that it answers, and whether it is written to at this moment.
  var stream: AnswerStream?
  var request: HTTPRequestHead?
  var isPumping = false
  /// Whether a fault broke the stream off: a client that leaves then has not aborted it.
  var isBroken = false
  /// The request in progress.
  private var ticket: Ticket?

  init(server: ServerState, isHTTP2: Bool) {
    self.server = server
    self.isHTTP2 = isHTTP2
  }

  func channelActive(context: ChannelHandlerContext) {
    armDeadline(context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    pending?.cancel()
    finish(isAborted: !isBroken)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { pump(context) }
    context.fireChannelWritabilityChanged()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body.clear()
      bodyLimit = server.bodyLimit(at: head.uri)
      let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
      if announced > bodyLimit {
        refuseBody(context)
      } else if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
        context.writeAndFlush(
          wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
      }
    case .body(let bytes):
      if isRefused {
        discarded += bytes.readableBytes
        if discarded > 8 * bodyLimit { context.close(promise: nil) }
      } else if body.readableBytes + bytes.readableBytes > bodyLimit {
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
      to: IncomingRequest(
        method: head.method.rawValue, target: head.uri,
        idempotencyKey: head.headers.first(name: "idempotency-key"),
        queryID: head.headers.first(name: "x-drayage-query"), body: Array(body.readableBytesView),
        contentType: head.headers.first(name: "content-type"),
        origin: (server.options.tls == nil ? "http" : "https") + "://"
          + (head.headers.first(name: "host") ?? "127.0.0.1")))
    // A large body's memory is not kept while its answer is slow.
    body = ByteBuffer()
    ticket = reply.ticket
    isBroken = false
    later(reply.delay, context) { $0.deliver(reply, to: head, $1) }
  }

  private func deliver(_ reply: Reply, to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    switch reply.delivery {
    case .whole:
      if let stream = reply.stream {
        begin(stream, reply, to: request, context)
      } else {
        send(reply, to: request, context)
      }
    case .truncated, .headOnly:
      write(reply, body: reply.delivery == .headOnly ? Data() : half(reply), close: true, context)
      context.flush()
      context.close(promise: nil)
    case .truncatedByReset:
      write(reply, body: half(reply), close: false, context)
      context.flush()
      reset(context)
    case .stalled, .stalledAtHead:
      write(reply, body: reply.delivery == .stalledAtHead ? Data() : half(reply), close: false, context)
      context.flush()
      hold(context)
    case .reset: reset(context)
    case .never: hold(context)
    }
  }

  private func half(_ reply: Reply) -> Data { reply.body.prefix(reply.body.count / 2) }

  /// Says nothing more until the client leaves or the limit of hanging is reached.
  func hold(_ context: ChannelHandlerContext) {
    later(server.options.hangLimit, context) { $1.close(promise: nil) }
  }

  private func send(_ reply: Reply, to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    write(
      reply, body: request.method == .HEAD ? Data() : reply.body, close: !isKept(request), context)
    end(request, context)
  }

  /// Whether the connection is for another request after this.
  func isKept(_ request: HTTPRequestHead) -> Bool {
    isHTTP2 || (request.isKeepAlive && request.version == .http1_1)
  }

  /// Ends the reply to `request`.
  func end(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    // Writing the end may bring in the next request at once, so everything else is ready for it before.
    finish(isAborted: false)
    if !isHTTP2 { armDeadline(context) }
    let sent = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if !isKept(request) {
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      sent.whenComplete { _ in bound.value.close(promise: nil) }
    }
  }

  /// The request in progress is over.
  private func finish(isAborted: Bool) {
    guard let ticket else { return }
    self.ticket = nil
    server.finish(ticket, generated: stream?.generated ?? 0, isAborted: isAborted)
    stream = nil
  }

  /// The head, which announces all of the reply's body, and the part of the body to send.
  private func write(_ reply: Reply, body: Data, close: Bool, _ context: ChannelHandlerContext) {
    var headers = HTTPHeaders(reply.headers.map { ($0.name, $0.value) })
    headers.add(name: "content-type", value: reply.contentType)
    headers.add(name: "content-length", value: String(reply.body.count))
    if close, !isHTTP2 { headers.add(name: "connection", value: "close") }
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if !body.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
    }
  }

  /// Answers a body that is too large without taking it in. The connection closes once the client stops
  /// sending: closing at once would reset it, and the client might never read why.
  private func refuseBody(_ context: ChannelHandlerContext) {
    isRefused = true
    body.clear()
    let reply = server.refuse(
      APIError(413, code: "request_too_large", "The body is larger than \(bodyLimit) bytes."),
      at: head?.uri ?? "")
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
      pending = schedule(seconds, context) { handler, context in
        handler.pending = nil
        action(handler, context)
      }
    } else {
      action(self, context)
    }
  }

  func schedule(
    _ seconds: Double, _ context: ChannelHandlerContext,
    _ action: @escaping (ConnectionHandler, ChannelHandlerContext) -> Void
  ) -> Scheduled<Void> {
    let bound = NIOLoopBound((self, context, action), eventLoop: context.eventLoop)
    let delay = TimeAmount.nanoseconds(Int64(min(max(seconds, 0), 1e8) * 1e9))
    return context.eventLoop.scheduleTask(in: delay) {
      let (handler, context, action) = bound.value
      action(handler, context)
    }
  }
}
