/// How many tokens a text, a message or a whole request is.
public struct TokenEstimate: Sendable, Hashable {
  /// The number to plan with.
  public var expected: Int
  /// A number that about one text in a hundred exceeds. At least ``expected``, at most ``bound``.
  public var high: Int
  /// A number that no text exceeds, as far as the family's tokenizer is known.
  public var bound: Int

  /// No tokens.
  public static let zero = TokenEstimate(exactly: 0)

  /// An estimate; `high` and `bound` are raised to what lies below them.
  public init(expected: Int, high: Int, bound: Int) {
    self.expected = expected
    self.high = max(expected, high)
    self.bound = max(self.high, bound)
  }

  /// A number that is known.
  public init(exactly count: Int) {
    self.init(expected: count, high: count, bound: count)
  }

  /// The sum. The high of a sum is at most the sum of the highs, so it is never too low.
  public static func + (first: TokenEstimate, second: TokenEstimate) -> TokenEstimate {
    TokenEstimate(
      expected: saturated(first.expected, second.expected), high: saturated(first.high, second.high),
      bound: saturated(first.bound, second.bound))
  }

  /// Adds another estimate.
  public static func += (sum: inout TokenEstimate, other: TokenEstimate) {
    sum = sum + other
  }

  private static func saturated(_ first: Int, _ second: Int) -> Int {
    let (sum, overflow) = first.addingReportingOverflow(second)
    return overflow ? .max : sum
  }
}
