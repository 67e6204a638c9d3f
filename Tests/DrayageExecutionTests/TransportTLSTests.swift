import Testing

@testable import DrayageExecution

@Suite("Transport: TLS", .timeLimit(.minutes(1)))
struct TransportTLSTests {
  private func url(_ server: OpenSSLServer) -> String {
    "https://someone:\(secret)@127.0.0.1:\(server.port)/?key=\(secret)"
  }

  @Test func unknownAuthorityIsRefused() async throws {
    let server = try OpenSSLServer(certifying: "IP:127.0.0.1")
    let transport = directTransport()
    let request = secretRequest(to: url(server))
    // Together: the later ones wait to share the connection of the first, and must not wait forever.
    let tasks = (0..<5).map { _ in Task { await failureSending(request, over: transport) } }
    for task in tasks {
      let failure = await task.value
      #expect(failure?.kind == .tls)
      #expect(failure?.mayHaveBeenProcessed == false)
      #expect(failure?.message.contains("127.0.0.1:\(server.port)") == true)
    }
  }

  @Test func namedAuthorityIsTrusted() async throws {
    let server = try OpenSSLServer(certifying: "IP:127.0.0.1")
    let transport = directTransport(certificateAuthorityFile: server.certificateFile)
    let reply = try await transport.send(secretRequest("GET", to: url(server)))
    #expect(reply.status == 200 && !reply.body.isEmpty)
  }

  @Test func certificateOfAnotherHostIsRefused() async throws {
    let server = try OpenSSLServer(certifying: "DNS:example.com")
    let transport = directTransport(certificateAuthorityFile: server.certificateFile)
    let failure = await failureSending(secretRequest(to: url(server)), over: transport)
    #expect(failure?.kind == .tls)
    #expect(failure?.mayHaveBeenProcessed == false)
  }

  @Test func missingAuthorityFileIsAFailure() async throws {
    let server = try OpenSSLServer(certifying: "IP:127.0.0.1")
    let transport = directTransport(certificateAuthorityFile: server.certificateFile + ".missing")
    let failure = await failureSending(secretRequest(to: url(server)), over: transport)
    #expect(failure?.kind == .tls)
    #expect(failure?.mayHaveBeenProcessed == false)
  }

  /// The connection is reset under a large upload.
  @Test func connectionBreaksWithinTheRequest() async throws {
    let server = try OpenSSLServer(certifying: "IP:127.0.0.1")
    let port = UInt16(server.port)
    let relay = try ScriptedServer { connection in
      connection.relay(toPort: port, upTo: 100_000)
      connection.resetAtEnd()
    }
    let transport = directTransport(certificateAuthorityFile: server.certificateFile)
    for _ in 0..<5 {
      var request = secretRequest(to: relay.url(scheme: "https"))
      request.body = [UInt8](repeating: 0x61, count: 16 << 20)
      let failure = await failureSending(request, over: transport)
      #expect(failure?.kind == .reset)
      #expect(failure?.mayHaveBeenProcessed == true)
    }
  }
}
