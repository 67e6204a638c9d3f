import Drayage

/// The transport over libcurl: one thread, connections kept and shared, HTTP/1.1 and, over TLS, HTTP/2.
///
/// Certificates are always verified, redirects are never followed, and only `http` and `https` are spoken.
/// Names are cached for a minute. A request that is not idempotent is never sent twice: if a kept connection
/// turns out to be dead after it was used, the exchange fails as ``TransportFailure/Kind/reset`` with
/// `mayHaveBeenProcessed`.
///
/// Releasing the transport ends its thread.
public final class CurlTransport: Transport {
  /// How the transport connects. Read once, when it is made.
  public struct Configuration: Sendable {
    /// The certificate authorities to trust, a PEM file; nil for those of the system.
    public var certificateAuthorityFile: String?
    /// Whether `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` are obeyed, as curl does, if
    /// any of them names a proxy when the transport is made. Default true.
    public var usesProxyOfEnvironment: Bool
    /// The most connections to one host at a time, at least 1; further requests wait. Default 256.
    public var maxConnectionsPerHost: Int
    /// The most connections at a time, at least 1; further requests wait. Default 1,024.
    public var maxConnections: Int
    /// The most exchanges on one HTTP/2 connection at a time, at least 1. Default 1,000; the server's own
    /// limit applies too.
    public var maxStreamsPerConnection: Int

    /// A configuration of these parts.
    public init(
      certificateAuthorityFile: String? = nil, usesProxyOfEnvironment: Bool = true,
      maxConnectionsPerHost: Int = 256, maxConnections: Int = 1024, maxStreamsPerConnection: Int = 1000
    ) {
      self.certificateAuthorityFile = certificateAuthorityFile
      self.usesProxyOfEnvironment = usesProxyOfEnvironment
      self.maxConnectionsPerHost = maxConnectionsPerHost
      self.maxConnections = maxConnections
      self.maxStreamsPerConnection = maxStreamsPerConnection
    }
  }

  let loop: CurlLoop
  private let thread: LoopThread
  private let routes = Locked(Routes())

  /// A transport, its thread running.
  public init(_ configuration: Configuration = Configuration()) {
    loop = CurlLoop(configuration)
    thread = LoopThread(running: loop)
  }

  deinit { shutdown() }

  /// Runs tasks on the transport's own thread.
  ///
  /// For tasks that do little but send requests and read replies: without it each reply goes from one thread to
  /// another, which takes more processor time than the transport does. What runs there must not block, nor compute for
  /// long: nothing is sent or received meanwhile. ``shutdown()`` moves it elsewhere.
  ///
  /// ```swift
  /// await withTaskExecutorPreference(transport.taskExecutor) { ... }
  /// ```
  public var taskExecutor: (any TaskExecutor)? { loop }

  /// Sends `request` and waits for the whole reply. Cancelling the task breaks the exchange off and closes
  /// its connection.
  ///
  /// - Throws: A ``TransportFailure``, at the latest when the total timeout has passed.
  public nonisolated(nonsending) func send(
    _ request: HTTPRequest
  ) async throws(TransportFailure) -> HTTPReply {
    try await begin(try exchange(request)).get()
  }

  /// Sends `request` and waits for the header of the reply. Cancelling the task that waits or reads breaks the
  /// exchange off; so does releasing the stream.
  ///
  /// - Throws: A ``TransportFailure``, at the latest when the total timeout has passed.
  public nonisolated(nonsending) func open(
    _ request: HTTPRequest
  ) async throws(TransportFailure) -> HTTPStream {
    let buffer = StreamBuffer()
    let exchange = try exchange(request, into: buffer)
    let head = try await begin(exchange).get()
    // The stream keeps the transport, and so its thread, for as long as it is read.
    return HTTPStream(
      status: head.status, fields: head.fields, buffer: buffer, resume: { self.loop.resume(exchange) },
      stop: { self.loop.cancel(exchange) })
  }

  /// `request` on its way, once it is sure that it can be sent exactly as it is written.
  private func exchange(
    _ request: HTTPRequest, into stream: StreamBuffer? = nil
  ) throws(TransportFailure) -> Exchange {
    try request.check()
    let route = try routes.withLock { (routes) throws(TransportFailure) in try routes.route(of: request) }
    return Exchange(request, to: route.destination, within: route.limits, stream: stream, at: .now)
  }

  nonisolated(nonsending) private func begin(_ exchange: Exchange) async -> Exchange.Outcome {
    let loop = loop
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        exchange.await(with: continuation)
        loop.submit(exchange)
      }
    } onCancel: {
      loop.cancel(exchange)
    }
    return exchange.outcome ?? .failure(.afterShutdown)
  }

  /// Fails what is in flight as ``TransportFailure/Kind/cancelled``, closes all connections and waits for the
  /// thread to end: it waits for no server, so the caller is blocked only for moments. Later requests fail
  /// the same way; a second call does nothing.
  public func shutdown() {
    loop.close()
    thread.join()
  }
}
