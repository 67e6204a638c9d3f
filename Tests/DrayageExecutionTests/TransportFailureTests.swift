import DrayageCore
import Foundation
import Testing

@testable import DrayageExecution

@Suite("Transport: broken servers", .timeLimit(.minutes(1)))
struct TransportFailureTests {
  let transport = directTransport()

  /// Sends one request to a server that runs `script` after having read it, and expects this failure.
  private func expect(
    _ kind: TransportFailure.Kind, limits: HTTPRequest.Limits = HTTPRequest.Limits(),
    timeouts: Timeouts = Timeouts(), sourceLocation: SourceLocation = #_sourceLocation,
    after script: @escaping @Sendable (ServerConnection) -> Void
  ) async throws {
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      script(connection)
    }
    let request = secretRequest(to: server.url(), timeouts: timeouts, limits: limits)
    let failure = await failureSending(request, over: transport, sourceLocation: sourceLocation)
    #expect(failure?.kind == kind, sourceLocation: sourceLocation)
    #expect(failure?.mayHaveBeenProcessed == true, sourceLocation: sourceLocation)
    #expect(failure?.message.contains("127.0.0.1:\(server.port)") == true, sourceLocation: sourceLocation)
    #expect(server.connections <= 1, sourceLocation: sourceLocation)
  }

  @Test func connectionBreaksBeforeTheReply() async throws {
    try await expect(.reset) { $0.resetAtEnd() }
    try await expect(.reset) { _ in }
    try await expect(.reset) {
      $0.write("HTTP/1.1 200 OK\r\nContent-Le")
      $0.resetAtEnd()
    }
  }

  @Test func connectionBreaksWithinTheBody() async throws {
    try await expect(.reset) {
      $0.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
      $0.resetAtEnd()
    }
  }

  @Test(arguments: [false, true])
  func `a refusal whose body breaks off says what its status says`(streams: Bool) async throws {
    let server = try ScriptedServer {
      guard $0.readRequest() != nil else { return }
      $0.write("HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\nContent-Length: 100\r\n\r\n{\"error\"")
    }
    let call = Call(
      try RequestBody(ChatRequest("Hi")), maxOutputTokens: 5, streams: streams, idempotencyKey: "k")
    let target = Target(
      offer: try anOffer("acme/m"), dialect: OpenAIChat(), baseURL: "http://127.0.0.1:\(server.port)/v1",
      key: nil)
    let end = try await Attempter(transport: transport).send(
      call, to: target, forward: { @Sendable _ in true })
    #expect(end.failure.kind == .rateLimited && end.failure.retryAfter == 7, "\(end.failure.message)")
    #expect(!end.mayBeBilled)
  }

  @Test func bodyShorterThanAnnounced() async throws {
    try await expect(.truncated) { $0.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") }
    try await expect(.truncated) {
      $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf")
    }
    try await expect(.truncated) {
      $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
    }
  }

  @Test(arguments: [
    "HTTP/1.1 abc\r\n\r\n", "\(secret)\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: \(secret)\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(secret)\r\n",
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n\(secret)",
    "HTTP/9.9 200 OK\r\n\r\n",
  ])
  func notHTTP(text: String) async throws {
    try await expect(.protocolError) { $0.write(text) }
  }

  @Test func headerLimit() async throws {
    // One long line, many short ones, and a line longer than libcurl itself accepts.
    try await expect(.tooLarge) { $0.reply(fields: ["X-Long: " + String(repeating: secret, count: 8_000)]) }
    try await expect(.tooLarge) { $0.reply(fields: (0..<5_000).map { "X-\($0): \(secret)" }) }
    try await expect(.tooLarge) { $0.reply(fields: ["X-Long: " + String(repeating: secret, count: 40_000)]) }
    try await expect(.tooLarge, limits: HTTPRequest.Limits(headerBytes: 16)) { $0.reply(fields: ["X-A: b"]) }
  }

  @Test func bodyLimit() async throws {
    let limits = HTTPRequest.Limits(bodyBytes: 1000)
    try await expect(.tooLarge, limits: limits) { $0.reply("200 OK", [UInt8](repeating: 0, count: 1001)) }
    try await expect(.tooLarge, limits: limits) {
      $0.write("HTTP/1.1 200 OK\r\n\r\n")
      $0.write([UInt8](repeating: 0, count: 100_000))
    }
    try await expect(.tooLarge, limits: HTTPRequest.Limits(bodyBytes: -1)) { $0.reply("200 OK", [1]) }
  }

  @Test func bodyLimitAfterDecompression() async throws {
    let zeros =
      "H4sIAAAAAAACA+3BAQEAAACAkP6v7ggKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAauuOl9cAAAEA"
    let packed = try #require(Data(base64Encoded: zeros))
    try await expect(.tooLarge, limits: HTTPRequest.Limits(bodyBytes: 60_000)) {
      $0.reply("200 OK", Array(packed), fields: ["Content-Encoding: gzip"])
    }
  }

  @Test func bodyAtTheLimitIsAccepted() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.reply("200 OK", [UInt8](repeating: 1, count: 1000))
    }
    let request = secretRequest(to: server.url(), limits: HTTPRequest.Limits(bodyBytes: 1000))
    #expect(try await transport.send(request).body.count == 1000)
  }

  @Test func connectionRefused() async throws {
    let (socket, port) = try loopbackSocket()
    defer { close(socket) }
    let request = secretRequest(to: "http://someone:\(secret)@127.0.0.1:\(port)/?key=\(secret)")
    let failure = await failureSending(request, over: transport)
    #expect(failure?.kind == .connect)
    #expect(failure?.mayHaveBeenProcessed == false)
    #expect(failure?.message.contains("127.0.0.1:\(port)") == true)
  }

  @Test func hostNameThatDoesNotExist() async throws {
    let request = secretRequest(
      to: "https://someone:\(secret)@no-such-host.invalid/?key=\(secret)",
      timeouts: Timeouts(connect: .seconds(50)))
    let failure = await failureSending(request, over: transport)
    #expect(failure?.kind == .resolve)
    #expect(failure?.mayHaveBeenProcessed == false)
    #expect(failure?.message.contains("no-such-host.invalid:443") == true)
  }

  @Test func firstByteTimeout() async throws {
    try await expect(.timeout(phase: .firstByte), timeouts: Timeouts(firstByte: .milliseconds(60))) {
      $0.waitForClose()
    }
  }

  @Test func stallTimeout() async throws {
    try await expect(.timeout(phase: .stall), timeouts: Timeouts(stall: .milliseconds(60))) {
      $0.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
      $0.waitForClose()
    }
    try await expect(.timeout(phase: .stall), timeouts: Timeouts(stall: .milliseconds(60))) {
      $0.write("HTTP/1.1 200 OK\r\n")
      $0.waitForClose()
    }
  }

  @Test func totalTimeout() async throws {
    try await expect(.timeout(phase: .total), timeouts: Timeouts(total: .seconds(1))) {
      $0.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
      $0.waitForClose()
    }
  }

  @Test func connectTimeout() async throws {
    // The server accepts and says nothing: the handshake is part of the connection.
    let server = try ScriptedServer { $0.waitForClose() }
    let request = secretRequest(
      to: server.url(scheme: "https"), timeouts: Timeouts(connect: .milliseconds(60)))
    let failure = await failureSending(request, over: transport)
    #expect(failure?.kind == .timeout(phase: .connect))
    #expect(failure?.mayHaveBeenProcessed == false)
  }

  @Test func plainServerWhereTLSIsExpected() async throws {
    let server = try ScriptedServer { connection in
      connection.write("HTTP/1.1 400 Bad Request\r\n\r\n\(secret)")
      connection.waitForClose()
    }
    let failure = await failureSending(secretRequest(to: server.url(scheme: "https")), over: transport)
    #expect(failure?.kind == .tls)
    #expect(failure?.mayHaveBeenProcessed == false)
  }
}
