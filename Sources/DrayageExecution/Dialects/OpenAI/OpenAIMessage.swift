internal import Drayage
internal import DrayageCore

/// The parts of a message, or of a piece of one, that is written by a model.
struct OpenAIMessage {
  var text = ""
  var reasoning = ""
  var refusal: String?

  /// Reads `content`, a text or a list of parts, and where providers put reasoning: DeepSeek and many others
  /// in `reasoning_content`, OpenRouter, Groq, Together and vLLM in `reasoning`, Mistral in parts of type
  /// `thinking` (mistralai 3.7.0, ThinkChunk), Databricks in parts of type `reasoning`.
  init(_ node: JSONNode) {
    if let content = node["content"]?.string {
      text = content
    } else if case .array(let parts)? = node["content"]?.value {
      for part in parts { read(part) }
    }
    if reasoning.isEmpty, let words = node["reasoning_content"]?.string { reasoning = words }
    if reasoning.isEmpty, let words = node["reasoning"]?.string { reasoning = words }
    if let words = node["refusal"]?.string, !words.isEmpty { refusal = words }
  }

  /// The member of a piece that has its words, if it is a text.
  static func words(_ delta: JSONNode) -> JSONNode? {
    ["content", "reasoning_content", "reasoning"].lazy.compactMap { delta[$0] }
      .first { $0.string?.isEmpty == false }
  }

  private mutating func read(_ part: JSONNode) {
    switch part["type"]?.string {
    case "text", "output_text": text += part["text"]?.string ?? ""
    case "refusal": refusal = (refusal ?? "") + (part["refusal"]?.string ?? "")
    case "thinking", "reasoning":
      for key in ["thinking", "summary"] {
        if let words = part[named: key]?.string { reasoning += words }
        guard case .array(let pieces)? = part[named: key]?.value else { continue }
        for piece in pieces { reasoning += piece["text"]?.string ?? "" }
      }
    default: break
    }
  }

  /// The arguments of a call as text: some providers send them as an object.
  static func arguments(_ node: JSONNode?, in bytes: [UInt8]) -> String {
    guard let node else { return "" }
    switch node.value {
    case .string(let text): return text
    case .object: return String(decoding: bytes[node.range], as: UTF8.self)
    default: return ""
    }
  }

  /// What a word for the end of an answer means; nil if there is none.
  ///
  /// Beside OpenAI's own: `model_length` is Mistral's, `sensitive` and `model_context_window_exceeded`
  /// Z.AI's, `eos` Together's.
  static func finish(_ node: JSONNode?) -> FinishReason? {
    switch node?.string {
    // xAI says nothing where tools are called, older Ollama where nothing has ended.
    case nil, "": nil
    case "stop", "eos", "end_turn", "stop_sequence": .stop
    case "length", "max_tokens", "model_length", "model_context_window_exceeded": .length
    case "tool_calls", "function_call", "tool_use": .toolCalls
    case "content_filter", "sensitive": .contentFilter
    case .some(let word): .other(ProviderText.word(word))
    }
  }

  /// The failure that a word for the end of an answer tells of; nil for a proper end.
  ///
  /// `insufficient_system_resource` is DeepSeek's
  /// (https://api-docs.deepseek.com/api/create-chat-completion), `network_error` Z.AI's, `error` Mistral's
  /// and OpenRouter's.
  static func failure(_ node: JSONNode?) -> FailureClass? {
    switch node?.string {
    case "insufficient_system_resource": .overloaded
    case "error", "network_error": .serverError
    default: nil
    }
  }
}
