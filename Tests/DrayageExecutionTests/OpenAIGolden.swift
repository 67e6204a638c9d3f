import Drayage
import DrayageCore
import Foundation
import Testing

@testable import DrayageExecution

/// The golden files of one dialect: see Golden/README.md for their form.
struct OpenAIGolden: Sendable {
  let dialect: @Sendable (String?) -> any Dialect
  let folder: URL

  init(_ name: String, _ dialect: @escaping @Sendable (String?) -> any Dialect) {
    self.dialect = dialect
    folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name)")
  }

  /// The names of the files that begin so and end in `.json`.
  func names(_ prefixes: String...) throws -> [String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    return names.filter { name in name.hasSuffix(".json") && prefixes.contains { name.hasPrefix($0) } }
  }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: name)))
  }

  func node(_ name: String) throws -> (JSONNode, [UInt8]) {
    let bytes = try bytes(name)
    return (try JSONNode.parse(bytes, file: name), bytes)
  }

  // MARK: Cases

  /// A request in OpenAI's form, and what is sent for it.
  func checkRequest(_ name: String) throws {
    let (node, bytes) = try node(name)
    let given = try #require(node["given"])
    let offer = try #require(given["offer"]?.string)
    let body = try RequestBody(try #require(given["body"]), in: bytes) {
      InputError($0, file: name, key: $1, message: $2)
    }
    let call = Call(
      body, maxOutputTokens: given["maxOutputTokens"]?.integer,
      streams: given["streams"].map { if case .bool(true) = $0.value { true } else { false } } ?? false,
      idempotencyKey: "run-1-1")
    let id = try #require(OfferID(offer))
    let target = Target(
      offer: try anOffer(offer), dialect: dialect(id.provider),
      baseURL: given["base"]?.string ?? "https://api.example.test/v1", key: "k-1")
    if let rejection = node["rejects"]?.string {
      #expect(throws: Rejection.inexpressible(rejection), "\(name)") {
        try target.dialect.request(call, to: target)
      }
      return
    }
    let sends = try #require(node["sends"])
    let request = try target.dialect.request(call, to: target)
    let sent = try JSONNode.parse(request.body, file: name)
    #expect(canonical(sent) == canonical(try #require(sends["body"])), "\(name)")
    if let url = sends["url"]?.string { #expect(request.url == url, "\(name)") }
    if case .object(let fields)? = sends["fields"]?.value {
      for field in fields { #expect(request.fields[field.key] == field.node.string, "\(name): \(field.key)") }
    }
  }

  /// A whole reply, and what it means.
  func checkReply(_ name: String) throws {
    let (node, bytes) = try node(name)
    let dialect = dialect(node["provider"]?.string)
    var fields = HTTPFields()
    if case .object(let members)? = node["fields"]?.value {
      for member in members { fields.append(try #require(member.node.string), for: member.key) }
    }
    let body = try #require(node["reply"])
    let text = body.string.map { Array($0.utf8) } ?? Array(bytes[body.range])
    let status = node["status"]?.integer ?? 200
    guard status < 300 else {
      check(dialect.failure(status: status, fields: fields, body: text), node["fails"], name)
      return
    }
    let timing = HTTPReply.Timing(connect: .zero, firstByte: .zero, total: .zero)
    do {
      let answer = try dialect.answer(in: HTTPReply(status: 200, fields: fields, body: text, timing: timing))
      #expect(meaning(answer) == node["means"].map(canonical), "\(name)")
    } catch {
      check(error, node["fails"], name)
    }
  }

  /// A stream, and what it means; and that it is the same cut in two at every byte.
  func checkStream(_ name: String) throws {
    let (node, _) = try node(name)
    let text = try bytes(String(name.dropLast(5)) + ".sse")
    switch read(text, node["provider"]?.string) {
    case .success(let (answer, isComplete)):
      #expect(meaning(answer) == node["means"].map(canonical), "\(name)")
      #expect(isComplete == (node["incomplete"] == nil), "\(name)")
    case .failure(let failure): check(failure, node["fails"], name)
    }
    // A reader sees nothing but events: where they are the same, so is the answer.
    let events = try cut(text, at: text.count)
    for place in text.indices {
      #expect(try cut(text, at: place) == events, "\(name) cut at \(place)")
    }
  }

  private func cut(_ text: [UInt8], at place: Int) throws -> [WireEvent] {
    var framing = ServerSentEvents()
    return try framing.take(text[..<place]) + framing.take(text[place...])
  }

  typealias Outcome = Result<(ChatAnswer, Bool), AttemptFailure>

  func read(_ text: [UInt8], _ provider: String?) -> Outcome {
    var framing = ServerSentEvents()
    var stream = dialect(provider).stream()
    var answer = ChatAnswer()
    do {
      for event in try framing.take(text) {
        for part in try stream.take(event) { answer.take(part) }
      }
    } catch let failure as AttemptFailure {
      return .failure(failure)
    } catch {
      return .failure(AttemptFailure(.malformed, "\(error)"))
    }
    return .success((answer, stream.isComplete))
  }

  private func check(_ failure: AttemptFailure, _ expected: JSONNode?, _ name: String) {
    #expect(failure.kind.rawValue == expected?["kind"]?.string, "\(name): \(failure.message)")
    #expect(failure.retryAfter == expected?["retryAfter"]?.double, "\(name)")
    if let message = expected?["message"]?.string { #expect(failure.message == message, "\(name)") }
    #expect(failure.usage.map(meaning) == expected?["usage"].map(canonical), "\(name)")
  }

  // MARK: Meanings

  /// An answer as the golden files say it: what is empty is left out.
  func meaning(_ answer: ChatAnswer) -> String {
    var members: [String: String] = ["finish": JSONText.quoted(answer.finish.name)]
    members["id"] = answer.id.map { JSONText.quoted($0) }
    members["model"] = answer.model.map { JSONText.quoted($0) }
    if !answer.text.isEmpty { members["text"] = JSONText.quoted(answer.text) }
    if !answer.reasoning.isEmpty { members["reasoning"] = JSONText.quoted(answer.reasoning) }
    members["refusal"] = answer.refusal.map { JSONText.quoted($0) }
    if !answer.toolCalls.isEmpty {
      members["toolCalls"] = JSONText.array(
        answer.toolCalls.map { call in
          JSONText.array([call.id, call.name, call.arguments].map { JSONText.quoted($0) })
        })
    }
    members["usage"] = answer.usage.map(meaning)
    return object(members)
  }

  private func meaning(_ usage: MeteredUsage) -> String {
    var members = ["input": String(usage.tokens.input), "output": String(usage.tokens.output)]
    if usage.tokens.cachedInput > 0 { members["cached"] = String(usage.tokens.cachedInput) }
    if usage.tokens.cacheWrite > 0 { members["written"] = String(usage.tokens.cacheWrite) }
    if usage.reasoning > 0 { members["reasoning"] = String(usage.reasoning) }
    for (meter, count) in usage.besides { members[meter.key] = String(count) }
    return object(members)
  }

  private func object(_ members: [String: String]) -> String {
    "{"
      + members.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0.key)):\($0.value)" }
      .joined(separator: ",") + "}"
  }

  /// JSON with its members in order of their keys and without spaces.
  func canonical(_ node: JSONNode) -> String {
    switch node.value {
    case .null: "null"
    case .bool(let flag): String(flag)
    case .number(let text): text
    case .string(let text): JSONText.quoted(text)
    case .array(let items): JSONText.array(items.map(canonical))
    case .object(let members):
      object(Dictionary(uniqueKeysWithValues: members.map { ($0.key, canonical($0.node)) }))
    }
  }
}

/// An offer of no price by its whole name.
func anOffer(_ name: String, idempotencyHeader: String? = nil) throws -> Offer {
  Offer(
    id: try #require(OfferID(name)),
    tariff: try Tariff(name: "m", origin: "test", sheets: [RateSheet(base: [:])]),
    endpoint: Endpoint(dialect: .openAIChat, idempotencyHeader: idempotencyHeader))
}

/// A body of JSON text.
func aBody(_ text: String) throws -> RequestBody {
  let bytes = Array(text.utf8)
  return try RequestBody(try JSONNode.parse(bytes, file: "body"), in: bytes) {
    InputError($0, file: "body", key: $1, message: $2)
  }
}

/// A reply of status 200.
func aReply(_ body: String) -> HTTPReply {
  HTTPReply(
    status: 200, fields: [:], body: Array(body.utf8),
    timing: HTTPReply.Timing(connect: .zero, firstByte: .zero, total: .zero))
}
