import Drayage
import DrayageProfiles

/// What of a request's body becomes input tokens.
struct RequestInput {
  /// The texts of its messages, and its tools as they are written.
  let texts: [String]
  private let messages: Int
  private let names: Int
  private let tools: Int

  /// - Parameter text: what the body was parsed from.
  init(_ body: JSONNode, in text: [UInt8]) {
    var items: [JSONNode] = []
    if case .array(let list)? = body["messages"]?.value { items = list }
    var texts: [String] = []
    for message in items {
      if let text = message["content"]?.string { texts.append(text) }
      guard case .array(let parts)? = message["content"]?.value else { continue }
      texts += parts.compactMap { $0["text"]?.string ?? $0["refusal"]?.string }
    }
    var tools = 0
    if let list = body["tools"], case .array(let entries) = list.value {
      tools = entries.count
      texts.append(String(decoding: text[list.range], as: UTF8.self))
    }
    self.texts = texts
    messages = items.count
    names = items.count { $0["name"] != nil }
    self.tools = tools
  }

  /// What a family's chat format puts around them.
  func around(_ family: TokenFamily) -> TokenEstimate {
    RequestOverhead(family).estimate(messages: messages, names: names, tools: tools)
  }
}
