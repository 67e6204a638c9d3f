import Drayage
import Foundation
import Testing

@testable import DrayageExecution

@Suite("Transport: streams", .timeLimit(.minutes(5)))
struct TransportStreamTests {
  private func chunk(_ text: String) -> String { String(text.utf8.count, radix: 16) + "\r\n\(text)\r\n" }

  private let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Kind: stream\r\n\r\n"

  /// All that comes until the end, as a text, or the failure.
  private func rest(_ stream: HTTPStream) async -> (text: String, failure: TransportFailure?) {
    var bytes: [UInt8] = []
    do throws(TransportFailure) {
      while let piece = try await stream.next() { bytes += piece }
      return (String(decoding: bytes, as: UTF8.self), nil)
    } catch {
      return (String(decoding: bytes, as: UTF8.self), error)
    }
  }

  @Test func piecesArriveAsTheyAreSent() async throws {
    let (first, second) = (Signal(), Signal())
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.write(head)
      // Each piece is sent only when the one before has been read: nothing may wait for more.
      connection.write(chunk("one "))
      wait(for: first)
      connection.write(chunk("two "))
      wait(for: second)
      connection.write(chunk("three") + "0\r\n\r\n")
    }
    let stream = try await directTransport().open(secretRequest(to: server.url()))
    #expect(stream.status == 200 && stream.fields["x-kind"] == "stream")
    #expect(try await stream.next() == Array("one ".utf8))
    #expect(stream.timing == nil)
    first.fire()
    #expect(try await stream.next() == Array("two ".utf8))
    second.fire()
    #expect(await rest(stream).text == "three")
    let timing = try #require(stream.timing)
    #expect(timing.firstByte <= timing.total)
    #expect(try await stream.next() == nil)
  }

  @Test func manyPiecesComeWholeAndInOrder() async throws {
    let words = (0..<20_000).map { "word \($0); " }
    let server = try ScriptedServer { connection in
      while connection.readRequest() != nil {
        connection.write(head)
        for start in stride(from: 0, to: words.count, by: 100) {
          connection.write(words[start..<start + 100].map(chunk).joined())
        }
        connection.write("0\r\n\r\n")
      }
    }
    let transport = directTransport()
    for _ in 0..<3 {
      let result = await rest(try await transport.open(secretRequest(to: server.url())))
      #expect(result.failure == nil && result.text == words.joined())
    }
    #expect(server.connections == 1)
  }

  /// A reader that stops reading stops the sender, and loses nothing when it goes on.
  @Test func slowReaderHoldsTheSenderBack() async throws {
    let sent = Locked(0)
    let total = 64 << 20
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
      let piece = [UInt8](repeating: 0x61, count: 1 << 16)
      for _ in 0..<(total >> 16) {
        connection.write(piece)
        sent.withLock { $0 += piece.count }
      }
    }
    let timeouts = Timeouts(stall: .milliseconds(300))
    let request = secretRequest(
      to: server.url(), timeouts: timeouts, limits: HTTPRequest.Limits(bodyBytes: total))
    let stream = try await directTransport().open(request)
    _ = try await stream.next()
    // What the sockets and the buffer hold goes out; then the sender stands still, beyond the stall timeout too.
    var before = -1
    while sent.withLock({ $0 }) != before {
      before = sent.withLock { $0 }
      try await Task.sleep(for: .milliseconds(500))
    }
    #expect(before < total / 2)
    let result = await rest(stream)
    #expect(result.failure == nil)
    #expect(sent.withLock { $0 } == total)
  }

  @Test func brokenStreamsFailAfterWhatCame() async throws {
    for (ending, kind) in [
      ("0\r\n", TransportFailure.Kind.truncated), ("zz\r\n", .protocolError), ("5\r\nab", .truncated),
    ] {
      let server = try ScriptedServer { connection in
        _ = connection.readRequest()
        connection.write(head + chunk("begun") + ending)
      }
      let stream = try await directTransport().open(secretRequest(to: server.url()))
      let result = await rest(stream)
      #expect(result.text.hasPrefix("begun"), "\(ending)")
      #expect(result.failure?.kind == kind, "\(ending)")
      #expect(result.failure?.mayHaveBeenProcessed == true)
      #expect(stream.timing == nil)
    }
  }

  @Test func silenceIsAStall() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.write(head + chunk("begun"))
      connection.waitForClose()
    }
    let request = secretRequest(to: server.url(), timeouts: Timeouts(stall: .milliseconds(100)))
    let result = await rest(try await directTransport().open(request))
    #expect(result.text == "begun")
    #expect(result.failure?.kind == .timeout(phase: .stall))
  }

  @Test(arguments: [true, false]) func cancelledStreamsClose(byTask: Bool) async throws {
    let closed = Signal()
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.write(head + chunk("begun"))
      connection.waitForClose()
      closed.fire()
    }
    let stream = try await directTransport().open(secretRequest(to: server.url()))
    _ = try await stream.next()
    let task = Task { await rest(stream) }
    if byTask { task.cancel() } else { stream.cancel() }
    #expect(await task.value.failure?.kind == .cancelled)
    await closed.wait()
  }

  @Test func releaseBreaksTheExchangeOff() async throws {
    let closed = Signal()
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.write(head + chunk("begun"))
      connection.waitForClose()
      closed.fire()
    }
    let transport = directTransport()
    func readOne() async throws {
      let stream = try await transport.open(secretRequest(to: server.url()))
      #expect(try await stream.next() == Array("begun".utf8))
    }
    try await readOne()
    await closed.wait()
  }

  @Test func anotherStatusIsAReplyToo() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.reply("429 Too Many Requests", Array("slow down".utf8), fields: ["Retry-After: 3"])
    }
    let stream = try await directTransport().open(secretRequest(to: server.url()))
    #expect(stream.status == 429 && stream.fields["retry-after"] == "3")
    #expect(await rest(stream).text == "slow down")
  }

  @Test func bodyBeyondTheLimitFails() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.write(head)
      for _ in 0..<100 { connection.write(chunk(String(repeating: "x", count: 1_000))) }
    }
    let request = secretRequest(to: server.url(), limits: HTTPRequest.Limits(bodyBytes: 10_000))
    let result = await rest(try await directTransport().open(request))
    #expect(result.failure?.kind == .tooLarge)
    #expect(result.text.utf8.count <= 10_000)
  }

  @Test func shutdownEndsStreams() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.write(head + chunk("begun"))
      connection.waitForClose()
    }
    let transport = directTransport()
    let stream = try await transport.open(secretRequest(to: server.url()))
    _ = try await stream.next()
    transport.shutdown()
    #expect(await rest(stream).failure?.kind == .cancelled)
  }
}

/// Blocks the thread of a script until `signal` fires.
private func wait(for signal: Signal) {
  let fired = DispatchSemaphore(value: 0)
  Task {
    await signal.wait()
    fired.signal()
  }
  fired.wait()
}
