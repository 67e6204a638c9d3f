import Drayage
import Testing

@testable import DrayageExecution

@Suite("Transport: connections", .timeLimit(.minutes(1)))
struct TransportConnectionTests {
  @Test func connectionIsKept() async throws {
    let server = try ScriptedServer { connection in
      while connection.readRequest() != nil { connection.reply("200 OK", [UInt8(connection.number)]) }
    }
    let transport = directTransport()
    for _ in 0..<20 { #expect(try await transport.send(secretRequest(to: server.url())).body == [1]) }
    #expect(server.connections == 1)
  }

  @Test func connectionClosedWhileIdleIsReplaced() async throws {
    let closed = Signal()
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.reply()
      connection.endStream()
      closed.fire()
    }
    let transport = directTransport()
    for number in 1...5 {
      #expect(try await transport.send(secretRequest(to: server.url())).status == 200)
      await closed.wait()
      #expect(server.connections == number)
    }
  }

  /// Answers the first request of the first connection, takes the second one and hangs up; serves later
  /// connections well.
  private func serverThatHangsUp(resetting: Bool, counting requests: Locked<Int>) throws -> ScriptedServer {
    try ScriptedServer { connection in
      var served = 0
      while connection.readRequest() != nil {
        requests.withLock { $0 += 1 }
        if connection.number == 1 && served == 1 {
          if resetting { connection.resetAtEnd() }
          return
        }
        connection.reply()
        served += 1
      }
    }
  }

  @Test(arguments: [false, true], [secret, ""])
  func requestThatIsNotIdempotentIsNeverRepeated(resetting: Bool, body: String) async throws {
    let requests = Locked(0)
    let server = try serverThatHangsUp(resetting: resetting, counting: requests)
    let transport = directTransport()
    var request = secretRequest(to: server.url())
    request.body = Array(body.utf8)
    #expect(try await transport.send(request).status == 200)
    let failure = await failureSending(request, over: transport)
    #expect(failure?.kind == .reset)
    #expect(failure?.mayHaveBeenProcessed == true)
    #expect(requests.withLock { $0 } == 2)
    #expect(try await transport.send(request).status == 200)
  }

  @Test(arguments: [false, true])
  func idempotentRequestIsRepeatedOnAFreshConnection(resetting: Bool) async throws {
    let requests = Locked(0)
    let server = try serverThatHangsUp(resetting: resetting, counting: requests)
    let transport = directTransport()
    for _ in 0..<2 { #expect(try await transport.send(secretRequest("GET", to: server.url())).status == 200) }
    #expect(requests.withLock { $0 } == 3)
    #expect(server.connections == 2)
  }

  /// Sends `count` requests at once to an echo server, and expects each to get its own answer.
  private func sendMany(_ count: Int, over transport: CurlTransport) async throws -> ScriptedServer {
    let server = try ScriptedServer { connection in
      while let request = connection.readRequest() { connection.reply("200 OK", request.body) }
    }
    let url = server.url()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<count {
        group.addTask {
          let body = Array("\(number)".utf8)
          let reply = try await transport.send(HTTPRequest(method: "POST", url: url, body: body))
          return reply.status == 200 && reply.body == body
        }
      }
      var right = 0
      for try await isRight in group where isRight { right += 1 }
      #expect(right == count)
    }
    return server
  }

  @Test func manyAtOnce() async throws {
    let server = try await sendMany(200, over: directTransport())
    #expect(server.connections <= 200)
  }

  @Test func connectionLimitIsKept() async throws {
    let server = try await sendMany(60, over: directTransport(maxConnectionsPerHost: 3))
    #expect(server.connections == 3)
  }

  @Test func waitForAConnectionCountsAgainstTheTotalOnly() async throws {
    let arrived = Signal()
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      arrived.fire()
      connection.waitForClose()
    }
    let transport = directTransport(maxConnectionsPerHost: 1)
    let url = server.url()
    let first = Task { try await transport.send(secretRequest(to: url)) }
    await arrived.wait()
    let timeouts = Timeouts(connect: .milliseconds(20), total: .milliseconds(150))
    let failure = await failureSending(secretRequest(to: url, timeouts: timeouts), over: transport)
    #expect(failure?.kind == .timeout(phase: .total))
    #expect(failure?.mayHaveBeenProcessed == false)
    first.cancel()
    _ = await first.result
    #expect(server.connections == 1)
  }
}
