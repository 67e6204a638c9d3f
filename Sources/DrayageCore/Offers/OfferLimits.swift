/// The sizes that an offer accepts. A limit that is nil is not known, or does not exist.
public struct OfferLimits: Hashable, Sendable {
  /// The most tokens of input and output together, 1 or more.
  public var context: Int?
  /// The most input tokens, 1 or more.
  public var input: Int?
  /// The most output tokens, reasoning included, 1 or more.
  public var output: Int?
  /// The fewest tokens of a prompt that can be cached, 1 or more.
  public var cacheMinimum: Int?
  /// The most requests at one time, 1 or more.
  public var concurrency: Int?

  /// The given limits; none unless said.
  public init(
    context: Int? = nil, input: Int? = nil, output: Int? = nil, cacheMinimum: Int? = nil,
    concurrency: Int? = nil
  ) {
    self.context = context
    self.input = input
    self.output = output
    self.cacheMinimum = cacheMinimum
    self.concurrency = concurrency
  }

  /// Whether a request of `input` tokens that asks for at most `output` is accepted.
  public func admit(input: Int, output: Int) -> Bool {
    if let most = self.input, input > most { return false }
    if let most = self.output, output > most { return false }
    guard let context else { return true }
    let (total, overflow) = input.addingReportingOverflow(output)
    return !overflow && total <= context
  }
}
