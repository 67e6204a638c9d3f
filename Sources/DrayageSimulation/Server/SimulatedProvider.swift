public import Drayage
import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// A provider to practise on: an HTTP server on this machine that answers as every model of a scored table,
/// with the recorded tokens, costs and latencies, and fails as providers do.
///
/// - `POST /v1/chat/completions` and Azure's `/openai/v1/chat/completions` and
///   `/openai/deployments/MODEL/chat/completions`, `/v1/responses`, `/v1/messages`,
///   `/v1beta/models/MODEL:generateContent` (or `/v1`) and `:streamGenerateContent`, `/model/MODEL/converse` and
///   `/converse-stream`, `/v2/chat`: whole, and streamed at the recorded or simulated pace.
/// - `POST /v1/embeddings`, `/v1beta/models/MODEL:embedContent` and `:batchEmbedContents`, `/v2/embed`.
/// - `/v1/files` and `/v1/batches` as OpenAI has them, `/v1/messages/batches` as Anthropic has it, whose bodies
///   may have up to 32 MiB here: see ``BatchBehaviour``. `POST /simulate/batches` with `{"advance": SECONDS}` puts
///   the clock of jobs forward.
/// - `GET /v1/models`, `GET /healthz`.
/// - `GET /simulate/ledger`: ``SimulationLedger`` as JSON.
/// - `GET` and `POST /simulate/schedule`: the faults that the next attempts at each model meet, as
///   `{"MODEL": ["429", "ok"]}`; a `POST` replaces those of the models that it names.
///
/// The model is one of the table. The query is the one named by `metadata.query_id` (Bedrock:
/// `requestMetadata.query_id`) or the header `x-drayage-query`, else the one whose text `RequestFile` writes as
/// the last message of the user; any other text is answered too, with as many output tokens as
/// ``SimulationOptions/answerTokens`` says. The reply states the recorded token counts, cut to the request's
/// bound; the header `x-drayage-score` carries the recorded score, or 0 where the output was cut, and
/// `openai-processing-ms` the latency before it is scaled. A repeated `Idempotency-Key` with the same body gets
/// the same answer, is not billed again and meets no fault.
///
/// The text is filler that says so, JSON by the schema asked for, or a call of a tool where the request wants
/// one. Streams carry a word per output token; whole replies with filler carry only its first sentence.
public final class SimulatedProvider: Sendable {
  /// The port it listens on, on 127.0.0.1.
  public let port: Int
  /// What may go wrong on this machine: one sentence each, empty if nothing.
  public let warnings: [String]

  private let state: ServerState
  private let group: MultiThreadedEventLoopGroup

  private init(port: Int, warnings: [String], state: ServerState, group: MultiThreadedEventLoopGroup) {
    self.port = port
    self.warnings = warnings
    self.state = state
    self.group = group
  }

  /// What an OpenAI client takes as its base URL, such as `http://127.0.0.1:8080/v1`.
  public var baseURL: String { "\(origin)/v1" }

  /// Its scheme, address and port, such as `http://127.0.0.1:8080`.
  public var origin: String {
    "\(state.options.tls == nil ? "http" : "https")://127.0.0.1:\(port)"
  }

  /// Starts a server that answers from `table`; ``shutdown()`` ends it.
  ///
  /// The process's limit on open files is raised as far as it goes; if it stays below the limit on connections,
  /// ``warnings`` says so.
  ///
  /// - Throws: ``SimulationError`` if an option is out of range, the table records no token counts, or the
  ///   port or the certificate cannot be had.
  public static func start(
    table: ScoredTable, options: SimulationOptions = SimulationOptions()
  ) async throws(SimulationError) -> SimulatedProvider {
    let startedAt = Int(Date().timeIntervalSince1970)
    let state = ServerState(
      try SimulatedService(table: table, options: options, startedAt: startedAt), options: options)
    var tls: NIOSSLContext?
    if let files = options.tls { tls = try ConnectionSetup.tlsContext(files) }
    let warnings = descriptorWarnings(options)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do {
      let channel = try await bootstrap(group, state, tls).bind(host: "127.0.0.1", port: options.port).get()
      return SimulatedProvider(
        port: channel.localAddress?.port ?? options.port, warnings: warnings, state: state, group: group)
    } catch {
      await end(group)
      throw Self.listenError(error, port: options.port)
    }
  }

  /// What the provider has seen and billed so far; also after ``shutdown()``.
  public func ledger() -> SimulationLedger { state.ledger }

  /// The faults that the next attempts at each model named meet, in order, nil for none: they replace what is
  /// left of these models' lists.
  ///
  /// - Throws: ``SimulationError`` of code `unknownModel`; then nothing is changed.
  public func schedule(_ faults: [String: [FaultKind?]]) throws(SimulationError) {
    try state.setSchedule(faults)
  }

  /// Puts the clock of batches forward by some simulated seconds, from 0 to 10⁹: what is due by then is answered.
  ///
  /// - Throws: ``SimulationError`` of code `invalidOption`.
  public func advanceBatches(by seconds: Double) throws(SimulationError) {
    try state.advanceBatches(by: seconds)
  }

  /// Closes every connection and stops listening. Calling it again does nothing.
  public func shutdown() async {
    await Self.end(group)
  }

  private static func bootstrap(
    _ group: MultiThreadedEventLoopGroup, _ state: ServerState, _ tls: NIOSSLContext?
  ) -> ServerBootstrap {
    ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { ConnectionSetup.configure($0, state, tls: tls) }
  }

  /// Files that are open beside the connections.
  private static let spareDescriptors = 64

  private static func descriptorWarnings(_ options: SimulationOptions) -> [String] {
    guard let limit = DescriptorLimit.raise(), limit < options.connectionLimit + spareDescriptors else {
      return []
    }
    return [
      "the system allows \(limit) open files, so there cannot be \(options.connectionLimit) connections; "
        + "raise it with ulimit -n, or lower the limit on connections"
    ]
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
