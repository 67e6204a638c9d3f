package import Drayage
package import DrayageCore
package import DrayageProfiles

/// The body of a chat completion as the caller wrote it, and the few places where an offer changes it.
///
/// A body passes through as bytes: only the model's name and, where the offer asks for them, effort, service
/// tier and the limit on output are set; everything else stays as written.
package struct RequestBody: Sendable {
  /// The bytes as given: one JSON object.
  package let bytes: [UInt8]
  /// The limit on output tokens that the body sets, if it sets one.
  package let maxOutputTokens: Int?
  /// The descriptive `metadata` of the body whose values are texts.
  package let metadata: [String: String]
  /// An upper bound on input tokens: no tokenizer makes more tokens than there are bytes of text, and the
  /// JSON around each message has more bytes than a chat template adds tokens. Pictures come on top.
  package var inputTokenBound: Int { bytes.count + parts.pictureBound }
  private let runs: TextRuns
  private let parts: RequestParts
  /// Whether the body asks for the answer as it is written.
  package let asksForStream: Bool
  /// Whether it asks for nothing but text in return for text, in words that every wire format has.
  package let isPlain: Bool
  /// What an offer must be able to do.
  package let capabilities: Set<Capability>

  /// The members of the top level, in the order in which they are written.
  private let members: [(key: String, range: Range<Int>)]

  /// Reads a body.
  ///
  /// - Parameters:
  ///   - node: the body within `text`, parsed from it.
  ///   - fault: makes an error about the body.
  /// - Throws: ``InputError`` if the body is not an object with messages, asks for several choices or
  ///   for a service tier, carries input whose tokens cannot be bounded by its bytes, or asks for what is billed
  ///   besides tokens.
  package init(
    _ node: JSONNode, in text: [UInt8], fault: (InputError.Code, String, String) -> InputError
  ) throws(InputError) {
    guard case .object(let list) = node.value else { throw fault(.value, "body", "is not an object") }
    let origin = node.range.lowerBound
    bytes = Array(text[node.range])
    members = list.map {
      ($0.key, $0.node.range.lowerBound - origin..<$0.node.range.upperBound - origin)
    }
    guard let messages = node["messages"], case .array(let items) = messages.value, !items.isEmpty else {
      throw fault(.missing, "body.messages", "is not a list of at least one message")
    }
    /// The value of a member that is there and not null.
    func member(_ key: String) -> JSONNode? {
      node[named: key].flatMap { $0.isNull ? nil : $0 }
    }
    switch member("stream")?.value {
    case .bool(let flag): asksForStream = flag
    case nil: asksForStream = false
    default: throw fault(.value, "body.stream", "is neither true nor false")
    }
    if let choices = member("n"), choices.integer != 1 {
      throw fault(.value, "body.n", "is not 1; ask for one choice for each request")
    }
    if let tier = member("service_tier"), !["auto", "default"].contains(tier.string) {
      throw fault(.value, "body.service_tier", "moves the price, and goes with the offer; remove it")
    }
    try Self.refuseFees(node, fault)
    var limits: [Int] = []
    for key in ["max_completion_tokens", "max_tokens"] {
      guard let limit = member(key) else { continue }
      guard let value = limit.integer, value > 0 else {
        throw fault(.value, "body.\(key)", "is not a whole number above 0")
      }
      limits.append(value)
    }
    // Providers differ in which of the two they heed.
    maxOutputTokens = limits.max()
    var metadata: [String: String] = [:]
    if case .object(let entries)? = node["metadata"]?.value {
      for entry in entries { metadata[entry.key] = entry.node.string }
    }
    self.metadata = metadata
    isPlain =
      list.allSatisfy { Self.plainMembers.contains($0.key) }
      && Self.isPlain(items)
    var capabilities: Set<Capability> = []
    if node["tools"] != nil { capabilities.insert(.tools) }
    if node["response_format"]?["type"]?.string == "json_schema" { capabilities.insert(.jsonSchema) }
    for message in items {
      guard case .array(let parts)? = message["content"]?.value else { continue }
      for part in parts {
        switch part["type"]?.string {
        case "text", "refusal": continue
        case "image_url": capabilities.insert(.image)
        case let type:
          throw fault(
            .value, "body.messages",
            "has a part of type \(InputError.quoted(type ?? "")), whose tokens cannot be bounded; send text and "
              + "pictures only")
        }
      }
    }
    self.capabilities = capabilities
    let input = RequestInput(node, in: text)
    runs = input.texts.reduce(into: TextRuns()) { $0.add($1) }
    parts = input.parts
  }

  /// Members that have a provider search, run things or speak: it bills what that takes besides the tokens, as often as
  /// the model likes, so that no reservation would cover it. Those of OpenAI, xAI, Groq, Alibaba and OpenRouter.
  private static let fees = [
    "web_search_options", "search_parameters", "search_settings", "enable_search", "plugins", "audio",
  ]

  private static func refuseFees(
    _ node: JSONNode, _ fault: (InputError.Code, String, String) -> InputError
  ) throws(InputError) {
    for key in fees {
      switch node[named: key]?.value {
      case nil, .null, .bool(false): continue
      default:
        throw fault(
          .value, "body.\(key)", "asks for what is billed besides tokens, without a bound; remove it")
      }
    }
    if case .array(let kinds)? = node["modalities"]?.value, kinds.contains(where: { $0.string != "text" }) {
      throw fault(.value, "body.modalities", "asks for more than text, whose price is not known; remove it")
    }
    guard case .array(let tools)? = node["tools"]?.value else { return }
    for tool in tools {
      // A tool without a type is for its dialect to refuse.
      guard let type = tool["type"]?.string, !["function", "custom"].contains(type) else { continue }
      throw fault(
        .value, "body.tools",
        "has a tool of type \(InputError.quoted(type)), which runs at the provider and is billed besides tokens, without "
          + "a bound; offer functions only")
    }
  }

  /// The members of a body that may be plain.
  static let plainMembers: Set<String> = [
    "model", "messages", "metadata", "stream", "stream_options", "n", "service_tier", "reasoning_effort",
    "max_tokens", "max_completion_tokens",
  ]

  /// Whether the turns are texts in the order that all formats take: instructions, then questions and answers
  /// that end in a question.
  private static func isPlain(_ messages: JSONNode.Elements) -> Bool {
    let isText = messages.allSatisfy { message in
      guard case .object(let members) = message.value else { return false }
      return members.allSatisfy { ["role", "content"].contains($0.key) }
        && message["content"]?.string?.isEmpty == false
    }
    return isText && isPlain(roles: messages.lazy.map { $0["role"]?.string })
  }

  private static func isPlain(roles: some Sequence<String?>) -> Bool {
    var last: String?
    for (place, role) in roles.enumerated() {
      if place == 0, role == "system" { continue }
      guard role == "user" || last != nil && role == "assistant" else { return false }
      last = role
    }
    return last == "user"
  }

  /// The body that says what `request` says.
  ///
  /// - Throws: ``InputError`` if `request` is beyond what a body may ask, see ``init(_:in:fault:)``.
  package init(_ request: ChatRequest) throws(InputError) {
    if let body = RequestBody(plain: request) {
      self = body
      return
    }
    let text = Array(request.json.utf8)
    let node = try JSONNode.parse(text, file: "request")
    try self.init(node, in: text) { InputError($0, file: "request", key: $1, message: $2) }
  }

  /// The same for a request of texts and nothing else, as most are, without reading again what was just written; nil
  /// if it is another.
  private init?(plain request: ChatRequest) {
    guard request.isOnlyMessages, request.maxOutputTokens.map({ $0 > 0 }) ?? true, !request.messages.isEmpty
    else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(request.messages.reduce(64) { $0 + 48 + $1.bytes })
    bytes += "{\"messages\":[".utf8
    var runs = TextRuns()
    for place in request.messages.indices {
      guard let text = request.messages[place].onlyText, !text.isEmpty else { return nil }
      bytes += (place == 0 ? "{\"role\":\"" : ",{\"role\":\"").utf8
      bytes += request.messages[place].role.rawValue.utf8
      bytes += "\",\"content\":".utf8
      JSONText.append(quoted: text, to: &bytes)
      bytes.append(UInt8(ascii: "}"))
      runs.add(text)
    }
    bytes.append(UInt8(ascii: "]"))
    let messages = (key: "messages", range: 12..<bytes.count)
    if let most = request.maxOutputTokens {
      bytes += ",\"max_completion_tokens\":".utf8
      let start = bytes.count
      bytes += String(most).utf8
      members = [messages, ("max_completion_tokens", start..<bytes.count)]
    } else {
      members = [messages]
    }
    bytes.append(UInt8(ascii: "}"))
    self.bytes = bytes
    self.runs = runs
    maxOutputTokens = request.maxOutputTokens
    metadata = [:]
    parts = RequestParts(messages: request.messages.count)
    asksForStream = false
    isPlain = Self.isPlain(roles: request.messages.lazy.map(\.role.rawValue))
    capabilities = []
  }

  /// The input tokens as a vocabulary counts them, with what a family's chat format puts around messages.
  package func inputTokens(family: TokenFamily, by vocabulary: Vocabulary) -> Int {
    // It was read before, when it became a body.
    guard let node = try? JSONNode.parse(bytes, file: "body") else { return inputTokenBound }
    let input = RequestInput(node, in: bytes)
    let counted = input.texts.reduce(0) { $0 + vocabulary.count($1) }
    return min(bytes.count, counted + parts.around(family).expected) + parts.ofPictures(family).expected
  }

  /// The input tokens to expect of a family of models: those of the messages' texts and of the tools, with what a
  /// chat format puts around them.
  package func inputTokens(family: TokenFamily) -> Int {
    inputTokens(TokenEstimator(family).estimate(runs), family)
  }

  /// The same for each of `TokenFamily.all`.
  package var inputTokensByFamily: [Int] { inputTokens(families: Array(TokenFamily.all.indices)) }

  /// The same for some of `TokenFamily.all`, by their places there; 0 for the others.
  package func inputTokens(families: [Int]) -> [Int] {
    var counts = Array(repeating: 0, count: TokenFamily.all.count)
    let present = runs.present
    for place in families {
      let family = TokenFamily.all[place]
      counts[place] = inputTokens(TokenEstimator(family).estimate(runs, present: present), family)
    }
    return counts
  }

  private func inputTokens(_ texts: TokenEstimate, _ family: TokenFamily) -> Int {
    min(bytes.count, (texts + parts.around(family)).expected) + parts.ofPictures(family).expected
  }

  /// A 64-bit FNV-1a digest of the bytes: enough to notice an edited row, no defence against forgery.
  package var digest: UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// Where the value of a member stands; nil if there is no such member.
  private func range(of key: String) -> Range<Int>? { members.first { $0.key == key }?.range }

  /// The body with some members of the top level changed; everything else stays as written.
  ///
  /// - Parameter changes: names, each once, and values, which are JSON text; nil removes the member.
  package func changing(_ changes: [(key: String, value: String?)]) -> [UInt8] {
    guard changes.allSatisfy({ $0.value != nil || range(of: $0.key) == nil }) else { return rebuilt(changes) }
    var result: [UInt8] = []
    let added = changes.reduce(0) { $0 + $1.key.utf8.count + ($1.value?.utf8.count ?? 0) + 4 }
    result.reserveCapacity(bytes.count + added)
    result.append(UInt8(ascii: "{"))
    var replaced: [(range: Range<Int>, value: String)] = []
    for case (let key, let value?) in changes {
      if let range = range(of: key) {
        replaced.append((range, value))
      } else {
        JSONText.append(quoted: key, to: &result)
        result.append(UInt8(ascii: ":"))
        result += value.utf8
        // There is at least one member, the messages, for the comma to stand before.
        result.append(UInt8(ascii: ","))
      }
    }
    var position = 1
    if replaced.count > 1 { replaced.sort { $0.range.lowerBound < $1.range.lowerBound } }
    for change in replaced {
      result += bytes[position..<change.range.lowerBound]
      result += change.value.utf8
      position = change.range.upperBound
    }
    result += bytes[position...]
    return result
  }

  /// The same member by member, for changes that take some away.
  private func rebuilt(_ changes: [(key: String, value: String?)]) -> [UInt8] {
    let changed = Dictionary(changes.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    var result: [UInt8] = []
    func add(_ key: String, _ value: some Sequence<UInt8>) {
      result.append(UInt8(ascii: result.isEmpty ? "{" : ","))
      JSONText.append(quoted: key, to: &result)
      result.append(UInt8(ascii: ":"))
      result += value
    }
    for (key, value) in changes where range(of: key) == nil {
      if let value { add(key, value.utf8) }
    }
    for (key, range) in members {
      switch changed[key] {
      case .none: add(key, bytes[range])
      case .some(.some(let value)): add(key, value.utf8)
      case .some(.none): continue
      }
    }
    return result + [UInt8(ascii: "}")]
  }

  /// Whether the body has a member of this name that is not null.
  package func has(_ key: String) -> Bool {
    guard let range = range(of: key) else { return false }
    return range.count != 4 || !bytes[range].elementsEqual("null".utf8)
  }

  /// What is asked, member by member, for dialects that say it in other words.
  ///
  /// - Throws: ``InputError`` with the key of a member that is not of its documented type.
  package func chat() throws(InputError) -> ChatRequest {
    try ChatRequest(try JSONNode.parse(bytes, file: "request"), in: bytes, file: "request")
  }
}
