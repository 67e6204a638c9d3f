import DrayageTesting
import Testing

@testable import DrayageExecution

@Suite("Transport: cancellation and shutdown", .timeLimit(.minutes(1)))
struct TransportCancellationTests {
  /// A server that takes requests, answers none, and tells when one has come and when its connection is gone.
  private func silentServer(arrived: Signal, closed: Signal) throws -> ScriptedServer {
    try ScriptedServer { connection in
      if connection.readRequest() != nil { arrived.fire() }
      connection.waitForClose()
      closed.fire()
    }
  }

  @Test func cancelledBeforeTheStart() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.reply()
    }
    let transport = directTransport()
    let request = secretRequest(to: server.url())
    for _ in 0..<50 {
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return await failureSending(request, over: transport)
      }
      let failure = await task.value
      #expect(failure?.kind == .cancelled)
      #expect(failure?.mayHaveBeenProcessed == false)
    }
    #expect(server.connections == 0)
  }

  @Test func cancelledInFlight() async throws {
    let (arrived, closed) = (Signal(), Signal())
    let server = try silentServer(arrived: arrived, closed: closed)
    let transport = directTransport()
    let request = secretRequest(to: server.url())
    let task = Task { await failureSending(request, over: transport) }
    await arrived.wait()
    task.cancel()
    let failure = await task.value
    #expect(failure?.kind == .cancelled)
    #expect(failure?.mayHaveBeenProcessed == true)
    await closed.wait()
  }

  /// Whenever the cancel comes, each request ends, as a reply or as cancelled.
  @Test(arguments: 0..<8 as Range<UInt64>)
  func cancelledAtAnyTime(seed: UInt64) async throws {
    let server = try ScriptedServer { connection in
      while connection.readRequest() != nil { connection.reply() }
    }
    let transport = directTransport(maxConnectionsPerHost: 4)
    let request = secretRequest(to: server.url())
    var generator = SplitMix64(seed: seed)
    var tasks: [Task<TransportFailure?, Never>] = []
    for _ in 0..<60 {
      tasks.append(
        Task {
          do throws(TransportFailure) {
            let reply = try await transport.send(request)
            #expect(reply.status == 200, "seed \(seed)")
            return nil
          } catch {
            return error
          }
        })
      if Bool.random(using: &generator) { await Task.yield() }
      if Bool.random(using: &generator) { tasks.randomElement(using: &generator)?.cancel() }
    }
    for task in tasks {
      if let failure = await task.value { #expect(failure.kind == .cancelled, "seed \(seed)") }
    }
    #expect(try await transport.send(request).status == 200, "seed \(seed)")
  }

  @Test func shutdownInFlight() async throws {
    let (arrived, closed) = (Signal(), Signal())
    let server = try silentServer(arrived: arrived, closed: closed)
    let transport = directTransport(maxConnectionsPerHost: 3)
    let request = secretRequest(to: server.url())
    // Three under way, two waiting for a connection.
    let tasks = (0..<5).map { _ in Task { await failureSending(request, over: transport) } }
    for _ in 0..<3 { await arrived.wait() }
    transport.shutdown()
    var processed = 0
    for task in tasks {
      let failure = await task.value
      #expect(failure?.kind == .cancelled)
      if failure?.mayHaveBeenProcessed == true { processed += 1 }
    }
    #expect(processed == 3)
    for _ in 0..<3 { await closed.wait() }
    let late = await failureSending(request, over: transport)
    #expect(late?.kind == .cancelled && late?.mayHaveBeenProcessed == false)
    transport.shutdown()
  }

  @Test func releaseEndsTheThread() async throws {
    let server = try ScriptedServer { connection in
      while connection.readRequest() != nil { connection.reply() }
    }
    weak var loop: CurlLoop?
    do {
      let transport = directTransport()
      loop = transport.loop
      #expect(try await transport.send(secretRequest(to: server.url())).status == 200)
      #expect(loop != nil)
    }
    // The thread holds the loop until it ends, and the transport has waited for it.
    #expect(loop == nil)
  }

  @Test func unusedTransportsEnd() {
    for _ in 0..<20 {
      weak var loop: CurlLoop?
      do { loop = withExtendedLifetime(directTransport()) { $0.loop } }
      #expect(loop == nil)
    }
  }
}
