import DrayageCore

/// The dialects by name.
enum Dialects {
  /// The names of all.
  static let names: [Endpoint.Dialect] = [
    .openAIChat, .azureOpenAI, .openAIResponses, .anthropicMessages, .geminiGenerate, .bedrockConverse,
    .cohereChat,
  ]

  /// The dialect called `name` as `provider` speaks it; nil if there is none.
  static func named(_ name: Endpoint.Dialect, provider: String) -> (any Dialect)? {
    switch name {
    case .openAIChat: OpenAIChat(provider: provider)
    case .azureOpenAI: AzureOpenAI()
    case .openAIResponses: OpenAIResponses()
    case .anthropicMessages: AnthropicMessages()
    case .bedrockConverse: BedrockConverse()
    case .geminiGenerate: GeminiGenerate()
    case .cohereChat: CohereChat()
    default: nil
    }
  }
}
