import Drayage
import DrayageTesting
import Testing

@testable import DrayageExecution

@Suite("Transport: requests on the wire", .timeLimit(.minutes(1)))
struct TransportRequestTests {
  let transport = directTransport()

  /// What the server receives when `request` is sent to it.
  private func received(_ request: (ScriptedServer) -> HTTPRequest) async throws -> ReceivedRequest {
    let seen = Locked<ReceivedRequest?>(nil)
    let server = try ScriptedServer { connection in
      guard let request = connection.readRequest() else { return }
      seen.withLock { $0 = request }
      connection.reply()
    }
    _ = try await transport.send(request(server))
    return try #require(seen.withLock { $0 })
  }

  @Test func fieldsAndBodyAreSentAsGiven() async throws {
    let seen = try await received {
      HTTPRequest(
        method: "POST", url: $0.url(),
        fields: [
          "Authorization": "Bearer \(secret)", "X-Empty": "", "X-Blank": " ", "X-Twice": "a", "x-twice": "b",
        ],
        body: Array("{}".utf8))
    }
    #expect(seen.lines.first == "POST /v1/answer?key=\(secret) HTTP/1.1")
    #expect(seen.value(of: "authorization") == "Bearer \(secret)")
    #expect(seen.lines.count { $0.lowercased().hasPrefix("authorization:") } == 1)
    #expect(seen.value(of: "x-empty") == "" && seen.value(of: "x-blank") == "")
    #expect(seen.lines.filter { $0.lowercased().hasPrefix("x-twice") } == ["X-Twice: a", "x-twice: b"])
    #expect(seen.value(of: "content-length") == "2" && seen.body == Array("{}".utf8))
  }

  @Test(arguments: [0, 1, 3 << 20])
  func nothingIsAddedToABody(length: Int) async throws {
    let body = [UInt8](repeating: 0x61, count: length)
    let seen = try await received { HTTPRequest(method: "POST", url: $0.url(), body: body) }
    #expect(seen.body == body && seen.value(of: "content-length") == "\(length)")
    #expect(seen.value(of: "expect") == nil && seen.value(of: "content-type") == nil)
  }

  @Test(arguments: ["GET", "DELETE", "OPTIONS", "PUT", "PATCH"])
  func otherMethods(method: String) async throws {
    let seen = try await received { HTTPRequest(method: method, url: $0.url()) }
    #expect(seen.lines.first?.hasPrefix("\(method) /v1/answer") == true)
    let full = try await received { HTTPRequest(method: method, url: $0.url(), body: [1, 2, 3]) }
    #expect(full.lines.first?.hasPrefix("\(method) /v1/answer") == true)
    #expect(full.body == [1, 2, 3])
  }

  /// Many requests on one handle and one connection, of which each changes this or that of the one before.
  @Test(arguments: 0..<8 as Range<UInt64>)
  func eachRequestIsSentAsItIs(seed: UInt64) async throws {
    let seen = Locked<ReceivedRequest?>(nil)
    let server = try ScriptedServer { connection in
      while let request = connection.readRequest() {
        seen.withLock { $0 = request }
        connection.reply()
      }
    }
    var generator = SplitMix64(seed: seed)
    let methods = ["POST", "PUT", "GET", "DELETE", "PATCH"]
    let lengths = [0, 0, 1, 7, 5_000]
    let names = ["content-type", "x-a", "x-b", "authorization"]
    let base = "http://127.0.0.1:\(server.port)"
    var request = HTTPRequest(method: "POST", url: base + "/a", fields: [:])
    for step in 0..<60 {
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: request.method = methods.randomElement(using: &generator) ?? "POST"
      case 1: request.url = base + (Bool.random(using: &generator) ? "/a" : "/b")
      case 2:
        request.body = Array(repeating: 0x61, count: lengths.randomElement(using: &generator) ?? 0)
      case 3: request.timeouts.connect = .seconds(Int.random(in: 5...6, using: &generator))
      default:
        let name = names.randomElement(using: &generator) ?? "x-a"
        request.fields[name] = ["1", "", nil].randomElement(using: &generator) ?? nil
      }
      _ = try await transport.send(request)
      let got = try #require(seen.withLock { $0 })
      #expect(got.lines.first == "\(request.method) \(request.url.dropFirst(base.count)) HTTP/1.1")
      #expect(got.body == request.body, "seed \(seed), step \(step)")
      for name in names {
        #expect(got.value(of: name) == request.fields[name], "seed \(seed), step \(step): \(name)")
      }
    }
    #expect(server.connections == 1)
  }

  @Test func nothingIsLeftOverFromThePreviousRequest() async throws {
    let post = try await received { secretRequest(to: $0.url()) }
    #expect(!post.body.isEmpty)
    let get = try await received { HTTPRequest(method: "GET", url: $0.url()) }
    #expect(get.body.isEmpty && get.value(of: "content-length") == nil && get.value(of: "x-key") == nil)
  }

  @Test func requestsThatCannotBeSentAsWritten() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.readRequest()
      connection.reply()
    }
    let good = secretRequest(to: server.url())
    var bad: [HTTPRequest] = []
    for method in ["", "GET /", "POST\r\nX: y", "GÉT"] {
      bad.append(HTTPRequest(method: method, url: server.url()))
    }
    for name in ["", "X Key", "X-Key:", "X\r\nY", "X\n", "Ключ", "X\0"] {
      bad.append(HTTPRequest(method: "GET", url: server.url(), fields: [name: secret]))
    }
    for value in ["\(secret)\r\nX-Other: 1", "\(secret)\n", "\r\(secret)", "\(secret)\0", "\(secret)\u{7F}"] {
      bad.append(HTTPRequest(method: "GET", url: server.url(), fields: ["Authorization": value]))
    }
    for name in ["Content-Length", "TRANSFER-ENCODING", "expect"] {
      bad.append(HTTPRequest(method: "POST", url: server.url(), fields: [name: secret], body: [1]))
    }
    for path in ["/a b", "/a\r\nX: y", "/a\n", "/a\u{7F}", "/\0"] {
      bad.append(HTTPRequest(method: "GET", url: server.url(path)))
    }
    for url in [
      "", "\(secret)", "http://", "https:///x", "http://h:99999/\(secret)", "file:///etc/\(secret)",
    ] {
      bad.append(HTTPRequest(method: "GET", url: url))
    }
    bad.append(HTTPRequest(method: "GET", url: "ftp://someone:\(secret)@127.0.0.1/?\(secret)"))
    bad.append(HTTPRequest(method: "HEAD", url: server.url(), body: [1]))
    for request in bad {
      let failure = await failureSending(request, over: transport)
      #expect(failure?.kind == .invalidRequest, "\(request.method) \(request.url) \(request.fields.entries)")
      #expect(failure?.mayHaveBeenProcessed == false)
    }
    #expect(server.connections == 0)
    #expect(try await transport.send(good).status == 200)
  }

  @Test func descriptionsHoldNoSecret() throws {
    let request = secretRequest(to: "https://someone:\(secret)@example.com:8443/\(secret)?key=\(secret)")
    expectNoSecret(in: request)
    expectNoSecret(in: [request])
    expectNoSecret(in: HTTPRequest(method: "GET", url: "not an address \(secret)"))
    #expect("\(request)" == "POST to example.com:8443, fields [Authorization, X-Key], body of 9 bytes")
    let reply = HTTPReply(
      status: 200, fields: ["Set-Cookie": secret], body: Array(secret.utf8),
      timing: HTTPReply.Timing(connect: .zero, firstByte: .zero, total: .zero))
    #expect("\(reply)" == "status 200, fields [Set-Cookie], body of 9 bytes")
    expectNoSecret(in: reply)
  }
}
