import Drayage
import DrayageCore
import Testing

@testable import DrayageExecution

/// What a reply or a stream comes to.
enum GoldenMeaning: Equatable, CustomStringConvertible {
  case answer(ChatAnswer, complete: Bool)
  case failure(FailureClass, retryAfter: Double?, usage: MeteredUsage?)

  init(_ node: JSONNode) throws {
    if let name = node["failure"]?.string {
      self = .failure(
        try #require(FailureClass(rawValue: name)), retryAfter: node["retry_after"]?.double,
        usage: try node["usage"].map { try MeteredUsage(golden: $0) })
      return
    }
    let answer = try #require(node["answer"])
    var calls: [ToolCall] = []
    if case .array(let items)? = answer["tool_calls"]?.value {
      for item in items {
        calls.append(
          ToolCall(
            id: try #require(item["id"]?.string), name: try #require(item["name"]?.string),
            arguments: try #require(item["arguments"]?.string), signature: item["signature"]?.string))
      }
    }
    let finish: FinishReason =
      switch try #require(answer["finish"]?.string) {
      case "stop": .stop
      case "length": .length
      case "tool_calls": .toolCalls
      case "content_filter": .contentFilter
      case let word: .other(word)
      }
    var complete = true
    if case .bool(let flag)? = node["complete"]?.value { complete = flag }
    self = .answer(
      ChatAnswer(
        id: answer["id"]?.string, model: answer["model"]?.string, text: answer["text"]?.string ?? "",
        reasoning: answer["reasoning"]?.string ?? "", toolCalls: calls, finish: finish,
        usage: try answer["usage"].map { try MeteredUsage(golden: $0) }), complete: complete)
  }

  /// What a whole reply comes to.
  init(_ reply: HTTPReply, by dialect: any Dialect) {
    do throws(AttemptFailure) {
      self = .answer(try dialect.answer(in: reply), complete: true)
    } catch {
      self = .failure(error.kind, retryAfter: error.retryAfter, usage: error.usage)
    }
  }

  /// What a stream comes to that arrives in these pieces.
  init(stream pieces: [ArraySlice<UInt8>], by dialect: any Dialect) throws {
    var framing = ServerSentEvents()
    var stream = dialect.stream()
    var answer = ChatAnswer()
    do throws(AttemptFailure) {
      for piece in pieces {
        let events: [WireEvent]
        do { events = try framing.take(piece) } catch { throw AttemptFailure(.malformed, error.message) }
        for event in events {
          for piece in try stream.take(event) { answer.take(piece) }
        }
      }
      self = .answer(answer, complete: stream.isComplete)
    } catch {
      self = .failure(error.kind, retryAfter: error.retryAfter, usage: error.usage)
    }
  }

  var description: String {
    switch self {
    case .answer(let answer, let complete): "\(answer), complete: \(complete)"
    case .failure(let kind, let seconds, let usage):
      "\(kind), retry after \(String(describing: seconds)), usage \(String(describing: usage))"
    }
  }
}

extension MeteredUsage {
  init(golden node: JSONNode) throws {
    let searches = node["web_searches"]?.integer ?? 0
    self.init(
      TokenUsage(
        input: try #require(node["input"]?.integer), output: try #require(node["output"]?.integer),
        cachedInput: node["cached"]?.integer ?? 0),
      reasoning: node["reasoning"]?.integer ?? 0, besides: searches > 0 ? [.webSearch: searches] : [:])
  }
}

/// Checks cases of a chat's wire format.
struct GoldenCheck {
  let dialect: any Dialect
  let baseURL: String
  var camel = false
  /// The body for a request that may hold pictures, which no batch accepts yet.
  let body: (ChatRequest, _ limit: Int?, _ streams: Bool, Offer) throws -> String

  func check(_ test: GoldenCase) throws {
    switch test.kind {
    case "request": try checkRequest(test)
    case "reply":
      let found = GoldenMeaning(.ok(test.bytes("reply")), by: dialect)
      #expect(found == (try GoldenMeaning(try #require(test.node?["means"]))))
    case "failure": try checkFailure(test)
    case "stream": try checkStream(test)
    default: Issue.record("the kind of a case is \(test.kind)")
    }
  }

  private func checkRequest(_ test: GoldenCase) throws {
    let node = try #require(test.node?["request"])
    let target = try test.target(dialect, baseURL: baseURL)
    let chat = try ChatRequest(node, in: test.text, file: test.name)
    let limit = chat.maxOutputTokens ?? test.node?["limit"]?.integer
    var streams = false
    if case .bool(true)? = test.node?["streams"]?.value { streams = true }
    if let reason = test.node?["inexpressible"]?.string {
      let error = #expect(throws: Rejection.self) { try body(chat, limit, streams, target.offer) }
      #expect(error.map { "\($0)" }?.contains(reason) == true, "\(String(describing: error))")
      return
    }
    let sent = try #require(test.node?["sent"]).canonical(camel: camel)
    let text = try body(chat, limit, streams, target.offer)
    #expect(try JSONNode.parse(Array(text.utf8), file: "").canonical() == sent)
    if chat.messages.contains(where: { !$0.content.allSatisfy(\.isText) }) { return }
    let call = Call(
      try RequestBody(node, in: test.text) { InputError($0, file: "test", key: $1, message: $2) },
      maxOutputTokens: test.node?["limit"]?.integer, streams: streams, idempotencyKey: "k")
    let request = try dialect.request(call, to: target)
    #expect(try JSONNode.parse(request.body, file: "").canonical() == sent)
    #expect(request.method == "POST")
    if let path = test.node?["path"]?.string { #expect(request.url.hasSuffix(path), "\(request.url)") }
    if let header = test.node?["header"]?.string {
      #expect(request.fields[header]?.hasSuffix("test-key") == true)
    }
    #expect(
      !request.url.contains("test-key") && !String(decoding: request.body, as: UTF8.self).contains("test-key")
    )
  }

  private func checkFailure(_ test: GoldenCase) throws {
    var fields = HTTPFields()
    if case .object(let members)? = test.node?["fields"]?.value {
      for member in members { fields.append(member.node.string ?? "", for: member.key) }
    }
    let failure = dialect.failure(
      status: try #require(test.node?["status"]?.integer), fields: fields, body: test.bytes("body"))
    let found = GoldenMeaning.failure(failure.kind, retryAfter: failure.retryAfter, usage: failure.usage)
    #expect(found == (try GoldenMeaning(try #require(test.node?["means"]))), "\(failure.message)")
    if let text = test.node?["says"]?.string { #expect(failure.message.contains(text), "\(failure.message)") }
    if let text = test.node?["hides"]?.string {
      #expect(!failure.message.contains(text), "\(failure.message)")
    }
  }

  /// Whole, and split in two at every byte.
  private func checkStream(_ test: GoldenCase) throws {
    let bytes = try test.stream()
    let meaning = try GoldenMeaning(try #require(test.node?["means"]))
    let whole = try GoldenMeaning(stream: [bytes[...]], by: dialect)
    #expect(whole == meaning)
    for place in bytes.indices
    where try GoldenMeaning(stream: [bytes[..<place], bytes[place...]], by: dialect) != whole {
      Issue.record("split at byte \(place) the stream means something else")
      return
    }
  }
}
