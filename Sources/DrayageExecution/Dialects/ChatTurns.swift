internal import Drayage
internal import DrayageCore

/// A conversation in the shape that Anthropic's and Amazon's formats ask for: instructions apart, and turns of
/// user and assistant that alternate, with what tools returned at the beginning of a user's turn.
///
/// Blank texts, which both refuse, are left out. Tool calls whose names do not suit the format, or come again,
/// are named anew: the names only tie results to calls.
struct ChatTurns {
  /// A piece of a turn.
  struct Block {
    enum Content {
      case text(String)
      case image(ChatImage)
      /// - input: a JSON object.
      case call(id: String, name: String, input: String)
      case result(id: String, content: [ChatMessage.Part])
    }

    var content: Content
    /// Whether the prompt is to be cached up to here, and how long.
    var cache: CacheLifetime?
  }

  /// How long a provider is to keep a part of a prompt.
  enum CacheLifetime: String {
    case minutes = "5m"
    case hour = "1h"
  }

  /// What a provider takes for the name of a call.
  struct CallNames {
    let mostBytes: Int
    let allows: (UInt8) -> Bool
  }

  /// One side's turn.
  struct Turn {
    var isUser: Bool
    var blocks: [Block]
  }

  /// Instructions, in order.
  private(set) var system: [Block] = []
  /// The turns, a user's first and last.
  private(set) var turns: [Turn] = []
  /// Whether tools were called.
  private(set) var callsTools = false

  private let names: CallNames
  private var usedNames: Set<String> = []
  /// The calls of the last turn by their names in the request, until they are answered.
  private var open: [String: String] = [:]

  /// - Throws: ``Rejection/inexpressible(_:)`` if the conversation does not fit that shape.
  init(_ messages: [ChatMessage], names: CallNames) throws(Rejection) {
    self.names = names
    for message in messages { try add(message) }
    guard turns.first?.isUser == true else {
      throw .inexpressible("messages that do not begin with a user's turn")
    }
    guard open.isEmpty else { throw .inexpressible("a tool call without its result") }
    // OpenAI's models answer it; these would continue it, or refuse.
    guard turns.last?.isUser == true else {
      throw .inexpressible("messages that end with the assistant's turn")
    }
    let marks = (system + turns.flatMap(\.blocks)).count { $0.cache != nil }
    guard marks <= Self.mostMarks else { throw Self.tooManyMarks }
  }

  private static let mostMarks = 4
  private static let tooManyMarks = Rejection.inexpressible("more than four of messages.cache_control")

  private mutating func add(_ message: ChatMessage) throws(Rejection) {
    // A tool's name goes with the call.
    guard message.name == nil || message.role == .tool else { throw .inexpressible("messages.name") }
    guard message.role == .tool || open.isEmpty else {
      throw .inexpressible("a tool call without its result")
    }
    guard message.role == .assistant || message.toolCalls.isEmpty else {
      throw .inexpressible("messages.tool_calls of the \(message.role)")
    }
    guard message.cacheControls.count <= Self.mostMarks else { throw Self.tooManyMarks }
    var blocks: [Block] = []
    if message.role == .tool {
      blocks = [Block(content: try result(message))]
    } else {
      blocks = try Self.parts(of: message)
      for call in message.toolCalls { blocks.append(Block(content: try self.call(call))) }
    }
    let isInstruction = message.role == .system || message.role == .developer
    // Instructions that say nothing, which the callers of some libraries send always.
    if blocks.isEmpty, isInstruction, message.cacheControls.isEmpty { return }
    guard !blocks.isEmpty else { throw .inexpressible("a message without content") }
    if let mark = message.cacheControls.last(where: { $0.part == nil }) {
      blocks[blocks.count - 1].cache = try Self.lifetime(mark.value)
    }
    guard !isInstruction else {
      guard turns.isEmpty else { throw .inexpressible("a system message after the first turn") }
      system += blocks
      return
    }
    let isUser = message.role != .assistant
    if turns.last?.isUser == isUser {
      turns[turns.count - 1].blocks += blocks
    } else {
      turns.append(Turn(isUser: isUser, blocks: blocks))
    }
  }

  /// The parts of a message that is no tool's, each with its mark.
  private static func parts(of message: ChatMessage) throws(Rejection) -> [Block] {
    var blocks: [Block] = []
    for (place, part) in message.content.enumerated() {
      let mark = message.cacheControls.last { $0.part == place }
      var cache: CacheLifetime?
      if let mark { cache = try lifetime(mark.value) }
      switch part {
      case _ where part.isBlank:
        guard mark == nil else { throw .inexpressible("messages.content.cache_control at a blank text") }
      case .text(let text): blocks.append(Block(content: .text(text), cache: cache))
      case .image(let image):
        guard message.role == .user else {
          throw .inexpressible("a picture in a message of the \(message.role)")
        }
        blocks.append(Block(content: .image(image), cache: cache))
      }
    }
    return blocks
  }

  private static func lifetime(_ mark: JSONFragment) throws(Rejection) -> CacheLifetime {
    let refusal = Rejection.inexpressible(
      "this messages.cache_control: give type ephemeral, and ttl 5m or 1h")
    guard let node = try? JSONNode.parse(Array(mark.text.utf8), file: ""),
      case .object(let members) = node.value,
      node["type"]?.string == "ephemeral", members.allSatisfy({ ["type", "ttl"].contains($0.key) })
    else { throw refusal }
    guard let ttl = node["ttl"] else { return .minutes }
    guard let lifetime = ttl.string.flatMap({ CacheLifetime(rawValue: $0) }) else { throw refusal }
    return lifetime
  }

  private mutating func call(_ call: ToolCall) throws(Rejection) -> Block.Content {
    let isBlank = call.arguments.allSatisfy(\.isWhitespace)
    let input = isBlank ? "{}" : call.arguments
    guard let node = try? JSONNode.parse(Array(input.utf8), file: ""), node.isObject else {
      throw .inexpressible("messages.tool_calls whose arguments are no JSON object")
    }
    guard open[call.id] == nil else { throw .inexpressible("two messages.tool_calls of one id") }
    var name = call.id
    let suits = (1...names.mostBytes).contains(name.utf8.count) && name.utf8.allSatisfy(names.allows)
    if !suits || usedNames.contains(name) {
      var number = usedNames.count
      repeat {
        name = "call_\(number)"
        number += 1
      } while usedNames.contains(name)
    }
    usedNames.insert(name)
    open[call.id] = name
    callsTools = true
    return .call(id: name, name: call.name, input: input)
  }

  private mutating func result(_ message: ChatMessage) throws(Rejection) -> Block.Content {
    guard let id = message.toolCallID, let name = open.removeValue(forKey: id) else {
      throw .inexpressible("a tool's message that answers no call of the turn before")
    }
    guard !message.cacheControls.contains(where: { $0.part != nil }) else {
      throw .inexpressible("messages.content.cache_control within a tool's message")
    }
    return .result(id: name, content: message.content.filter { !$0.isBlank })
  }
}

extension ChatMessage.Part {
  /// Whether it is a text of nothing but white space.
  fileprivate var isBlank: Bool {
    if case .text(let text) = self { text.allSatisfy(\.isWhitespace) } else { false }
  }
}
