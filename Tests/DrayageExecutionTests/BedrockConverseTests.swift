import Drayage
import Foundation
import Testing

@testable import DrayageCore
@testable import DrayageExecution

struct BedrockConverseTests {
  static let folder = GoldenFolder("bedrock-converse")
  private let dialect = BedrockConverse()

  private static func streamBytes(_ name: String) throws -> [UInt8] {
    let text = String(decoding: try folder.bytes(name + ".b64"), as: UTF8.self).filter { !$0.isWhitespace }
    return Array(try #require(Data(base64Encoded: text)))
  }

  @Test func `there are cases`() {
    #expect(Self.folder.names(".request.json").count >= 80)
    #expect(Self.folder.names(".reply.json").count >= 15)
    #expect(Self.folder.names(".stream.json").count >= 10)
  }

  @Test(arguments: folder.names(".request.json"))
  func `a request is said as it should be, or refused`(name: String) throws {
    let file = try Self.folder.json(name + ".request.json")
    let request = try #require(file["request"])
    let offer = try Offer(golden: file.node["offer"])
    let chat = try ChatRequest(request.node, in: request.bytes, file: name)
    do throws(Rejection) {
      let json = try BedrockRequest(chat, outputLimit: chat.maxOutputTokens, to: offer).json
      let expected = try? file["expected"].map { try Self.canonical($0.text) }
      #expect((try? Self.canonical(json.utf8)) == expected, "\(name): \(json)")
    } catch {
      let what = file.node["inexpressible"]?.string ?? "nothing"
      #expect(error == .inexpressible(what), "\(name)")
    }
  }

  /// The schema of an answer is a text that holds JSON: it is compared as what it holds.
  private static func canonical(_ json: some Sequence<UInt8>) throws -> String {
    let node = try JSONNode.parse(Array(json), file: "json")
    let schema = node["outputConfig"]?["textFormat"]?["structure"]?["jsonSchema"]?["schema"]?.string
    guard let schema else { return node.canonical }
    return node.canonical.replacingOccurrences(
      of: JSONText.quoted(schema), with: "TEXT OF " + (try JSONNode.canonical(schema.utf8)))
  }

  @Test(arguments: folder.names(".reply.json"))
  func `a reply means what it should`(name: String) throws {
    let file = try Self.folder.json(name + ".reply.json")
    do throws(AttemptFailure) {
      let answer = try self.answer(try! #require(file["reply"]).text)
      #expect(GoldenOutcome.text(answer) == file.node["answer"].map(GoldenOutcome.expected), "\(name)")
    } catch {
      #expect(GoldenOutcome.matches(error, file.node["failure"]), "\(name): \(error)")
    }
  }

  private func answer(_ body: [UInt8], fields: HTTPFields = [:]) throws(AttemptFailure) -> ChatAnswer {
    try dialect.answer(
      in: HTTPReply(
        status: 200, fields: fields, body: body, timing: .init(connect: .zero, firstByte: .zero, total: .zero)
      ))
  }

  @Test func `an answer is named by its request's id`() throws {
    let body = Array(#"{"output":{"message":{"content":[]}},"stopReason":"end_turn"}"#.utf8)
    #expect(try answer(body, fields: ["x-amzn-RequestId": "r-1"]).id == "r-1")
  }

  @Test(arguments: folder.names(".stream.json"))
  func `a stream means what it should, however it is split`(name: String) throws {
    let expected = try Self.folder.json(name + ".stream.json").node
    let bytes = try Self.streamBytes(name)
    let whole = GoldenOutcome.stream(dialect, [bytes[...]])
    #expect(GoldenOutcome.matchesStream(whole, expected), "\(name): \(whole)")
    for place in bytes.indices {
      let split = GoldenOutcome.stream(dialect, [bytes[..<place], bytes[place...]])
      #expect(split == whole, "\(name) split at \(place)")
    }
    #expect(
      GoldenOutcome.stream(dialect, bytes.indices.map { bytes[$0...$0] }) == whole, "\(name) in single bytes")
  }

  @Test func `a stream is complete with its usage, and not before`() throws {
    let bytes = try Self.streamBytes("text")
    for place in bytes.indices {
      let outcome = GoldenOutcome.stream(dialect, [bytes[..<place]])
      #expect(outcome.hasPrefix("complete false"), "at \(place)")
    }
  }

  // MARK: Requests as a whole

  private func request(
    key: String?, at base: String = "https://bedrock-runtime.eu-west-1.amazonaws.com", streams: Bool = false,
    model: String = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
  ) throws -> HTTPRequest {
    let offer = try Offer(golden: try JSONNode.parse(Array(#"{"model":"\#(model)"}"#.utf8), file: "offer"))
    let text = Array(#"{"messages":[{"role":"user","content":"Hi"}]}"#.utf8)
    let node = try JSONNode.parse(text, file: "body")
    let body = try RequestBody(node, in: text) { InputError($0, file: "body", key: $1, message: $2) }
    return try dialect.request(
      Call(body, streams: streams, idempotencyKey: "k"),
      to: Target(offer: offer, dialect: dialect, baseURL: base, key: key))
  }

  @Test func `the model stands in the path, percent-encoded`() throws {
    let base = "https://bedrock-runtime.eu-west-1.amazonaws.com/model/"
    #expect(
      try request(key: "k").url == base + "global.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse")
    #expect(
      try request(key: "k", streams: true, model: "arn:aws:bedrock:eu-west-1:1:inference-profile/a_b~c").url
        == base
        + "arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Ainference-profile%2Fa_b~c/converse-stream")
  }

  @Test func `a key is a bearer's, or two or three that sign`() throws {
    let bearer = try request(key: "bedrock-api-key-abc==")
    #expect(bearer.fields["authorization"] == "Bearer bedrock-api-key-abc==")
    #expect(bearer.signing == nil)
    let signed = try request(key: "AKID:se/cret")
    #expect(signed.fields["authorization"] == nil)
    #expect(
      signed.signing
        == AWSSigning(region: "eu-west-1", service: "bedrock", accessKey: "AKID", secretKey: "se/cret"))
    #expect(try request(key: "ASIA:se:to:ken==").signing?.sessionToken == "to:ken==")
    #expect(try request(key: ":x").signing == nil)
    #expect(try request(key: nil).fields["authorization"] == nil)
  }

  @Test func `keys that sign need a region in the address`() throws {
    for base in [
      "https://gateway.example.com/bedrock", "https://bedrock-runtime.", "x", "https://bedrock-runtime..a",
    ] {
      #expect(throws: Rejection.self) { try request(key: "a:b", at: base) }
    }
  }

  @Test(arguments: [
    ("https://bedrock-runtime.us-east-1.amazonaws.com", "us-east-1"),
    ("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com:443/", "us-gov-west-1"),
    ("https://vpce-0a1.bedrock-runtime.ap-south-1.vpce.amazonaws.com", "ap-south-1"),
    ("https://bedrock-runtime.cn-north-1.amazonaws.com.cn", "cn-north-1"),
    ("https://example.com/bedrock-runtime.us-east-1.amazonaws.com", nil), ("", nil),
  ])
  func `the region is read off the address`(address: String, region: String?) {
    #expect(BedrockConverse.region(of: address) == region)
  }

  @Test func `a streamed request asks for Amazon's events`() throws {
    #expect(try request(key: "k", streams: true).fields["accept"] == "application/vnd.amazon.eventstream")
    #expect(dialect.framing == .awsEventStream)
  }

  // MARK: Failures

  @Test(arguments: [
    (
      429, "ThrottlingException", "Too many requests, please wait before trying again.",
      FailureClass.rateLimited
    ),
    (
      429, "ThrottlingException", "Too many tokens per day, please wait before trying again.", .quotaExhausted
    ),
    (400, "ServiceQuotaExceededException", "m", .quotaExhausted),
    (403, "AccessDeniedException", "m", .unauthorized),
    (403, "UnrecognizedClientException", "m", .unauthorized),
    (403, "InvalidSignatureException", "m", .unauthorized),
    (403, "ExpiredTokenException", "m", .unauthorized),
    (404, "ResourceNotFoundException", "m", .notFound), (408, "ModelTimeoutException", "m", .timeout),
    (424, "ModelErrorException", "m", .serverError), (429, "ModelNotReadyException", "m", .overloaded),
    (500, "InternalServerException", "m", .serverError),
    (503, "ServiceUnavailableException", "m", .overloaded),
    (400, "ValidationException", "Input is too long for requested model.", .contextTooLong),
    (
      400, "ValidationException",
      "The model returned the following errors: prompt is too long: 2 tokens > 1 maximum",
      .contextTooLong
    ),
    (400, "ValidationException", "The provided model identifier is invalid.", .notFound),
    (
      400, "ValidationException", "Invocation of model ID x with on-demand throughput isn’t supported.",
      .notFound
    ),
    (400, "ValidationException", "Output blocked by content filtering policy", .contentFilter),
    (400, "ValidationException", "Malformed input request", .badRequest),
    (401, "", "m", .unauthorized), (402, "", "m", .quotaExhausted), (403, "", "m", .unauthorized),
    (404, "", "m", .notFound), (413, "", "m", .contextTooLong), (424, "", "m", .serverError),
    (429, "", "m", .rateLimited), (502, "", "m", .connectionLost), (503, "", "m", .overloaded),
    (504, "", "m", .timeout), (599, "", "m", .serverError), (400, "New", "m", .badRequest),
    (301, "", "m", .malformed),
  ])
  func `an error is of its class`(status: Int, type: String, message: String, kind: FailureClass) {
    let body = Array(#"{"message":\#(JSONText.quoted(message))}"#.utf8)
    let fields: HTTPFields = type.isEmpty ? [:] : ["x-amzn-ErrorType": type + ":http://internal.amazon.com/"]
    let failure = dialect.failure(status: status, fields: fields, body: body)
    #expect(failure.kind == kind)
    #expect(failure.message.hasPrefix("status \(status): "))
    let named = #"{"__type":"com.amazon#\#(type)","Message":\#(JSONText.quoted(message))}"#
    #expect(dialect.failure(status: status, fields: [:], body: Array(named.utf8)).kind == kind)
  }

  @Test func `the time to wait is read, and keys in messages are not repeated`() {
    let text = #"{"message":"The security token AKIAIOSFODNN7EXAMPLE included is invalid"}"#
    let failure = dialect.failure(status: 403, fields: ["retry-after": "3"], body: Array(text.utf8))
    #expect(failure.retryAfter == 3)
    #expect(failure.message == "status 403: The security token [hidden] included is invalid")
  }

  @Test(arguments: ["", "{", "[1]", "\u{0}", #"{"message":7}"#])
  func `an error without a readable body is of the class of its status`(body: String) {
    #expect(
      dialect.failure(status: 500, fields: [:], body: Array(body.utf8))
        == AttemptFailure(.serverError, "status 500"))
  }

  @Test(arguments: [
    ("throttlingException", FailureClass.rateLimited), ("validationException", .badRequest),
    ("internalServerException", .serverError), ("modelStreamErrorException", .serverError),
    ("serviceUnavailableException", .overloaded), ("modelTimeoutException", .timeout), ("", .serverError),
    ("accessDeniedException", .unauthorized), ("new", .serverError),
  ])
  func `an exception in a stream is of its class`(name: String, kind: FailureClass) {
    for payload in ["", "{}", #"{"message":"m"}"#, "\u{0}"] {
      var stream = BedrockStream()
      let failure = #expect(throws: AttemptFailure.self) {
        try stream.take(WireEvent(name: "exception:" + name, data: Array(payload.utf8)))
      }
      #expect(failure?.kind == kind)
    }
  }

  // MARK: Hostile replies

  @Test func `no reply that is cut off or nests too deep is an answer`() throws {
    let body = try #require(try Self.folder.json("all-of-usage.reply.json")["reply"]).text
    _ = try answer(body)
    for place in 0..<body.count {
      #expect(throws: AttemptFailure.self) { try answer(Array(body[..<place])) }
    }
    for depth in [98, 100, 200_000] {
      let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      let text = #"{"output":{"message":{"content":[{"text":"A"}]}},"x":\#(nested)}"#
      let isRead = (try? answer(Array(text.utf8))) != nil
      #expect(isRead == (depth < 100), "depth \(depth)")
    }
  }

  @Test func `a stream of endless calls, or of pieces of the wrong type, ends as malformed`() {
    var stream = BedrockStream()
    var events = 0
    var failure: AttemptFailure?
    for index in 0..<10_000 {
      let text = #"{"contentBlockIndex":\#(index),"start":{"toolUse":{"toolUseId":"a","name":"f"}}}"#
      do throws(AttemptFailure) {
        events += try stream.take(WireEvent(name: "contentBlockStart", data: Array(text.utf8))).count
      } catch {
        failure = error
        break
      }
    }
    #expect(failure?.kind == .malformed)
    #expect(events == 4_096)
    for delta in [#"{"text":7}"#, "7", "null", #"{"toolUse":{}}"#, #"{"toolUse":{"input":{}}}"#] {
      var stream = BedrockStream()
      let text = #"{"contentBlockIndex":0,"delta":\#(delta)}"#
      #expect(throws: AttemptFailure.self, "\(delta)") {
        try stream.take(WireEvent(name: "contentBlockDelta", data: Array(text.utf8)))
      }
    }
  }
}
