import NIOCore

/// The first handler of every connection: counts it, and closes one that rests where no other handler watches
/// that, which is until TLS is set up, and in HTTP/2 while no stream is open.
final class ConnectionGate: ChannelInboundHandler {
  typealias InboundIn = NIOAny

  private let server: ServerState
  private var isCounted = false
  private var streams = 0
  private var deadline: Scheduled<Void>?

  init(server: ServerState) {
    self.server = server
  }

  func channelActive(context: ChannelHandlerContext) {
    guard server.admit() else {
      context.close(promise: nil)
      return
    }
    isCounted = true
    if server.options.tls != nil { watch(context.channel) }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    if isCounted { server.release() }
    isCounted = false
    relax()
    context.fireChannelInactive()
  }

  /// Another handler watches from now on.
  func relax() {
    deadline?.cancel()
    deadline = nil
  }

  /// Counts a stream of HTTP/2 until it closes.
  func count(_ stream: any Channel, of connection: any Channel) {
    streams += 1
    relax()
    let bound = NIOLoopBound((self, connection), eventLoop: connection.eventLoop)
    stream.closeFuture.whenComplete { _ in
      let (gate, connection) = bound.value
      gate.streams -= 1
      if gate.streams == 0, gate.isCounted { gate.watch(connection) }
    }
  }

  private func watch(_ channel: any Channel) {
    deadline?.cancel()
    let limit = TimeAmount.nanoseconds(Int64(min(server.options.idleLimit, 1e8) * 1e9))
    deadline = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
  }
}
