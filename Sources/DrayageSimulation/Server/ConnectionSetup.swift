import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL
import NIOTLS

/// How connections speak: HTTP/1.1 in the clear, or HTTP/2 and HTTP/1.1 over TLS as the client chooses.
enum ConnectionSetup {
  /// Reads the certificate and the key.
  ///
  /// - Throws: ``SimulationError`` of code `invalidTLS`.
  static func tlsContext(_ files: SimulationOptions.TLSFiles) throws(SimulationError) -> NIOSSLContext {
    do {
      let chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
      let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
      configuration.applicationProtocols = ["h2", "http/1.1"]
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw SimulationError(
        .invalidTLS,
        "cannot serve TLS with the certificate '\(files.certificate)' and the key '\(files.key)' (\(error)); "
          + "give two files in PEM form that belong together")
    }
  }

  /// Sets up a connection that was just accepted.
  static func configure(
    _ channel: any Channel, _ server: ServerState, tls: NIOSSLContext?
  ) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      let gate = ConnectionGate(server: server)
      try channel.pipeline.syncOperations.addHandler(gate)
      guard let tls else {
        try addHTTP1(channel, server)
        return
      }
      try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
      let bound = NIOLoopBound(gate, eventLoop: channel.eventLoop)
      let negotiation = ApplicationProtocolNegotiationHandler { result, channel in
        channel.eventLoop.makeCompletedFuture {
          if case .negotiated("h2") = result {
            try addHTTP2(channel, bound.value, server)
          } else {
            bound.value.relax()
            try addHTTP1(channel, server)
          }
        }
      }
      try channel.pipeline.syncOperations.addHandler(negotiation)
    }
  }

  private static func addHTTP1(_ channel: any Channel, _ server: ServerState) throws {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = 16 << 10
    limits.maxHeaderListSize = 64 << 10
    limits.maxHeaderFieldCount = 100
    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
      withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
    try channel.pipeline.syncOperations.addHandler(ConnectionHandler(server: server, isHTTP2: false))
  }

  private static func addHTTP2(_ channel: any Channel, _ gate: ConnectionGate, _ server: ServerState) throws {
    var connection = NIOHTTP2Handler.ConnectionConfiguration()
    connection.initialSettings = [
      HTTP2Setting(parameter: .maxConcurrentStreams, value: 1000),
      HTTP2Setting(parameter: .maxHeaderListSize, value: 64 << 10),
    ]
    let bound = NIOLoopBound(gate, eventLoop: channel.eventLoop)
    _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
      mode: .server, connectionConfiguration: connection, streamConfiguration: .init()
    ) { stream in
      stream.eventLoop.makeCompletedFuture {
        bound.value.count(stream, of: channel)
        try stream.pipeline.syncOperations.addHandler(HTTP2FramePayloadToHTTP1ServerCodec())
        try stream.pipeline.syncOperations.addHandler(ConnectionHandler(server: server, isHTTP2: true))
      }
    }
  }
}
