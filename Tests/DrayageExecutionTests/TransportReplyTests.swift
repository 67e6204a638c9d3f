import DrayageTesting
import Foundation
import Testing

@testable import DrayageExecution

@Suite("Transport: replies", .timeLimit(.minutes(1)))
struct TransportReplyTests {
  let transport = directTransport()

  @Test func bodyStatusFieldsAndTiming() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.reply("200 OK", Array("answer".utf8), fields: ["X-Model:  one two \t", "x-model: three"])
    }
    let reply = try await transport.send(secretRequest(to: server.url()))
    #expect(reply.status == 200)
    #expect(reply.body == Array("answer".utf8))
    #expect(reply.fields["X-MODEL"] == "one two")
    #expect(reply.fields.values(for: "x-Model") == ["one two", "three"])
    #expect(reply.timing.connect <= reply.timing.firstByte && reply.timing.firstByte <= reply.timing.total)
    #expect(reply.timing.connect > .zero)
  }

  @Test func largeBodiesBothWays() async throws {
    let server = try ScriptedServer { connection in
      guard let request = connection.readRequest() else { return }
      connection.reply("200 OK", request.body)
    }
    var generator = SplitMix64(seed: 7)
    var request = secretRequest(to: server.url())
    request.body = (0..<1 << 20).flatMap { _ in
      withUnsafeBytes(of: generator.next()) { Array($0) }
    }
    let reply = try await transport.send(request)
    #expect(reply.body == request.body)
  }

  @Test func chunksAndTheFieldsAfterThem() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello,\r\n")
      connection.write("6;why=not\r\n world\r\n0\r\nX-After: late\r\n\r\n")
    }
    let reply = try await transport.send(secretRequest(to: server.url()))
    #expect(String(decoding: reply.body, as: UTF8.self) == "hello, world")
    #expect(reply.fields["x-after"] == nil)
  }

  @Test func compressedBody() async throws {
    let packed = try #require(Data(base64Encoded: "H4sIAAAAAAACA8tIzcnJ11HIQKIAn6HKCRMAAAA="))
    let server = try ScriptedServer { connection in
      guard let request = connection.readRequest() else { return }
      let isAccepted = request.value(of: "accept-encoding")?.contains("gzip") ?? false
      connection.reply(isAccepted ? "200 OK" : "406 No", Array(packed), fields: ["Content-Encoding: gzip"])
    }
    let reply = try await transport.send(secretRequest(to: server.url()))
    #expect(reply.status == 200)
    #expect(String(decoding: reply.body, as: UTF8.self) == "hello, hello, hello")
  }

  @Test func bodyThatEndsWithTheConnection() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\n\r\nuntil the end")
    }
    let reply = try await transport.send(secretRequest(to: server.url()))
    #expect(String(decoding: reply.body, as: UTF8.self) == "until the end")
  }

  @Test func repliesWithoutBody() async throws {
    let server = try ScriptedServer { connection in
      while let request = connection.readRequest() {
        if request.head.hasPrefix("HEAD") {
          connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        } else {
          connection.write("HTTP/1.1 204 No Content\r\n\r\n")
        }
      }
    }
    #expect(try await transport.send(secretRequest(to: server.url())).status == 204)
    let head = try await transport.send(secretRequest("HEAD", to: server.url()))
    #expect(head.status == 200 && head.body.isEmpty)
  }

  @Test func errorStatusIsAReply() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.reply("429 Too Many Requests", Array("slow down".utf8), fields: ["retry-AFTER: 7"])
    }
    let reply = try await transport.send(secretRequest(to: server.url()))
    #expect(reply.status == 429)
    #expect(reply.fields["Retry-After"] == "7")
    #expect(reply.body == Array("slow down".utf8))
  }

  @Test func interimRepliesArePassedOver() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.write("HTTP/1.1 103 Early Hints\r\nLink: early\r\n\r\n")
      connection.reply("200 OK", Array("late".utf8))
    }
    let reply = try await transport.send(secretRequest(to: server.url()))
    #expect(reply.status == 200 && reply.body == Array("late".utf8))
    #expect(reply.fields["link"] == nil)
  }

  @Test func redirectIsNotFollowed() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.reply("302 Found", fields: ["Location: /elsewhere"])
    }
    #expect(try await transport.send(secretRequest("GET", to: server.url())).status == 302)
    #expect(server.connections == 1)
  }
}
