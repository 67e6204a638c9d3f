/// What one attempt used, in the units that providers meter.
///
/// Every class is counted apart: ``input`` is fresh input only, without cached reads and cache writes,
/// whatever the provider's wire format says; ``output`` includes reasoning tokens, which are billed as
/// output.
public struct TokenUsage: Hashable, Sendable {
  /// Fresh input tokens.
  public var input: Int
  /// Output tokens, reasoning included.
  public var output: Int
  /// Input tokens read from the provider's prompt cache.
  public var cachedInput: Int
  /// Input tokens written to the provider's prompt cache at its standard lifetime.
  public var cacheWrite: Int

  /// Counts of zero or more.
  public init(input: Int, output: Int, cachedInput: Int = 0, cacheWrite: Int = 0) {
    precondition(
      input >= 0 && output >= 0 && cachedInput >= 0 && cacheWrite >= 0, "token counts are zero or more")
    self.input = input
    self.output = output
    self.cachedInput = cachedInput
    self.cacheWrite = cacheWrite
  }

  /// All input tokens, cached or not: what a context tier is measured by.
  public var totalInput: Int { input + cachedInput + cacheWrite }
}
