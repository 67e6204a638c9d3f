internal import Drayage
internal import DrayageCore

/// The body of a chat completion as a provider takes it: the caller's own, with the few changes that the
/// offer and the provider's flavor need.
struct OpenAIChatBody {
  private let flavor: OpenAIFlavor

  init(_ flavor: OpenAIFlavor) {
    self.flavor = flavor
  }

  /// The bytes to be sent.
  ///
  /// - Throws: ``Rejection/inexpressible(_:)`` with the name of a member that the provider refuses.
  func bytes(_ call: Call, for target: Target) throws(Rejection) -> [UInt8] {
    let (body, offer) = (call.body, target.offer)
    var changes = MemberChanges()
    changes["model"] = target.quotedModel
    if let effort = offer.effort { say(effort, in: &changes) }
    if offer.service != PriceConditions.standardService, flavor.serviceHeader == nil {
      changes["service_tier"] = JSONText.quoted(offer.service)
    }
    limitOutput(call, &changes)
    if call.streams || body.asksForStream { changes["stream"] = .some(call.streams ? "true" : nil) }
    let asks = call.streams && flavor.asksForUsage
    if call.streams || body.has("stream_options") {
      changes["stream_options"] = .some(asks ? "{\"include_usage\":true}" : nil)
    }
    if flavor.needsReading(of: body) {
      try adapt(body, &changes)
    }
    return body.changing(changes.sorted)
  }

  private func say(_ effort: String, in changes: inout MemberChanges) {
    let word = JSONText.quoted(effort)
    switch flavor.effort {
    case .word: changes["reasoning_effort"] = word
    case .object:
      changes["reasoning"] = "{\"effort\":\(word)}"
      changes["reasoning_effort"] = .some(nil)
    case .thinking(let says):
      let isOff = effort == "none"
      changes["reasoning_effort"] = .some(isOff ? nil : word)
      changes["thinking"] = .some(
        isOff ? "{\"type\":\"disabled\"}" : says ? "{\"type\":\"enabled\"}" : nil)
    case .flag:
      changes["enable_thinking"] = effort == "none" ? "false" : "true"
      changes["reasoning_effort"] = .some(effort == "none" ? nil : word)
    }
  }

  private static let limits = ["max_completion_tokens", "max_tokens"]

  /// One limit, under the name that the provider heeds, and the one that is reserved for.
  private func limitOutput(_ call: Call, _ changes: inout MemberChanges) {
    guard let limit = call.outputLimit else { return }
    guard let name = flavor.limit else {
      if call.body.maxOutputTokens == nil { changes["max_completion_tokens"] = String(limit) }
      return
    }
    // Already so: the bytes stay as they are.
    if call.body.has(name), !Self.limits.contains(where: { $0 != name && call.body.has($0) }) { return }
    for other in Self.limits { changes[other] = .some(other == name ? String(limit) : nil) }
  }

  // MARK: What the flavor refuses

  private func adapt(_ body: RequestBody, _ changes: inout MemberChanges) throws(Rejection) {
    // It was read before, when it became a body.
    guard let node = try? JSONNode.parse(body.bytes, file: "request"), case .object(let members) = node.value
    else { throw .inexpressible("a body that is not an object") }
    for member in members where changes[member.key] == nil {
      if flavor.seed != "seed", member.key == "seed" {
        changes["seed"] = .some(nil)
        changes[flavor.seed] = String(decoding: body.bytes[member.node.range], as: UTF8.self)
      } else if flavor.refuses.contains(member.key)
        || flavor.accepts.map({ !$0.contains(member.key) }) ?? false
      {
        guard Self.meansNothing(member) else { throw .inexpressible(member.key) }
        changes[member.key] = .some(nil)
      }
    }
    if let allowed = flavor.toolChoices, let choice = node["tool_choice"] {
      if choice.isNull {
      } else if !allowed.contains(choice.string ?? "") {
        throw .inexpressible("tool_choice")
      }
    }
    try adaptMessages(node["messages"], body, &changes)
  }

  /// Whether leaving the member out changes nothing of the answer: the caller's notes, hints for caches and
  /// abuse detection, and values that say what holds without them.
  private static func meansNothing(_ member: JSONNode.Member) -> Bool {
    switch (member.key, member.node.value) {
    case (_, .null): true
    case ("metadata", _), ("user", _), ("prompt_cache_key", _), ("prompt_cache_retention", _),
      ("safety_identifier", _):
      true
    case ("store", .bool(false)), ("logprobs", .bool(false)): true
    case ("logit_bias", .object(let entries)): entries.isEmpty
    case ("frequency_penalty", .number(let text)), ("presence_penalty", .number(let text)),
      ("top_logprobs", .number(let text)):
      Double(text) == 0
    case ("modalities", .array(let items)): items.allSatisfy { $0.string == "text" }
    default: false
    }
  }

  /// The role `developer` becomes `system`, reasoning of earlier turns is left out where it would be an
  /// error, and a name that the provider refuses is reported.
  private func adaptMessages(
    _ messages: JSONNode?, _ body: RequestBody, _ changes: inout MemberChanges
  ) throws(Rejection) {
    guard let messages, case .array(let items) = messages.value else { return }
    var edits: [(range: Range<Int>, text: String)] = []
    for item in items {
      guard case .object(let members) = item.value else { continue }
      let role = item["role"]
      if !flavor.knowsNames, role?.string != "tool", let name = item["name"] {
        if !name.isNull { throw .inexpressible("messages.name") }
      }
      if !flavor.knowsDeveloper, let role, role.string == "developer" {
        edits.append((role.range, "\"system\""))
      }
      let kept = members.filter { !Self.reasoning.contains($0.key) }
      if !flavor.takesReasoning, role?.string == "assistant", kept.count < members.count {
        let texts = kept.map { ($0.key, String(decoding: body.bytes[$0.node.range], as: UTF8.self)) }
        edits.append((item.range, JSONText.object([:], and: texts)))
      }
    }
    guard !edits.isEmpty else { return }
    var text = ""
    var position = messages.range.lowerBound
    for edit in edits {
      text += String(decoding: body.bytes[position..<edit.range.lowerBound], as: UTF8.self) + edit.text
      position = edit.range.upperBound
    }
    changes["messages"] =
      text + String(decoding: body.bytes[position..<messages.range.upperBound], as: UTF8.self)
  }

  /// Under which names providers hand out what a model reasoned.
  private static let reasoning: Set = ["reasoning_content", "reasoning", "reasoning_details"]
}

/// The few members that an offer changes in a body, each once.
private struct MemberChanges {
  private var list: [(key: String, value: String?)] = []

  init() { list.reserveCapacity(6) }

  /// The new value of a member, JSON text, or nil within to remove it; nil if it is left as it is.
  subscript(key: String) -> String?? {
    get { list.first { $0.key == key }?.value }
    set {
      list.removeAll { $0.key == key }
      if case .some(let value) = newValue { list.append((key, value)) }
    }
  }

  /// By name.
  var sorted: [(key: String, value: String?)] { list.count > 1 ? list.sorted { $0.key < $1.key } : list }
}

extension OpenAIFlavor {
  /// Whether a body must be read to be adapted. A plain one has neither names nor reasoning, nor a role or a
  /// member that the provider may not know, other than those listed.
  fileprivate func needsReading(of body: RequestBody) -> Bool {
    guard !body.isPlain else {
      return accepts != nil || !refuses.isDisjoint(with: RequestBody.plainMembers)
    }
    return !knowsDeveloper || !knowsNames || !takesReasoning || accepts != nil || !refuses.isEmpty
      || toolChoices != nil
      || seed != "seed"
  }
}
