public import Drayage
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// A provider to practise on: an HTTP server on this machine that answers as every model of a scored table,
/// with the recorded tokens, costs and latencies, and fails as providers do.
///
/// - `POST /v1/chat/completions`: OpenAI's chat completions. `model` is a model of the table and
///   `metadata.query_id` one of its queries. The reply states the recorded token counts, cut to
///   `max_completion_tokens`; the header `x-drayage-score` carries the recorded score, or 0 where the output
///   was cut, and `openai-processing-ms` the latency before it is scaled. A repeated `Idempotency-Key` with
///   the same body gets the same answer, is not billed again and meets no fault.
/// - `GET /v1/models`, `GET /healthz`.
/// - `GET /simulate/ledger`: ``SimulationLedger`` as JSON.
public final class SimulatedProvider: Sendable {
  /// The port it listens on, on 127.0.0.1.
  public let port: Int

  private let state: ServerState
  private let group: MultiThreadedEventLoopGroup

  private init(port: Int, state: ServerState, group: MultiThreadedEventLoopGroup) {
    self.port = port
    self.state = state
    self.group = group
  }

  /// What an OpenAI client takes as its base URL, such as `http://127.0.0.1:8080/v1`.
  public var baseURL: String { "http://127.0.0.1:\(port)/v1" }

  /// Starts a server that answers from `table`; ``shutdown()`` ends it.
  ///
  /// - Throws: ``SimulationError`` if an option is out of range, the table records no token counts, or the
  ///   port cannot be had.
  public static func start(
    table: ScoredTable, options: SimulationOptions = SimulationOptions()
  ) async throws(SimulationError) -> SimulatedProvider {
    let startedAt = Int(Date().timeIntervalSince1970)
    let state = ServerState(
      try SimulatedService(table: table, options: options, startedAt: startedAt), options: options)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do {
      let channel = try await bootstrap(group, state).bind(host: "127.0.0.1", port: options.port).get()
      return SimulatedProvider(port: channel.localAddress?.port ?? options.port, state: state, group: group)
    } catch {
      await end(group)
      throw Self.listenError(error, port: options.port)
    }
  }

  /// What the provider has seen and billed so far; also after ``shutdown()``.
  public func ledger() -> SimulationLedger { state.ledger }

  /// Closes every connection and stops listening. Calling it again does nothing.
  public func shutdown() async {
    await Self.end(group)
  }

  private static func bootstrap(_ group: MultiThreadedEventLoopGroup, _ state: ServerState) -> ServerBootstrap
  {
    ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          var limits = NIOHTTPDecoderLimitConfiguration()
          limits.maxHeaderFieldSize = 16 << 10
          limits.maxHeaderListSize = 64 << 10
          limits.maxHeaderFieldCount = 100
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
          try channel.pipeline.syncOperations.addHandler(ConnectionHandler(server: state))
        }
      }
  }

  private static func end(_ group: MultiThreadedEventLoopGroup) async {
    // It fails only for a group that is already shut down, which is what is wanted.
    try? await group.shutdownGracefully()
  }

  private static func listenError(_ error: any Error, port: Int) -> SimulationError {
    guard let error = error as? IOError, error.errnoCode == EADDRINUSE else {
      return SimulationError(
        .cannotListen, "cannot listen on 127.0.0.1:\(port) (\(error)); choose another port, or 0")
    }
    return SimulationError(
      .portInUse, "port \(port) on 127.0.0.1 is in use; choose another port, or 0 for any free one")
  }
}
