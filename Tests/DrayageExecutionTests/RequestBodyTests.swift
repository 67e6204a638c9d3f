import DrayageTesting
import Drayage
import DrayageProfiles
import DrayageCore
import Foundation
import Testing

@testable import DrayageExecution

/// Bodies pass through but for what the offer sets, compared with Foundation's reading of them.
struct RequestBodyTests {
  private func body(_ text: String) throws -> RequestBody {
    let bytes = Array(text.utf8)
    let node = try JSONNode.parse(bytes, file: "body")
    return try RequestBody(node, in: bytes) { InputError($0, file: "body", key: $1, message: $2) }
  }

  private func offer(_ name: String = "m", effort: String? = nil, service: String = "standard") throws
    -> Offer
  {
    Offer(
      id: try #require(OfferID(provider: "p", name: "o", effort: effort, service: service)), wireModel: name,
      tariff: try Tariff(name: "o", origin: "test", sheets: [RateSheet(base: [:])]))
  }

  /// `body` as it is sent to `offer`.
  private func sent(_ body: RequestBody, to offer: Offer, limit: Int? = nil) throws -> [UInt8] {
    try OpenAIChat().request(
      Call(body, maxOutputTokens: limit, idempotencyKey: ""),
      to: Target(offer: offer, dialect: OpenAIChat(), baseURL: "http://localhost", key: nil)
    ).body
  }

  private func members(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  /// A request of texts becomes a body without being read again: it is the one that reading it would make.
  @Test func bodiesOfTextsAreThoseThatAreRead() throws {
    let texts = ["Hi", "Why?\n\t\"\\\u{7F}\u{1}", "é\u{1F600} 中文 and more words, 1234567.", "", "a\0b"]
    let roles: [ChatMessage.Role] = [.system, .user, .user, .assistant, .developer]
    for seed in UInt64(1)...300 {
      var random = SplitMix64(seed: seed)
      let messages = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        let parts = (0..<([1, 1, 1, 1, 0, 2].randomElement(using: &random) ?? 1)).map { _ in
          ChatMessage.Part.text(texts.randomElement(using: &random) ?? "")
        }
        var message = ChatMessage(roles.randomElement(using: &random) ?? .user, content: parts)
        if Int.random(in: 0..<20, using: &random) == 0 { message.name = "x" }
        return message
      }
      let limit = [nil, 1, 500].randomElement(using: &random) ?? nil
      var request = ChatRequest(messages, maxOutputTokens: limit)
      if Int.random(in: 0..<10, using: &random) == 0 { request.temperature = 0.5 }
      if Int.random(in: 0..<20, using: &random) == 0 { request.metadata = ["workload": "w"] }
      let note = Comment(rawValue: "seed \(seed): \(request.json)")
      let made = try RequestBody(request)
      let read = try body(request.json)
      #expect(made.bytes == read.bytes, note)
      #expect(made.isPlain == read.isPlain && made.asksForStream == read.asksForStream, note)
      #expect(made.maxOutputTokens == read.maxOutputTokens && made.metadata == read.metadata, note)
      #expect(made.capabilities == read.capabilities && made.inputTokenBound == read.inputTokenBound, note)
      for family in TokenFamily.all {
        #expect(made.inputTokens(family: family) == read.inputTokens(family: family), note)
      }
      let offer = try offer("m", effort: "low")
      for limit in [nil, 7] {
        #expect(try sent(made, to: offer, limit: limit) == sent(read, to: offer, limit: limit), note)
      }
    }
  }

  /// None is forgotten by the short way that requests of texts take.
  @Test func everyMemberReachesTheBody() throws {
    let value = try #require(JSONFragment("true"))
    let changes: [(inout ChatRequest) -> Void] = [
      { $0.messages.append(.user("And?")) }, { $0.maxOutputTokens = 7 },
      { $0.tools = [ChatTool(name: "look")] }, { $0.toolChoice = ToolChoice.none },
      { $0.parallelToolCalls = false }, { $0.responseFormat = .jsonObject }, { $0.stop = ["."] },
      { $0.temperature = 0 }, { $0.topP = 0.5 }, { $0.topK = 3 }, { $0.frequencyPenalty = 0 },
      { $0.presencePenalty = 0 }, { $0.seed = 0 }, { $0.user = "u" }, { $0.metadata = ["a": "b"] },
      { $0.others = [.init(key: "logprobs", value: value)] },
    ]
    let plain = ChatRequest("Why?")
    #expect(Mirror(reflecting: plain).children.count == changes.count)
    for (place, change) in changes.enumerated() {
      var request = plain
      change(&request)
      #expect(request.isOnlyMessages == (place < 2), "\(request.json)")
      #expect(try RequestBody(request).bytes == Array(request.json.utf8))
      #expect(request.json != plain.json)
    }
    let message = ChatMessage.user("Why?")
    let others: [(inout ChatMessage) -> Void] = [
      { $0.role = .assistant }, { $0.content.append(.text("And?")) },
      { $0.toolCalls = [ToolCall(id: "1", name: "look", arguments: "{}")] }, { $0.toolCallID = "1" },
      { $0.name = "n" }, { $0.cacheControls = [.init(part: nil, value: value)] },
    ]
    #expect(Mirror(reflecting: message).children.count == others.count)
    for (place, change) in others.enumerated() {
      var changed = message
      change(&changed)
      #expect((changed.onlyText == nil) == (place > 0))
      let request = ChatRequest([message, changed, message])
      #expect(try RequestBody(request).bytes == Array(request.json.utf8))
    }
  }

  @Test(arguments: [0, -1]) func aLimitOfNothingIsRefused(limit: Int) {
    #expect(throws: InputError.self) { try RequestBody(ChatRequest("Hi", maxOutputTokens: limit)) }
    #expect(throws: InputError.self) { try RequestBody(ChatRequest([])) }
  }

  @Test func onlyWhatTheOfferSetsChanges() throws {
    for seed in UInt64(1)...300 {
      var random = SplitMix64(seed: seed)
      let text = RandomBody.text(&random)
      let note = Comment(rawValue: "seed \(seed): \(text.prefix(300))")
      let model = ["gpt", "a/b:c", "q\"u\\o\n", "é\u{1F600}"].randomElement(using: &random) ?? ""
      let effort = Bool.random(using: &random) ? "low" : nil
      let service = Bool.random(using: &random) ? "flex" : PriceConditions.standardService
      let limit = Bool.random(using: &random) ? 77 : nil
      let body = try body(text)
      let offer = try offer(model, effort: effort, service: service)

      var expected = try members(Array(text.utf8))
      let limits = ["max_completion_tokens", "max_tokens"].compactMap { expected[$0] as? Int }
      expected["model"] = model
      if let effort { expected["reasoning_effort"] = effort }
      if service != PriceConditions.standardService { expected["service_tier"] = service }
      if limits.isEmpty, let limit { expected["max_completion_tokens"] = limit }

      let sent = try sent(body, to: offer, limit: limit)
      #expect(try NSDictionary(dictionary: members(sent)) == NSDictionary(dictionary: expected), note)
      #expect(body.maxOutputTokens == limits.max(), note)
      for family in TokenFamily.all {
        #expect(body.inputTokenBound >= body.inputTokens(family: family), note)
      }
      #expect(
        String(decoding: body.bytes, as: UTF8.self) == text.trimmingCharacters(in: .whitespacesAndNewlines),
        note)
      // The parser of replies and journals reads it too, each key once.
      #expect(throws: Never.self, note) { try JSONNode.parse(sent, file: "sent") }
      // What is set is set: a second splice changes nothing.
      if service == PriceConditions.standardService {
        let again = try self.body(String(decoding: sent, as: UTF8.self))
        #expect(try self.sent(again, to: offer, limit: limit) == sent, note)
      }
    }
  }

  @Test func whatIsNotSetStaysAsWritten() throws {
    let text =
      #"{ "seed" : 12345678901234567890123 ,"messages":[{"role":"user","content":"\u00e9 1.50"}], "x":1.0e2}"#
    let sent = String(
      decoding: try self.sent(try body(text), to: try offer("m")), as: UTF8.self)
    #expect(sent == #"{"model":"m","# + text.dropFirst())
    let named = #"{"mod\u0065l": {"deep": ["model"]}, "messages":[{}], "nested": {"model": "stays"}}"#
    #expect(
      String(decoding: try self.sent(try body(named), to: try offer("m"), limit: 9), as: UTF8.self)
        == #"{"max_completion_tokens":9,"mod\u0065l": "m", "messages":[{}], "nested": {"model": "stays"}}"#)
  }

  @Test func saysWhatAnOfferMustBeAbleToDo() throws {
    #expect(try body(#"{"messages":[{}]}"#).capabilities.isEmpty)
    #expect(try body(#"{"messages":[{}],"tools":[{}]}"#).capabilities == [.tools])
    #expect(
      try body(#"{"messages":[{}],"response_format":{"type":"json_schema"}}"#).capabilities == [.jsonSchema])
    #expect(try body(#"{"messages":[{}],"response_format":{"type":"text"}}"#).capabilities.isEmpty)
  }

  @Test func theDigestTellsBodiesApart() throws {
    let texts = [
      #"{"messages":[{}]}"#, #"{"messages":[{} ]}"#, #"{"messages":[{}],"n":1}"#, #"{"messages":[[]]}"#,
    ]
    #expect(Set(try texts.map { try body($0).digest }).count == texts.count)
    // FNV-1a of 17 known bytes, computed by hand from its definition.
    var expected: UInt64 = 14_695_981_039_346_656_037
    for byte in texts[0].utf8 { expected = (expected ^ UInt64(byte)) &* 1_099_511_628_211 }
    #expect(try body(texts[0]).digest == expected)
  }
}

/// Random bodies of chat completions: any JSON around the messages, in any order and spacing.
private enum RandomBody {
  static func text(_ random: inout SplitMix64) -> String {
    var members = [#""messages":"# + space(&random) + #"[{"role":"user","content":"# + string(&random) + "}]"]
    var keys: Set<String> = ["messages"]
    let known = [
      "model", "reasoning_effort", "max_tokens", "max_completion_tokens", "seed", "user", "metadata", "é",
    ]
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      let key = known.randomElement(using: &random) ?? "x"
      guard keys.insert(key).inserted else { continue }
      let limit = ["null", "12", "900"].randomElement(using: &random) ?? "1"
      members.append(spelled(key, &random) + ":" + (key.hasPrefix("max") ? limit : value(depth: 0, &random)))
    }
    if Bool.random(using: &random) { members.append(#""service_tier":"default""#) }
    let joined = members.shuffled(using: &random).map { space(&random) + $0 + space(&random) }.joined(
      separator: ",")
    return space(&random) + "{" + joined + "}" + space(&random)
  }

  private static func space(_ random: inout SplitMix64) -> String {
    ["", "", " ", "\t", "\r\n "].randomElement(using: &random) ?? ""
  }

  /// A key, sometimes with its first letter escaped.
  private static func spelled(_ key: String, _ random: inout SplitMix64) -> String {
    guard Bool.random(using: &random), let first = key.unicodeScalars.first else { return "\"\(key)\"" }
    let hex = String(first.value, radix: 16)
    return "\"\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      + String(key.unicodeScalars.dropFirst()) + "\""
  }

  private static func string(_ random: inout SplitMix64) -> String {
    let parts = [
      "a", "\\\"", "\\\\", "}", "\\u0000", "\\ud83d\\ude00", "é", "\u{2028}", "{\\\"model\\\":1}", ":", ",",
    ]
    return "\""
      + (0..<Int.random(in: 0...8, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
      .joined() + "\""
  }

  private static func value(depth: Int, _ random: inout SplitMix64) -> String {
    switch Int.random(in: 0...(depth < 4 ? 6 : 4), using: &random) {
    case 0: return "null"
    case 1: return Bool.random(using: &random) ? "true" : "false"
    case 2: return String(Int.random(in: -1_000...1_000, using: &random))
    case 3: return "\(Int.random(in: -9...9, using: &random)).5e\(Int.random(in: -3...3, using: &random))"
    case 4: return string(&random)
    case 5:
      let elements = (0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth + 1, &random) }
      return "[" + elements.joined(separator: "," + space(&random)) + "]"
    default:
      let members = (0..<Int.random(in: 0...3, using: &random)).map { number in
        "\"k\(number)\":" + value(depth: depth + 1, &random)
      }
      return "{" + members.joined(separator: "," + space(&random)) + "}"
    }
  }
}
