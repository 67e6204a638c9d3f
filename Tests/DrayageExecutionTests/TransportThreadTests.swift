import Drayage
import Testing

@testable import DrayageExecution

@Suite("Transport: tasks on its thread", .timeLimit(.minutes(1)))
struct TransportThreadTests {
  private func echoServer() throws -> ScriptedServer {
    try ScriptedServer { connection in
      while let request = connection.readRequest() { connection.reply("200 OK", request.body) }
    }
  }

  @Test func tasksStayOnTheThread() async throws {
    let server = try echoServer()
    let transport = directTransport(maxConnectionsPerHost: 8)
    let here = LoopThread.current
    let threads = try await withTaskExecutorPreference(transport.taskExecutor) {
      try await withThrowingTaskGroup(of: Set<UInt>.self) { group in
        for number in 0..<20 as Range<UInt8> {
          group.addTask {
            var threads: Set = [LoopThread.current]
            for step in 0..<10 as Range<UInt8> {
              let body = [number, step]
              let request = HTTPRequest(method: "POST", url: server.url(), body: body)
              let reply = try await transport.send(request)
              #expect(reply.body == body)
              threads.insert(LoopThread.current)
            }
            return threads
          }
        }
        return try await group.reduce(into: Set<UInt>()) { $0.formUnion($1) }
      }
    }
    #expect(threads.count == 1 && !threads.contains(here))
  }

  /// What has only itself to do does not keep the others from their sockets.
  @Test func aRestlessTaskHoldsNobodyUp() async throws {
    let server = try echoServer()
    let transport = directTransport()
    let isDone = Locked(false)
    await withTaskExecutorPreference(transport.taskExecutor) {
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          while !isDone.withLock({ $0 }) { await Task.yield() }
        }
        group.addTask {
          for _ in 0..<20 {
            let reply = try? await transport.send(secretRequest(to: server.url()))
            #expect(reply?.status == 200)
          }
          isDone.withLock { $0 = true }
        }
      }
    }
  }

  @Test func tasksGoOnElsewhereAfterShutdown() async throws {
    let server = try echoServer()
    let transport = directTransport()
    await withTaskExecutorPreference(transport.taskExecutor) {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<20 {
          group.addTask {
            // Until the shutdown, which comes on the thread itself.
            while (try? await transport.send(secretRequest(to: server.url()))) != nil {}
            for _ in 0..<5 { await Task.yield() }
            try? await Task.sleep(for: .milliseconds(1))
          }
        }
        group.addTask {
          _ = try? await transport.send(secretRequest(to: server.url()))
          transport.shutdown()
        }
      }
    }
    let late = await failureSending(secretRequest(to: server.url()), over: transport)
    #expect(late?.kind == .cancelled)
  }

  @Test func theLastToReleaseMayBeOnTheThread() async throws {
    let server = try echoServer()
    weak var loop: CurlLoop?
    do {
      var transport: CurlTransport? = directTransport()
      loop = transport?.loop
      await withTaskExecutorPreference(transport?.taskExecutor) {
        _ = try? await transport?.send(secretRequest(to: server.url()))
        transport = nil
        await Task.yield()
      }
    }
    // The thread is not waited for then, and ends by itself.
    while loop != nil { try await Task.sleep(for: .milliseconds(1)) }
  }
}
