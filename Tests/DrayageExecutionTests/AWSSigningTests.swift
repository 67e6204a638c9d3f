import Foundation
import Testing

@testable import DrayageExecution

struct AWSSigningTests {
  private let keys = AWSSigning(
    region: "us-east-1", service: "bedrock", accessKey: "AKIDEXAMPLE",
    secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", sessionToken: "to:ken/+==")

  /// The documentation's own example, so that the check itself is right.
  @Test func `the check agrees with the documentation`() {
    let check = SignatureCheck(
      method: "GET", path: "/", query: "Action=ListUsers&Version=2010-05-08",
      fields: [
        "content-type": "application/x-www-form-urlencoded; charset=utf-8", "host": "iam.amazonaws.com",
        "x-amz-date": "20150830T123600Z",
        "authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
          + "SignedHeaders=content-type;host;x-amz-date, Signature=x",
      ], body: [])
    #expect(
      check.signature(secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
  }

  /// What a server receives of a request to `path`.
  private func received(
    _ path: String, signing: AWSSigning, body: [UInt8] = Array(#"{"a":1}"#.utf8), fields: HTTPFields? = nil
  ) async throws -> SignatureCheck {
    let (requests, continuation) = AsyncStream<ReceivedRequest>.makeStream()
    let server = try ScriptedServer { connection in
      guard let request = connection.readRequest() else { return }
      continuation.yield(request)
      connection.reply("200 OK", Array("{}".utf8))
    }
    let request = HTTPRequest(
      method: "POST", url: "http://127.0.0.1:\(server.port)\(path)",
      fields: fields ?? ["content-type": "application/json", "accept": "application/vnd.amazon.eventstream"],
      body: body, signing: signing)
    let transport = directTransport()
    #expect(try await transport.send(request).status == 200)
    var iterator = requests.makeAsyncIterator()
    let got = try #require(await iterator.next())
    var names: [String: String] = [:]
    for line in got.lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      names[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    let words = got.lines[0].split(separator: " ")
    return SignatureCheck(
      method: String(words[0]), path: String(words[1]), query: "", fields: names, body: got.body)
  }

  @Test(arguments: [
    "/model/plain-model/converse", "/model/global.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream",
    "/model/a:b/converse", "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx/converse",
    "/model/%7E~%E2%82%AC/converse", "/",
  ])
  func `a request is signed as Amazon signs it, and sent to the path as written`(path: String) async throws {
    let check = try await received(path, signing: keys)
    #expect(check.path == path)
    #expect(check.stated == check.signature(secret: keys.secretKey), "\(check.canonicalRequest)")
    #expect(check.stated.count == 64)
    #expect(
      check.signedNames == ["accept", "content-type", "host", "x-amz-date", "x-amz-security-token"])
    #expect(check.scope.hasSuffix("/us-east-1/bedrock/aws4_request"))
    #expect(check.fields["x-amz-security-token"] == "to:ken/+==")
    #expect(check.fields["authorization"]?.hasPrefix("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") == true)
  }

  @Test func `lasting keys send no token`() async throws {
    var keys = keys
    keys.sessionToken = nil
    let check = try await received("/model/m/converse", signing: keys)
    #expect(check.fields["x-amz-security-token"] == nil)
    #expect(check.stated == check.signature(secret: keys.secretKey))
  }

  @Test func `a large body, before which libcurl asks whether to go on, is signed`() async throws {
    let body = Array(repeating: UInt8(ascii: "x"), count: 1_200_000)
    let check = try await received("/model/m%3A0/converse", signing: keys, body: body)
    #expect(check.stated == check.signature(secret: keys.secretKey))
    #expect(check.body.count == body.count)
  }

  @Test func `a body with zero bytes is signed whole`() async throws {
    let check = try await received("/model/m/converse", signing: keys, body: [1, 0, 2, 0])
    #expect(check.stated == check.signature(secret: keys.secretKey))
    #expect(check.body == [1, 0, 2, 0])
  }

  @Test func `other requests are not signed`() async throws {
    let server = try ScriptedServer { connection in
      while let request = connection.readRequest() {
        connection.reply(request.value(of: "authorization") != nil ? "500 Signed" : "200 OK")
      }
    }
    let transport = directTransport()
    let url = "http://127.0.0.1:\(server.port)/model/m%3A0/converse"
    var request = HTTPRequest(
      method: "POST", url: url, fields: ["content-type": "a/b"], body: [1], signing: keys)
    #expect(try await transport.send(request).status == 500)
    // On the same handle.
    request.signing = nil
    #expect(try await transport.send(request).status == 200)
  }

  @Test func `what would be signed wrongly is refused`() {
    func isRefused(_ change: (inout HTTPRequest) -> Void) -> Bool {
      var request = HTTPRequest(
        method: "POST", url: "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse",
        fields: ["content-type": "application/json"], signing: keys)
      change(&request)
      do throws(TransportFailure) {
        try request.check()
        return false
      } catch {
        expectNoSecret(in: error)
        #expect(!error.message.contains("wJalr") && !error.message.contains("to:ken"))
        return error.kind == .invalidRequest
      }
    }
    #expect(!isRefused { _ in })
    #expect(isRefused { $0.url += "?a=b" })
    #expect(isRefused { $0.url += "#a" })
    #expect(isRefused { $0.url = "https://u:p@bedrock-runtime.us-east-1.amazonaws.com/" })
    #expect(isRefused { $0.fields = [:] })
    for name in [
      "Authorization", "X-Amz-Date", "X-AMZ-Security-Token", "Host", "Content-Type", "X-Amz", "Content",
    ] {
      #expect(isRefused { $0.fields.append("x", for: name) }, "\(name)")
    }
    #expect(isRefused { $0.fields.append(" ", for: "x-blank") })
    #expect(isRefused { $0.signing?.region = "" })
    #expect(isRefused { $0.signing?.region = "a:b" })
    #expect(isRefused { $0.signing?.accessKey = "a b" })
    #expect(isRefused { $0.signing?.secretKey = "a\nb" })
    #expect(isRefused { $0.signing?.sessionToken = "" })
  }

  @Test func `no description shows a key`() {
    let request = HTTPRequest(method: "POST", url: "https://a.b/c", signing: keys)
    var dumped = ""
    dump(keys, to: &dumped)
    dump(request, to: &dumped)
    for text in ["\(keys)", String(reflecting: keys), "\(request)", String(reflecting: request), dumped] {
      #expect(!text.contains("wJalr") && !text.contains("AKIDEXAMPLE") && !text.contains("to:ken"), "\(text)")
    }
    #expect("\(keys)" == "signing for bedrock in us-east-1")
  }
}
