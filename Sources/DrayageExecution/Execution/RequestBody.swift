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
  /// JSON around each message has more bytes than a chat template adds tokens.
  package var inputTokenBound: Int { bytes.count }
  /// The input tokens to expect by each of `TokenFamily.all`.
  private let expected: [Int]
  /// What an offer must be able to do.
  package let capabilities: Set<Capability>

  private let members: [String: Range<Int>]
  private let afterBrace: Int

  /// Reads a body.
  ///
  /// - Parameters:
  ///   - node: the body within `text`, parsed from it.
  ///   - where: makes an error about the body.
  /// - Throws: ``InputError`` if the body is not an object with messages, streams, asks for several choices or
  ///   for a service tier, or carries input whose tokens cannot be bounded by its bytes.
  package init(
    _ node: JSONNode, in text: [UInt8], fault: (InputError.Code, String, String) -> InputError
  ) throws(InputError) {
    guard case .object(let list) = node.value else { throw fault(.value, "body", "is not an object") }
    let origin = node.range.lowerBound
    bytes = Array(text[node.range])
    members = Dictionary(
      uniqueKeysWithValues: list.map {
        ($0.key, $0.node.range.lowerBound - origin..<$0.node.range.upperBound - origin)
      })
    afterBrace = 1
    guard let messages = node["messages"], case .array(let items) = messages.value, !items.isEmpty else {
      throw fault(.missing, "body.messages", "is not a list of at least one message")
    }
    /// The value of a member that is there and not null.
    func member(_ key: String) -> JSONNode? {
      if case .null? = node[key]?.value { nil } else { node[key] }
    }
    if let stream = member("stream") {
      guard case .bool(false) = stream.value else {
        throw fault(.value, "body.stream", "is not false; results of a batch are not streamed, remove it")
      }
    }
    if let choices = member("n"), choices.integer != 1 {
      throw fault(.value, "body.n", "is not 1; ask for one choice for each request")
    }
    if let tier = member("service_tier"), !["auto", "default"].contains(tier.string) {
      throw fault(.value, "body.service_tier", "moves the price, and goes with the offer; remove it")
    }
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
    var capabilities: Set<Capability> = []
    if node["tools"] != nil { capabilities.insert(.tools) }
    if node["response_format"]?["type"]?.string == "json_schema" { capabilities.insert(.jsonSchema) }
    self.capabilities = capabilities
    for message in items {
      guard case .array(let parts)? = message["content"]?.value else { continue }
      for part in parts where !["text", "refusal"].contains(part["type"]?.string) {
        throw fault(
          .value, "body.messages",
          "has a part of type \(InputError.quoted(part["type"]?.string ?? "")), whose tokens cannot be bounded; send text only"
        )
      }
    }
    let input = RequestInput(node, in: text)
    let runs = input.texts.reduce(into: TextRuns()) { $0 += TextRuns(utf8: $1.utf8) }
    let most = bytes.count
    expected = TokenFamily.all.map {
      min(most, (TokenEstimator($0).estimate(runs) + input.around($0)).expected)
    }
  }

  /// The input tokens as a vocabulary counts them, with what a family's chat format puts around messages.
  package func inputTokens(family: TokenFamily, by vocabulary: Vocabulary) -> Int {
    // It was read before, when it became a body.
    guard let node = try? JSONNode.parse(bytes, file: "body") else { return bytes.count }
    let input = RequestInput(node, in: bytes)
    let counted = input.texts.reduce(0) { $0 + vocabulary.count($1) }
    return min(bytes.count, counted + input.around(family).expected)
  }

  /// The input tokens to expect of a family of models: those of the messages' texts and of the tools, with what a
  /// chat format puts around them.
  ///
  /// - Parameter family: a position in `TokenFamily.all`.
  package func inputTokens(family: Int) -> TokenEstimate {
    TokenEstimate(expected: expected[family], high: expected[family], bound: inputTokenBound)
  }

  /// A 64-bit FNV-1a digest of the bytes: enough to notice an edited row, no defence against forgery.
  package var digest: UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// The body as it is sent to an offer.
  ///
  /// - Parameter maxOutputTokens: a limit on output to set where the body sets none.
  package func spliced(for offer: Offer, maxOutputTokens limit: Int?) -> [UInt8] {
    var changes: [(key: String, value: String)] = [("model", JSONText.quoted(offer.wireModel))]
    if let effort = offer.effort { changes.append(("reasoning_effort", JSONText.quoted(effort))) }
    if offer.service != PriceConditions.standardService {
      changes.append(("service_tier", JSONText.quoted(offer.service)))
    }
    if maxOutputTokens == nil, let limit { changes.append(("max_completion_tokens", String(limit))) }
    var inserted = ""
    var replaced: [(range: Range<Int>, value: String)] = []
    for change in changes {
      if let range = members[change.key] {
        replaced.append((range, change.value))
      } else {
        inserted += JSONText.quoted(change.key) + ":" + change.value + ","
      }
    }
    // There is at least one member, the messages, for the comma to stand before.
    var result = Array(bytes[..<afterBrace]) + Array(inserted.utf8)
    var position = afterBrace
    for change in replaced.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      result += bytes[position..<change.range.lowerBound]
      result += change.value.utf8
      position = change.range.upperBound
    }
    return result + bytes[position...]
  }
}
