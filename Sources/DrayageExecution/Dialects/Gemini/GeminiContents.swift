import Drayage
import DrayageCore

/// A conversation as the Gemini API takes it: system instructions apart, then turns of `user` and `model`.
///
/// What tools returned belongs to the user, all that answers one turn in one content; it names the function,
/// which OpenAI's format leaves to the call that it answers.
struct GeminiContents {
  /// The parts of the system instruction; empty for none.
  private(set) var system: [String] = []
  /// The turns, at least one.
  private(set) var turns: [String] = []

  /// The functions that were called, by the name of the call.
  private var called: [String: String] = [:]
  private var results: [String] = []

  /// The signature that Google documents for calls that none of its models made; see the section on
  /// conversations of other models in https://ai.google.dev/gemini-api/docs/thought-signatures.
  private static let unsigned = "skip_thought_signature_validator"

  /// - Parameter needsSignatures: whether the model refuses calls of the current turn without a signature.
  /// - Throws: ``Rejection/inexpressible(_:)``.
  init(_ messages: [ChatMessage], needsSignatures: Bool) throws(Rejection) {
    // Signatures are asked for in the current turn only, and the mark costs quality.
    let current = messages.lastIndex { $0.role == .user } ?? 0
    for (index, message) in messages.enumerated() {
      if message.name != nil { throw .inexpressible("messages.name") }
      if message.role != .tool { endResults() }
      switch message.role {
      case .system, .developer:
        guard turns.isEmpty else { throw .inexpressible("a system message after the first turn") }
        system += try parts(message, pictures: false)
      case .user: add(try parts(message, pictures: true), as: "user")
      case .assistant:
        let said = try parts(message, pictures: false)
        add(said + (try calls(message.toolCalls, marked: needsSignatures && index > current)), as: "model")
      case .tool: results.append(try result(message))
      }
    }
    endResults()
    guard !turns.isEmpty else { throw .inexpressible("messages of the system alone") }
  }

  private mutating func add(_ parts: [String], as role: String) {
    let parts = parts.isEmpty ? ["{\"text\":\"\"}"] : parts
    turns.append(JSONText.object(["role": "\"\(role)\"", "parts": JSONText.array(parts)]))
  }

  private mutating func endResults() {
    guard !results.isEmpty else { return }
    add(results, as: "user")
    results = []
  }

  private func parts(_ message: ChatMessage, pictures: Bool) throws(Rejection) -> [String] {
    var parts: [String] = []
    for part in message.content {
      switch part {
      case .text(let text): parts.append(JSONText.object(["text": JSONText.quoted(text)]))
      case .image(let image):
        guard pictures else {
          throw .inexpressible("a picture in a message of role \(message.role.rawValue)")
        }
        parts.append(try Self.part(image))
      }
    }
    return parts
  }

  private static func part(_ image: ChatImage) throws(Rejection) -> String {
    switch image.source {
    case .data(let mediaType, let base64):
      return JSONText.object([
        "inlineData": JSONText.object([
          "mimeType": JSONText.quoted(mediaType), "data": JSONText.quoted(base64),
        ])
      ])
    case .url(let address):
      guard ["https://", "http://", "gs://"].contains(where: address.lowercased().hasPrefix) else {
        throw .inexpressible("a picture at an address other than https and gs")
      }
      return JSONText.object([
        "fileData": JSONText.object([
          "mimeType": mediaType(address).map { JSONText.quoted($0) }, "fileUri": JSONText.quoted(address),
        ])
      ])
    }
  }

  /// The media type that the end of an address tells of; nil if none, which leaves it to the provider.
  private static func mediaType(_ address: String) -> String? {
    let path = address.prefix { $0 != "?" && $0 != "#" }.lowercased()
    return switch path.split(separator: ".").last {
    case "png": "image/png"
    case "jpg", "jpeg": "image/jpeg"
    case "webp": "image/webp"
    case "heic": "image/heic"
    case "heif": "image/heif"
    default: nil
    }
  }

  /// - Parameter marked: whether calls without a signature get the mark for them.
  private mutating func calls(_ calls: [ToolCall], marked: Bool) throws(Rejection) -> [String] {
    // Of calls made at once only the first has a signature.
    let lacksSignature = marked && calls.allSatisfy { $0.signature == nil }
    var parts: [String] = []
    for (index, call) in calls.enumerated() {
      called[call.id] = call.name
      let text = call.arguments.allSatisfy(\.isWhitespace) ? "{}" : call.arguments
      guard let arguments = JSONFragment(text), arguments.isObject else {
        throw .inexpressible("messages.tool_calls.function.arguments that are no JSON object")
      }
      let function = JSONText.object([
        "id": JSONText.quoted(call.id), "name": JSONText.quoted(call.name), "args": arguments.text,
      ])
      let signature = call.signature ?? (lacksSignature && index == 0 ? Self.unsigned : nil)
      parts.append(
        JSONText.object([
          "functionCall": function, "thoughtSignature": signature.map { JSONText.quoted($0) },
        ]))
    }
    return parts
  }

  private func result(_ message: ChatMessage) throws(Rejection) -> String {
    guard let id = message.toolCallID, let name = called[id] else {
      throw .inexpressible("messages.tool_call_id of a call that no message before makes")
    }
    guard message.content.allSatisfy(\.isText) else {
      throw .inexpressible("a picture in a message of role tool")
    }
    let text = message.text
    // The format takes an object; for anything else it documents the key.
    let object = JSONFragment(text).flatMap { $0.isObject ? $0.text : nil }
    let response = JSONText.object([
      "id": JSONText.quoted(id), "name": JSONText.quoted(name),
      "response": object ?? JSONText.object(["output": JSONText.quoted(text)]),
    ])
    return JSONText.object(["functionResponse": response])
  }
}

extension JSONFragment {
  /// Whether it is an object.
  var isObject: Bool { text.first { !$0.isWhitespace } == "{" }
}
