import Drayage
import DrayageCore

/// One `GenerateContentResponse`: a whole answer, or a piece of a streamed one.
struct GeminiReply {
  /// A part of the content that concerns a chat.
  enum Piece {
    case text(String)
    case reasoning(String)
    case call(ToolCall)
  }

  let id: String?
  let model: String?
  /// What the first candidate says, in order.
  private(set) var pieces: [Piece] = []
  let hasCandidate: Bool
  /// Nil if it does not add up, or is not stated.
  let usage: MeteredUsage?
  /// Why the candidate ended, in Google's word; nil if it goes on.
  let finishReason: String?
  private let finishMessage: String?
  private let blockReason: String?

  /// - Throws: ``FailureClass/malformed``, or the failure that `bytes` tell of.
  init(_ bytes: [UInt8]) throws(AttemptFailure) {
    guard let node = JSONNode.reply(bytes),
      node.isObject
    else { throw AttemptFailure(.malformed, "the answer is not a GenerateContentResponse") }
    if node["error"] != nil {
      throw GeminiFailure(bytes)?.failure(status: nil, fields: [:])
        ?? AttemptFailure(.malformed, "the answer is an error without a code")
    }
    id = node["responseId"]?.string
    model = node["modelVersion"]?.string
    blockReason = node["promptFeedback"]?["blockReason"]?.string
    var candidate: JSONNode?
    if case .array(let candidates)? = node["candidates"]?.value { candidate = candidates.first }
    hasCandidate = candidate != nil
    finishReason = candidate?["finishReason"]?.string
    finishMessage = candidate?["finishMessage"]?.string
    usage = GeminiUsage(node["usageMetadata"])?.metered(
      searches: GeminiUsage.searches(candidate, model: model))
    guard case .array(let parts)? = candidate?["content"]?["parts"]?.value else { return }
    for part in parts {
      if let call = part["functionCall"] {
        pieces.append(
          .call(try Self.call(call, in: bytes, signature: part["thoughtSignature"]?.string, usage)))
      } else if let text = part["text"]?.string {
        if case .bool(true)? = part["thought"]?.value {
          pieces.append(.reasoning(text))
        } else {
          pieces.append(.text(text))
        }
      }
    }
  }

  private static func call(
    _ node: JSONNode, in bytes: [UInt8], signature: String?, _ usage: MeteredUsage?
  ) throws(AttemptFailure) -> ToolCall {
    guard let name = node["name"]?.string, !name.isEmpty else {
      throw AttemptFailure(.malformed, "a function call has no name", usage: usage)
    }
    var arguments = "{}"
    if let args = node["args"] {
      guard args.isObject else {
        throw AttemptFailure(.malformed, "a function call's arguments are no object", usage: usage)
      }
      arguments = JSONFragment(args, in: bytes).text
    }
    return ToolCall(id: node["id"]?.string ?? "", name: name, arguments: arguments, signature: signature)
  }

  /// - Throws: ``FailureClass/contentFilter`` if the prompt was blocked.
  func checkPrompt() throws(AttemptFailure) {
    guard let blockReason, !hasCandidate else { return }
    throw AttemptFailure(
      .contentFilter, "the prompt was blocked" + ProviderText.suffix(blockReason), usage: usage)
  }

  /// Why the answer ended.
  ///
  /// - Parameters:
  ///   - hasContent: whether anything was said or called.
  ///   - callsTools: whether anything was called.
  /// - Throws: the failure, if what was said is no answer: withheld by a filter, or broken.
  func finish(hasContent: Bool, callsTools: Bool) throws(AttemptFailure) -> FinishReason {
    let word = finishReason ?? "FINISH_REASON_UNSPECIFIED"
    let text =
      "the answer ended" + ProviderText.suffix([word, finishMessage ?? ""].joined(separator: " "))
    switch word {
    case "STOP": return callsTools ? .toolCalls : .stop
    case "MAX_TOKENS", "CONTINUATION": return .length
    case "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "ESCALATION",
      "MODEL_ARMOR", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
      guard hasContent else { throw AttemptFailure(.contentFilter, text, usage: usage) }
      return .contentFilter
    case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE",
      "MISSING_THOUGHT_SIGNATURE":
      throw AttemptFailure(.malformed, text, usage: usage)
    case "PUP_LIMITED_DISABLED": throw AttemptFailure(.unauthorized, text, usage: usage)
    default:
      guard hasContent else { throw AttemptFailure(.malformed, text, usage: usage) }
      return .other(ProviderText.word(word))
    }
  }
}

extension ToolCall {
  /// The call with a name, for models that give it none: by the answer's, so that it is not that of another
  /// answer in the same conversation.
  func named(_ answer: String?, index: Int) -> ToolCall {
    guard id.isEmpty else { return self }
    var call = self
    let part = (answer ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(24)
    call.id = "call_\(part.isEmpty ? "0" : part)_\(index)"
    return call
  }
}
