import Foundation

/// Which path is spoken to in which wire format.
struct Endpoint {
  let format: any WireFormat
  var place = WirePlace()

  /// What answers at `target`; nil if nothing does.
  init?(target: String) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var path = String(parts.first ?? "")
    // One address serves all formats, also those whose paths begin elsewhere.
    if path.hasPrefix("/v1/v2/") || path.hasPrefix("/v1/model/") { path.removeFirst("/v1".count) }
    switch path {
    case "/v1/chat/completions": format = OpenAIChatFormat()
    case "/openai/v1/chat/completions": format = OpenAIChatFormat(isAzure: true)
    case "/v1/responses": format = OpenAIResponsesFormat()
    case "/openai/v1/responses": format = OpenAIResponsesFormat(isAzure: true)
    case "/v1/messages": format = AnthropicMessagesFormat()
    case "/v2/chat": format = CohereChatFormat()
    case "/v1/embeddings": format = EmbeddingFormat(.openAI)
    case "/openai/v1/embeddings": format = EmbeddingFormat(.azure)
    case "/v2/embed": format = EmbeddingFormat(.cohere)
    default:
      if let model = Self.middle(path, "/openai/deployments/", "/chat/completions") {
        format = OpenAIChatFormat(isAzure: true)
        place.model = model
      } else if let model = Self.middle(path, "/openai/deployments/", "/embeddings") {
        format = EmbeddingFormat(.azure)
        place.model = model
      } else if let model = Self.middle(path, "/model/", "/converse") {
        format = BedrockConverseFormat()
        place.model = model
      } else if let model = Self.middle(path, "/model/", "/converse-stream") {
        format = BedrockConverseFormat()
        place = WirePlace(model: model, streams: true)
      } else if let (model, method) = Self.gemini(path) {
        let query = parts.count > 1 ? parts[1].split(separator: "&") : []
        place.model = model
        switch method {
        case "generateContent": format = GeminiFormat()
        case "streamGenerateContent":
          format = GeminiFormat()
          place.streams = true
          place.asksForEvents = query.contains("alt=sse")
        case "embedContent", "batchEmbedContents": format = EmbeddingFormat(.gemini)
        default: return nil
        }
      } else {
        return nil
      }
    }
  }

  /// The model and the method of a path of Gemini's, in either version; names of models may hold colons.
  private static func gemini(_ path: String) -> (model: String, method: Substring)? {
    guard let colon = path.lastIndex(of: ":") else { return nil }
    let method = path[path.index(after: colon)...]
    guard
      let model = middle(path, "/v1beta/models/", ":\(method)") ?? middle(path, "/v1/models/", ":\(method)")
    else { return nil }
    return (model, method)
  }

  /// What stands between `prefix` and `suffix`, decoded; nil if nothing does.
  private static func middle(_ path: String, _ prefix: String, _ suffix: String) -> String? {
    guard path.hasPrefix(prefix), path.hasSuffix(suffix),
      path.utf8.count > prefix.utf8.count + suffix.utf8.count
    else { return nil }
    return String(path.dropFirst(prefix.count).dropLast(suffix.count)).removingPercentEncoding
  }
}
