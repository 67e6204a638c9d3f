/// What an attempt is counted under; the budgets that cover it follow from this.
public struct Spending: Hashable, Sendable {
  /// The name of the key that the request came in with; nil where keys are not told apart.
  public let key: String?
  /// The workload of the request.
  public let workload: String
  /// The tags of the request.
  public let tags: Set<String>
  /// The provider that the attempt is sent to.
  public let provider: String

  /// An attempt for a request of `workload`, sent to `provider`.
  public init(key: String? = nil, workload: String, tags: Set<String> = [], provider: String) {
    self.key = key
    self.workload = workload
    self.tags = tags
    self.provider = provider
  }
}
