/// The tokens of a request that stand for no text of its own: what the chat format puts around messages and
/// tools.
///
/// Only part of this is documented, and providers change it; ``TokenCorrection`` learns the rest from what
/// they bill. The bounds are generous for that reason, and they are assumptions, not guarantees.
public struct RequestOverhead: Sendable, Hashable {
  /// Tokens around each message, the system prompt included.
  public var perMessage: Int
  /// More for a message with a name.
  public var perName: Int
  /// Tokens of a request whatever its messages, such as those that open the reply.
  public var perRequest: Int
  /// Tokens around each tool, besides its JSON text.
  public var perTool: Int
  /// Tokens of a request that has tools, whatever the tools.
  public var withTools: Int
  /// What each of the numbers above is multiplied by for the bound, and what is added to each that is 0.
  public var boundFactor: Int

  /// OpenAI: 3 tokens a message, 1 a name, 3 to open the reply; 7 a function and 12 after them all
  /// (github.com/openai/openai-cookbook, `examples/How_to_count_tokens_with_tiktoken.ipynb`, sections 6 and
  /// 7).
  public static let openAI = RequestOverhead(
    perMessage: 3, perName: 1, perRequest: 3, perTool: 7, withTools: 12, boundFactor: 4)
  /// Anthropic: the counting example of a system prompt and a message, about 7 tokens of text, gives 14
  /// (platform.claude.com/docs/en/build-with-claude/token-counting). Tools add a system prompt, between 159
  /// and 530 tokens by model (docs.anthropic.com/en/docs/tool-use-pricing-and-tokens); 346 is used here.
  public static let anthropic = RequestOverhead(
    perMessage: 3, perName: 0, perRequest: 1, perTool: 8, withTools: 346, boundFactor: 4)
  /// Gemini: the counting example of one message has no more tokens than its text (ai.google.dev/gemini-api/
  /// docs/tokens); nothing is documented for tools.
  public static let gemini = RequestOverhead(
    perMessage: 1, perName: 0, perRequest: 0, perTool: 8, withTools: 16, boundFactor: 8)
  /// Chat templates of open models: Llama 3 writes five tokens around a message, one before the first and
  /// four to open the reply (github.com/meta-llama/llama-models, `models/llama3/chat_format.py`).
  public static let template = RequestOverhead(
    perMessage: 5, perName: 2, perRequest: 5, perTool: 8, withTools: 100, boundFactor: 4)

  /// The overhead of a family's models at their own provider.
  public init(_ family: TokenFamily) {
    self = family.overhead
  }

  /// Overheads of one's own. All are at least 0.
  public init(
    perMessage: Int, perName: Int, perRequest: Int, perTool: Int, withTools: Int, boundFactor: Int
  ) {
    self.perMessage = max(0, perMessage)
    self.perName = max(0, perName)
    self.perRequest = max(0, perRequest)
    self.perTool = max(0, perTool)
    self.withTools = max(0, withTools)
    self.boundFactor = max(1, boundFactor)
  }

  /// The overhead of a request.
  ///
  /// - Parameters:
  ///   - messages: how many it has, the system prompt included.
  ///   - names: how many of them have a name.
  ///   - tools: how many tools it offers. Their JSON text is counted as text, apart from this: providers that
  ///     rewrite it (OpenAI, as TypeScript) make it shorter.
  public func estimate(messages: Int, names: Int = 0, tools: Int = 0) -> TokenEstimate {
    // A million of each is far beyond any request and far below overflow.
    let (messages, names, tools) = (limit(messages), limit(names), limit(tools))
    let expected =
      messages * perMessage + names * perName + perRequest + tools * perTool + (tools > 0 ? withTools : 0)
    let slack = messages + names + 1 + tools
    let bound = (expected + slack) * boundFactor
    return TokenEstimate(expected: expected, high: min(bound, expected * 2 + slack), bound: bound)
  }

  private func limit(_ count: Int) -> Int { max(0, min(count, 1_000_000)) }
}
