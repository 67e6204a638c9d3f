internal import DrayageCore

/// How words are drawn, as far as Anthropic's and Amazon's formats can say it.
///
/// https://platform.claude.com/docs/en/build-with-claude/thinking, "Sampling parameters", and
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html.
struct ChatSampling {
  private let chat: ChatRequest
  private let claude: ClaudeModel?
  private let thinks: Bool

  /// - Parameter thinks: whether the model is told to think.
  init(_ chat: ChatRequest, claude: ClaudeModel?, thinks: Bool) {
    self.chat = chat
    self.claude = claude
    self.thinks = thinks
  }

  /// Refuses settings that have no place, or that this model would refuse. A penalty of zero is none.
  func check() throws(Rejection) {
    guard chat.seed == nil else { throw .inexpressible("seed") }
    guard (chat.frequencyPenalty ?? 0) == 0 else { throw .inexpressible("frequency_penalty") }
    guard (chat.presencePenalty ?? 0) == 0 else { throw .inexpressible("presence_penalty") }
    if let temperature = chat.temperature, !(0...1).contains(temperature) {
      throw .inexpressible("temperature outside 0 to 1")
    }
    if let topP = chat.topP, !(0...1).contains(topP) { throw .inexpressible("top_p outside 0 to 1") }
    guard let claude else { return }
    if claude.refusesSampling {
      guard (chat.temperature ?? 1) == 1 else {
        throw .inexpressible("temperature other than 1, for this model")
      }
      // Its own top_p is 0.99: even 1 is another.
      guard chat.topP == nil else { throw .inexpressible("top_p, for this model") }
      guard chat.topK == nil else { throw .inexpressible("top_k, for this model") }
      return
    }
    guard chat.temperature == nil || chat.topP == nil else {
      throw .inexpressible("temperature together with top_p, for this model")
    }
    guard thinks else { return }
    guard (chat.temperature ?? 1) == 1 else {
      throw .inexpressible("temperature other than 1 with reasoning")
    }
    guard chat.topK == nil else { throw .inexpressible("top_k with reasoning") }
    guard (chat.topP ?? 1) >= 0.95 else { throw .inexpressible("top_p below 0.95 with reasoning") }
  }
}
