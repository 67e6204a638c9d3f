/// A provider's rate limit, shared by offers. A limit that is nil is not stated.
public struct Quota: Hashable, Sendable {
  /// What draws on one allowance.
  public enum Scope: String, Hashable, CaseIterable, Sendable {
    /// Each model has its own allowance, shared by its efforts and services.
    case model
    /// All models of the provider share one.
    case account
  }

  /// The name, unique in a catalog: `provider:plan`.
  public let name: String
  /// The provider that sets it.
  public let provider: String
  /// The plan of the account for which it holds; nil if for every plan.
  public let plan: String?
  /// What draws on one allowance.
  public var scope: Scope
  /// Requests per minute.
  public var requestsPerMinute: Int?
  /// Requests per day.
  public var requestsPerDay: Int?
  /// Input tokens per minute.
  public var inputTokensPerMinute: Int?
  /// Output tokens per minute.
  public var outputTokensPerMinute: Int?
  /// Input and output tokens together per minute.
  public var tokensPerMinute: Int?
  /// Input and output tokens together per day.
  public var tokensPerDay: Int?
  /// Requests at one time.
  public var concurrency: Int?
  /// Whether cached reads do not count as input tokens.
  public var excludesCachedInput: Bool

  /// A quota that limits nothing until limits are set.
  public init(provider: String, plan: String?, scope: Scope = .model, excludesCachedInput: Bool = false) {
    self.name = "\(provider):\(plan ?? "*")"
    self.provider = provider
    self.plan = plan
    self.scope = scope
    self.excludesCachedInput = excludesCachedInput
  }
}
