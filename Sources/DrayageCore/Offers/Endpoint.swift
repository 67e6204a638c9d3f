/// Where the requests of an offer are sent, and in which wire format.
public struct Endpoint: Hashable, Sendable {
  /// The name of a wire format. Formats are added beside this library, so it is open.
  public struct Dialect: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The name in price files.
    public let rawValue: String

    /// The dialect named `rawValue`.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// OpenAI's chat completions, which many providers accept.
    public static let openAIChat = Dialect(rawValue: "openai-chat")
    /// Anthropic's messages.
    public static let anthropicMessages = Dialect(rawValue: "anthropic-messages")
    /// OpenAI's responses.
    public static let openAIResponses = Dialect(rawValue: "openai-responses")
    /// Google's generateContent.
    public static let geminiGenerate = Dialect(rawValue: "gemini-generate")
    /// Amazon's Converse.
    public static let bedrockConverse = Dialect(rawValue: "bedrock-converse")
    /// Cohere's chat, version 2.
    public static let cohereChat = Dialect(rawValue: "cohere-chat")
    /// Chat completions of a resource on Azure.
    public static let azureOpenAI = Dialect(rawValue: "azure-openai")

    /// The name in price files.
    public var description: String { rawValue }
  }

  /// The wire format.
  public var dialect: Dialect
  /// The address before the path, without a slash at its end, such as `https://api.openai.com/v1`; nil if it
  /// differs from user to user and must be configured.
  public var baseURL: String?
  /// The name of the environment variable that holds the key; nil if none is needed. Never the key itself.
  public var keyEnvironment: String?
  /// The header that makes a repeated request harmless, if the provider has one.
  public var idempotencyHeader: String?

  /// An endpoint of these parts.
  public init(
    dialect: Dialect, baseURL: String? = nil, keyEnvironment: String? = nil, idempotencyHeader: String? = nil
  ) {
    self.dialect = dialect
    self.baseURL = baseURL
    self.keyEnvironment = keyEnvironment
    self.idempotencyHeader = idempotencyHeader
  }
}
